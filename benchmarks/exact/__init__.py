"""Measurements and trials of the link with Exact, against the simulator: see ../README.md."""
