"""What is exchanged with Exact, one file per thing; `run.py` goes through what waits."""
