"""`python -m ppplanner.launcher`: what `./ppp run` does once everything is installed."""

from __future__ import annotations

import errno
import fcntl
import gc
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

from flask import Flask
from flask.cli import ScriptInfo
from flask_migrate import upgrade
from sqlalchemy.exc import DatabaseError, OperationalError

from ppplanner import create_app, jobs
from ppplanner.addons.manifest import Companion
from ppplanner.addons.registry import BadAddOn, Registry
from ppplanner.config import BadConfig, Config
from ppplanner.demo import is_demo, make_demo
from ppplanner.extensions import db
from ppplanner.launcher.console import Logs, say, welcome
from ppplanner.launcher.options import Options
from ppplanner.launcher.process import Process
from ppplanner.launcher.queue_server import QueueServer, QueueServerTrouble
from ppplanner.launcher.supervisor import PULSE, Supervisor
from ppplanner.launcher.web import Web, answers, listen


class CannotStart(RuntimeError):
    """The text says why, and what to do."""


def main() -> None:
    options = Options.parse()
    os.umask(0o077)  # what lies in `instance` is for nobody else on this machine
    try:
        config = Config.from_env()
        with _alone_in(config.instance, options.address), _listener(options) as listener:
            _run(config, options, listener)
    except (CannotStart, BadConfig, BadAddOn, QueueServerTrouble) as problem:
        sys.exit(f"ppplanner cannot start: {problem}")
    except OperationalError as problem:
        sys.exit(f"ppplanner cannot start: the database does not answer: {problem.orig}")
    except DatabaseError as problem:
        if type(problem) is not DatabaseError:
            raise  # a fault of the program, not a file that is no database
        sys.exit(f"ppplanner cannot start: the database cannot be used: {problem.orig}")
    except KeyboardInterrupt:
        sys.exit(130)


def _run(config: Config, options: Options, listener: socket.socket) -> None:
    logs = Logs(config.instance / "log", options.verbose)
    with Supervisor(say) as supervisor:
        queue_server = _start_queue_server(config, supervisor, logs)
        app = create_app(config)
        if queue_server:
            queue_server.wait()
        demo = _prepare(app, options)
        gc.freeze()  # what is loaded stays: to look it over again would stop a request for 0.1 s
        supervisor.listen_to_signals()
        for name, work in _processes(app, options, listener):
            supervisor.start(Process(name, work, logs.file(name)))
        greet = partial(welcome, options.address, demo, _hints(app, options), logs.folder)
        _attend(supervisor, logs, partial(answers, options.host, options.port), greet)
        say("Ending ...")
    if queue_server:
        queue_server.clear_away()
    say("All has ended.")


def _attend(
    supervisor: Supervisor, logs: Logs, ready: Callable[[], bool], greet: Callable[[], None]
) -> None:
    greeted = False
    while not supervisor.stopping:
        supervisor.look()
        logs.show()
        if not greeted and ready():
            greet()
            greeted = True
        time.sleep(PULSE)


def _start_queue_server(config: Config, supervisor: Supervisor, logs: Logs) -> QueueServer | None:
    """Start the embedded server, unless another one is configured."""
    if config.own_queue is None:
        return None
    server = QueueServer(config.own_queue, config.instance / "queue")
    server.make_room()
    supervisor.start(Process("queue", server.become, logs.file("queue"), foundation=True))
    return server


def _prepare(app: Flask, options: Options) -> bool:
    """Bring the database up to date, and fill a new one. Returns whether it holds the demo firm."""
    with app.app_context():
        upgrade(revision="heads")
        if options.demo and not _config(app).production:
            make_demo()
    with app.app_context():
        demo = is_demo()
        db.session.remove()
        db.engine.dispose()  # the processes are forked from here and open connections of their own
    return demo


def _processes(
    app: Flask, options: Options, listener: socket.socket
) -> Iterator[tuple[str, Callable[[], None]]]:
    """What runs, by the names of the logs."""
    yield "web", Web(app, listener, options.workers).run
    own = ("--queue", jobs.QUEUE, "--queue", jobs.LATER)
    yield "worker", partial(_command, app, listener, "worker", *own)
    yield "links", partial(_command, app, listener, "worker", "--queue", jobs.LINKS)
    yield "clock", partial(_command, app, listener, "clock")
    if _config(app).caught_mails:
        yield "mail", partial(_command, app, listener, "mail-catcher")
    for companion in _companions(app):
        yield "-".join(companion.arguments), partial(_command, app, listener, *companion.arguments)


def _companions(app: Flask) -> list[Companion]:
    """What the add-ons start beside us, to be tried out with; nothing of that in production."""
    if _config(app).production:
        return []
    addons: Registry = app.extensions["addons"]
    return list(addons.companions())


def _hints(app: Flask, options: Options) -> list[str]:
    with app.app_context():
        hints = [f"{each.title}: {each.hint()}" for each in _companions(app)]
    if _config(app).caught_mails:
        hints.append(f"Mails to customers are kept, not sent: {options.address}/mails/")
    return hints


def _config(app: Flask) -> Config:
    config: Config = app.config["PPPLANNER"]
    return config


def _command(app: Flask, listener: socket.socket, *arguments: str) -> None:
    """Run a command of the application, as `flask` does."""
    listener.close()
    with app.app_context():
        script = ScriptInfo(create_app=lambda: app)
        app.cli.main(args=list(arguments), prog_name="flask", obj=script)


@contextmanager
def _alone_in(instance: Path, address: str) -> Iterator[None]:
    """Hold the instance folder for this run."""
    with _lock_file(instance) as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise CannotStart(f"it runs here already, at {file.read()}") from error
        file.truncate(0)
        file.write(address)
        file.flush()
        yield


def _lock_file(instance: Path) -> TextIO:
    try:
        instance.mkdir(parents=True, exist_ok=True)
        return (instance / "run.lock").open("a+")
    except OSError as error:
        raise CannotStart(f"the folder {instance} cannot be used: {error.strerror}") from error


@contextmanager
def _listener(options: Options) -> Iterator[socket.socket]:
    """Open the address before anything else starts."""
    try:
        listener = listen(options.host, options.port)
    except (OSError, OverflowError) as error:
        reason = os.strerror(getattr(error, "errno", None) or errno.EINVAL)
        place = options.address.removeprefix("http://")
        raise CannotStart(f"{place}: {reason}. Choose another: ./ppp run --port 8001") from error
    with listener:
        yield listener


if __name__ == "__main__":
    main()
