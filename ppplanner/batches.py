"""Many keys in parts, since databases take only so many in one question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

#: Keys in one question.
AT_ONCE = 500


def batches(keys: Sequence[T]) -> Iterator[Sequence[T]]:
    """The keys in their order, `AT_ONCE` at a time."""
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
