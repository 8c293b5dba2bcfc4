"""What every part of a rule set says besides its own: how sure it is."""

from __future__ import annotations

from typing import Literal

import msgspec

Mark = Literal["V", "V-part", "M-high", "M-med", "M-low", "SEED", "house", "foreign"]
"""How sure a line is (rules §0); ``house``: our own, where no document says anything; ``foreign``: not a
Vietnamese document."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Something a rule set says, with how sure it is. ``verified``, ``mark``: None as the set."""

    verified: bool | None = None
    mark: Mark | None = None
