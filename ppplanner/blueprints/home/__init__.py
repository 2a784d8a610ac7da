"""The first screen after logging in."""
