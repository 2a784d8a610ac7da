"""The sockets: where add-ons plug in. `points.py` lists the places, `manifest.py` is the plug."""
