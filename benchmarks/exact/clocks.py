"""One clock that runs faster than the real one, for all processes of a trial: ours and Exact's.

It lies in a small file that each of them maps, so that a new speed holds everywhere at once.
Patched are the moments that ppplanner and the simulator take, and the naps of ppplanner; what a
server, a time-out or the simulator's own delays take stays real.
"""

from __future__ import annotations

import mmap
import struct
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import ppplanner.clock
from ppplanner.integrations.exact.simulator import clock as simulator_clock

#: Since which real second it shows which second, and how fast it runs.
SETTING = struct.Struct("ddd")
#: Settings are written in turn, so that nobody reads one that is half written.
PLACES = 64
NUMBER = struct.Struct("Q")
#: No nap is shorter than this (real seconds), for nobody shall spin; and how long one goes on after
#: the moment for which it waits has come by a skip.
SHORTEST_NAP, LONGEST_NAP = 0.005, 0.05


class FastClock:
    """Real time until it is told to `run` faster. Moments never go back."""

    def __init__(self, file: Path) -> None:
        size = NUMBER.size + PLACES * SETTING.size
        if not file.exists():
            file.write_bytes(bytes(size))
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), size)
        self.file = file
        if not self._turn:
            now = time.time()
            self._write(now, now, 1.0)

    def seconds(self) -> float:
        """The moment that it shows, in seconds since 1970."""
        since, shown, speed = self._setting()
        return shown + (time.time() - since) * speed

    @property
    def speed(self) -> float:
        return self._setting()[2]

    def run(self, speed: float) -> None:
        """Go on from the present moment at this speed."""
        self._write(time.time(), self.seconds(), speed)

    def skip(self, ahead: timedelta) -> None:
        """Jump ahead, and go on at the same speed."""
        self._write(time.time(), self.seconds() + ahead.total_seconds(), self.speed)

    def nap(self, seconds: float) -> None:
        """Sleep for so many of its seconds, also when some of them are skipped."""
        until = self.seconds() + seconds
        time.sleep(min(seconds, SHORTEST_NAP))
        while (left := until - self.seconds()) > 0:
            time.sleep(min(left / self.speed, LONGEST_NAP))

    @property
    def _turn(self) -> int:
        return int(NUMBER.unpack_from(self._map)[0])

    def _setting(self) -> tuple[float, float, float]:
        return SETTING.unpack_from(self._map, self._place(self._turn))

    def _write(self, since: float, shown: float, speed: float) -> None:
        turn = self._turn + 1
        SETTING.pack_into(self._map, self._place(turn), since, shown, speed)
        NUMBER.pack_into(self._map, 0, turn)

    @staticmethod
    def _place(turn: int) -> int:
        return NUMBER.size + turn % PLACES * SETTING.size


@contextmanager
def run_by(clock: FastClock) -> Iterator[None]:
    """Let ppplanner and the simulator take their time from this clock, in this process."""
    fast, before = _fast_datetime(clock), datetime
    modules = [ppplanner.clock, simulator_clock]
    sleepers, waiters = list(_with("time", time)), list(_with("wait", wait))
    try:
        _set(modules, "datetime", fast)
        _set(sleepers, "time", _fast_time(clock))
        _set(waiters, "wait", _fast_wait(clock))
        yield
    finally:
        _set(modules, "datetime", before)
        _set(sleepers, "time", time)
        _set(waiters, "wait", wait)


def _set(modules: list[ModuleType], name: str, value: Any) -> None:
    for module in modules:
        setattr(module, name, value)


def _fast_datetime(clock: FastClock) -> type[datetime]:
    class FastDatetime(datetime):
        """Makes plain moments; only what time it is comes from the clock."""

        def __new__(cls, *parts: Any, **more: Any) -> datetime:  # type: ignore[misc]
            return datetime(*parts, **more)

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(clock.seconds(), tz)

    return FastDatetime


def _fast_time(clock: FastClock) -> SimpleNamespace:
    """What ppplanner uses of the module `time`."""
    return SimpleNamespace(
        sleep=clock.nap,
        time=clock.seconds,
        monotonic=clock.seconds,
        perf_counter=time.perf_counter,
    )


def _fast_wait(clock: FastClock) -> Callable[..., object]:
    """What ppplanner uses of `concurrent.futures`."""

    def fast_wait(futures: Iterable[Future[Any]], timeout: float, until: str) -> object:
        return wait(futures, timeout / clock.speed, until)

    return fast_wait


def _with(name: str, value: object) -> Iterator[ModuleType]:
    """The modules of ppplanner that have this under that name."""
    for path, module in list(sys.modules.items()):
        ours = path.startswith("ppplanner.") and ".simulator" not in path
        if ours and getattr(module, name, None) is value:
            yield module
