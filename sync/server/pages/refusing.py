"""Refusals as a reader sees them: a short page in their language instead of a program's words."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import Request, Response

from sync.server.pages.frame import HEADERS, ROOT, address, plain_page
from sync.server.pages.markup import Html, el
from sync.server.pages.words import Words, words_in

_TOLD = (400, 404, 500, 503)


def is_page(path: str) -> bool:
    """Whether an address belongs to the pages."""
    return path == ROOT or path.startswith(f"{ROOT}/")


def words_of(request: Request) -> Words:
    """The language that the address asks for."""
    return words_in(request.query_params.get("lang", ""))


def html_answer(made: Html, status: int = 200) -> Response:
    """A page with what keeps it to itself."""
    return Response(made, status, media_type="text/html", headers=dict(HEADERS))


def refused_page(request: Request, status: int) -> Response:
    """Why something is not shown, and the way back."""
    words = words_of(request)
    made = refusal(words, words(f"refused_{status if status in _TOLD else 400}"))
    return html_answer(made, status)


def refusal(words: Words, reason: str) -> Html:
    """The page itself."""
    back = el("p", el("a", words("back"), href=address(ROOT, words)))
    return plain_page(words, words("refused_title"), el("h1", words("refused_title")), el("p", reason), back)


def slower(query: bytes, seconds: int) -> tuple[bytes, dict[str, str]]:
    """The page for somebody who has to wait, and its headers. ``query``: of the address, as it came."""
    asked = parse_qs(query.decode("ascii", "replace"))
    words = words_in(asked.get("lang", [""])[0])
    made = refusal(words, words("too_fast", seconds=seconds))
    return made.encode(), {"content-type": "text/html; charset=utf-8", **HEADERS}
