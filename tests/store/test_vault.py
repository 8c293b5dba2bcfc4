from __future__ import annotations

import json
import random
import unicodedata
from pathlib import Path

import pytest
from vault_home import CHEAP, LAN, TAM, HandClock, Home

from tui_app import i18n
from tui_app.errors import (
    UserError,
    VaultBroken,
    VaultBusy,
    VaultError,
    VaultMissing,
    VaultTooNew,
    WrongPassword,
)
from tui_app.settings import Places
from tui_app.store import cipher, vault, vault_file
from tui_app.store.filelock import file_lock


def refused(home: Home, user: str = "lan", password: str = "sai hoàn toàn") -> WrongPassword:
    with pytest.raises(WrongPassword) as wrong:
        home.unlock(user, password)
    return wrong.value


def edit(places: Places, **changes: object) -> None:
    """Change the file as somebody would who knows its checksum but not the data key."""
    body = json.loads(places.vault.read_bytes())
    body.update(changes)
    body["checksum"] = vault_file._checksum(body)
    places.vault.write_text(json.dumps(body), encoding="utf-8")


# -- opening


def test_the_right_password_opens_the_database(home: Home) -> None:
    home.write("Nguyễn Thị Bé")
    opened = home.unlock()
    assert (opened.user, opened.role) == ("lan", "chief")
    assert home.rows(opened.data_key) == ["Nguyễn Thị Bé"]


def test_users_are_listed_without_a_password(home: Home) -> None:
    home.add_tam()
    assert vault.users(home.places) == [vault.VaultUser("lan", "chief"), vault.VaultUser("tâm", "member")]


def test_each_user_opens_with_their_own_password_only(home: Home) -> None:
    home.add_tam()
    assert home.unlock("tâm", TAM).data_key == home.opened.data_key
    refused(home, "tâm", LAN)
    refused(home, "lan", TAM)


def test_composed_and_decomposed_spellings_are_one_password_and_one_name(home: Home) -> None:
    home.add_tam()
    assert unicodedata.normalize("NFD", TAM) != TAM
    for form in ("NFC", "NFD"):
        opened = home.unlock(unicodedata.normalize(form, "Tâm"), unicodedata.normalize(form, TAM))
        assert opened.user == "tâm"


def test_spaces_in_a_password_count(home: Home) -> None:
    wrong = refused(home, "lan", LAN + " ")
    assert wrong.key == refused(home).key, "like any other wrong password"
    assert home.unlock("lan", LAN).user == "lan"


def test_a_stored_vault_shows_neither_key_nor_password(home: Home) -> None:
    raw = home.places.vault.read_bytes()
    assert home.opened.data_key not in raw
    assert home.opened.data_key.hex().encode() not in raw
    assert LAN.encode() not in raw
    assert home.code.encode() not in raw
    assert home.opened.data_key.hex() not in repr(home.opened)
    assert str(home.opened.data_key) not in repr(home.opened)


def test_production_passwords_cost_what_the_design_says() -> None:
    assert (vault.STRONG.passes, vault.STRONG.memory_kib, vault.STRONG.lanes) == (3, 64 * 1024, 4)


# -- the four different messages


def test_wrong_missing_broken_and_newer_are_four_messages_in_both_languages(
    home: Home, tmp_path: Path
) -> None:
    errors: list[VaultError] = [refused(home)]
    with pytest.raises(VaultMissing) as missing:
        vault.unlock(Places(tmp_path / "elsewhere"), "lan", LAN)
    errors.append(missing.value)
    edit(home.places, version=2)
    with pytest.raises(VaultTooNew) as newer:
        home.unlock()
    errors.append(newer.value)
    home.places.vault.write_bytes(b"{}")
    with pytest.raises(VaultBroken) as broken:
        home.unlock()
    errors.append(broken.value)
    for language in i18n.LANGUAGES:
        i18n.set_language(language)
        try:
            assert len({str(error) for error in errors}) == 4
        finally:
            i18n.set_language("vi")


def test_an_unknown_name_gets_the_words_of_a_wrong_password(home: Home) -> None:
    assert str(refused(home, "nobody", LAN)) == str(refused(home, "lan", "sai hoàn toàn"))


def test_any_damaged_byte_of_the_vault_is_told_as_damage(home: Home) -> None:
    home.add_tam()
    sound = home.places.vault.read_bytes()
    chance = random.Random(11)
    for place in chance.sample(range(len(sound)), 300):
        damaged = bytearray(sound)
        damaged[place] ^= 1 << chance.randrange(8)
        if json_or_none(bytes(damaged)) == json.loads(sound):
            continue  # white space for white space: nothing was damaged
        home.places.vault.write_bytes(damaged)
        with pytest.raises(VaultBroken):
            home.unlock()
    home.places.vault.write_bytes(sound)
    assert home.unlock() == home.opened


def json_or_none(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return None


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"\xff", b"[" * 100_000, b" " * 2_000_000],
    ids=["empty", "list", "null", "no text", "deep", "huge"],
)
def test_something_else_in_the_place_of_the_vault_is_damage(home: Home, content: bytes) -> None:
    home.places.vault.write_bytes(content)
    with pytest.raises(VaultBroken):
        vault.users(home.places)


def test_a_lost_key_file_is_not_taken_for_an_empty_laptop(home: Home) -> None:
    home.write("Nguyễn Thị Bé")
    home.places.vault.unlink()
    for attempt in (home.unlock, lambda: vault.create(home.places, "lan", LAN, "chief", home.clock, CHEAP)):
        with pytest.raises(VaultBroken) as lost:
            attempt()
        assert lost.value.key == "vault.keys_missing"
    home.places.vault_copy.rename(home.places.vault)  # what the message says
    assert home.rows(home.unlock().data_key) == ["Nguyễn Thị Bé"]


def test_the_second_copy_is_written_again_when_it_is_lost(home: Home) -> None:
    home.places.vault_copy.write_bytes(b"rubbish")
    home.unlock()
    assert home.places.vault_copy.read_bytes() == home.places.vault.read_bytes()


def test_a_damaged_database_is_not_blamed_on_the_password(home: Home) -> None:
    home.write("Nguyễn Thị Bé")
    raw = bytearray(home.places.database.read_bytes())
    raw[100] ^= 1
    home.places.database.write_bytes(raw)
    opened = home.unlock()
    with pytest.raises(VaultBroken) as broken:
        cipher.open_database(home.places.database, opened.data_key)
    assert "Mật khẩu đúng" in str(broken.value)


# -- forged vaults


def test_a_role_cannot_be_edited(home: Home) -> None:
    home.add_tam("viewer")
    body = json.loads(home.places.vault.read_bytes())
    body["slots"][1]["role"] = "chief"
    edit(home.places, slots=body["slots"])
    refused(home, "tâm", TAM)
    with pytest.raises(VaultBroken) as forged:
        home.unlock()
    assert forged.value.key == "vault.forged"


def test_a_planted_public_key_is_noticed_before_anything_is_sealed_to_it(home: Home) -> None:
    home.add_tam()
    body = json.loads(home.places.vault.read_bytes())
    body["recovery"]["public_key"] = body["slots"][1]["public_key"]
    edit(home.places, recovery=body["recovery"])
    with pytest.raises(VaultBroken) as forged:
        vault.add_user(home.places, home.opened, "hoa", "mật khẩu mới", "member")
    assert forged.value.key == "vault.forged"


@pytest.mark.parametrize(
    "kdf",
    [{"memory_kib": 2**31}, {"passes": 10**6}, {"passes": 0}, {"lanes": 99}, {"name": "md5"}, {"salt": ""}],
)
def test_absurd_costs_are_refused_before_they_are_paid(home: Home, kdf: dict[str, object]) -> None:
    body = json.loads(home.places.vault.read_bytes())
    body["slots"][0]["kdf"].update(kdf)
    edit(home.places, slots=body["slots"])
    with pytest.raises(VaultBroken):
        home.unlock()


# -- delays


def test_the_fourth_wrong_password_starts_a_delay_that_doubles(home: Home) -> None:
    waits = []
    for _ in range(6):
        waits.append(refused(home).params["wait_seconds"])
        home.clock.forward(waits[-1])
    assert waits == [0, 0, 0, 2, 4, 8]


def test_during_the_delay_even_the_right_password_waits(home: Home) -> None:
    for _ in range(4):
        refused(home)
    early = refused(home, "lan", LAN)
    assert (early.key, early.params["wait_seconds"]) == ("vault.wait", 2)
    home.clock.forward(2)
    home.unlock()


def test_asking_during_the_delay_does_not_lengthen_it(home: Home) -> None:
    for _ in range(4):
        refused(home)
    for _ in range(5):
        assert refused(home).params["wait_seconds"] == 2
    home.clock.forward(1.5)
    assert refused(home).params["wait_seconds"] == 1


def test_the_delay_survives_a_restart(home: Home, clock: HandClock) -> None:
    for _ in range(4):
        refused(home)
    with pytest.raises(WrongPassword) as early:
        vault.unlock(Places(home.places.home), "lan", LAN, clock)
    assert early.value.params["wait_seconds"] == 2


def test_the_right_password_clears_the_count(home: Home) -> None:
    for _ in range(3):
        refused(home)
    home.unlock()
    assert [refused(home).params["wait_seconds"] for _ in range(3)] == [0, 0, 0]


def test_one_users_slips_do_not_hold_up_another(home: Home) -> None:
    home.add_tam()
    for _ in range(4):
        refused(home)
    assert home.unlock("tâm", TAM).user == "tâm"


def test_names_that_are_no_users_share_one_count(home: Home) -> None:
    waits = [refused(home, name, LAN).params["wait_seconds"] for name in ("a", "b", "c", "d")]
    assert waits == [0, 0, 0, 2]


def test_a_clock_set_back_neither_opens_early_nor_locks_for_ever(home: Home) -> None:
    for _ in range(6):
        refused(home)
        home.clock.forward(10)
    refused(home)  # the seventh: 16 seconds
    home.clock.forward(-86_400)
    assert refused(home, "lan", LAN).params["wait_seconds"] == 16
    home.clock.forward(15)
    assert refused(home, "lan", LAN).params["wait_seconds"] == 1
    home.clock.forward(1)
    home.unlock()


# -- users


@pytest.mark.parametrize(
    ("password", "key"), [("bảy chữ", "vault.password_short"), ("x" * 1025, "vault.password_long")]
)
def test_passwords_have_eight_characters_at_least(home: Home, password: str, key: str) -> None:
    for attempt in (
        lambda: vault.add_user(home.places, home.opened, "hoa", password, "member"),
        lambda: vault.change_password(home.places, "lan", LAN, password, home.clock),
        lambda: vault.recover(home.places, home.code, "lan", password, home.clock),
        lambda: vault.create(Places(home.places.home / "b"), "lan", password, "chief", home.clock, CHEAP),
    ):
        with pytest.raises(UserError) as bad:
            attempt()
        assert bad.value.key == key


def test_a_decomposed_password_is_counted_as_it_is_read() -> None:
    seven = unicodedata.normalize("NFD", "ậậậậậậậ")
    assert len(seven) == 21
    with pytest.raises(UserError):
        vault.check_new(Places(Path("nowhere")), "lan", seven)


@pytest.mark.parametrize("name", ["", "  ", "\n", "x" * 65])
def test_a_user_needs_a_name(home: Home, name: str) -> None:
    with pytest.raises(UserError) as bad:
        vault.add_user(home.places, home.opened, name, TAM, "member")
    assert bad.value.key == "vault.user_name"


def test_names_differ_by_more_than_case(home: Home) -> None:
    with pytest.raises(UserError) as taken:
        vault.add_user(home.places, home.opened, " LAN ", TAM, "member")
    assert taken.value.key == "vault.user_exists"


def test_only_known_roles(home: Home) -> None:
    with pytest.raises(UserError):
        vault.add_user(home.places, home.opened, "hoa", TAM, "admin")


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_where_there_is_a_chief_only_chiefs_add_users(home: Home, role: str) -> None:
    home.add_tam(role)
    with pytest.raises(UserError) as refusal:
        vault.add_user(home.places, home.unlock("tâm", TAM), "hoa", TAM, "member")
    assert refusal.value.key == "vault.chief_only"


def test_members_of_a_laptop_without_a_chief_add_members_but_no_chief(
    tmp_path: Path, clock: HandClock
) -> None:
    places = Places(tmp_path / "shared")
    opened, _ = vault.create(places, "tâm", TAM, "member", clock, CHEAP)
    vault.add_user(places, opened, "hoa", LAN, "member")
    with pytest.raises(UserError):
        vault.add_user(places, opened, "lan", LAN, "chief")
    assert [user.name for user in vault.users(places)] == ["tâm", "hoa"]


def test_a_changed_password_replaces_the_old_one(home: Home) -> None:
    vault.change_password(home.places, "lan", LAN, "mật khẩu mới tinh", home.clock)
    assert home.unlock("lan", "mật khẩu mới tinh").data_key == home.opened.data_key
    refused(home, "lan", LAN)


def test_changing_a_password_needs_the_old_one_and_counts_slips(home: Home) -> None:
    for _ in range(4):
        with pytest.raises(WrongPassword) as wrong:
            vault.change_password(home.places, "lan", "sai hoàn toàn", "mật khẩu mới tinh", home.clock)
    assert wrong.value.params["wait_seconds"] == 2


def test_a_second_workspace_is_not_made_over_the_first(home: Home) -> None:
    before = home.places.vault.read_bytes()
    for attempt in (
        lambda: vault.create(home.places, "hoa", TAM, "chief", home.clock, CHEAP),
        lambda: vault.check_new(home.places, "hoa", TAM),
    ):
        with pytest.raises(VaultError) as refusal:
            attempt()
        assert refusal.value.key == "vault.exists"
    assert home.places.vault.read_bytes() == before


def test_a_set_up_that_was_cut_short_can_begin_again(home: Home) -> None:
    home.places.vault.unlink()  # killed before the key file was written; the database is still empty
    home.places.vault_copy.unlink()
    assert not vault.exists(home.places)
    opened, _ = vault.create(home.places, "hoa", TAM, "chief", home.clock, CHEAP)
    assert home.unlock("hoa", TAM) == opened


# -- one at a time


def test_a_held_lock_is_told_and_waited_for(home: Home, tmp_path: Path) -> None:
    with (
        file_lock(tmp_path / "x.lock"),
        pytest.raises(VaultBusy) as busy,
        file_lock(tmp_path / "x.lock", 0.05),
    ):
        raise AssertionError("two holders")
    assert busy.value.key == "vault.busy"
    with file_lock(tmp_path / "x.lock", 0):
        assert (tmp_path / "x.lock").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(VaultError) as refusal, file_lock(tmp_path / "no such folder" / "x.lock"):
        raise AssertionError("locked nothing")
    assert refusal.value.key == "vault.cannot_write"


def test_a_full_disk_at_a_change_leaves_the_vault_as_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = home.places.vault.read_bytes()

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(vault_file, "write_atomically", full)
    with pytest.raises(VaultError) as refusal:
        home.add_tam()
    assert refusal.value.key == "vault.cannot_write"
    assert home.places.vault.read_bytes() == before
    assert home.unlock() == home.opened
