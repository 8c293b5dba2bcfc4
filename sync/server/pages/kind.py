"""One kind of report: who filed it when, its figures by commune, and how they went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sync.server.pages.figures import Period, blocks_of, figure_table, names_of, trends, version_of
from sync.server.pages.frame import ROOT, Visit, day_form, heading, page
from sync.server.pages.markup import Html, el
from sync.server.pages.slots import OCCASIONAL, Slot, regular, slots_until
from sync.server.pages.standing import RECEIVED, SlotStanding, Standing, State, counted, stands
from sync.server.pages.table import Cell, Link, Table, as_html
from sync.server.problems import Refused


def kind_page(visit: Visit, kind: str) -> Html:
    """The page. Raises Refused 404 for a kind that nobody owes regularly."""
    words, course = visit.words, stands(visit.tx, _slots(visit, kind), visit.places.on, visit.now)
    slot, found = course[-1].slot, course[-1].found
    counts = counted(found)
    title = f"{words(f'kind_{kind}')}, {words.period(slot.first, slot.last)}"
    said = ", ".join(f"{words(f'state_{state}')} {counts[state]}" for state in State if counts[state])
    received = sum(counts[state] for state in RECEIVED)
    return page(
        visit,
        title,
        el("p", el("a", words("board"), href=visit.href(ROOT)), class_="crumb"),
        el("div", el("h1", title), day_form(visit), class_="title"),
        el("p", words("received_of", count=received, total=len(found)), ": ", said, class_="lead"),
        _figures(visit, kind, course),
        el(
            "section",
            heading(visit, words("reports"), f"kind/{kind}/reports.csv"),
            as_html(report_table(visit, found, slot.last), words),
        ),
    )


def report_file(visit: Visit, kind: str) -> Table:
    """Who filed when, for a spreadsheet."""
    newest = _newest(visit, kind)
    return report_table(visit, newest.found, newest.slot.last)


def figure_file(visit: Visit, kind: str) -> Table:
    """Figures by commune, for a spreadsheet."""
    return figure_table(visit, _newest(visit, kind).found)


def report_table(visit: Visit, found: Sequence[Standing], day: date, *, head: str = "commune") -> Table:
    """Places of a day, how each stands, and both times of its report."""
    words = visit.words
    columns = [
        words(name) for name in (head, "code", "state", "due_at", "written_at", "received_at", "version")
    ]
    rows: list[Sequence[Cell]] = [
        (
            Link(one.commune.name, visit.to_commune(one.commune, day)),
            one.commune.code,
            one.state,
            one.due_at or "",
            one.first.written_at if one.first else "",
            one.first.received if one.first else "",
            version_of(visit, one),
        )
        for one in found
    ]
    return Table("reports", columns, rows)


def _figures(visit: Visit, kind: str, course: Sequence[SlotStanding]) -> Html | None:
    """Figures of one block of the form, and the way to the others: the whole form is too wide for any paper."""
    words, found = visit.words, course[-1].found
    blocks = blocks_of(visit, names_of(course[-1].reports))
    if not blocks:
        return None
    block = visit.asked.get("block", "")
    block = block if block in blocks else blocks[0]
    choice = [
        el(
            "a",
            words.heading(one) if one else words("other_figures"),
            href=visit.href(visit.path, block=one),
            aria_current="true" if one == block else None,
        )
        for one in blocks
    ]
    periods = [Period(one.slot.label, one.reports, one.owed) for one in course]
    return el(
        "section",
        heading(visit, words("figures_by_commune"), f"kind/{kind}/figures.csv"),
        el("p", choice, class_="choice") if len(blocks) > 1 else None,
        trends(visit, periods, block),
        as_html(figure_table(visit, found, block), words),
        el("p", words("about_sums"), class_="under"),
    )


def _slots(visit: Visit, kind: str) -> list[Slot]:
    if kind not in (*regular(), *OCCASIONAL):
        raise Refused(404, "not-found", "no such kind", asked=kind)
    return slots_until(kind, visit.on)


def _newest(visit: Visit, kind: str) -> SlotStanding:
    (one,) = stands(visit.tx, _slots(visit, kind)[-1:], visit.places.on, visit.now)
    return one
