"""The chart of a vital sign over fourteen days: a column a half-day, gaps, the limit's line, danger by a symbol."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from tui_app.rules.limits import Limit
from tui_app.services.cases.case_overview import DAYS, DayLimit, HalfDays, Point
from tui_app.widgets.day_chart import LABEL, LINES, changes_line, plot, scale_of
from tui_app.widgets.symbols import choose_symbols

LIMIT = Limit("≤", 96, "spo2", "qd-261", True)


@pytest.fixture(autouse=True)
def full_symbols() -> Iterator[None]:
    choose_symbols("unicode")
    yield
    choose_symbols("unicode")


def of(points: dict[int, Point], *limits: Limit | DayLimit, first_number: int | None = 0) -> HalfDays:
    always = (one if isinstance(one, DayLimit) else DayLimit(one, 0, DAYS) for one in limits)
    return HalfDays("spo2", date(2022, 2, 15), first_number, points, tuple(always))


def drawn(found: HalfDays) -> list[str]:
    return [line.plain.rstrip() for line in plot(found)]


def line_of(value: str, found: HalfDays) -> str:
    (line,) = [line for line in drawn(found)[:LINES] if line[:LABEL].strip() == value]
    return line


def test_a_value_stands_in_the_two_cells_of_its_half_day() -> None:
    # 14 days x 2 half-days x 2 cells: the evening of day 3 is half-day 7, 14 cells behind the labels
    found = of({7: Point(98, False)}, LIMIT)
    assert line_of("98", found).index("●") == LABEL + 14


def test_half_days_without_a_measurement_stay_empty_and_are_not_joined() -> None:
    found = of({0: Point(98, False), 6: Point(98, False)}, LIMIT)
    assert line_of("98", found)[LABEL:] == "●           ●"


def test_the_limit_is_a_line_over_all_days_with_its_value_at_the_end() -> None:
    line = line_of("96", of({0: Point(98, False)}, LIMIT))
    assert line[LABEL : LABEL + 56] == "─" * 56
    assert line.endswith("≤ 96")


def test_a_limit_is_drawn_over_the_days_it_holds_and_the_change_is_said() -> None:
    # QĐ 4038 prints ≤ 95 and QĐ 261, from 31/01/2022, ≤ 96 (domain/rules.md §2.5); here 15/02 is day 0
    older = Limit("≤", 95, "spo2", "qd-4038", True)
    found = of({0: Point(98, False)}, DayLimit(older, 0, 3), DayLimit(LIMIT, 3, DAYS))
    assert line_of("95", found)[LABEL:] == "─" * 12 + " " * 44 + " ≤ 95"
    assert line_of("96", found)[LABEL:] == " " * 12 + "─" * 44 + " ≤ 96"
    assert changes_line(found) == "từ 18/02 ngưỡng ≤ 96"


def test_a_limit_that_ends_is_said_to_end() -> None:
    assert changes_line(of({}, DayLimit(LIMIT, 0, 2))) == "từ 17/02 ngưỡng không có"
    assert changes_line(of({}, LIMIT)) == ""


def test_danger_is_a_symbol_and_not_only_a_colour() -> None:
    assert line_of("93", of({2: Point(93, True), 3: Point(98, False)}, LIMIT))[LABEL:].strip() == "!!"


def test_raster_fonts_get_plain_letters() -> None:
    choose_symbols("ascii")
    text = "\n".join(drawn(of({0: Point(98, False), 1: Point(95, True)}, LIMIT)))
    assert text.replace("≤", "").isascii()
    assert "*" in text
    assert "!!" in text
    assert "-" * 52 in text


def test_days_are_numbered_as_the_convention_counts_and_by_date_where_no_day_is_known() -> None:
    assert drawn(of({}))[-1].split() == [str(day) for day in range(14)]
    assert drawn(of({}, first_number=1))[-1].split()[0] == "1"
    assert drawn(of({}, first_number=None))[-1].split()[:3] == ["15", "16", "17"]


@pytest.mark.parametrize(
    ("values", "top", "step"),
    [
        ([96, 98], 98, 0.5),
        ([88, 96, 99], 99, 3),
        ([36.6, 38.6], 38.6, 0.5),
        ([20, 60], 60, 10),
        ([50, 120, 128], 140, 20),
        ([97], 97, 0.2),
    ],
)
def test_every_value_and_limit_has_its_place_on_the_scale(
    values: list[float], top: float, step: float
) -> None:
    scale = scale_of(values)
    assert scale.step == step
    assert scale.top - step * (LINES - 1) <= min(values)
    assert scale.top >= max(values)


def test_what_is_counted_in_whole_numbers_has_no_lines_between_them() -> None:
    labels = [line[:LABEL].strip() for line in drawn(of({0: Point(97, False)}, LIMIT))[:LINES]]
    assert labels == ["97", "96", "95", "94", "93", "92"]
