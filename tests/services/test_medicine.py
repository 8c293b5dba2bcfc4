"""Medicine given: its row and its stock in one save, warnings shown before and kept with it, taken back by a row."""

from __future__ import annotations

import pytest

from tests.services.door_to_door import WHO, rows
from tests.services.patients import Home, at, home
from tui_app.errors import InvalidFields, UserError
from tui_app.services.treatment import medicine, stock
from tui_app.services.treatment.medicine import Flagged, Giving
from tui_app.store.engine import Store

KIT = "hcmc_a"  # HCMC's bag A: paracetamol and vitamins for seven days (rules §2.8)


@pytest.fixture
def patient(store: Store) -> Home:
    made = home(store)
    at(store, 1, 9)
    return made


def listed(store: Store, case: str) -> list[medicine.Given]:
    with store.read() as c:
        return medicine.given(c, case)


def test_a_kit_given_leaves_the_stock_in_the_same_save(store: Store, patient: Home) -> None:
    stock.receive(store, WHO, KIT, 10, lot="A1")
    saved = medicine.give(
        store, WHO, patient.case, Giving(item=KIT, quantity=1, unit="túi", days=7, lot="A1")
    )
    assert saved.flags == ()
    assert saved.left is not None
    assert saved.left.on_hand == 9
    (moved,) = rows(
        store, "SELECT movement, quantity, lot FROM stock_movement WHERE dispense = ?", saved.dispense
    )
    assert moved == {"movement": "given", "quantity": 1.0, "lot": "A1"}
    (one,) = listed(store, patient.case)
    assert (one.words, one.quantity, one.days, f"{one.on:%d/%m}") == ("Túi A (TP.HCM)", 1, 7, "16/03")


def test_what_comes_from_elsewhere_touches_no_stock(store: Store, patient: Home) -> None:
    saved = medicine.give(store, WHO, patient.case, Giving(item=KIT, quantity=1, from_stock=False))
    assert saved.left is None
    assert rows(store, "SELECT id FROM stock_movement") == []


def test_the_same_again_before_it_is_used_up_is_warned_of_and_needs_a_reason(
    store: Store, patient: Home
) -> None:
    medicine.give(store, WHO, patient.case, Giving(item=KIT, quantity=1, days=7))
    at(store, 7, 8)  # the last day that the first one covers
    with pytest.raises(Flagged) as refused:
        medicine.give(store, WHO, patient.case, Giving(item=KIT, quantity=1))
    assert [one.outcome for one in refused.value.flags] == ["duplicate"]
    assert len(listed(store, patient.case)) == 1
    saved = medicine.give(store, WHO, patient.case, Giving(item=KIT, quantity=1), reason="túi đầu bị ướt")
    (row,) = rows(store, "SELECT flags, flag_reason FROM dispense WHERE id = ?", saved.dispense)
    assert row["flag_reason"] == "túi đầu bị ướt"
    assert '"rule":"given_before"' in row["flags"]


def test_the_same_again_once_it_is_used_up_is_no_matter(store: Store, patient: Home) -> None:
    medicine.give(store, WHO, patient.case, Giving(item=KIT, quantity=1, days=7))
    at(store, 8, 9)
    assert medicine.give(store, WHO, patient.case, Giving(item=KIT, quantity=1)).flags == ()


def test_what_was_not_asked_and_decides_is_asked_before_bag_b(store: Store, patient: Home) -> None:
    """Bag B not for gastric ulcer, liver or kidney failure, bleeding disorders (HCMC CV 6002/SYT-NVY; rules §2.8)."""
    with store.read() as c:
        found = medicine.check_giving(c, patient.case, Giving(item="hcmc_b", quantity=1), store.clock())
    assert "ask" in {one.outcome for one in found}


def test_bag_b_is_contraindicated_in_pregnancy(store: Store) -> None:
    pregnant = home(store, sex="female", pregnant=True)
    with store.read() as c:
        found = medicine.check_giving(c, pregnant.case, Giving(item="hcmc_b", quantity=1), store.clock())
    assert "contraindicated" in {one.outcome for one in found}


def test_a_caution_no_document_knows_is_refused_and_does_not_pass_for_no(store: Store, patient: Home) -> None:
    asked = Giving(item="hcmc_b", quantity=1, cautions=frozenset({"gastric_ulcr"}))
    with pytest.raises(InvalidFields, match="gastric_ulcr"):
        medicine.give(store, WHO, patient.case, asked, reason="x")
    assert rows(store, "SELECT id FROM dispense") == []


def test_a_warning_says_its_kind_and_where_it_comes_from(store: Store, patient: Home) -> None:
    medicine.give(store, WHO, patient.case, Giving(item=KIT, quantity=1, days=7))
    with store.read() as c:
        (flag,) = medicine.check_giving(c, patient.case, Giving(item=KIT, quantity=1), store.clock())
        (words,) = medicine.flags_words(medicine.rule_sets(c), [flag])
    assert words.startswith(
        "Cấp trùng: Túi A (TP.HCM) đã cấp ngày 16/03/2022, chưa dùng hết (paracetamol, vitamin)"
    )
    assert "6002/SYT-NVY" in words


def test_longer_than_a_document_allows_names_the_medicine_and_the_document(
    store: Store, patient: Home
) -> None:
    """Bag B at most three days (HCMC CV 6002/SYT-NVY; rules §2.8)."""
    with store.read() as c:
        found = medicine.check_giving(
            c, patient.case, Giving(item="hcmc_b", quantity=1, days=4), store.clock()
        )
        words = medicine.flags_words(medicine.rule_sets(c), found)
    (longer,) = [one for one in words if one.startswith("Lâu hơn quy định")]
    assert longer.startswith("Lâu hơn quy định: Túi B (TP.HCM): Số ngày dùng 4 (≤ 3) · ")
    assert "6002/SYT-NVY" in longer


def test_the_same_thing_given_on_several_days_is_one_warning_and_says_it_has_no_document(
    store: Store, patient: Home
) -> None:
    water = Giving(item="Nước muối", quantity=1)
    for day in (1, 3, 5):
        at(store, day, 9)
        medicine.give(store, WHO, patient.case, water, reason="nhà xin thêm")
    at(store, 7, 9)
    with store.read() as c:
        found = medicine.check_giving(c, patient.case, water, store.clock())
        words = medicine.flags_words(medicine.rule_sets(c), found)
    assert len(found) == 3
    assert words == [
        "Cấp trùng: Nước muối đã cấp ngày 16/03/2022, 18/03/2022, 20/03/2022, chưa dùng hết"
        " · so theo tên thuốc, không theo văn bản nào"
    ]


def test_a_drug_handed_out_day_by_day_warns_of_nothing(store: Store, patient: Home) -> None:
    water = Giving(item="Nước muối", quantity=1)
    for day, hour in ((1, 9), (1, 16), (2, 9), (3, 9)):
        at(store, day, hour)
        assert medicine.give(store, WHO, patient.case, water).flags == ()


def test_a_doubled_drug_of_an_unverified_document_says_so(store: Store, patient: Home) -> None:
    """Favipiravir after molnupiravir: both antivirals; favipiravir is recalled only (rules §2.8, M-med)."""
    medicine.give(store, WHO, patient.case, Giving(item="molnupiravir", quantity=1, days=5), reason="x")
    with store.read() as c:
        found = medicine.check_giving(c, patient.case, Giving(item="favipiravir", quantity=1), store.clock())
        words = medicine.flags_words(medicine.rule_sets(c), found)
    (doubled,) = [one for one in words if one.startswith("Cấp trùng")]
    assert "(thuốc kháng vi rút)" in doubled
    assert doubled.endswith("chưa đối chiếu văn bản gốc")


def test_taken_back_it_is_listed_no_more_and_the_stock_is_as_before(store: Store, patient: Home) -> None:
    stock.receive(store, WHO, KIT, 10)
    saved = medicine.give(store, WHO, patient.case, Giving(item=KIT, quantity=2))
    back = medicine.take_back(store, WHO, saved.dispense, "ghi nhầm người")
    assert listed(store, patient.case) == []
    with store.read() as c:
        assert stock.on_hand(c, KIT).on_hand == 10
    kept = rows(store, "SELECT id, quantity, amends FROM dispense ORDER BY id")
    assert kept == [
        {"id": saved.dispense, "quantity": 2.0, "amends": None},
        {"id": back, "quantity": 0.0, "amends": saved.dispense},
    ]
    with pytest.raises(UserError):
        medicine.take_back(store, WHO, saved.dispense, "lần nữa")


def test_what_was_taken_back_warns_of_nothing(store: Store, patient: Home) -> None:
    saved = medicine.give(store, WHO, patient.case, Giving(item=KIT, quantity=1, days=7))
    medicine.take_back(store, WHO, saved.dispense, "ghi nhầm")
    assert medicine.give(store, WHO, patient.case, Giving(item=KIT, quantity=1)).flags == ()


def test_taking_back_needs_a_reason(store: Store, patient: Home) -> None:
    saved = medicine.give(store, WHO, patient.case, Giving(item=KIT, quantity=1))
    with pytest.raises(InvalidFields):
        medicine.take_back(store, WHO, saved.dispense, "  ")
    assert len(listed(store, patient.case)) == 1


@pytest.mark.parametrize("giving", [Giving(item=" ", quantity=1), Giving(item=KIT, quantity=0)])
def test_nothing_at_all_is_not_given(store: Store, patient: Home, giving: Giving) -> None:
    with pytest.raises(InvalidFields):
        medicine.give(store, WHO, patient.case, giving)
    assert rows(store, "SELECT id FROM dispense") == []


def test_day_by_day(store: Store, patient: Home) -> None:
    medicine.give(store, WHO, patient.case, Giving(item=KIT, quantity=1))
    at(store, 3, 9)
    medicine.give(store, WHO, patient.case, Giving(item="Nước muối", quantity=2, unit="chai"))
    days = medicine.by_day(listed(store, patient.case))
    assert {f"{day:%d/%m}": [one.item for one in found] for day, found in days.items()} == {
        "16/03": [KIT],
        "18/03": ["Nước muối"],
    }


def test_the_same_drug_an_hour_later_is_warned_of_with_the_hour_and_the_rule(
    store: Store, patient: Home
) -> None:
    drug = Giving(item="antipyretic", quantity=2, from_stock=False)
    medicine.give(store, WHO, patient.case, drug)
    at(store, 1, 10)
    with pytest.raises(Flagged) as refused:
        medicine.give(store, WHO, patient.case, drug)
    with store.read() as c:
        (words,) = medicine.flags_words(medicine.rule_sets(c), refused.value.flags)
    assert words.startswith(
        "Cấp trùng: Thuốc hạ sốt đã cấp lúc 16/03/2022 09:00; hai lần cách nhau ≥ 4 h · Trạm quy ước"
    )
    at(store, 1, 13)
    assert medicine.give(store, WHO, patient.case, drug).flags == ()


def test_what_two_laptops_gave_within_the_hour_is_flagged_where_both_are_read(
    store: Store, patient: Home
) -> None:
    """Neither could be warned; the later one is flagged, as if its laptop had known."""
    with store.work(WHO) as work:
        for ident, moment in (("b", "2022-03-16T02:40:00Z"), ("a", "2022-03-16T02:20:00Z")):
            fields = {
                "case": patient.case,
                "person": patient.person,
                "at": moment,
                "item": "antipyretic",
                "quantity": 2,
            }
            work.create("dispense", fields, place=work.get("case", patient.case), ident=ident)
    first, second = listed(store, patient.case)
    assert (first.id, first.flags) == ("a", ())
    assert [(one.rule, one.value["at"]) for one in second.flags] == [
        ("given_twice", "2022-03-16T02:20:00+00:00")
    ]
