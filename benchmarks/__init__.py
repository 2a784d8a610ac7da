"""Measurements of what the README says about speed, run by hand: `python -m benchmarks.pdf`."""
