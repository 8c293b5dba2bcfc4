"""Age on a day, as a range: the program never invents a birthday (domain/rules.md §1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Age:
    """Completed months of age, lowest and highest that the known facts allow; the same for a known date."""

    low_months: int
    high_months: int

    @property
    def low(self) -> int:
        """Lowest completed years."""
        return self.low_months // 12

    @property
    def high(self) -> int:
        """Highest completed years."""
        return self.high_months // 12


def age_on(day: date, birth_date: date | None, birth_year: int | None) -> Age | None:
    """The age on ``day``, or None when neither date nor year is known or the birth lies after ``day``.

    A year alone gives the range from a birth on 31 December to one on 1 January.
    """
    if birth_date is not None:
        months = _completed_months(birth_date, day)
        return None if birth_date > day else Age(months, months)
    if birth_year is None or birth_year > day.year:
        return None
    latest = min(date(birth_year, 12, 31), day)
    return Age(_completed_months(latest, day), _completed_months(date(birth_year, 1, 1), day))


def in_band(age: Age | None, from_years: int, below_years: int | None) -> bool | None:
    """Whether from_years ≤ age < below_years; None ("chưa rõ") when the range crosses an edge of the band."""
    if age is None:
        return None
    inside = [
        from_years * 12 <= months and (below_years is None or months < below_years * 12)
        for months in (age.low_months, age.high_months)
    ]
    if inside[0] == inside[1]:
        crosses = below_years is not None and age.low < from_years and age.high >= below_years
        return None if crosses else inside[0]
    return None


@dataclass(frozen=True, slots=True)
class AgeEdge:
    """The births that have reached an age on ``day``. ``latest``: ISO day of the last of them."""

    day: str
    latest: str

    @staticmethod
    def of(years: int, day: date) -> AgeEdge:
        """``years``: completed. Who was born on 29 February completes a year on 1 March, as `rules.age` counts."""
        try:
            latest = day.replace(year=day.year - years)
        except ValueError:  # 29 February, and no such day that year
            latest = date(day.year - years, 2, 28)
        return AgeEdge(day.isoformat(), latest.isoformat())

    def reached(self, birth_date: str | None, birth_year: int | None) -> bool | None:
        """Whether somebody has reached it; None when it is not known: no birth, or a year that crosses the edge."""
        if birth_date is not None:
            return None if birth_date > self.day else birth_date <= self.latest
        if birth_year is None or f"{birth_year:04d}" > self.day[:4]:
            return None
        if min(f"{birth_year:04d}-12-31", self.day) <= self.latest:
            return True
        return None if f"{birth_year:04d}-01-01" <= self.latest else False


def _completed_months(born: date, day: date) -> int:
    months = (day.year - born.year) * 12 + day.month - born.month
    return months - (day.day < born.day)
