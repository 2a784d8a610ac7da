"""The application as web servers and the `flask` command find it."""

from ppplanner import create_app

app = create_app()
