"""What the environment says of the link with Exact."""

from __future__ import annotations

from flask import Flask

SIMULATOR_PORT = 8100


def read(app: Flask) -> None:
    """`EXACT_ALLOW_TEST_HOSTS=1` lets a company be connected with a simulator or test server. It is
    on by itself except in production. `EXACT_SIMULATOR_PORT` says where the simulator listens.
    """
    config = app.config["PPPLANNER"]
    default = "0" if config.production else "1"
    allowed = config.environ.get("EXACT_ALLOW_TEST_HOSTS", default) == "1"
    port = int(config.environ.get("EXACT_SIMULATOR_PORT") or SIMULATOR_PORT)
    app.config.setdefault("EXACT_ALLOW_TEST_HOSTS", allowed)
    app.config.setdefault("EXACT_SIMULATOR_PORT", port)
