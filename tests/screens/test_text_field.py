"""The text field, driven by keys."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from textual import events, on
from textual.app import ComposeResult
from textual.widget import Widget

from tui_app.keys import OrderedKeys
from tui_app.widgets.text_field import DecimalField, DigitField, TextField


class Fields(OrderedKeys[None]):
    """Some fields below each other; notes what they say."""

    input_method: Any = None

    def __init__(self, *fields: Widget) -> None:
        super().__init__()
        self.fields = fields
        self.said: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield from self.fields

    @on(TextField.Changed)
    def note_change(self, message: TextField.Changed) -> None:
        self.said.append(("changed", message.value))

    @on(TextField.Submitted)
    def note_submit(self, message: TextField.Submitted) -> None:
        self.said.append(("submitted", message.value))

    async def type(self, text: str) -> None:
        """All of ``text`` at once, as the terminal driver delivers a burst."""
        names = {"\x7f": "backspace", "\t": "tab", "\r": "enter"}
        for char in text:
            self.post_message(events.Key(names.get(char, char), char))
        await self.keys_settled()


async def test_a_burst_of_backspaces_and_letters_arrives_in_order() -> None:
    app = Fields(field := TextField())
    async with app.run_test():
        await app.type("Nguye\x7fê\x7fễn")
        assert field.value == "Nguyễn"


async def test_typing_ahead_of_tabs_lands_in_three_fields() -> None:
    fields = [TextField(), TextField(), TextField()]
    app = Fields(*fields)
    async with app.run_test():
        await app.type("37.5\t96\t88\t")
        assert [field.value for field in fields] == ["37.5", "96", "88"]
        assert app.focused is fields[0]


async def test_editing_keys_act_where_the_cursor_is() -> None:
    app = Fields(field := TextField("Trần Thị Bé"))
    async with app.run_test() as pilot:
        await pilot.press("ctrl+w", "B", "a", "home", "delete", "D", "right", "left", "end", "backspace", "à")
        assert field.value == "Drần Thị Bà"
        await pilot.press("ctrl+left", "ctrl+k")
        assert field.value == "Drần Thị "
        await pilot.press("left", "ctrl+u")
        assert field.value == " "


async def test_a_mark_taken_back_leaves_its_letter() -> None:
    """Unikey set to decomposed letters counts a mark as one backspace."""
    app = Fields(field := TextField())
    async with app.run_test():
        await app.type("a\u0301\x7f\u0309")
        assert field.value == "ả"


async def test_a_pasted_line_arrives_whole_and_submits_once() -> None:
    app = Fields(field := TextField())
    async with app.run_test():
        app.post_message(events.Paste("Bie\u0302\u0301t\nhai dòng\r\n"))
        await app.keys_settled()
        assert field.value == "Biết hai dòng"
        assert app.said == [("changed", "Biết hai dòng"), ("submitted", "Biết hai dòng")]


@pytest.mark.parametrize(
    ("field", "keys", "value"),
    [
        (DigitField(), "09a12 3", "09123"),
        (DigitField(max_length=4), "12345", "1234"),
        (DecimalField(), "37,,55", "37,5"),
        (DecimalField(), "3a7.5.", "37.5"),
        (TextField(restrict="[A-Z]{0,2}[0-9]*"), "ABC12x", "AB12"),
        (TextField(max_length=3), "Bếpp", "Bếp"),
    ],
)
async def test_what_a_field_refuses_does_not_enter(field: TextField, keys: str, value: str) -> None:
    app = Fields(field)
    async with app.run_test():
        await app.type(keys)
        assert field.value == value


async def test_spaces_of_a_pasted_number_fall_out() -> None:
    app = Fields(field := DigitField())
    async with app.run_test():
        app.post_message(events.Paste("0912 345.678"))
        await app.keys_settled()
        assert field.value == "0912345678"


def test_an_empty_number_is_missing_not_zero() -> None:
    assert DecimalField().decimal is None
    assert DecimalField("37,5").decimal == Decimal("37.5")


async def test_a_password_is_never_on_the_screen() -> None:
    app = Fields(field := TextField(masked=True))
    app.input_method = "telex"
    async with app.run_test():
        await app.type("aas")
        assert field.value == "aas"
        shown = field.render_line(0).text
        assert "a" not in shown
        assert "***" in shown


async def test_built_in_telex_follows_the_app_and_spares_codes() -> None:
    app = Fields(name := TextField(), code := TextField(composing=False), number := DigitField())
    app.input_method = "telex"
    async with app.run_test():
        await app.type("DDuwcs\tNGUYEENX\t12")
        assert [name.value, code.value, number.value] == ["Đức", "NGUYEENX", "12"]


async def test_a_long_text_scrolls_with_the_cursor() -> None:
    app = Fields(field := TextField())
    field.styles.width = 12  # ten cells inside the padding
    async with app.run_test() as pilot:
        await app.type("số 1 đường Trần Hưng Đạo")
        assert "Hưng Đạo" in field.render_line(0).text
        await pilot.press("home")
        assert field.render_line(0).text.startswith("số 1 đườn")
        await app.type("漢字")
        assert field.render_line(0).cell_length == 10


async def test_setting_a_value_from_code_says_nothing() -> None:
    app = Fields(field := TextField())
    async with app.run_test() as pilot:
        field.value = "Bie\u0302\u0301t"
        await pilot.pause()
        assert field.value == "Biết"
        assert app.said == []


async def test_a_click_puts_the_cursor_there() -> None:
    app = Fields(TextField(), field := TextField("Nguyễn"))
    async with app.run_test() as pilot:
        await pilot.click(field, offset=(1 + 2, 0))
        await app.type("X")
        assert field.value == "NgXuyễn"
