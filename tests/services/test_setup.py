"""The beginning of a workspace: alone, with a server, and finding one later without losing what was written alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sync.client import Link
from sync.server import admin
from tests.sync.ward import Ward
from tests.sync.wire import Wire, lost, page, unreachable
from tui_app.bootstrap import Workspace, open_workspace
from tui_app.errors import GonhaError, NoLink, NotFound, SyncRefused, UserError, VaultError
from tui_app.services.exchange import syncing
from tui_app.services.people import people
from tui_app.services.station import facts, setup
from tui_app.settings import Places
from tui_app.store import vault
from tui_app.store.rows import table
from tui_app.store.vault_file import Cost

PASSWORD = "mật khẩu của đội"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that cost next to nothing; the full cost is for the tests with real processes."""
    monkeypatch.setattr(vault, "create", partial(vault.create, cost=Cost(passes=1, memory_kib=64, lanes=1)))


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path / "ward")
    yield made
    made.close()


@pytest.fixture
def wire(ward: Ward) -> Iterator[Wire]:
    made = Wire(ward.app)
    yield made
    made.end()


@pytest.fixture
def opened() -> Iterator[Callable[[tuple[Workspace, str]], Workspace]]:
    made: list[Workspace] = []

    def note(pair: tuple[Workspace, str]) -> Workspace:
        made.append(pair[0])
        return pair[0]

    yield note
    for workspace in made:
        workspace.close()


def code(ward: Ward, areas: str = "27211", role: str = "chief") -> str:
    return admin.invite(ward.database, "lan", role, areas, now=ward.clock()).code


def fact(workspace: Workspace, key: str) -> Any:
    with workspace.store.read() as c:
        return facts.get(c, key)


def units(workspace: Workspace) -> list[str]:
    with workspace.store.read() as c:
        return [row.body["unit_name"] for row in table("area").where(c, "1 ORDER BY unit_code")]


# -- alone -------------------------------------------------------------------------------------------------------


def test_a_local_workspace_has_one_unit_and_a_chief(tmp_path: Path, opened: Any) -> None:
    lan = opened(
        setup.init_local(
            Places(tmp_path / "home"), commune=" Phường  Hòa Bình ", user="lan", password=PASSWORD
        )
    )
    assert (lan.user, lan.role, units(lan)) == ("lan", "chief", ["Phường Hòa Bình"])
    assert fact(lan, facts.SERVER) is None
    assert fact(lan, facts.DEVICE)
    with lan.store.read() as c:
        (area,) = table("area").where(c)
        assert setup.is_local(c)
    people.save_household(lan.store, "lan", {"address": "12 Lê Lợi"}, area=area.id)
    lan.close()
    again = open_workspace(Places(tmp_path / "home"), "lan", PASSWORD)
    with again.store.read() as c:
        assert [row.body["address"] for row in table("household").where(c)] == ["12 Lê Lợi"]
    again.close()


def test_a_workspace_without_a_server_says_so_when_asked_to_sync(tmp_path: Path, opened: Any) -> None:
    lan = opened(setup.init_local(Places(tmp_path / "home"), commune="Phường", user="lan", password=PASSWORD))
    with pytest.raises(SyncRefused, match="gonha join"):
        syncing.sync_now(lan)


def test_a_second_workspace_in_the_same_folder_is_refused(tmp_path: Path, opened: Any) -> None:
    places = Places(tmp_path / "home")
    opened(setup.init_local(places, commune="Phường", user="lan", password=PASSWORD))
    with pytest.raises(VaultError):
        setup.init_local(places, commune="Phường", user="minh", password=PASSWORD)
    assert [user.name for user in vault.users(places)] == ["lan"]


# -- with a server -----------------------------------------------------------------------------------------------


def with_server(ward: Ward, wire: Wire, home: Path, given: str, **more: Any) -> tuple[Workspace, str]:
    arguments = {"server": "http://server", "code": given, "user": "lan", "password": PASSWORD} | more
    return setup.init_server(
        Places(home), link=Link("http://server", transport=wire), clock=ward.clock, **arguments
    )


def test_an_enrolled_workspace_knows_its_server_and_its_units(
    ward: Ward, wire: Wire, tmp_path: Path, opened: Any
) -> None:
    lan = opened(with_server(ward, wire, tmp_path / "home", code(ward, "27211/02", "member")))
    assert (lan.user, lan.role) == ("lan", "member")
    assert fact(lan, facts.SERVER) == "http://server"
    (device,) = admin.devices(ward.database)
    assert fact(lan, facts.DEVICE) == device.id
    link = Link("http://server", device.id, fact(lan, facts.TOKEN), transport=wire, now=ward.clock)
    syncing.sync_now(lan, link=link)
    assert units(lan) == ["Khu phố 2"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [(None, SyncRefused), (unreachable, NoLink), (page(200), NoLink), (lost, NoLink)],
    ids=["unknown-code", "no-link", "login-page", "lost"],
)
def test_a_refused_enrolment_leaves_nothing_behind(
    ward: Ward, wire: Wire, tmp_path: Path, fault: Any, error: type[GonhaError]
) -> None:
    home = tmp_path / "home"
    if fault is not None:
        wire.then = [("/v1/enrol", fault)]
    with pytest.raises(error):
        with_server(ward, wire, home, "AAAA-BBBB-CCCC")
    assert not home.exists()


@pytest.mark.parametrize("wrong", [{"user": ""}, {"password": "ngắn"}], ids=["no-name", "short-password"])
def test_a_name_or_password_that_cannot_be_does_not_spend_the_code(
    ward: Ward, wire: Wire, tmp_path: Path, opened: Any, wrong: dict[str, str]
) -> None:
    given = code(ward)
    with pytest.raises(UserError):
        with_server(ward, wire, tmp_path / "home", given, **wrong)
    assert not (tmp_path / "home").exists()
    opened(with_server(ward, wire, tmp_path / "home", given))


def test_a_folder_that_holds_a_workspace_does_not_spend_the_code(
    ward: Ward, wire: Wire, tmp_path: Path, opened: Any
) -> None:
    opened(setup.init_local(Places(tmp_path / "home"), commune="Phường", user="lan", password=PASSWORD))
    given = code(ward)
    with pytest.raises(VaultError):
        with_server(ward, wire, tmp_path / "home", given)
    opened(with_server(ward, wire, tmp_path / "other", given))


@pytest.mark.parametrize(("typed", "meant"), [
    ("tram.example", "https://tram.example"),
    (" https://tram.example/ ", "https://tram.example"),
    ("http://10.0.0.5:8020", "http://10.0.0.5:8020"),
])  # fmt: skip
def test_an_address_is_https_unless_it_says_otherwise(typed: str, meant: str) -> None:
    assert setup.address(typed) == meant


# -- joining later -----------------------------------------------------------------------------------------------


@pytest.fixture
def alone(ward: Ward, tmp_path: Path, opened: Any) -> Workspace:
    """A workspace that was used alone: two households, one of them changed."""
    made: Workspace = opened(
        setup.init_local(
            Places(tmp_path / "home"), commune="Khu phố 2", user="lan", password=PASSWORD, clock=ward.clock
        )
    )
    with made.store.read() as c:
        (area,) = table("area").where(c)
    doors = [
        people.save_household(made.store, "lan", {"address": address}, area=area.id)
        for address in ("12 Lê Lợi", "7 Lê Lợi")
    ]
    with made.store.work("lan") as work:
        work.change("household", doors[0], {"note": "chó dữ"})
    return made


def joined(ward: Ward, wire: Wire, workspace: Workspace, given: str, unit: str | None = None) -> int:
    """Join with a link that has the token once there is one, as the real one does."""

    class Growing(Link):
        def enrol(self, code: str, device: str, public_key: str = "", signing_key: str = "") -> Any:
            done = super().enrol(code, device, public_key, signing_key)
            self.device = done.device
            self._http.headers["Authorization"] = f"Bearer {done.token}"
            return done

    link = Growing(
        "http://server", fact(workspace, facts.DEVICE), fact(workspace, facts.TOKEN) or "", wire, ward.clock
    )
    return setup.join(workspace, server="http://server", code=given, unit=unit, link=link)


def synced(ward: Ward, wire: Wire, workspace: Workspace) -> Any:
    device, token = fact(workspace, facts.DEVICE), fact(workspace, facts.TOKEN)
    return syncing.sync_now(workspace, link=Link("http://server", device, token, wire, ward.clock)).summary


def arrived(ward: Ward, unit_code: str) -> set[str]:
    with ward.database.read() as tx:
        found = tx.all(
            "SELECT json_extract(h.body, '$.address') FROM record AS h JOIN record AS a ON a.id = h.area"
            " WHERE h.type = 'household' AND json_extract(a.body, '$.unit_code') = :code",
            code=unit_code,
        )
    return {str(address) for (address,) in found}


def test_with_one_granted_unit_everything_moves_there(ward: Ward, wire: Wire, alone: Workspace) -> None:
    assert joined(ward, wire, alone, code(ward, "27211/01")) == 3
    assert units(alone) == ["Khu phố 1"]
    done = synced(ward, wire, alone)
    assert (done.pushed, done.applied, done.pending) == (3, 3, 0)
    assert arrived(ward, "01") == {"12 Lê Lợi", "7 Lê Lợi"}
    with alone.store.read() as c:
        assert not setup.is_local(c)
        assert {row.seq > 0 for row in table("household").where(c)} == {True}


def test_with_several_the_one_of_the_same_name_is_taken(ward: Ward, wire: Wire, alone: Workspace) -> None:
    assert joined(ward, wire, alone, code(ward)) == 3
    assert synced(ward, wire, alone).pushed == 3
    assert (arrived(ward, "01"), arrived(ward, "02")) == (set(), {"12 Lê Lợi", "7 Lê Lợi"})


def test_with_several_and_none_of_that_name_a_person_says_which(
    ward: Ward, wire: Wire, alone: Workspace, opened: Any
) -> None:
    with alone.store.write() as c:
        c.execute("UPDATE area SET unit_name = 'Xóm Mới'")
    given = code(ward)
    with pytest.raises(NotFound, match="Khu phố 1, Khu phố 2"):
        joined(ward, wire, alone, given)
    assert arrived(ward, "01") == arrived(ward, "02") == set(), "what was written alone stays where it is"
    assert synced(ward, wire, alone).pushed == 0
    assert joined(ward, wire, alone, given, "khu pho 1") == 3
    synced(ward, wire, alone)
    assert arrived(ward, "01") == {"12 Lê Lợi", "7 Lê Lợi"}
    with pytest.raises(GonhaError, match="http://server"):
        joined(ward, wire, alone, given)


def test_a_join_that_is_cut_can_be_repeated_with_the_same_code(
    ward: Ward, wire: Wire, alone: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.client.patience.TRIES", 1)
    given = code(ward, "27211/01")
    wire.then = [("/v1/pull", unreachable)]
    with pytest.raises(NoLink):
        joined(ward, wire, alone, given)
    assert joined(ward, wire, alone, given) == 3
    assert len(admin.devices(ward.database)) == 1


def test_a_refused_code_leaves_the_workspace_local(ward: Ward, wire: Wire, alone: Workspace) -> None:
    with pytest.raises(SyncRefused):
        joined(ward, wire, alone, "AAAA-BBBB-CCCC")
    with alone.store.read() as c:
        assert setup.is_local(c)
    assert units(alone) == ["Khu phố 2"]


def test_a_laptop_its_server_has_forgotten_is_enrolled_anew_and_goes_on(
    ward: Ward, wire: Wire, alone: Workspace
) -> None:
    joined(ward, wire, alone, code(ward, "27211/01"))
    synced(ward, wire, alone)
    before = fact(alone, facts.DEVICE)
    ward.do("DELETE FROM device")  # as after the restore of a backup that is older than the enrolment
    with alone.store.read() as c:
        area = next(table("area").where(c, "1"))
    people.save_household(alone.store, "lan", {"address": "9 Lê Lợi"}, area=area.id)
    with pytest.raises(SyncRefused):
        synced(ward, wire, alone)
    assert joined(ward, wire, alone, code(ward, "27211/01")) == 0
    assert fact(alone, facts.DEVICE) != before
    assert arrived(ward, "01") == {"12 Lê Lợi", "7 Lê Lợi", "9 Lê Lợi"}
