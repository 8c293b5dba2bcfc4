from __future__ import annotations

import re
import string

from tui_app.i18n import catalogue
from tui_app.settings import ASSETS

PACKAGE = ASSETS.parent / "tui_app"


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    vietnamese, english = catalogue("vi", "vault"), catalogue("en", "vault")
    assert list(vietnamese) == list(english)
    for key, words in vietnamese.items():
        assert placeholders(words) == placeholders(english[key]), key


def test_every_key_that_is_raised_has_words_and_every_word_is_used() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    raised = set(re.findall(r'"vault\.([a-z_]+)"', source))
    raised -= {"json", "lock"}  # file names
    raised |= {
        f"{key}_wait" for key in ("wrong_password", "wrong_recovery")
    }  # made in vault_access.count_failure
    assert raised == set(catalogue("vi", "vault"))
