"""The first screen after logging in: what waits for this person."""
