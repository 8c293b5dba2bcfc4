"""What every page has around it, and how it may be used: nothing of another host, no script, nothing kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from urllib.parse import quote, urlencode

from sync.protocol import from_wire
from sync.server.database import Transaction
from sync.server.lineage import restored_at
from sync.server.pages.markup import Child, Html, el, joined
from sync.server.pages.places import Commune, Places
from sync.server.pages.sessions import Session
from sync.server.pages.words import LANGUAGES, Words

ROOT = "/district"
LOGIN, LOGOUT, STYLE = f"{ROOT}/login", f"{ROOT}/logout", f"{ROOT}/style.css"
TOLD_OF_RESTORE = timedelta(days=7)
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who reads a page, in which language, at which moment, and about which day. ``tx``: one moment of the database;
    ``places``: all that they may see; ``asked``: the rest of the address."""

    words: Words
    session: Session
    now: datetime
    on: date
    tx: Transaction
    places: Places
    path: str
    asked: Mapping[str, str]

    @property
    def communes(self) -> list[Commune]:
        """Those of the day."""
        return self.places.on(self.on)

    def to_commune(self, commune: Commune, day: date) -> str:
        """The address of a commune's page; about ``day``, when it was one, where it is no commune any more."""
        code = commune.code.partition("/")[0]
        on = self.on if self.places.named(code, self.on) else day
        return self.href(f"{ROOT}/commune/{code}", on=on)

    def href(self, path: str, **params: str | date) -> str:
        """The address of another page, about the same day and in the same language."""
        query = {"on": self.on.isoformat(), **{name: str(value) for name, value in params.items()}}
        return address(path, self.words, **query)


def address(path: str, words: Words, **query: str) -> str:
    """An address in a language."""
    if words.language != LANGUAGES[0]:
        query["lang"] = words.language
    path = quote(path)
    return f"{path}?{urlencode(query)}" if query else path


def page(visit: Visit, title: str, *content: Child) -> Html:
    """A whole page of somebody who is signed in."""
    words = visit.words
    leave = el(
        "form",
        el("input", type="hidden", name="form", value=visit.session.form),
        el("button", words("sign_out")),
        method="post",
        action=address(LOGOUT, words),
    )
    return document(
        words,
        title,
        el(
            "header",
            el("a", el("strong", words("brand")), " ", el("span", words("brand_of")), href=visit.href(ROOT)),
            el(
                "nav",
                el("span", visit.session.user.name, class_="who"),
                language_link(words, visit.path, visit.asked),
                leave,
            ),
        ),
        el("main", _restored(visit), *content),
        el("footer", el("p", words("footer", moment=words.moment(visit.now)))),
    )


def _restored(visit: Visit) -> Html | None:
    """For some days after a backup was put back: what came since it was made is missing until laptops send it again."""
    at = restored_at(visit.tx)
    if not at or visit.now - from_wire(at) > TOLD_OF_RESTORE:
        return None
    return el("p", visit.words("restored", moment=visit.words.moment(from_wire(at))), class_="notice")


def language_link(words: Words, path: str, asked: Mapping[str, str]) -> Html:
    """The same page in the other language."""
    other = next(language for language in LANGUAGES if language != words.language)
    query = {name: value for name, value in asked.items() if name != "lang"}
    href = address(path, Words(other), **query)
    return el("a", words("other_language"), href=href, lang=other, hreflang=other)


def document(words: Words, title: str, *content: Child) -> Html:
    """A whole document."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="robots", content="noindex"),
        el("title", f"{title} · {words('brand')}"),
        el("link", rel="stylesheet", href=STYLE),
    )
    return Html("<!doctype html>" + el("html", head, el("body", *content), lang=words.language))


def plain_page(words: Words, title: str, *content: Child) -> Html:
    """A small page of its own: signing in, or why something cannot be shown."""
    return document(words, title, el("main", *content, class_="small"))


def day_form(visit: Visit) -> Html:
    """Choosing another day, without a script; on paper the day only."""
    words, day = visit.words, timedelta(days=1)
    language = (
        el("input", type="hidden", name="lang", value=words.language) if "lang" in visit.asked else None
    )
    form = el(
        "form",
        el("a", "‹", href=visit.href(visit.path, on=visit.on - day), aria_label=words("day_before")),
        el("label", words("by_day"), " ", el("input", type="date", name="on", value=visit.on.isoformat())),
        language,
        el("button", words("show")),
        el("a", "›", href=visit.href(visit.path, on=visit.on + day), aria_label=words("day_after")),
        method="get",
        action=quote(visit.path),
        class_="day",
    )
    return joined((form, el("p", words("by_day"), " ", words.day(visit.on), class_="printed")))


def heading(visit: Visit, title: str, file: str) -> Html:
    """A heading with the file of what is under it."""
    href = visit.href(f"{ROOT}/{file}")
    link = el("a", "CSV", href=href, class_="file", download=True, aria_label=f"CSV: {title}")
    return el("div", el("h2", title), link, class_="title")
