"""Keeps the processes alive until somebody says stop, and ends them so that none is left."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from ppplanner.launcher.process import Process, adopt_orphans, adopted, reap

#: Seconds between two looks at the processes.
PULSE = 0.1
#: Seconds for a process to finish what it does, then to drop it; after that it is killed.
PATIENCE, HASTE = 8.0, 2.0


class Supervisor:
    """Use it as `with Supervisor(say) as supervisor`: at the end of the block all processes end.

    `say` gets sentences for the console.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.stopping = False
        self._say = say
        self._processes: list[Process] = []
        self._due: dict[Process, float] = {}
        self._hurry = False

    def __enter__(self) -> Self:
        adopt_orphans()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.listen_to_signals()
        for foundation in (False, True):
            self._end([one for one in self._processes if one.foundation is foundation])
        for pid in adopted():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        reap()

    def listen_to_signals(self) -> None:
        """From now on Ctrl-C sets `stopping` instead of raising KeyboardInterrupt."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def start(self, process: Process) -> None:
        self._processes.append(process)
        process.start()

    def look(self) -> None:
        """Start again what has died, each after its delay. Call it every `PULSE` seconds."""
        for process, status in self._ended():
            self._due[process] = process.died()
            self._say(
                f"The {process.name} process ended unexpectedly ({_how(status)})"
                f" and is started again. See {process.log}."
            )
        for process, moment in list(self._due.items()):
            if time.monotonic() >= moment:
                del self._due[process]
                process.start()

    def _stop(self, *_: object) -> None:
        self._hurry = self.stopping
        self.stopping = True

    def _end(self, processes: Sequence[Process]) -> None:
        """Ask, ask again, kill. Whoever presses Ctrl-C a second time is spared the waiting."""
        for number, patience in ((signal.SIGTERM, PATIENCE), (signal.SIGTERM, HASTE)):
            for process in processes:
                process.send(number)
            until = time.monotonic() + patience
            while any(process.pid for process in processes) and time.monotonic() < until:
                if self._hurry:
                    break
                time.sleep(PULSE / 5)
                self._ended_for_good()
        for process in processes:
            process.send_to_group(signal.SIGKILL)

    def _ended(self) -> list[tuple[Process, int]]:
        by_pid = {process.pid: process for process in self._processes}
        return [(by_pid[pid], status) for pid, status in reap() if pid in by_pid]

    def _ended_for_good(self) -> None:
        for process, _status in self._ended():
            process.pid = None


def _how(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
