from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from vault_home import LAN, TAM, Home

from tui_app.errors import UserError, WrongPassword
from tui_app.store import vault
from tui_app.store.recovery_code import new_code

NEW = "mật khẩu đặt lại"


def test_the_code_sets_a_new_password_and_keeps_role_and_records(home: Home) -> None:
    home.write("Nguyễn Thị Bé")
    opened = vault.recover(home.places, home.code, "lan", NEW, home.clock)
    assert opened == home.opened
    assert home.rows(home.unlock("lan", NEW).data_key) == ["Nguyễn Thị Bé"]
    with pytest.raises(WrongPassword):
        home.unlock("lan", LAN)


def test_the_code_serves_again_and_after_a_re_keying(home: Home) -> None:
    home.add_tam()
    vault.recover(home.places, home.code, "lan", NEW, home.clock)
    opened = vault.remove_user(home.places, home.unlock("lan", NEW), "tâm")
    assert vault.recover(home.places, home.code, "lan", LAN, home.clock) == opened
    assert home.unlock() == opened


def test_it_works_for_any_user_and_clears_their_wrong_passwords(home: Home) -> None:
    home.add_tam()
    for _ in range(4):
        with pytest.raises(WrongPassword):
            home.unlock("tâm", LAN)
    vault.recover(home.places, home.code, "Tâm", NEW, home.clock)
    assert home.unlock("tâm", NEW).role == "member"


def test_codes_of_another_workspace_are_counted(home: Home) -> None:
    waits = []
    for _ in range(4):
        with pytest.raises(WrongPassword) as wrong:
            vault.recover(home.places, new_code(), "lan", NEW, home.clock)
        waits.append(wrong.value.params["wait_seconds"])
    assert waits == [0, 0, 0, 2]
    assert home.unlock() == home.opened  # the passwords are not held up


def test_a_mistyped_code_is_not_counted(home: Home) -> None:
    for _ in range(6):
        with pytest.raises(UserError) as slip:
            vault.recover(home.places, home.code[:-1] + "?", "lan", NEW, home.clock)
        assert slip.value.key == "vault.recovery_code_mistyped"
    vault.recover(home.places, home.code, "lan", NEW, home.clock)


def test_an_unknown_user_is_told(home: Home) -> None:
    with pytest.raises(UserError) as unknown:
        vault.recover(home.places, home.code, "ai đó", NEW, home.clock)
    assert unknown.value.key == "vault.user_unknown"


def test_a_renewed_code_replaces_the_paper(home: Home) -> None:
    code = vault.renew_recovery_code(home.places, home.opened)
    with pytest.raises(WrongPassword) as wrong:
        vault.recover(home.places, home.code, "lan", NEW, home.clock)
    assert wrong.value.key == "vault.wrong_recovery"
    assert vault.recover(home.places, code, "lan", NEW, home.clock) == home.opened


def test_the_stations_key_takes_the_place_of_the_code(home: Home) -> None:
    home.add_tam()
    station = X25519PrivateKey.generate()
    vault.set_recovery_key(home.places, home.opened, station.public_key().public_bytes_raw())
    assert vault.recovery_kind(home.places) == "station"
    with pytest.raises(WrongPassword):
        vault.recover(home.places, home.code, "tâm", NEW, home.clock)
    private = station.private_bytes_raw()
    assert vault.recover_with_station_key(home.places, private, "tâm", NEW, home.clock).user == "tâm"
    assert home.unlock("tâm", NEW).data_key == home.opened.data_key
    with pytest.raises(WrongPassword):
        home.unlock("tâm", TAM)


def test_a_key_that_is_no_key_changes_nothing(home: Home) -> None:
    before = home.places.vault.read_bytes()
    with pytest.raises(ValueError, match=r".+"):
        vault.set_recovery_key(home.places, home.opened, b"too short")
    assert home.places.vault.read_bytes() == before
