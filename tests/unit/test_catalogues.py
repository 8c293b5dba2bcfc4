"""Both languages say the same things: same keys, same blanks; and every key the program names has words."""

from __future__ import annotations

import re
import string
import tomllib
import unicodedata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "assets" / "locale"
SUBJECTS = sorted(path.stem for path in (LOCALE / "vi").glob("*.toml"))
NOT_WORDS = {
    *("app.focus_next", "app.focus_previous", "app.palette", "app.tcss"),  # Textual's actions, a style sheet
    *("vault.json", "vault.lock", "sync.lock", "server.log"),  # files
}
KEY = re.compile(rf"[\"']((?:{'|'.join(SUBJECTS)})\.[a-z0-9_]+)[\"']")


def words(language: str, subject: str) -> dict[str, str]:
    return tomllib.loads((LOCALE / language / f"{subject}.toml").read_text(encoding="utf-8"))


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_subjects() -> None:
    assert sorted(path.stem for path in (LOCALE / "en").glob("*.toml")) == SUBJECTS


@pytest.mark.parametrize("subject", SUBJECTS)
def test_both_languages_have_the_same_words_with_the_same_blanks(subject: str) -> None:
    vietnamese, english = words("vi", subject), words("en", subject)
    assert vietnamese.keys() == english.keys()
    assert {k: blanks(v) for k, v in vietnamese.items()} == {k: blanks(v) for k, v in english.items()}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_words_are_composed_letters(subject: str) -> None:
    for language in ("vi", "en"):
        for key, text in words(language, subject).items():
            assert unicodedata.is_normalized("NFC", text), key
            assert text.strip(), key


def test_every_key_in_the_code_has_words() -> None:
    known = {f"{subject}.{key}" for subject in SUBJECTS for key in words("vi", subject)}
    asked: set[str] = set()
    for path in (ROOT / "tui_app").rglob("*.py"):
        code = re.sub(
            r"\bid=[\"'][^\"']+[\"']", "", path.read_text(encoding="utf-8")
        )  # ids of bindings look alike
        asked |= set(KEY.findall(code))
    assert {key for key in asked if not key.endswith("_")} - known - NOT_WORDS == set()
    assert len(asked) > 100


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_record_field_and_type_has_a_name_for_people(language: str) -> None:
    from tui_app.records import RECORDS
    from tui_app.records.base import own_columns

    names, types = words(language, "fields"), words(language, "types")
    assert {str(record.__tablename__) for record in RECORDS} <= types.keys()
    fields = {field for record in RECORDS for field in own_columns(record)}
    assert fields - names.keys() == set()
