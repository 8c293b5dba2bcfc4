"""Free words as lists, papers and exports may show them: those that name a restricted condition are left out whole."""

from __future__ import annotations

import re

from tui_app.records.code_words import conditions
from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.text import fold

_NAMED = re.compile(
    r"\b(?:h\.? ?i\.? ?v|aids|sida|arv|nhiem h|nguoi co h"
    r"|ma ?tuy|heroin|methadone|thuoc phien|xi ke|(?:cai|con) nghien|chat gay nghien"
    r"|nghien (?:ruou|hut|chich|thuoc))\b"
)
"""Folded words that name one, also where they are denied or only the reason: "chưa tiêm vì HIV". Not the list an import
reads codes from: there a wrong code would be written, here a few words too many are left out."""


def names_restricted(text: str | None) -> bool:
    """Whether words name a restricted condition, in any usual writing."""
    if not text:
        return False
    return bool(_NAMED.search(fold(text))) or any(
        one.code in RESTRICTED_CONDITIONS for one in conditions(text).found
    )


def open_words(text: str | None) -> str:
    """The words, or nothing."""
    return "" if not text or names_restricted(text) else text
