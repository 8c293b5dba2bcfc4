"""What the district's pages are made of: markup that escapes, tables, charts, words, and which periods are expected."""

from __future__ import annotations

import itertools
import re
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from sync.server.pages.charts import Point, shares, trend
from sync.server.pages.figures import added
from sync.server.pages.markup import Html, el, joined
from sync.server.pages.slots import Slot, due, due_rules, ended_by, row_of, slot_of
from sync.server.pages.standing import State
from sync.server.pages.table import Link, Share, Table, as_csv, as_html
from sync.server.pages.words import VIETNAM, Words

VI, EN = Words("vi"), Words("en")


def test_everything_that_is_not_markup_is_escaped() -> None:
    made = el(
        "p", "<b>&\"'", el("i", 3, None, ["a", "<"]), title='"><script>', class_="x", hidden=True, id=None
    )
    assert made == (
        '<p title="&quot;&gt;&lt;script&gt;" class="x" hidden>&lt;b&gt;&amp;&quot;&#x27;<i>3a&lt;</i></p>'
    )
    assert joined((Html("<hr>"), "<hr>")) == "<hr>&lt;hr&gt;"
    assert el("input", name="a") == '<input name="a">'
    with pytest.raises(ValueError, match="input"):
        el("input", "text")
    with pytest.raises(TypeError):
        el("p", object())


def test_figures_are_written_as_the_language_writes_them() -> None:
    assert [VI.number(value) for value in (16536, 84.25, 84.0, 0, None)] == ["16.536", "84,2", "84", "0", "?"]
    assert [EN.number(value) for value in (16536, 84.25, None)] == ["16,536", "84.2", "?"]
    assert VI.period(date(2026, 11, 16), date(2026, 11, 22)) == "16/11–22/11/2026"
    assert VI.moment(datetime(2026, 11, 22, 16, 5, tzinfo=VIETNAM)) == "16:05 22/11/2026"


def test_a_figure_of_the_form_is_called_by_its_block_and_part() -> None:
    assert (VI.figure("tests_cough_fever_new"), VI.part("tests_cough_fever_new")) == (
        "Mẫu xét nghiệm ho, sốt: phát sinh",
        "phát sinh",
    )
    assert VI.block("cough_fever_tested") == "cough_fever"
    assert (VI.figure("care_readings"), VI.block("care_readings")) == ("lượt đo trong kỳ", "")
    assert EN.figure("never_heard_of") == "never heard of"


def test_sums_are_of_whole_numbers_that_are_all_known() -> None:
    assert added([4, 3, 0]) == 7
    assert added([4, "", 3]) == 7  # one report has no such figure
    assert added([4, None]) is None
    assert added([84.2, 90.0]) == ""  # rates
    assert added(["", ""]) == ""


def test_a_table_reads_alike_as_page_and_as_file() -> None:
    at = datetime(2026, 11, 22, 16, 5, tzinfo=VIETNAM)
    rows = [(Link("Xã A", "/a?b&c"), State.LATE, at, 5, None, Share(123, 146), "+84")]
    table = Table("x", ["Xã", "=1", "Lúc", "Ca", "?", "%", "Ghi"], rows)
    assert '<th scope="row"><a href="/a?b&amp;c">Xã A</a></th>' in as_html(table, VI)
    assert '<td class="n">84,2 % <small>123/146</small></td>' in as_html(table, VI)
    assert as_csv(table, VI).decode() == (
        '\ufeff"Xã","\'=1","Lúc","Ca","?","%","Ghi"\r\n'
        '"Xã A","muộn","2026-11-22 16:05",5,"không tính được",84.2,"\'+84"\r\n'
    )


def test_a_rate_is_rounded_half_up_as_papers_do() -> None:
    """949,5 of 1000 is 94,95 %."""
    assert [Share(1899, 2000).percent, Share(1898, 2000).percent, Share(0, 7).percent] == [95.0, 94.9, 0.0]
    assert Share(0, 0).percent is None
    assert "– <small>0/0</small>" in as_html(Table("x", ["a", "b"], [("", Share(0, 0))]), VI)


def test_a_line_stands_on_zero_and_breaks_where_nothing_is_known() -> None:
    """Floor at 74, top at 16: 40 of 40 is at 16, 20 at 45, 0 at 74."""
    points = [Point(f"{n}", value, n != 4) for n, value in enumerate([0, 20, None, 40, 20])]
    drawn = trend("Ca <mới>", points, VI)
    assert re.findall(r'points="([^"]+)"', drawn) == ["6.0,74.0 68.0,45.0", "192.0,16.0 254.0,45.0"]
    assert "<title>Ca &lt;mới&gt;. 0: 0; 1: 20; 2: –; 3: 40; 4: 20 ○</title>" in drawn
    assert re.findall(r'cx="([^"]+)" cy="[^"]+" r="2" class="part"', drawn) == ["254.0"]
    assert "<strong>20</strong>" in drawn
    assert "polyline" not in trend("x", [], VI)


def test_shares_fill_the_bar() -> None:
    assert re.findall(r'x="([\d.]+)".*?width="([\d.]+)"', shares([("a", 3), ("b", 0), ("c", 1)])) == [
        ("0.00", "75.00"),
        ("75.00", "25.00"),
    ]


@pytest.mark.parametrize(
    ("kind", "day", "first", "last"),
    [
        ("daily", "2026-11-22", "2026-11-22", "2026-11-22"),
        ("weekly", "2026-11-22", "2026-11-16", "2026-11-22"),  # a Sunday: Monday to Sunday, QĐ 97/QĐ-PB
        ("weekly", "2026-11-23", "2026-11-23", "2026-11-29"),
        (
            "periodic",
            "2026-11-15",
            "2026-10-31",
            "2026-11-15",
        ),  # the 31st belongs to the next report, rules §1.5
        ("periodic", "2026-11-16", "2026-11-16", "2026-11-30"),
        ("periodic", "2027-02-20", "2027-02-16", "2027-02-28"),  # February has no 30th
    ],
)
def test_a_day_lies_in_one_slot(kind: str, day: str, first: str, last: str) -> None:
    wanted = Slot(kind, date.fromisoformat(first), date.fromisoformat(last))
    assert slot_of(kind, date.fromisoformat(day)) == wanted


@pytest.mark.parametrize("kind", ["daily", "weekly", "periodic"])
def test_slots_follow_each_other_without_a_gap(kind: str) -> None:
    slots = row_of(ended_by(kind, date(2027, 3, 3)), 14)
    assert slots[-1].last <= date(2027, 3, 3)
    assert all(b.first - a.last == timedelta(days=1) for a, b in itertools.pairwise(slots))


def test_a_week_is_ended_by_its_sunday_and_not_before() -> None:
    assert ended_by("weekly", date(2026, 11, 22)).last == date(2026, 11, 22)
    assert ended_by("weekly", date(2026, 11, 21)).last == date(2026, 11, 15)


def test_the_newest_rule_in_force_on_the_last_day_sets_the_deadline(tmp_path: Path) -> None:
    """S2 §III.2: on the 15th and 30th; QĐ 97: the week before Wednesday; CV 2468 before it: on Thursday."""
    assert due(slot_of("periodic", date(2026, 11, 1))) == datetime(2026, 11, 15, 23, 59, tzinfo=VIETNAM)
    assert due(slot_of("weekly", date(2026, 11, 22))) == datetime(2026, 11, 24, 23, 59, tzinfo=VIETNAM)
    assert due(slot_of("weekly", date(2022, 10, 30))) == datetime(2022, 11, 3, 23, 59, tzinfo=VIETNAM)
    assert due(slot_of("weekly", date(2020, 1, 5))) is None
    rule = 'effective_from = 2026-01-01\n[[report_due]]\nkind = "daily"\ndays_after = 1\nat = 10:00:00\n'
    (tmp_path / "one.toml").write_text(rule)
    (found,) = due_rules(tmp_path)
    assert (found.at, found.since, found.until) == (time(10), date(2026, 1, 1), date.max)
