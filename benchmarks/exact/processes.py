"""The processes of a trial besides its own: workers, the clock that ticks, and what dies with them.

They come from a server of forks that has loaded all code, so that a worker killed is soon replaced.
"""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
import requests
from requests.adapters import HTTPAdapter

from ppplanner import create_app, jobs
from ppplanner.config import Config
from ppplanner.integrations.exact import jobs as exact_jobs
from ppplanner.integrations.exact.sync import dispatch, run

from .clocks import FastClock, run_by

PR_SET_PDEATHSIG = 1
#: Where the id of each process lies, those included that a worker forks for a job.
IDS = "processes"
#: Real seconds between two ticks.
TICK = 1.0
#: What brings in all modules of the add-on, so that the clock of the trial reaches each of them.
ALL_MODULES = "ppplanner.integrations.exact.addon"
#: What a process does until its end.
_for_good = ExitStack()


@dataclass(frozen=True)
class Place:
    """Where a trial happens."""

    folder: Path
    #: The environment of the application.
    variables: Mapping[str, str]
    #: Real seconds after which a call to Exact is given up; None: as long as ever.
    patience: float | None = None
    #: How many times as long as ever, by the clock, a worker's turn takes, and its looks for work
    #: lie apart: while that runs fast it would do little else than begin and look.
    turns: float = 1.0

    @property
    def clock(self) -> FastClock:
        return FastClock(self.folder / "clock")


def forks() -> ForkServerContext:
    """Where all processes of a trial come from: it has loaded all code."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, ALL_MODULES])
    return context


def start(place: Place, work: Callable[[Place], None], name: str) -> BaseProcess:
    """Let a process of its own do this work."""
    process = forks().Process(target=_run, args=(place, work, name), name=name)
    process.start()
    return process


def _run(place: Place, work: Callable[[Place], None], name: str) -> None:
    prepare(place, name)
    work(place)


def prepare(place: Place, name: str) -> None:
    """Make this process one of the trial: its clock, its log, its end with that of the trial."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    _log_to(place.folder / f"{name}.log")
    _note_id(place.folder / IDS)
    os.register_at_fork(after_in_child=lambda: _note_id(place.folder / IDS))
    import_module(ALL_MODULES)
    _for_good.enter_context(run_by(place.clock))
    run.TURN *= place.turns
    dispatch.LOOK_AGAIN *= place.turns
    if place.patience is not None:
        _give_up_after(place.patience)


def _log_to(file: Path) -> None:
    with file.open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    form = "%(asctime)s %(process)d %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, format=form)


def _note_id(folder: Path) -> None:
    """With the moment of its start: an id alone may belong to somebody else one day."""
    folder.mkdir(exist_ok=True)
    started = psutil.Process().create_time()
    (folder / str(os.getpid())).write_text(str(started))


def _give_up_after(patience: float) -> None:
    """Calls for data lose patience early; for tokens never, since a lost answer loses the login."""
    send = HTTPAdapter.send

    def impatient(
        self: HTTPAdapter, request: requests.PreparedRequest, **options: object
    ) -> requests.Response:
        if "/oauth2/" not in str(request.url):
            options["timeout"] = (patience, patience)
        return send(self, request, **options)  # type: ignore[arg-type]

    HTTPAdapter.send = impatient  # type: ignore[method-assign, assignment]


def do_jobs(place: Place) -> None:
    """Work for both queues, until killed."""
    app = create_app(Config.from_env(place.variables))
    with app.app_context():
        jobs.work()


def tick(place: Place) -> None:
    """Do what the clock has done every so often, until killed."""
    app = create_app(Config.from_env(place.variables))
    with app.app_context():
        while True:
            exact_jobs.tick()
            time.sleep(TICK)


def end(process: BaseProcess) -> None:
    """Kill it with -9, and wait for it."""
    process.kill()
    process.join()


def alive(folder: Path) -> list[psutil.Process]:
    """The processes of the trial that still are."""
    found = []
    for file in (folder / IDS).glob("*"):
        try:
            process = psutil.Process(int(file.name))
            if str(process.create_time()) == file.read_text():
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def end_all(folder: Path) -> None:
    """Kill all, also what a killed worker left behind: jobs go on without who forked them."""
    for process in alive(folder):
        with suppress(psutil.NoSuchProcess):
            process.kill()
