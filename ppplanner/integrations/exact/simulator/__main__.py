"""`python -m ppplanner.integrations.exact.simulator` serves the simulator."""

from __future__ import annotations

import argparse

from .server import run

parser = argparse.ArgumentParser(description="A strict Exact Online over HTTP.")
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=8100)
parser.add_argument("--data-file", default=None, help="keep what is booked in this file")
arguments = parser.parse_args()
run(arguments.host, arguments.port, arguments.data_file)
