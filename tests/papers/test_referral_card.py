"""The QR card of a referral: read from its picture by an independent reader, found out when it was altered."""

from __future__ import annotations

import io
import re

import msgspec
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image, ImageDraw

from tests.papers.conftest import Ward, document
from tests.services.patients import NATIONAL_ID, PHONE
from tui_app import qr
from tui_app.errors import BadFile
from tui_app.papers.referral_slip import Made, write_slip
from tui_app.services.treatment import referral_card
from tui_app.services.treatment.referral_card import Card, CardDrug, CardFinding, CardVital
from tui_app.services.treatment.referral_slip import SHOWN_VITALS


@pytest.fixture(scope="module")
def made(ward: Ward) -> Made:
    return write_slip(ward.workspace, ward.referral, "png")


def seen(png: bytes) -> str:
    """What a scanner reads from a picture."""
    picture = Image.open(io.BytesIO(png))
    grey = memoryview(picture.tobytes()).cast("B", (picture.height, picture.width))
    (found,) = zxingcpp.read_barcodes(grey)
    return found.text


def drawn(pdf: bytes, dpi: int) -> Image.Image:
    """The filled rectangles of a PDF's first page as a scanner sees them, in grey."""
    finer = 4
    dots = dpi * finer / 72
    page = document(pdf).pages[0]
    wide, high = float(page.mediabox.width), float(page.mediabox.height)
    picture = Image.new("L", (round(wide * dots), round(high * dots)), 255)
    pen = ImageDraw.Draw(picture)
    shapes = re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) (-?[\d.]+) re f", page.get_contents().get_data())  # type: ignore[union-attr]
    for x, y, width, height in (map(float, shape) for shape in shapes):
        top, bottom = sorted((high - y, high - y - height))
        pen.rectangle([x * dots, top * dots, (x + width) * dots - 1, bottom * dots - 1], fill=0)
    return picture.reduce(finer)


@pytest.mark.parametrize("dpi", [150, 300])
def test_the_code_printed_on_the_slip_is_the_card(ward: Ward, dpi: int) -> None:
    slip = write_slip(ward.workspace, ward.referral)
    (found,) = zxingcpp.read_barcodes(drawn(slip.body, dpi))
    assert found.text == slip.text
    assert referral_card.read(found.text).card.full_name == "Nguyễn Văn Đức"
    assert slip.version <= referral_card.MAX_VERSION


def test_a_class_by_rules_nobody_checked_is_marked_on_the_card(made: Made) -> None:
    """QĐ 5525/QĐ-BYT, whose table is recalled (rules §2.1, M-med)."""
    card = referral_card.read(made.text).card
    assert (card.risk, card.unverified) == ("high", ["risk_class"])


def test_a_card_of_an_older_program_is_read(made: Made) -> None:
    """It ends with what was left out: nothing is said of how sure the class is."""
    card = referral_card.read(made.text).card
    older = msgspec.msgpack.encode(msgspec.to_builtins(card)[:-1])
    assert msgspec.msgpack.decode(older, type=Card) == msgspec.structs.replace(card, unverified=[])


def test_what_a_scanner_reads_is_verified_and_says_what_the_slip_says(ward: Ward, made: Made) -> None:
    found = referral_card.read(seen(made.body))
    card = found.card
    assert (card.full_name, card.birth, card.sex, card.day) == ("Nguyễn Văn Đức", "1961-03-04", "male", 2)
    assert (card.sent_to, card.reason) == ("Bệnh viện Quận 11", "SpO2 giảm, thở nhanh")
    assert card.at == "2022-03-17T11:00:00.000Z"
    assert card.measured() == [
        ("temperature_c", 38.0, "2022-03-16T01:00:00.000Z"),
        ("pulse", 101, "2022-03-17T01:00:00.000Z"),
        ("respiratory_rate", 24, "2022-03-17T10:00:00.000Z"),
        ("spo2", 94, "2022-03-17T10:00:00.000Z"),
        ("spo2_repeat", 93, "2022-03-17T10:00:00.000Z"),
        ("systolic_bp", 128, "2022-03-15T09:00:00.000Z"),
        ("diastolic_bp", 82, "2022-03-15T09:00:00.000Z"),
    ]
    assert [(one.item, one.quantity, one.unit, one.days) for one in card.given] == [
        ("Túi A (TP.HCM)", 1, "túi", 7)
    ] * 2
    assert "spo2_repeat" in {one.field for one in card.findings}, "the second SpO2 decided"
    assert found.fingerprint == made.fingerprint


def test_the_same_laptop_signs_with_the_same_key(ward: Ward, made: Made) -> None:
    assert write_slip(ward.workspace, ward.referral, "txt").fingerprint == made.fingerprint


def test_it_tells_no_more_of_the_person_than_the_slip_needs(made: Made) -> None:
    told = msgspec.json.encode(referral_card.read(made.text).card).decode()
    for secret in (
        PHONE,
        PHONE[3:],
        NATIONAL_ID,
        "Lê Lợi",
        "Trần Thị Thủy",
        "hiv",
        "underlying_condition",
        "Thợ mộc",
    ):
        assert secret not in told, secret


def test_one_altered_letter_anywhere_is_found_out(made: Made) -> None:
    body = made.text
    for place in range(len(referral_card.PREFIX), len(body), 7):
        letter = "A" if body[place] != "A" else "B"
        with pytest.raises(BadFile):
            referral_card.read(body[:place] + letter + body[place + 1 :])


def test_a_card_that_another_key_signed_has_another_fingerprint(made: Made) -> None:
    card = referral_card.read(made.text).card
    forged = referral_card.read(referral_card.sign(card, Ed25519PrivateKey.generate()))
    assert forged.card == card
    assert forged.fingerprint != made.fingerprint


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "referral.not_a_card"),
        ("https://example.org", "referral.not_a_card"),
        ("GN2:ABC", "referral.card_newer"),
        ("GN1:", "referral.card_altered"),
        ("GN1:ABC", "referral.card_altered"),
        ("GN1:đường", "referral.card_altered"),
        ("GN1:::::::", "referral.card_altered"),
    ],
)
def test_what_is_no_card_is_told_from_one_that_was_altered(text: str, key: str) -> None:
    with pytest.raises(BadFile) as refused:
        referral_card.read(text)
    assert refused.value.key == key


@given(some.binary(max_size=200))
def test_any_bytes_go_through_its_letters_and_back(raw: bytes) -> None:
    assert referral_card._from_base45(referral_card._base45(raw)) == raw


def test_its_letters_are_those_of_the_standard() -> None:
    """RFC 9285, section 4.3."""
    assert referral_card._base45(b"Hello!!") == "%69 VD92EX0"
    assert referral_card._base45(b"base-45") == "UJCLQE7W581"
    assert referral_card._from_base45("QED8WEX0") == b"ietf!"


def test_the_fullest_card_still_fits_into_a_version_that_telephones_read() -> None:
    """Everything at its longest, in letters that squeeze badly."""
    long = "".join(chr(0x1EA0 + n * 37 % 88) for n in range(300))
    full = Card(
        referral="01a22bcc-d18b-7351-b0b0-be8d3878d20f",
        at="2022-03-17T11:00:00.000Z",
        full_name=long[:60],
        birth="1961-03-04",
        sex="female",
        day=13,
        severity="moderate",
        risk="very_high",
        pregnant=False,
        doses=3,
        groups=["elderly", "disabled", "no_support", "ethnic_minority"],
        conditions=["diabetes", "hypertension", "chronic_kidney", "cerebrovascular", "immunosuppressants"],
        vitals=[CardVital(place, 97.5, 1440 * place) for place in range(len(SHOWN_VITALS))],
        given=[CardDrug(long[n : n + 20], 1.5, "viên", n, 7) for n in range(referral_card.GIVEN)],
        findings=[
            CardFinding(f"rule_{n}_long_name", f"qd-{n}261", "respiratory_rate", 21 + n, f"≥ {n}", False)
            for n in range(referral_card.FINDINGS)
        ],
        reason=long[: referral_card.REASON],
        sent_from=long[:60],
        sent_to=long[60:120],
        made_by="lan",
        more=4,
    )
    text = referral_card.sign(referral_card.fitted(full), Ed25519PrivateKey.generate())
    assert qr.version(qr.modules(text)) <= referral_card.MAX_VERSION
    assert referral_card.read(text).card.full_name == long[:60]
