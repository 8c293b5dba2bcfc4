"""The addresses of the pages and of their files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from sync.server.pages import sessions, signing_in
from sync.server.pages.board import board, kinds_of, table
from sync.server.pages.commune import commune_figures, commune_page, commune_reports
from sync.server.pages.copying import bring_up
from sync.server.pages.frame import HEADERS, LOGIN, ROOT, STYLE, Visit, address
from sync.server.pages.kind import figure_file, kind_page, report_file
from sync.server.pages.markup import Html
from sync.server.pages.outbreaks import outbreak_figures, outbreak_page, outbreak_reports, outbreak_table
from sync.server.pages.places import places
from sync.server.pages.refusing import html_answer, words_of
from sync.server.pages.sweeps import sweep_figures, sweep_page, sweep_reports, sweep_table
from sync.server.pages.table import Table, as_csv
from sync.server.pages.words import ASSETS, FIRST_DAY, LAST_DAY, local_day
from sync.server.problems import Refused
from sync.server.requests import meeting_of

View = Callable[[Visit], Html | Table]
router = APIRouter(include_in_schema=False)
router.include_router(signing_in.router)


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


async def _shown(request: Request, view: View) -> Response:
    """A page or a file for somebody who is signed in; the others are asked to sign in."""
    meeting, words = meeting_of(request), words_of(request)
    now, token = meeting.clock(), signing_in.cookie(request, "session")
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
