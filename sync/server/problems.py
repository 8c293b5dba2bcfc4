"""Refusals: what the client acts on is ``kind``; the status only says which way."""

from __future__ import annotations


class Refused(Exception):
    """A request is refused as a whole and left nothing behind. Answered as application/problem+json.

    ``kind``: the word a client acts on; ``status``: HTTP; ``area``: which area, only if the device may
    know it; ``asked``: the area it asked for, for the list of refusals only.
    """

    def __init__(
        self, status: int, kind: str, title: str, *, area: str = "", asked: str = "", retry_after: int = 0
    ) -> None:
        super().__init__(kind)
        self.status, self.kind, self.title = status, kind, title
        self.area, self.asked, self.retry_after = area, asked or area, retry_after


def bad_body(title: str) -> Refused:
    """400: the header, the framing or the request is broken; sending the same again will not help."""
    return Refused(400, "bad-body", title)


def cut_body() -> Refused:
    """400: the body stops before its trailer; the laptop may send it again."""
    return Refused(400, "cut-body", "the body stops before its trailer")


def not_in_scope(asked: str = "") -> Refused:
    """404: an area that does not exist and one that is somebody else's: the same words."""
    return Refused(404, "not-in-scope", "no such area for this device", asked=asked)


def restored_meanwhile() -> Refused:
    """409: the server was restored since the laptop asked for its scope; it asks again, and judges its ops anew."""
    return Refused(409, "scope-changed", "this server was restored from a backup meanwhile")


class AdminError(Exception):
    """An operator's command was refused. ``code``: a word for the catalogue; ``params``: what it names."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code, self.params = code, params
