"""One ward for all papers: a patient followed for three days, given medicine, referred, with contacts."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pypdf
import pytest

from sync import outbox
from tests.conftest import AREA, KEY
from tests.services.door_to_door import WHO
from tests.services.patients import FIRST, Home, at, desk, home, week
from tui_app.bootstrap import Workspace
from tui_app.records.contacts import ContactKind
from tui_app.services.cases import contacts
from tui_app.services.cases.contact_lists import Day
from tui_app.services.cases.contacts import Meeting
from tui_app.services.treatment import medicine, referrals, stock
from tui_app.services.treatment.medicine import Giving
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows

SECRETS = ("HIV", "hiv", "underlying_condition", "Trần Thị Thủy")
"""What no paper about the patient may hold: the restricted condition, what stands for it, who they live with."""


@dataclass(frozen=True, slots=True)
class Ward:
    """The workspace and what it holds."""

    workspace: Workspace
    home: Home
    referral: str
    contacts: list[str]
    named: str

    @property
    def store(self) -> Store:
        return self.workspace.store


@pytest.fixture(scope="session")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    folder = tmp_path_factory.mktemp("papers")
    store = Store(folder / "gonha.db", KEY, create=True)
    with store.write() as c:
        RecordRows().upsert(c, [AREA])
        outbox.hold_area(c, AREA.area, AREA.commune, "write")
    made = home(store)
    week(store, made.case)
    at(store, 1, 9)
    stock.receive(store, WHO, "hcmc_a", 10)
    kit = Giving(item="hcmc_a", quantity=1, unit="túi", days=7, prescribed_by="BS Hà")
    medicine.give(store, WHO, made.case, kit)
    medicine.give(store, WHO, made.case, kit, reason="túi đầu bị ướt")
    at(store, 2, 18)
    sending = referrals.Sending(
        reason="SpO2 giảm, thở nhanh", sent_to="Bệnh viện Quận 11", transport="Xe 115"
    )
    referral = referrals.make(store, WHO, made.case, sending)
    others = contacts.add_household(store, WHO, made.case, Meeting(last_met_on=FIRST, protected=True))
    met = Meeting(last_met_on=FIRST, met=ContactKind.CLOSE_UNMASKED)
    named = contacts.add_named(store, WHO, made.case, "Lê Văn Tám", met, phone="0903 222 333")
    at(store, 4, 20)
    for day in (
        Day(on=date(2022, 3, 17), temperature_c=36.8, symptoms=(), well=True),
        Day(on=date(2022, 3, 18), temperature_c=37.2, symptoms=()),
        Day(on=date(2022, 3, 18), temperature_c=38.1, symptoms=("fever", "cough"), well=False),
        Day(on=date(2022, 3, 19), away=True),
    ):
        contacts.check(store, WHO, others[0], day)
    yield Ward(desk(store, folder), made, referral, others, named)
    store.close()


def document(body: bytes) -> pypdf.PdfReader:
    """A PDF as an independent reader opens it."""
    return pypdf.PdfReader(io.BytesIO(body))


def words(body: bytes) -> str:
    """All words of a PDF, with single spaces."""
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in document(body).pages))


def noted(store: Store) -> list[tuple[str, ...]]:
    """The journal of access."""
    with store.read() as c:
        found = c.execute("SELECT who, what, record_type, record, detail FROM access_entry ORDER BY id")
        return [tuple(value or "" for value in row) for row in found]
