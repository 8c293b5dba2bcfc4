from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui_app.errors import BadFile
from tui_app.settings import Places, Settings, asset, home, read_settings, write_atomically, write_settings


def refusal(path: Path) -> BadFile:
    with pytest.raises(BadFile) as refused:
        read_settings(path)
    return refused.value


def test_home_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GONHA_HOME", str(tmp_path / "nhà"))
    assert home() == tmp_path / "nhà"


def test_home_is_the_platforms_place_for_user_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GONHA_HOME", raising=False)
    assert home().name == "gonha"
    assert home().is_absolute()


def test_the_home_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    places = Places(tmp_path / "a" / "b")
    places.prepare()
    assert os.name == "nt" or places.home.stat().st_mode & 0o777 == 0o700


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings = read_settings(tmp_path / "settings.toml")
    assert settings == Settings("vi", "gonha", "unicode", "none", 10)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    chosen = Settings("en", "mono", "ascii", "telex", 3)
    write_settings(path, chosen)
    assert read_settings(path) == chosen
    assert os.listdir(tmp_path) == ["settings.toml"]


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ('language = "fr"', 1, "language"),
        ('\n# máy của trạm\nsymbols = "emoji"', 3, "symbols"),
        ('theme = "gonha"\ninput_method = 3', 2, "input_method"),
        ("lock_minutes = 0", 1, "lock_minutes"),
        ("lock_minutes = 241", 1, "lock_minutes"),
        ("lock_minutes = true", 1, "lock_minutes"),
        ('theme = "../x"', 1, "theme"),
    ],
)
def test_a_bad_value_is_told_with_its_line_and_name(tmp_path: Path, text: str, line: int, name: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    refused = refusal(path)
    assert (refused.params["line"], refused.params["name"]) == (line, name)
    assert f"dòng {line}: {name}" in str(refused)


@pytest.mark.parametrize("raw", [b'language = "vi', b"\xff\xfe", b"language = vi"])
def test_a_file_that_is_no_toml_is_told(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(raw)
    assert refusal(path).key == "vault.settings_unreadable"


def test_entries_of_a_newer_version_survive_a_change(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('language = "en"\nring = "chuông \\"to\\""\nvolume = 7\n', encoding="utf-8")
    write_settings(path, read_settings(path).with_(lock_minutes=5))
    again = read_settings(path)
    assert (again.language, again.lock_minutes) == ("en", 5)
    assert again.unknown == {"ring": 'chuông "to"', "volume": 7}


def test_a_change_is_checked_like_the_file() -> None:
    with pytest.raises(BadFile):
        Settings().with_(language="fr")
    with pytest.raises(BadFile):
        Settings().with_(colour="red")


def test_a_failed_write_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.toml"
    write_settings(path, Settings())

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"half")
    assert read_settings(path) == Settings()
    assert os.listdir(tmp_path) == ["settings.toml"]


def test_assets_are_found() -> None:
    assert asset("locale", "vi", "vault.toml").is_file()


def test_settings_and_login_import_nothing_heavy() -> None:
    script = (
        "import sys, tui_app.settings, tui_app.store.vault\n"
        "heavy = {'sqlmodel', 'sqlalchemy', 'httpx', 'textual', 'cryptography', 'sqlcipher3'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
