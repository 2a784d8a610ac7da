"""ppplanner: plan and rent things out, with the bookkeeping done."""

from __future__ import annotations

from flask import Flask

from ppplanner import blueprints, cli, demo, extensions, formats, listeners, security
from ppplanner.addons import registry
from ppplanner.config import Config


def create_app(config: Config | None = None, **overrides: object) -> Flask:
    """Make the application. `overrides` are Flask settings, for tests."""
    config = config or Config.from_env()
    app = Flask(__name__, instance_path=str(config.instance))
    app.config.from_mapping(config.flask_settings())
    app.config.from_mapping(PPPLANNER=config, REDIS_URL=config.redis_url)
    app.config.from_mapping(overrides)
    extensions.init_app(app)
    formats.init_app(app)
    security.init_app(app)
    blueprints.init_app(app)
    cli.init_app(app)
    listeners.connect()
    registry.load(app, config.addons)
    extensions.find_texts(app)
    demo.refuse_in_production(app)
    return app
