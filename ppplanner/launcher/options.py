"""What can be chosen for a run, on the command line or in the environment."""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Where the web listens, how many processes answer it, and what is shown and made."""

    host: str
    port: int
    workers: int
    demo: bool
    verbose: bool

    @property
    def address(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @classmethod
    def parse(cls) -> Options:
        environ = os.environ
        parser = ArgumentParser(prog="./ppp run", description="Start ppplanner; Ctrl-C ends it.")
        parser.add_argument("--host", default=environ.get("PPP_HOST") or "127.0.0.1")
        parser.add_argument("--port", type=int, default=environ.get("PPP_PORT") or "8000")
        parser.add_argument(
            "--workers",
            type=_one_or_more,
            default=environ.get("PPP_WEB_WORKERS") or "2",
            help="web processes, each with 8 threads (2)",
        )
        parser.add_argument(
            "--no-demo",
            dest="demo",
            action="store_false",
            default=environ.get("PPP_DEMO") != "0",
            help="leave a new database empty",
        )
        parser.add_argument("--verbose", action="store_true", help="show the logs here")
        return cls(**vars(parser.parse_args()))


def _one_or_more(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("it takes at least 1")
    return int(text)
