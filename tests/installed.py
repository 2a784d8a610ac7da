"""The add-ons that the tests of all add-ons go through: those that come along, and the example."""

from __future__ import annotations

from pathlib import Path

import ppplanner.integrations

EXAMPLE = "tests.example_addon"
INSTALLED = (
    *sorted(
        path.parent.name for path in Path(ppplanner.integrations.__path__[0]).glob("*/addon.py")
    ),
    EXAMPLE,
)
