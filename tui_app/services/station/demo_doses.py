"""Doses for the sample ward: cards of most who say they were vaccinated, so that every list has somebody on it."""

from __future__ import annotations

from datetime import date, timedelta

from tui_app.bootstrap import Workspace
from tui_app.records.vaccination import DoseSource, DoseType
from tui_app.services.vaccination.vaccination import put_dose
from tui_app.store.rows import table

MOST = 300
"""Persons whose cards were seen; in a made-up ward of thousands the others stay as they said."""
FIRST = date(2021, 7, 20)
GAPS = (0, 35, 150, 150)  # days from the dose before
PRODUCTS = ("astrazeneca", "comirnaty", "vero_cell", "spikevax")
BORN_BY = "2009"  # of the others the first doses came later


def record_cards(workspace: Workspace) -> int:
    """Record the doses of every second and third of three who say how many they had; returns how many doses."""
    count = 0
    with workspace.store.work(workspace.user) as work:
        said = table("person").where(
            work.connection, "reported_doses BETWEEN 1 AND 4 ORDER BY id LIMIT ?", (MOST,)
        )
        for place, person in enumerate(list(said)):
            born = str(person.body.get("birth_date") or person.body.get("birth_year") or "9999")
            if place % 3 == 0 or born > BORN_BY:
                continue
            day = FIRST + timedelta(days=place * 7 % 120)
            for number in range(int(person.body["reported_doses"])):
                day += timedelta(days=GAPS[number])
                fields = {
                    "given_on": day,
                    "product": PRODUCTS[place % len(PRODUCTS)],
                    "dose_type": DoseType.BASIC if number < 2 else DoseType.BOOSTER,
                    "number": number + 1,
                    "source": DoseSource.CARD,
                }
                put_dose(work, person, fields)
                count += 1
    return count
