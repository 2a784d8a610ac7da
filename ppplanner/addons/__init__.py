"""The sockets: where add-ons plug in. Read `points.py` for the places, `manifest.py` for the plug."""
