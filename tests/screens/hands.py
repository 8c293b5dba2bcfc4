"""A clock whose hands a test moves."""

from __future__ import annotations

from datetime import UTC, datetime


class Hands:
    """Stands still until the next `at`."""

    def __init__(self, moment: datetime) -> None:
        self.at(moment)

    def __call__(self) -> datetime:
        return self.moment

    def at(self, moment: datetime) -> None:
        """Stand at an aware moment."""
        self.moment = moment.astimezone(UTC)
