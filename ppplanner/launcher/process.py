"""A process of the application: forked off the launcher, started again when it dies.

Forked, because the launcher has loaded the application already: a new process is there in
milliseconds and shares the memory. The launcher itself never opens a database connection and
runs no threads, so there is nothing that a fork could tear.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

#: Seconds before a process that died is started again; it doubles while the process keeps dying.
FIRST_DELAY, LONGEST_DELAY = 0.3, 30.0
#: Seconds after which a process counts as healthy again.
HEALTHY = 30.0

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class Process:
    """One process with a name, what it does, and the file that its output goes to.

    A foundation is what the others stand on: it ends after them.
    """

    def __init__(
        self, name: str, work: Callable[[], object], log: Path, foundation: bool = False
    ) -> None:
        self.name, self.log, self.foundation = name, log, foundation
        self.pid: int | None = None
        self._work = work
        self._started = 0.0
        self._delay = FIRST_DELAY

    def start(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        launcher, self._started = os.getpid(), time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            self._become(launcher)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def died(self) -> float:
        """Note that the process is gone. Returns the moment to start it again, monotonic."""
        now = time.monotonic()
        if now - self._started > HEALTHY:
            self._delay = FIRST_DELAY
        self.send_to_group(signal.SIGTERM)
        self.pid, moment = None, now + self._delay
        self._delay = min(self._delay * 2, LONGEST_DELAY)
        return moment

    def send(self, number: signal.Signals) -> None:
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def send_to_group(self, number: signal.Signals) -> None:
        """Reach the process's own helpers too, the ones it leaves behind when it is killed."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def _become(self, launcher: int) -> NoReturn:
        """In the new process: do the work and end, without ever coming back to the launcher."""
        status = 1
        try:
            os.setsid()
            end_with(launcher)
            self._redirect()
            _forget_signals()
            _log_to_stderr()
            self._work()
            status = 0
        except SystemExit as end:
            status = _status(end)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _redirect(self) -> None:
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)


def end_with(launcher: int) -> None:
    """Ask the kernel to end this process when the launcher goes, however it goes (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != launcher:
            os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of processes that a killed process leaves behind (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def adopted() -> list[int]:
    """The processes that are children now, of whatever origin (Linux only)."""
    try:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    except OSError:
        return []
    return [int(pid) for pid in children.split()]


def reap() -> list[tuple[int, int]]:
    """The children that have ended since: process id, and exit status (negative: the signal)."""
    ended = []
    with contextlib.suppress(ChildProcessError):
        while (gone := os.waitpid(-1, os.WNOHANG))[0]:
            ended.append((gone[0], os.waitstatus_to_exitcode(gone[1])))
    return ended


def _forget_signals() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    for chatty in ("weasyprint", "fontTools"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _status(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    print(end.code, file=sys.stderr)
    return 1
