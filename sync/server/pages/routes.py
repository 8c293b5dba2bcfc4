"""The addresses of the pages: signing in and out, each page, each file."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import anyio
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from sync.server.noting import note
from sync.server.pages import accounts, sessions
from sync.server.pages.board import board, kinds_of, table
from sync.server.pages.commune import commune_figures, commune_page, commune_reports
from sync.server.pages.filed import bring_up
from sync.server.pages.frame import HEADERS, LOGIN, LOGOUT, ROOT, STYLE, Visit, address, plain_page
from sync.server.pages.kind import figure_file, kind_page, report_file
from sync.server.pages.markup import Html, el
from sync.server.pages.outbreaks import outbreak_figures, outbreak_page, outbreak_reports, outbreak_table
from sync.server.pages.places import places
from sync.server.pages.refusing import html_answer, words_of
from sync.server.pages.sweeps import sweep_figures, sweep_page, sweep_reports, sweep_table
from sync.server.pages.table import Table, as_csv
from sync.server.pages.words import ASSETS, FIRST_DAY, LAST_DAY, Words, local_day
from sync.server.problems import Refused
from sync.server.requests import body_of, meeting_of

MAX_FORM = 8 << 10
View = Callable[[Visit], Html | Table]
router = APIRouter(include_in_schema=False)
# A try to sign in takes 64 MiB for a moment; however many come at once, they wait for each other and nobody else does.
_one_password = anyio.CapacityLimiter(1)


@router.get(ROOT)
async def show_board(request: Request) -> Response:
    """Which communes have reported."""
    return await _shown(request, board)


@router.get(f"{ROOT}/reports.csv")
async def file_of_board(request: Request) -> Response:
    """The same for a spreadsheet."""
    return await _shown(request, lambda visit: table(visit, kinds_of(visit)))


@router.get(f"{ROOT}/kind/{{kind}}")
async def show_kind(request: Request, kind: str) -> Response:
    """One kind of report."""
    return await _shown(request, lambda visit: kind_page(visit, kind))


@router.get(f"{ROOT}/kind/{{kind}}/reports.csv")
async def file_of_kind(request: Request, kind: str) -> Response:
    """Who filed it when."""
    return await _shown(request, lambda visit: report_file(visit, kind))


@router.get(f"{ROOT}/kind/{{kind}}/figures.csv")
async def figures_of_kind(request: Request, kind: str) -> Response:
    """Its figures by commune."""
    return await _shown(request, lambda visit: figure_file(visit, kind))


@router.get(f"{ROOT}/commune/{{code}}")
async def show_commune(request: Request, code: str) -> Response:
    """One commune."""
    return await _shown(request, lambda visit: commune_page(visit, code))


@router.get(f"{ROOT}/commune/{{code}}/reports.csv")
async def file_of_commune(request: Request, code: str) -> Response:
    """What it filed when."""
    return await _shown(request, lambda visit: commune_reports(visit, code))


@router.get(f"{ROOT}/commune/{{code}}/{{kind}}.csv")
async def figures_of_commune(request: Request, code: str, kind: str) -> Response:
    """Its latest figures of a kind, by unit."""
    return await _shown(request, lambda visit: commune_figures(visit, code, kind))


@router.get(f"{ROOT}/sweeps.csv")
async def file_of_sweeps(request: Request) -> Response:
    """The sweeps of the last weeks."""
    return await _shown(request, sweep_table)


@router.get(f"{ROOT}/sweep/{{campaign}}")
async def show_sweep(request: Request, campaign: str) -> Response:
    """One sweep."""
    return await _shown(request, lambda visit: sweep_page(visit, campaign))


@router.get(f"{ROOT}/sweep/{{campaign}}/reports.csv")
async def file_of_sweep(request: Request, campaign: str) -> Response:
    """Which units filed when."""
    return await _shown(request, lambda visit: sweep_reports(visit, campaign))


@router.get(f"{ROOT}/sweep/{{campaign}}/figures.csv")
async def figures_of_sweep(request: Request, campaign: str) -> Response:
    """What they found."""
    return await _shown(request, lambda visit: sweep_figures(visit, campaign))


@router.get(f"{ROOT}/outbreaks.csv")
async def file_of_outbreaks(request: Request) -> Response:
    """The outbreaks of the last weeks."""
    return await _shown(request, outbreak_table)


@router.get(f"{ROOT}/outbreak/{{ident}}")
async def show_outbreak(request: Request, ident: str) -> Response:
    """One outbreak."""
    return await _shown(request, lambda visit: outbreak_page(visit, ident))


@router.get(f"{ROOT}/outbreak/{{ident}}/reports.csv")
async def file_of_outbreak(request: Request, ident: str) -> Response:
    """Its reports, day by day."""
    return await _shown(request, lambda visit: outbreak_reports(visit, ident))


@router.get(f"{ROOT}/outbreak/{{ident}}/figures.csv")
async def figures_of_outbreak(request: Request, ident: str) -> Response:
    """Its latest figures by unit."""
    return await _shown(request, lambda visit: outbreak_figures(visit, ident))


@router.get(STYLE)
async def style() -> Response:
    """The one stylesheet."""
    text = (ASSETS / "styles" / "pages.css").read_bytes()
    return Response(text, media_type="text/css", headers=dict(HEADERS))


@router.get(LOGIN)
async def show_login(request: Request) -> Response:
    """The form to sign in with."""
    return _login_form(request, words_of(request))


@router.post(LOGIN)
async def sign_in(request: Request) -> Response:
    """Name and password become a session. Whatever was wrong, the answer is the same."""
    meeting, words = meeting_of(request), words_of(request)
    form = await _form(request)
    if not _from_here(request) or not sessions.same_form(_cookie(request, "form"), form.get("form", "")):
        return await _again(request, words, 400, "form-expired")
    name, password = form.get("name", ""), form.get("password", "")

    def check() -> accounts.PageUser | None:
        return accounts.checked(meeting.database, name, password)

    user = await anyio.to_thread.run_sync(check, limiter=_one_password)
    if user is None:
        return await _again(request, words, 403, "bad-login")
    request.state.log["page_user"] = user.id
    token = await run_in_threadpool(sessions.begin, meeting.database, user, meeting.clock())
    answer = Response(status_code=303, headers={"Location": address(ROOT, words), **HEADERS})
    _set_cookie(request, answer, "session", token)
    _forget_cookie(request, answer, "form")
    return answer


@router.post(LOGOUT)
async def sign_out(request: Request) -> Response:
    """The session ends, when it is its own page that asks."""
    meeting, words, token = meeting_of(request), words_of(request), _cookie(request, "session")
    form = await _form(request)
    if not _from_here(request) or not sessions.same_form(token, form.get("form", "")):
        raise Refused(400, "form-expired", "this form did not come from a page of this session")
    await run_in_threadpool(sessions.end, meeting.database, token)
    answer = Response(status_code=303, headers={"Location": address(LOGIN, words), **HEADERS})
    _forget_cookie(request, answer, "session")
    return answer


async def _shown(request: Request, view: View) -> Response:
    """A page or a file for somebody who is signed in; the others are asked to sign in."""
    meeting, words = meeting_of(request), words_of(request)
    now, token = meeting.clock(), _cookie(request, "session")
    known = await run_in_threadpool(sessions.session, meeting.database, token, now)
    if known is None:
        return Response(status_code=303, headers={"Location": address(LOGIN, words), **HEADERS})
    request.state.log["page_user"] = known.user.id
    on = _day(request.query_params.get("on"), local_day(now) - timedelta(days=1))

    def work() -> Html | Table:
        bring_up(meeting.database, now)
        with meeting.database.read() as tx:
            seen = places(tx, known.user)
            request.state.commune = seen.home
            asked = dict(request.query_params)
            return view(Visit(words, known, now, on, tx, seen, request.scope["path"], asked))

    made = await run_in_threadpool(work)
    if isinstance(made, Html):
        return html_answer(made)
    name = f"{made.name}-{on.isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **HEADERS}
    return Response(as_csv(made, words), media_type="text/csv", headers=headers)


def _day(text: str | None, usual: date) -> date:
    """The day a page is about: the newest that is over, unless another is asked for. Raises Refused 400."""
    if not text:
        return usual
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise Refused(400, "bad-day", "no such day")
    return day


# ---- signing in


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
    made = plain_page(words, words("sign_in"), el("h1", words("brand")), el("p", words("about")), form)
    answer = html_answer(made, status)
    _set_cookie(request, answer, "form", secret)
    return answer


async def _again(request: Request, words: Words, status: int, kind: str) -> Response:
    await note(request, Refused(status, kind, kind))
    return _login_form(request, words, status, words(kind.replace("-", "_")))


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form as it was sent. Raises Refused 413."""
    body = b"".join(await body_of(request, MAX_FORM))
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[0] for name, values in fields.items()}


def _from_here(request: Request) -> bool:
    """Whether the browser says that a page of this server sent the form; older browsers say nothing."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:  # holds behind a proxy too, which may ask under another host's name
        return site in ("same-origin", "none")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _cookie_name(request: Request, what: str) -> str:
    return f"__Host-gonha-{what}" if request.url.scheme == "https" else f"gonha-{what}"


def _cookie(request: Request, what: str) -> str:
    return request.cookies.get(_cookie_name(request, what), "")


def _set_cookie(request: Request, answer: Response, what: str, value: str) -> None:
    secure = request.url.scheme == "https"
    answer.set_cookie(
        _cookie_name(request, what), value, path="/", secure=secure, httponly=True, samesite="strict"
    )


def _forget_cookie(request: Request, answer: Response, what: str) -> None:
    secure = request.url.scheme == "https"
    answer.delete_cookie(
        _cookie_name(request, what), path="/", secure=secure, httponly=True, samesite="strict"
    )
