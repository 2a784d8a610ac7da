"""What the environment says of the link with Exact."""

from __future__ import annotations

from flask import Flask, current_app

from ppplanner.config import BadConfig

SIMULATOR_PORT = 8100
#: Characters of the token with which a program reads the health; `./ppp secret` makes longer ones.
SHORTEST_TOKEN = 32


def read(app: Flask) -> None:
    """`EXACT_ALLOW_TEST_HOSTS=1` lets a company be connected with a simulator or test server. It is
    on by itself except in production. `EXACT_SIMULATOR_PORT` says where the simulator listens.
    `MONITORING_TOKEN` lets a program read how the link is doing.

    Raises BadConfig.
    """
    config = app.config["PPPLANNER"]
    allowed = config.environ.get("EXACT_ALLOW_TEST_HOSTS") or ("0" if config.production else "1")
    if allowed not in ("0", "1"):
        raise BadConfig(f"EXACT_ALLOW_TEST_HOSTS must be 0 or 1, not {allowed!r}.")
    port = config.environ.get("EXACT_SIMULATOR_PORT") or str(SIMULATOR_PORT)
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise BadConfig(f"EXACT_SIMULATOR_PORT must be a port between 1 and 65535, not {port!r}.")
    token = config.environ.get("MONITORING_TOKEN") or ""
    if token and len(token) < SHORTEST_TOKEN:
        raise BadConfig(f"MONITORING_TOKEN must have {SHORTEST_TOKEN} characters or more.")
    if not all("!" <= each <= "~" for each in token):
        raise BadConfig("MONITORING_TOKEN must have no spaces, accents or control characters.")
    app.config.setdefault("MONITORING_TOKEN", token)
    app.config.setdefault("EXACT_ALLOW_TEST_HOSTS", allowed == "1")
    app.config.setdefault("EXACT_SIMULATOR_PORT", int(port))


def tests_allowed() -> bool:
    """Whether other hosts than Exact's own may be connected: the simulator, a test server."""
    return bool(current_app.config["EXACT_ALLOW_TEST_HOSTS"])


def monitoring_token() -> str:
    """What a program shows to read how the link is doing; "" when none may."""
    return str(current_app.config["MONITORING_TOKEN"])


def simulator_address() -> str:
    """Where the simulator listens on this machine."""
    return f"http://127.0.0.1:{current_app.config['EXACT_SIMULATOR_PORT']}"
