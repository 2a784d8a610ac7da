"""What `./ppp run` says: a welcome with the address and the logins, then only what matters."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ppplanner.demo import LOGINS

#: Lines of the logs that are shown even when nobody asked for more.
ALARMING = re.compile(r"\b(ERROR|CRITICAL)\b")
#: A log larger than this is put aside when ppplanner starts (bytes).
LOG_SIZE = 5_000_000

FIRST_STEPS = """\
Try first, as the planner: on the board (Planning), draw with the mouse over free time of a van.
Then, as the accountant: Invoices, make the invoice, confirm it, look at the PDF."""


def say(text: str) -> None:
    print(text, flush=True)


def welcome(address: str, demo: bool, hints: Sequence[str], logs: Path) -> None:
    paragraphs = [f"ppplanner is ready: {address}"]
    if demo:
        logins = (f"  {one.role:<14} {one.username:<27} {one.password}" for one in LOGINS)
        paragraphs += ["\n".join(logins), FIRST_STEPS]
    say("\n" + "\n\n".join((*paragraphs, *hints, f"Logs: {logs}   End: Ctrl-C")) + "\n")


class Logs:
    """The log files of one run, followed for the console."""

    def __init__(self, folder: Path, everything: bool) -> None:
        self.folder = folder
        self._everything = everything
        self._read: dict[Path, int] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def file(self, name: str) -> Path:
        """The log of the process `name`, from here on followed."""
        path = self.folder / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_SIZE:
            path.replace(path.with_suffix(".log.1"))
        self._read[path] = path.stat().st_size if path.exists() else 0
        return path

    def show(self) -> None:
        """Say what was written since the last time, or the alarming part of it."""
        for path in self._read:
            for line in self._new_lines(path):
                if self._everything or ALARMING.search(line):
                    say(f"{path.stem:>9} | {line}")

    def _new_lines(self, path: Path) -> Iterator[str]:
        if not path.exists() or os.path.getsize(path) == self._read[path]:
            return
        with path.open("rb") as file:
            file.seek(self._read[path])
            whole, _, _rest = file.read().rpartition(b"\n")
        if whole:
            self._read[path] += len(whole) + 1
            yield from whole.decode(errors="replace").split("\n")
