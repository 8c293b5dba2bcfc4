"""What one broken or hostile laptop sends must neither close the pages for everybody nor become part of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sync.server.pages.copying import LONGEST_NAME, MOST_FIGURES
from tests.sync.district import District, file_report, rows_of, text_of
from tests.sync.meeting import names

DAY = date(2026, 11, 21)
NEW = [{"name": "f0_new", "value": 1}]
PAGES = (
    "",
    "/reports.csv",
    "/kind/daily",
    "/kind/daily/figures.csv",
    "/commune/27211",
    "/commune/27211/daily.csv",
)
ODD: list[dict[str, Any]] = [
    {"version": 10**30},
    {"version": -5},
    {"period_from": "9999-12-31"},
    {"due_at": "0001-01-01T00:00:00+14:00"},
    {"due_at": "9999-12-31T23:59:59.999Z"},
    {"written_at": "9999-12-31T23:59:59-12:00"},
    {"known_at": "2026-11-21T00:00:00+00:00:00.5", "written_at": None},
    {"figures": [{"name": "f0_new", "value": 10**400}]},
    {"figures": [{"name": "f0_new", "value": 1e308}, {"name": "f0_total", "value": -1e308}]},
    {"figures": [{"name": "f0_new", "value": 5, "detail": {"of": -3, "word_vi": ["x"], "word_en": None}}]},
    {"figures": [{"name": name, "value": 1} for name in ("f0_", ":", "", "__class__", "{0}", "%s")]},
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: f"{next(iter(odd))}")
async def test_no_report_closes_the_pages(district: District, odd: dict[str, Any]) -> None:
    hoa = await district.laptop("27211", "chief")
    await file_report(hoa, "27211/01", "daily", DAY, DAY, **{"figures": NEW, **odd})
    reader = await district.reader("27211,27300")
    for page in PAGES:
        assert (await reader.get(f"/district{page}")).status_code == 200, page


async def test_an_impossible_number_is_none_and_not_nothing(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    await file_report(hoa, "27211/01", "daily", DAY, DAY, [{"name": "f0_new", "value": 10**400}])
    reader = await district.reader("27211")
    rows = rows_of((await reader.get("/district/kind/daily")).text)
    assert ["Phường Bến Nghé", "27211", "?"] in rows


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("outbreak", {"name": "chợ", "started_on": "2026-11-01", "ended_on": "9999-12-31"}),
        ("outbreak", {"name": "chợ", "started_on": "2026-11-01", "declared_at": "9999-12-31T23:59:59Z"}),
        ("outbreak", {"name": "chợ", "started_on": "0001-01-01", "declared_at": "0001-01-01T00:00:00+14:00"}),
        ("outbreak", {"name": "chợ", "started_on": "0001-01-01", "ended_on": "0001-01-05"}),
        ("sweep_campaign", {"name": "chợ", "started_on": "2026-11-01", "ended_on": "9999-12-31"}),
        ("sweep_campaign", {"name": "chợ", "started_on": "0001-01-01", "due_at": "9999-12-31T23:59:59Z"}),
    ],
)
async def test_no_outbreak_and_no_sweep_closes_the_pages(
    district: District, kind: str, body: dict[str, Any]
) -> None:
    hoa = await district.laptop("27211", "chief")
    ident = district.new_id()
    op = hoa.op("27211/01", ident, names({**body, "campaign": "x"}), type=kind)
    assert (await hoa.push(op)).results[0].result == "applied"
    reader = await district.reader("27211")
    for page in ("", "/outbreaks.csv", "/sweeps.csv"):
        assert (await reader.get(f"/district{page}")).status_code == 200, page
    one = {"outbreak": f"/outbreak/{ident}", "sweep_campaign": "/sweep/x"}[kind]
    assert "chợ" in (await reader.get(f"/district{one}")).text


async def test_one_report_cannot_make_a_page_too_large_to_read(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    many = [{"name": f"n{n}", "value": n} for n in range(3 * MOST_FIGURES)]
    many.insert(0, {"name": "x" * (LONGEST_NAME + 1), "value": 1})
    await file_report(hoa, "27211/01", "daily", DAY, DAY, many)
    reader = await district.reader("27211")
    head = rows_of((await reader.get("/district/kind/daily")).text)[0]
    assert (len(head), head[2]) == (MOST_FIGURES + 2, "n0")


async def test_marks_that_turn_text_around_and_control_characters_stay_out(district: District) -> None:
    """U+202E before a name would show what follows it backwards."""
    hoa = await district.laptop("27211", "chief")
    op = hoa.op(
        "27211/01",
        district.new_id(),
        names({"name": "\u202egnp.\u2066chợ\x1b[2J</title></script>\"'", "started_on": "2026-11-20"}),
        type="outbreak",
    )
    assert (await hoa.push(op)).results[0].result == "applied"
    reader = await district.reader("27211")
    page = (await reader.get("/district")).text
    for mark in ("\u202e", "\u2066", "\x1b", "</script>"):
        assert mark not in page
    assert "gnp.chợ[2J</title></script>\"'" in text_of(page)


async def test_what_names_a_sweep_stays_within_its_address(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    sweep = {"campaign": "a?b#c d", "name": "Đợt", "started_on": "2026-11-20"}
    op = hoa.op("27211/01", district.new_id(), names(sweep), type="sweep_campaign")
    assert (await hoa.push(op)).results[0].result == "applied"
    reader = await district.reader("27211")
    assert 'href="/district/sweep/a%3Fb%23c%20d?on=2026-11-21"' in (await reader.get("/district")).text
    page = await reader.get("/district/sweep/a%3Fb%23c%20d")
    assert page.status_code == 200
    assert 'action="/district/sweep/a%3Fb%23c%20d"' in page.text
