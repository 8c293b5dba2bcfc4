"""The first page: of every kind of report, which communes have reported by a day, and which have not."""

from __future__ import annotations

from collections.abc import Sequence

from sync.server.pages.charts import shares
from sync.server.pages.frame import ROOT, Visit, day_form, heading, page
from sync.server.pages.markup import Html, el
from sync.server.pages.outbreaks import outbreak_table
from sync.server.pages.slots import OCCASIONAL, ended_by, regular
from sync.server.pages.standing import RECEIVED, SlotStanding, State, counted, stands
from sync.server.pages.sweeps import sweep_table
from sync.server.pages.table import Cell, Link, Table, as_html

COUNTED = (
    State.ON_TIME,
    State.SENT_LATE,
    State.LATE,
    State.RECEIVED,
    State.MISSING,
    State.WAITING,
    State.OPEN,
)


def board(visit: Visit) -> Html:
    """The page."""
    words, kinds = visit.words, kinds_of(visit)
    broken_out, swept = outbreak_table(visit), sweep_table(visit)
    missing = [(one, names) for one in kinds if (names := one.names(State.MISSING))]
    return page(
        visit,
        words("board"),
        el("div", el("h1", words("board")), day_form(visit), class_="title"),
        el("section", [tile(visit, one) for one in kinds], class_="tiles"),
        el(
            "p",
            [el("a", words(f"kind_{kind}"), href=visit.href(f"{ROOT}/kind/{kind}")) for kind in OCCASIONAL],
            class_="choice",
        ),
        el(
            "section",
            el("h2", words("not_received")),
            [_missing(visit, one, names) for one, names in missing],
        )
        if missing
        else el("p", words("none_missing"), class_="calm"),
        el("section", heading(visit, words("outbreaks"), "outbreaks.csv"), as_html(broken_out, words))
        if broken_out.rows
        else None,
        el("section", heading(visit, words("sweeps"), "sweeps.csv"), as_html(swept, words))
        if swept.rows
        else None,
        el(
            "section", heading(visit, words("by_commune"), "reports.csv"), as_html(table(visit, kinds), words)
        ),
    )


def kinds_of(visit: Visit) -> list[SlotStanding]:
    """The regular kinds, each about the newest period that had ended by the day."""
    return [
        one
        for kind in regular()
        for one in stands(visit.tx, [ended_by(kind, visit.on)], visit.places.on, visit.now)
    ]


def table(visit: Visit, kinds: Sequence[SlotStanding]) -> Table:
    """Communes by kinds."""
    words = visit.words
    head = [words("commune"), words("code")]
    head += [
        f"{words('kind_' + one.slot.kind)}, {words.period(one.slot.first, one.slot.last)}" for one in kinds
    ]
    rows: list[tuple[Cell, ...]] = []
    for commune in visit.communes:
        states = [one.of(commune).state for one in kinds]
        link = Link(commune.name, visit.href(f"{ROOT}/commune/{commune.code}"))
        rows.append((link, commune.code, *states))
    return Table("reports", head, rows)


def tile(visit: Visit, one: SlotStanding) -> Html:
    """How many of a kind came, and when they were due."""
    words, counts, slot = visit.words, counted(one.found), one.slot
    received = sum(counts[state] for state in RECEIVED)
    due_at = max((standing.due_at for standing in one.found if standing.due_at), default=None)
    lines = [
        el(
            "li",
            el("span", class_=f"dot {state.replace('_', '-')}"),
            words(f"state_{state}"),
            " ",
            el("b", counts[state]),
        )
        for state in COUNTED
        if counts[state]
    ]
    return el(
        "article",
        el("h2", el("a", words(f"kind_{slot.kind}"), href=visit.href(f"{ROOT}/kind/{slot.kind}"))),
        el("p", words.period(slot.first, slot.last), class_="when"),
        el(
            "p",
            el("strong", received),
            el("span", f" / {len(one.found)} ", words("communes")),
            class_="count",
        ),
        shares([(state.replace("_", "-"), counts[state]) for state in COUNTED]),
        el("ul", lines),
        el("p", words("due", moment=words.moment(due_at)) if due_at else words("no_due"), class_="due"),
    )


def _missing(visit: Visit, one: SlotStanding, names: list[str]) -> Html:
    words = visit.words
    title = words("missing_of", kind=words(f"kind_{one.slot.kind}"), count=len(names))
    listed = words("all_communes") if len(names) == one.owed > 1 else ", ".join(names)
    return el("div", el("h3", title), el("p", listed), class_="absent")
