"""Signing in to the pages and out of them: the forms, the cookies, and how often a password may be tried."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from urllib.parse import parse_qs

import anyio
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from sync.server.limits import Gate, Tries, network_of, retry_after
from sync.server.noting import note
from sync.server.pages import accounts, sessions
from sync.server.pages.frame import HEADERS, LOGIN, LOGOUT, ROOT, address, language_link, plain_page
from sync.server.pages.markup import el
from sync.server.pages.refusing import html_answer, words_of
from sync.server.pages.words import Words
from sync.server.problems import Refused
from sync.server.requests import body_of, meeting_of

MAX_FORM = 8 << 10
REMEMBERED = timedelta(days=180)  # that a browser has signed in under a name
router = APIRouter(include_in_schema=False)
# A try to sign in takes 64 MiB for a moment; however many come at once, they wait for each other and nobody else does.
# Browsers that have signed in before wait among themselves, and of the others only a few: a crowd of strangers must
# neither keep them out nor fill the server.
_one_known, _one_stranger = anyio.CapacityLimiter(1), anyio.CapacityLimiter(1)
MOST_WAITING, BUSY_SECONDS = 8, 5.0


@router.get(LOGIN)
async def show_login(request: Request) -> Response:
    """The form to sign in with."""
    return _login_form(request, words_of(request))


@router.post(LOGIN)
async def sign_in(request: Request) -> Response:
    """Name and password become a session. Whatever was wrong, the answer is the same."""
    meeting, words = meeting_of(request), words_of(request)
    form = await _form(request)
    if not _from_here(request) or not sessions.same_form(cookie(request, "form"), form.get("form", "")):
        return await _again(request, words, 400, "form-expired")
    name, password = accounts.clean(form.get("name", "")), form.get("password", "")
    mark = sessions.known_mark(meeting.secret, name)
    known = hmac.compare_digest(cookie(request, "known").encode(), mark.encode())
    if not known and _one_stranger.statistics().tasks_waiting >= MOST_WAITING:
        return await _later(request, words, "too-fast", BUSY_SECONDS)
    attempt = _Attempt(request, name, mark if known else "")
    if wait := attempt.begin():
        return await _later(request, words, "too-many-tries", wait)

    def check() -> accounts.PageUser | None:
        return accounts.checked(meeting.database, name, password)

    try:
        user = await anyio.to_thread.run_sync(check, limiter=_one_known if known else _one_stranger)
    except BaseException:
        attempt.void()
        raise
    if user is None:
        return await _again(request, words, 403, "bad-login")
    attempt.good()
    request.state.log["page_user"] = user.id
    token = await run_in_threadpool(
        sessions.begin, meeting.database, user, meeting.clock(), instead_of=cookie(request, "session")
    )
    answer = Response(status_code=303, headers={"Location": address(ROOT, words), **HEADERS})
    _set_cookie(request, answer, "session", token)
    _set_cookie(request, answer, "known", mark, REMEMBERED)
    _forget_cookie(request, answer, "form")
    return answer


@router.post(LOGOUT)
async def sign_out(request: Request) -> Response:
    """The session ends, when it is its own page that asks."""
    meeting, words, token = meeting_of(request), words_of(request), cookie(request, "session")
    form = await _form(request)
    if not _from_here(request) or not sessions.same_form(token, form.get("form", "")):
        raise Refused(400, "form-expired", "this form did not come from a page of this session")
    await run_in_threadpool(sessions.end, meeting.database, token)
    answer = Response(status_code=303, headers={"Location": address(LOGIN, words), **HEADERS})
    _forget_cookie(request, answer, "session")
    return answer


def _login_form(request: Request, words: Words, status: int = 200, problem: str = "") -> Response:
    secret = secrets.token_urlsafe(24)
    form = el(
        "form",
        el("p", problem, class_="problem", role="alert") if problem else None,
        el("input", type="hidden", name="form", value=sessions.form_token(secret)),
        el(
            "label",
            words("name"),
            el("input", name="name", autocomplete="username", required=True, autofocus=True),
        ),
        el(
            "label",
            words("password"),
            el("input", type="password", name="password", autocomplete="current-password", required=True),
        ),
        el("button", words("sign_in")),
        method="post",
        action=address(LOGIN, words),
    )
    title = el("div", el("h1", words("brand")), language_link(words, LOGIN, {}), class_="title")
    made = plain_page(words, words("sign_in"), title, el("p", words("about")), form)
    answer = html_answer(made, status)
    _set_cookie(request, answer, "form", secret)
    return answer


async def _again(request: Request, words: Words, status: int, kind: str, **params: int) -> Response:
    await note(request, Refused(status, kind, kind))
    return _login_form(request, words, status, words(kind.replace("-", "_"), **params))


class _Attempt:
    """A password that is tried: by its name and its address, or by ``mark`` of a browser that has signed in before, so
    that nobody who guesses beside it makes it wait."""

    def __init__(self, request: Request, name: str, mark: str) -> None:
        gate: Gate | None = request.app.state.guard.gate
        address = network_of(request.client.host if request.client else "")
        self._counts: list[tuple[Tries, str]] = []
        if gate:
            self._counts = [(gate.names, mark)] if mark else [(gate.sign_ins, address), (gate.names, name)]

    def begin(self) -> float:
        """0 when it may go on, otherwise the seconds until one may."""
        for n, (tries, who) in enumerate(self._counts):
            if wait := tries.begin(who):
                del self._counts[n:]
                self.void()
                return wait
        return 0.0

    def good(self) -> None:
        """The password was right."""
        for tries, who in self._counts:
            tries.good(who)

    def void(self) -> None:
        """Nothing was said of the password."""
        for tries, who in self._counts:
            tries.void(who)


async def _later(request: Request, words: Words, kind: str, wait: float) -> Response:
    answer = await _again(request, words, 429, kind, seconds=retry_after(wait))
    answer.headers["Retry-After"] = str(retry_after(wait))
    return answer


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form as it was sent. Raises Refused 413."""
    body = b"".join(await body_of(request, MAX_FORM))
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def _from_here(request: Request) -> bool:
    """Whether the browser says that a page of this server sent the form; older browsers say nothing."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:  # holds behind a proxy too, which may ask under another host's name
        return site in ("same-origin", "none")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


def _cookie_name(request: Request, what: str) -> str:
    return f"__Host-gonha-{what}" if request.url.scheme == "https" else f"gonha-{what}"


def cookie(request: Request, what: str) -> str:
    """What a browser keeps for us, empty for nothing."""
    return request.cookies.get(_cookie_name(request, what), "")


def _set_cookie(
    request: Request, answer: Response, what: str, value: str, lasts: timedelta | None = None
) -> None:
    """``lasts``: until the browser is closed when not given."""
    answer.set_cookie(
        _cookie_name(request, what),
        value,
        max_age=int(lasts.total_seconds()) if lasts else None,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def _forget_cookie(request: Request, answer: Response, what: str) -> None:
    secure = request.url.scheme == "https"
    answer.delete_cookie(
        _cookie_name(request, what), path="/", secure=secure, httponly=True, samesite="strict"
    )
