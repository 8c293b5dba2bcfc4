"""Telex and VNI composing for consoles without an input method. Pure; standard library only.

``compose`` looks only at the syllable before the cursor, so it needs no memory: what cannot be a
Vietnamese syllable is left as typed, and a key pressed again takes its own mark back and stays as a
letter (``ass`` gives ``as``).

Tones stand where schoolbooks before 2018 put them, as Unikey does by default: ``hòa``, ``thúy``,
``của``, but ``toán``, ``huỳnh``. Search folds both spellings to the same letters.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import Literal

Method = Literal["telex", "vni"]
METHODS: tuple[Method | None, ...] = (None, "telex", "vni")

_TONE_MARKS = "\u0300\u0301\u0303\u0309\u0323"
_TONE_KEYS: dict[Method, dict[str, str]] = {
    "telex": {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323", "z": ""},
    "vni": {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323", "0": ""},
}
# key -> the letters it changes and what they become
_SHAPE_KEYS: dict[Method, dict[str, dict[str, str]]] = {
    "telex": {
        "a": {"a": "â"},
        "e": {"e": "ê"},
        "o": {"o": "ô"},
        "w": {"a": "ă", "o": "ơ", "u": "ư"},
    },
    "vni": {"6": {"a": "â", "e": "ê", "o": "ô"}, "7": {"o": "ơ", "u": "ư"}, "8": {"a": "ă"}},
}
_BAR_KEY: dict[Method, str] = {"telex": "d", "vni": "9"}

_VOWELS = "aeiouy"
_ONSETS = "b c ch d g gh gi h k kh l m n ng ngh nh p ph q qu r s t th tr v x"
_HIGHLAND_ONSETS = "bl br dr gl gr kl kr pl"  # Krông, Plei, Drăng
_CODAS = {"", "c", "ch", "k", "m", "n", "ng", "nh", "p", "t"}
_STOPS = {"c", "ch", "k", "p", "t"}
_STOP_TONES = ("", "\u0301", "\u0323")
_NUCLEI = (
    "a ă â e ê i o ô ơ u ư y "
    "ai ao au âu ay ây eo êu ia iê iu oa oă oe oi oo ôi ơi ua uâ uê ui uô uơ uy ưa ưi ươ ưu yê "
    "iêu oai oay oao oeo uai uao uay uây uôi uya uyê uyu ươi ươu yêu"
)


def _plain(text: str) -> str:
    """Small letters without marks, đ as d."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("đ", "d")


_KNOWN_ONSETS = {"", *_ONSETS.split(), *_HIGHLAND_ONSETS.split()}
_KNOWN_NUCLEI = set(_NUCLEI.split())
_PLAIN_NUCLEI = {_plain(nucleus) for nucleus in _KNOWN_NUCLEI}


@dataclass(frozen=True, slots=True)
class _Syllable:
    """A syllable taken apart. ``nucleus`` carries shapes (â, ơ) but no tone; cases are kept."""

    onset: str
    nucleus: str
    coda: str
    tone: str

    def spelled(self) -> str:
        """The letters with the tone on the right vowel."""
        nucleus = self.nucleus
        if self.tone and nucleus:
            place = self._tone_place()
            nucleus = nucleus[: place + 1] + self.tone + nucleus[place + 1 :]
        return unicodedata.normalize("NFC", self.onset + nucleus + self.coda)

    def _tone_place(self) -> int:
        shaped = [place for place, vowel in enumerate(self.nucleus.lower()) if vowel not in _VOWELS]
        if shaped:
            return shaped[-1]
        last = len(self.nucleus) - 1
        if last == 2:
            return 2 if self.coda else 1
        return last if self.coda or last < 1 else 0


def next_method(method: Method | None) -> Method | None:
    """The method after ``method`` when one key goes round: none, Telex, VNI, none."""
    return METHODS[(METHODS.index(method) + 1) % len(METHODS)]


def compose(text_before_cursor: str, key: str, method: Method) -> str:
    """The text before the cursor after ``key`` was typed. ``key``: one printable character, any case.

    The result is NFC. A key that means nothing where it was typed is appended as it is.
    """
    text = unicodedata.normalize("NFC", text_before_cursor)
    start = len(text)
    while start and text[start - 1].isalpha():
        start -= 1
    return text[:start] + _composed_word(text[start:], key, method)


def _composed_word(word: str, key: str, method: Method) -> str:
    syllable = _taken_apart(word)
    if syllable is not None and word:
        small = key.lower()
        marked: str | None = None
        if small == _BAR_KEY[method]:
            marked = _barred(syllable, key)
        elif small in _TONE_KEYS[method]:
            marked = _toned(syllable, _TONE_KEYS[method][small], key)
        elif small in _SHAPE_KEYS[method]:
            marked = _shaped(syllable, _SHAPE_KEYS[method][small], key)
        if marked is not None:
            return marked
    return _appended(word, key)


def _taken_apart(word: str) -> _Syllable | None:
    """``word`` as the beginning of a Vietnamese syllable, or None."""
    tone = ""
    letters = ""
    for char in unicodedata.normalize("NFD", word):
        if char in _TONE_MARKS:
            if tone:
                return None
            tone = char
        else:
            letters += char
    letters = unicodedata.normalize("NFC", letters)
    plain = _plain(letters)
    if len(plain) != len(letters):
        return None
    head = 0
    while head < len(plain) and plain[head] not in _VOWELS:
        head += 1
    if plain[:head] + plain[head : head + 1] in ("qu", "gi") and plain[head + 1 : head + 2] in tuple(_VOWELS):
        head += 1
    tail = head
    while tail < len(plain) and plain[tail] in _VOWELS:
        tail += 1
    onset, nucleus, coda = plain[:head], plain[head:tail], plain[tail:]
    if onset not in _KNOWN_ONSETS or coda not in _CODAS or (nucleus and nucleus not in _PLAIN_NUCLEI):
        return None
    return _Syllable(letters[:head], letters[head:tail], letters[tail:], tone)


def _appended(word: str, key: str) -> str:
    """``key`` as a letter. The tone moves if it must (hòa + n), and ươ is completed (thuơ + n, đưo + c)."""
    longer = _taken_apart(word + key) if key.isalpha() else None
    if longer is None:
        return word + key
    small = longer.nucleus.lower()
    follows = longer.coda or len(small) > 2
    if follows and small[:2] in ("uơ", "ưo"):
        longer = replace(longer, nucleus=_cased("ươ", longer.nucleus) + longer.nucleus[2:])
    return longer.spelled()


def _barred(syllable: _Syllable, key: str) -> str | None:
    first = syllable.onset[:1]
    rest = replace(syllable, onset=syllable.onset[1:])
    if first in ("d", "D"):
        return ("đ" if first == "d" else "Đ") + rest.spelled()
    if first in ("đ", "Đ"):
        return ("d" if first == "đ" else "D") + rest.spelled() + key
    return None


def _toned(syllable: _Syllable, tone: str, key: str) -> str | None:
    if not syllable.nucleus:
        return None
    if tone == syllable.tone:
        # pressed again: take the tone back; "no tone" on no tone is just a letter
        return replace(syllable, tone="").spelled() + key if tone else None
    if syllable.coda.lower() in _STOPS and tone not in _STOP_TONES:
        return None
    return replace(syllable, tone=tone).spelled()


def _shaped(syllable: _Syllable, shapes: dict[str, str], key: str) -> str | None:
    nucleus = syllable.nucleus
    if not nucleus:
        # Telex: tw is tư; a w that begins a word stays a w
        horned = {"w": "ư", "W": "Ư"}.get(key)
        return replace(syllable, nucleus=horned).spelled() if horned and syllable.onset else None
    plain = _plain(nucleus)
    for candidate in _candidates(plain, shapes, syllable):
        if candidate == nucleus.lower():
            return replace(syllable, nucleus=_cased(plain, nucleus)).spelled() + key
        if candidate in _KNOWN_NUCLEI:
            return replace(syllable, nucleus=_cased(candidate, nucleus)).spelled()
    return None


def _candidates(plain: str, shapes: dict[str, str], syllable: _Syllable) -> list[str]:
    """What the nucleus may become, the likeliest first."""
    found: list[str] = []
    if "o" in shapes and "u" in shapes and plain.startswith("uo"):
        # huơ, thuở, khuơ have no coda; everything else is ươ
        open_uo = plain == "uo" and not syllable.coda and _plain(syllable.onset) in ("h", "th", "kh")
        found += ["uơ", "ươ"] if open_uo else ["ươ" + plain[2:]]
    for place in reversed(range(len(plain))):
        if plain[place] in shapes:
            found.append(plain[:place] + shapes[plain[place]] + plain[place + 1 :])
    return found


def _cased(letters: str, like: str) -> str:
    """``letters`` in the cases of ``like``, place by place."""
    cases = like.ljust(len(letters))
    return "".join(
        letter.upper() if case.isupper() else letter for letter, case in zip(letters, cases, strict=False)
    )
