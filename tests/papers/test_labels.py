"""Labels are read back from the printed page by an independent reader, and say nothing of anybody."""

from __future__ import annotations

import io

import pypdf
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from tests.papers.conftest import SECRETS, Ward, noted, words
from tests.services.door_to_door import household, person
from tui_app.errors import NotFound
from tui_app.papers import labels
from tui_app.records.tokens import read_token, spelled, token

DOTS = 8  # a millimetre


@pytest.fixture(scope="module")
def doors(ward: Ward) -> list[str]:
    """Thirty doors more, so that a second sheet is begun."""
    return [household(ward.store, f"{number} Nguyễn Huệ", code=f"{number:04d}") for number in range(1, 31)]


def picture(page: pypdf.PageObject) -> Image.Image:
    """The page with its filled rectangles, as a printer would draw them: 8 dots a millimetre."""
    tall = float(page.mediabox.height)
    scale = DOTS * 25.4 / 72
    image = Image.new("L", (round(float(page.mediabox.width) * scale), round(tall * scale)), 255)
    draw = ImageDraw.Draw(image)
    operands = page.get_contents()
    assert operands is not None
    for numbers, operator in operands.operations:
        if operator == b"re":
            x, y, width, height = (float(number) for number in numbers)
            left, right = sorted((x, x + width))
            low, high = sorted((tall - y, tall - y - height))
            draw.rectangle((left * scale, low * scale, right * scale - 1, high * scale - 1), fill=0)
    return image


def seen(body: bytes) -> list[str]:
    """The codes on all pages."""
    found = []
    for page in pypdf.PdfReader(io.BytesIO(body)).pages:
        image = picture(page)
        grey = memoryview(image.tobytes()).cast("B", (image.height, image.width))
        found += [code.text for code in zxingcpp.read_barcodes(grey)]
    return found


def test_every_door_has_its_code_on_the_page(ward: Ward, doors: list[str]) -> None:
    count, body = labels.write_labels(ward.workspace)
    codes = seen(body)
    with ward.store.read() as c:
        every = {ident for (ident,) in c.execute("SELECT id FROM household WHERE NOT deleted")}
    assert len(codes) == count == len(every)
    assert set(codes) == {token("household", ident) for ident in every}
    assert {read_token(code) for code in codes} == {("household", code) for code in codes}
    assert len(pypdf.PdfReader(io.BytesIO(body)).pages) == -(-count // 24)


def test_cards_are_for_the_living_and_carry_no_name(ward: Ward) -> None:
    door = household(ward.store, "1 Phố Vắng")
    gone = person(ward.store, door, "Hoàng Văn Xa", moved_on="2022-01-01")
    here = person(ward.store, door, "Hoàng Thị Gần")
    count, body = labels.write_labels(ward.workspace, persons=True)
    codes = seen(body)
    assert len(codes) == count
    assert token("person", here) in codes
    assert token("person", gone) not in codes
    text = words(body)
    for secret in (*SECRETS, "Hoàng", "Gần", "Nguyễn Văn Đức", "Phố Vắng", "Lê Lợi"):
        assert secret not in text, secret


def test_what_people_read_is_the_number_of_the_door_and_the_code_in_groups(
    ward: Ward, doors: list[str]
) -> None:
    text = words(labels.write_labels(ward.workspace)[1])
    assert "Hộ 0007" in text
    assert spelled(token("household", doors[6])) in text
    assert "Nguyễn Huệ" not in text


def test_that_labels_were_made_is_noted(ward: Ward) -> None:
    labels.write_labels(ward.workspace)
    assert noted(ward.store)[-1][1:] == ("export", "household", "", "labels")


def test_a_unit_that_is_not_here_is_named(ward: Ward) -> None:
    with pytest.raises(NotFound):
        labels.write_labels(ward.workspace, unit="Khu phố 99")
