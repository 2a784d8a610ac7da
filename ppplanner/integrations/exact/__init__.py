"""Start reading at addon.py."""
