"""Built-in Telex and VNI: keys as typists press them, words as they are spelled."""

import unicodedata

import pytest

from tui_app.widgets.telex import Method, compose, next_method


def typed(keys: str, method: Method) -> str:
    text = ""
    for key in keys:
        text = compose(text, key, method)
    return text


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("Nguyeenx Vawn DDuwcs", "Nguyễn Văn Đức"),
        ("Nguyeexn Vawn Dduwsc", "Nguyễn Văn Đức"),
        ("Nguyenxe", "Nguyễn"),
        ("Truwowng Thij Huwowngf", "Trương Thị Hường"),
        ("Truongw Thij Huowngf", "Trương Thị Hường"),
        ("Huynhf", "Huỳnh"),
        ("Huyfnh", "Huỳnh"),
        ("Quys", "Quý"),
        ("Thuyr", "Thủy"),
        ("Thuyr Tieen", "Thủy Tiên"),
        ("Khuee", "Khuê"),
        ("Phuowngf", "Phường"),
        ("Phuwowfng", "Phường"),
        ("Nghieeng", "Nghiêng"),
        ("Tuyeets", "Tuyết"),
        ("Hoaf", "Hòa"),
        ("Hoafn", "Hoàn"),
        ("hoangf", "hoàng"),
        ("Gieeng", "Giêng"),
        ("Gif", "Gì"),
        ("Gias", "Giá"),
        ("giuwx", "giữ"),
        ("uoongs", "uống"),
        ("quyeenf", "quyền"),
        ("nguwowif", "người"),
        ("nguoiwf", "người"),
        ("dduowcj", "được"),
        ("dduwocj", "được"),
        ("dduocwj", "được"),
        ("Quoocs", "Quốc"),
        ("Quynhf", "Quỳnh"),
        ("hoawcj", "hoặc"),
        ("thuowr", "thuở"),
        ("huowu", "hươu"),
        ("huowng", "hương"),
        ("khuyur", "khuỷu"),
        ("ngoaif", "ngoài"),
        ("muaw", "mưa"),
        ("muwa", "mưa"),
        ("uwu tieen", "ưu tiên"),
        ("twf", "từ"),
        ("toots", "tốt"),
        ("tuaanf", "tuần"),
        ("tuana", "tuân"),
        ("khoer", "khỏe"),
        ("soots", "sốt"),
        ("DDAWKS LAWKS", "ĐẮK LẮK"),
        ("Kroong", "Krông"),
        ("NGUYEENX", "NGUYỄN"),
        ("did", "đi"),
        ("xoong", "xông"),
        ("xooong", "xoong"),
    ],
)
def test_telex(keys: str, words: str) -> None:
    assert typed(keys, "telex") == words


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("Nguye6n4 Va8n D9u7c1", "Nguyễn Văn Đức"),
        ("Tru7o7ng Thi5 Hu7o7ng2", "Trương Thị Hường"),
        ("Truong7 Thi5 Huong72", "Trương Thị Hường"),
        ("Huynh2", "Huỳnh"),
        ("Quy1", "Quý"),
        ("Thuy3", "Thủy"),
        ("Khue6", "Khuê"),
        ("Nghie6ng", "Nghiêng"),
        ("Tuye6t1", "Tuyết"),
        ("Hoa2", "Hòa"),
        ("Gi2", "Gì"),
        ("uo6ng1", "uống"),
        ("quye6n2", "quyền"),
        ("ngu7o7i2", "người"),
        ("d9uo75c", "được"),
        ("Tổ 5", "Tổ 5"),
        ("P5", "P5"),
        ("12/3", "12/3"),
    ],
)
def test_vni(keys: str, words: str) -> None:
    assert typed(keys, "vni") == words


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("aaa", "aa"),
        ("aaaa", "aaa"),
        ("ass", "as"),
        ("asss", "ass"),
        ("aass", "âs"),
        ("ddd", "dd"),
        ("oww", "ow"),
        ("aww", "aw"),
        ("tooo", "too"),
        ("asz", "a"),
        ("asf", "à"),
        ("aaw", "ă"),
        ("awa", "â"),
        ("uoow", "ươ"),
    ],
)
def test_the_same_key_again_takes_the_mark_back_and_another_replaces_it(keys: str, words: str) -> None:
    assert typed(keys, "telex") == words


@pytest.mark.parametrize("keys", ["a66", "a11", "d99", "o77", "a88"])
def test_vni_undo_leaves_letter_and_digit(keys: str) -> None:
    assert typed(keys, "vni") == keys[:2]


@pytest.mark.parametrize(
    "word", ["class", "www", "win", "Facebook", "ABBOTT", "PCR", "covid", "Roche", "Zalo", "street", "fax"]
)
def test_words_that_are_not_vietnamese_stay_as_typed(word: str) -> None:
    assert typed(word, "telex") == word


def test_only_the_syllable_at_the_cursor_changes() -> None:
    assert compose("Lê Văn a", "a", "telex") == "Lê Văn â"
    assert compose("Lê Van ", "w", "telex") == "Lê Van w"


def test_decomposed_text_before_the_cursor_is_composed() -> None:
    decomposed = unicodedata.normalize("NFD", "Nguyê")
    assert compose(decomposed, "n", "telex") == "Nguyên"


def test_one_key_goes_round_the_methods() -> None:
    assert next_method(None) == "telex"
    assert next_method("telex") == "vni"
    assert next_method("vni") is None
