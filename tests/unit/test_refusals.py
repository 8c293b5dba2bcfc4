"""What the system refused is said in the user's language."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import pytest

from tui_app.i18n import set_language
from tui_app.refusals import why


@pytest.fixture(autouse=True)
def vietnamese_again() -> Iterator[None]:
    yield
    set_language("vi")


@pytest.mark.parametrize(
    ("language", "words"), [("vi", "không có thư mục hay tệp ấy"), ("en", "there is no such folder or file")]
)
def test_a_folder_that_is_not_there(language: str, words: str) -> None:
    set_language(language)
    assert why(OSError(errno.ENOENT, "No such file or directory")) == words


def test_what_has_no_words_is_told_as_the_system_tells_it() -> None:
    assert why(OSError(errno.EXDEV, "Invalid cross-device link")) == "Invalid cross-device link"
    assert why(OSError()) == "OSError"
