"""Logging in and out, and the choices of the top bar."""
