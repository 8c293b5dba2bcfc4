"""Forms and dialogs, driven by keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen

from tui_app import i18n
from tui_app.errors import FieldProblem
from tui_app.keys import OrderedKeys
from tui_app.widgets.choice import Choice
from tui_app.widgets.dialogs import Ask, Choose, Confirm, Notice
from tui_app.widgets.form import Form, FormRow
from tui_app.widgets.text_field import DigitField, TextField

SEX = (("male", "Nam"), ("female", "Nữ"), ("unknown", "Chưa rõ"))


class FormApp(OrderedKeys[None]):
    def __init__(self) -> None:
        super().__init__()
        self.form = Form(
            [
                FormRow("full_name", TextField(), "Họ tên"),
                FormRow("sex", Choice(SEX), "Giới"),
                FormRow("phone", DigitField(), "Điện thoại"),
            ]
        )
        self.submitted = 0
        self.changed: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield self.form

    @on(Form.Submitted)
    def note_submit(self) -> None:
        self.submitted += 1

    @on(Form.Changed)
    def note_change(self, message: Form.Changed) -> None:
        self.changed.append((message.name, message.value))

    async def type(self, text: str) -> None:
        names = {"\t": "tab", "\r": "enter", "\x7f": "backspace", " ": "space"}
        for char in text:
            self.post_message(events.Key(names.get(char, char), char))
        await self.keys_settled()

    def text(self) -> str:
        """What the screen shows."""
        lines = self.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in lines)


@pytest.fixture(autouse=True)
def vietnamese() -> Iterator[None]:
    before = i18n.language()
    i18n.set_language("vi")
    yield
    i18n.set_language(before)


async def test_a_form_is_filled_ahead_with_enter_and_tab() -> None:
    app = FormApp()
    async with app.run_test():
        await app.type("Nguyễn Lan\r2\t0912345678\r")
        assert app.form.values() == {"full_name": "Nguyễn Lan", "sex": "female", "phone": "0912345678"}
        assert app.submitted == 1
        assert app.changed[-1] == ("phone", "0912345678")


async def test_down_and_up_go_through_the_fields_and_stop_at_the_ends() -> None:
    app = FormApp()
    async with app.run_test() as pilot:
        rows = app.form.rows
        await pilot.press("down", "down", "down")
        assert app.focused is rows[2].field
        await pilot.press("up")
        assert app.focused is rows[1].field
        await pilot.press("shift+tab", "up")
        assert app.focused is rows[0].field


async def test_problems_stand_under_their_field_until_it_changes() -> None:
    app = FormApp()
    async with app.run_test() as pilot:
        elsewhere = app.form.set_problems(
            [FieldProblem("phone", "problems.missing"), FieldProblem("household", "problems.missing")]
        )
        assert [problem.field for problem in elsewhere] == ["household"]
        await pilot.pause()
        assert app.focused is app.form.rows[2].field
        lines = app.text().splitlines()
        at = next(number for number, line in enumerate(lines) if "Điện thoại " in line)
        assert "còn thiếu" in lines[at + 1]
        await pilot.press("0")
        await pilot.pause()
        assert "còn thiếu" not in app.text()


async def test_labels_line_up_and_the_choice_shows_all_options() -> None:
    app = FormApp()
    async with app.run_test(size=(60, 10)) as pilot:
        app.form.set_values({"full_name": "Lan", "sex": "female"})
        await pilot.pause()
        name, sex = app.text().splitlines()[:2]
        # the longest label has 10 cells, two stay free, one is the field's padding
        assert name.index("Lan") == 13
        assert sex[13:].split() == ["Nam", "[Nữ]", "Chưa", "rõ"]


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (["right"], "male"),
        (["left"], "unknown"),
        (["space", "space"], "female"),
        (["n", "n"], "female"),
        (["c"], "unknown"),
        (["3"], "unknown"),
        (["9"], ""),
        (["1", "backspace"], ""),
    ],
)
async def test_a_choice_is_made_by_arrows_letters_and_digits(keys: list[str], value: str) -> None:
    app = FormApp()
    async with app.run_test() as pilot:
        await pilot.press("tab", *keys)
        assert app.form.values()["sex"] == value


class DialogApp(OrderedKeys[None]):
    answers: list[Any]

    def __init__(self, dialog: Screen[Any]) -> None:
        super().__init__()
        self.dialog = dialog
        self.answers = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], False),
        (["escape"], False),
        (["c"], True),
        (["C"], True),
        (["k"], False),
        (["right", "enter"], True),
        (["tab", "left", "enter"], False),
    ],
)
async def test_confirm_says_yes_only_when_asked_to(keys: list[str], answer: bool) -> None:
    app = DialogApp(Confirm("Xóa hộ này?", "Có thể hoàn tác."))
    async with app.run_test() as pilot:
        await pilot.press(*keys)
        assert app.answers == [answer]


async def test_confirm_speaks_english_too() -> None:
    i18n.set_language("en")
    app = DialogApp(Confirm("Delete?"))
    async with app.run_test() as pilot:
        await pilot.press("c")
        assert app.answers == []
        await pilot.press("y")
        assert app.answers == [True]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["2"], "b"),
        (["down", "down", "enter"], "c"),
        (["up", "enter"], "c"),
        (["escape"], None),
        (["9", "enter"], "a"),
    ],
)
async def test_choose_by_digit_or_arrows(keys: list[str], answer: str | None) -> None:
    app = DialogApp(Choose("Chuyển đến hộ nào?", [("a", "Hộ 1"), ("b", "Hộ 2"), ("c", "[Hộ 3]")]))
    async with app.run_test() as pilot:
        await pilot.press(*keys)
        assert app.answers == [answer]


async def test_ask_stays_open_until_the_value_is_right() -> None:
    def check(value: str) -> str:
        return "" if value == "Lan" else "Tên phải là Lan."

    app = DialogApp(Ask("Tên?", check=check))
    async with app.run_test() as pilot:
        await pilot.press("L", "enter")
        assert app.answers == []
        await pilot.press("a", "n", "enter")
        assert app.answers == ["Lan"]


async def test_escape_leaves_ask_and_notice() -> None:
    for dialog in (Ask("Tên?"), Notice("Đã lưu.", "12 hộ [đủ]")):
        app = DialogApp(dialog)
        async with app.run_test() as pilot:
            await pilot.press("escape")
            assert app.answers == [None]


def test_both_catalogues_have_the_same_words() -> None:
    assert i18n.catalogue("vi", "widgets").keys() == i18n.catalogue("en", "widgets").keys()


DRUGS = (
    *(("a", "Túi A"), ("b", "Túi B"), ("c", "Túi C"), ("m", "Molnupiravir"), ("h", "Thuốc hạ sốt")),
    *(("e", "Cân bằng điện giải"), ("v", "Vitamin"), ("s", "Sát khuẩn họng"), ("k", "Thuốc kháng vi-rút")),
    ("o", "Chống đông uống"),
)


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("t", "a"),
        ("tt", "b"),  # the same letter goes on
        ("thuoc", "h"),
        ("thuoc k", "k"),
        ("Thuốc hạ sốt", "h"),
        ("ch", "o"),
        ("2", "b"),
        ("2t", "a"),  # a digit, then a label begun anew
        ("paracetamol", ""),  # no label begins so: not the Molnupiravir of its m
        ("thuoc ho", ""),
    ],
)
async def test_of_many_options_the_first_letters_choose_and_other_names_choose_nothing(
    typed: str, chosen: str
) -> None:
    app = FormApp()
    async with app.run_test():
        choice = Choice(DRUGS)
        await app.mount(choice)
        choice.focus()
        await app.type(typed)
        assert choice.value == chosen
