"""Looks for people's names and numbers in raw bytes, however they may be written there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_STRANGE = re.compile(r"[^ -~\u00a0-\u036f\u1e00-\u1eff]+")  # what no Vietnamese word is written with
_MARKS = re.compile("[\u0300-\u036f]+")
_BARRED = str.maketrans("đð", "dd")


def readings(raw: bytes) -> Iterator[str]:
    """The bytes as text in each way a file may hold text: UTF-8, UTF-16 at both offsets and orders, JSON escapes;
    without marks and case, so that composed, decomposed and unmarked letters are all one."""
    for text in (
        raw.decode("utf-8", "ignore"),
        *(raw[at:].decode(kind, "ignore") for kind in ("utf-16-le", "utf-16-be") for at in (0, 1)),
    ):
        plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), _STRANGE.sub("\0", text))
        yield bare(plain)


def bare(word: str) -> str:
    """A word as `readings` shows it."""
    return _MARKS.sub("", unicodedata.normalize("NFD", word.casefold())).translate(_BARRED)


def found_in(raw: bytes, words: Iterable[str]) -> set[str]:
    """Those of ``words`` that the bytes show."""
    wanted = {bare(word): word for word in words}
    return {word for text in readings(raw) for shown, word in wanted.items() if shown in text}


def leaks(folder: Path, words: Iterable[str]) -> dict[str, set[str]]:
    """Every file under ``folder`` that shows one of the words, by its path within."""
    wanted = list(words)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files, f"nothing to look at in {folder.name}"
    shown = {str(path.relative_to(folder)): found_in(path.read_bytes(), wanted) for path in files}
    named = {str(p.relative_to(folder)): found_in(str(p.relative_to(folder)).encode(), wanted) for p in files}
    return {path: shown[path] | named[path] for path in shown if shown[path] | named[path]}
