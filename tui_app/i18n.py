"""Words for people, in Vietnamese (first) or English. One TOML file a subject under ``assets/locale/<language>/``.

A key is ``subject.name``; the subject's file is read when its first word is asked for, so the first screen
pays for its own words only.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("vi", "en")
LOCALE = Path(__file__).resolve().parent.parent / "assets" / "locale"

_language = "vi"


def set_language(language: str) -> None:
    """Choose ``vi`` or ``en`` for everything shown from now on. Raises ValueError for another language."""
    global _language
    if language not in LANGUAGES:
        raise ValueError(language)
    _language = language


def language() -> str:
    """The language in use."""
    return _language


@cache
def catalogue(language: str, subject: str) -> dict[str, str]:
    """All words of a subject in a language. Raises FileNotFoundError for an unknown subject."""
    with (LOCALE / language / f"{subject}.toml").open("rb") as file:
        words = tomllib.load(file)
    return {key: value for key, value in words.items() if isinstance(value, str)}


def t(key: str, **params: Any) -> str:
    """The words for ``key`` with ``params`` filled in. Raises KeyError for a key no catalogue has."""
    subject, _, name = key.partition(".")
    words = catalogue(_language, subject)[name]
    return words.format(**params) if params else words
