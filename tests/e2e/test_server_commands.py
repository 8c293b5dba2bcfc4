"""The operator's commands as typed: their answers for people, for programs, and without a terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from sync.server import admin
from sync.server.app import create_app
from tests.e2e.test_commands import Desk, desk
from tui_app.records import REGISTRY
from tui_app.settings import asset

__all__ = ["desk"]
NAME = "Nguyễn Thị Bí Mật"


class Station:
    """A prepared server in a folder, and its commands."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.folder = desk, desk.folder / "server"
        assert self("init").code == 0
        assert self("areas", "import", str(asset("samples", "areas.csv"))).code == 0

    def __call__(self, *arguments: str) -> Any:
        return self.desk("server", *arguments, "--dir", str(self.folder))

    def enrol(self, user: str = "lan", areas: str = "27211") -> str:
        """A laptop; its id."""
        import asyncio

        code = self("invite", "--user", user, "--role", "member", "--areas", areas, "--json").json()["code"]
        database = admin.open_database(self.folder)

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(create_app(database, REGISTRY))
            async with httpx.AsyncClient(transport=transport, base_url="http://server") as http:
                return await http.post(
                    "/v1/enrol", json={"code": code, "device": "máy"}, headers={"Sync-Protocol": "1"}
                )

        try:
            answer = asyncio.run(ask())
        finally:
            database.close()
        assert answer.status_code == 200
        return str(msgspec.json.decode(answer.content)["device"])


@pytest.fixture
def station(desk: Desk) -> Station:
    return Station(desk)


def test_an_invitation_is_drawn_as_a_qr_when_asked(station: Station) -> None:
    asked = ("invite", "--user", "lan", "--role", "member", "--areas", "27211")
    plain = station(*asked).out.decode()
    assert re.search(r"\w{4}-\w{4}-\w{4}", plain)
    assert "█" not in plain
    drawn = station(*asked, "--qr", "--url", "https://tram.example").out.decode()
    assert "█▀" in drawn or "▀█" in drawn
    assert "\x1b" not in drawn, "colours only at a terminal"
    assert station(*asked, "--qr", "--json").out.count(b"\n") == 1


def test_units_are_given_and_handed_over(station: Station) -> None:
    device = station.enrol(areas="27211/01")
    granted = station("grant", device, "--areas", "27211/02", "--json")
    assert granted.json() == {"device": device, "granted": ["27211/02"]}
    handed = station("withdraw", device, "--areas", "27211/01", "--until", "2026-11-22T17:00", "--json")
    assert handed.json() == {
        "device": device,
        "withdrawn": ["27211/01"],
        "until": "2026-11-22T10:00:00.000Z",  # 17:00 in Viet Nam
    }
    listed = station("devices", "--json").json()
    assert listed["places"] == [
        {"place": "27211/01", "until": "2026-11-22T10:00:00.000Z"},
        {"place": "27211/02", "until": None},
    ]
    assert "27211/01 (đến 22/11/2026 17:00), 27211/02" in station("devices").out.decode()
    assert station("grant", device, "--areas", "27211/03").code == 0
    assert station("withdraw", device, "--areas", "99999").code == 1
    bad = station("withdraw", device, "--areas", "27211/02", "--until", "hôm qua")
    assert (bad.code, "hôm qua" in bad.err) == (1, True)


def test_a_revoked_laptop_is_told_once_and_gets_nothing_more(station: Station) -> None:
    device = station.enrol()
    assert station("revoke", device, "--json").json() == {"device": device, "revoked": [device]}
    again = station("revoke", device)
    assert (again.code, device in again.err) == (0, True)
    assert station("grant", device, "--areas", "27211/01").code == 1
    assert station("devices", "--json").json()["revoked"] is not None


def test_a_laptop_s_keys_are_forgotten_once(station: Station) -> None:
    device = station.enrol()
    database = admin.open_database(station.folder)
    with database.write() as tx:
        tx.run("UPDATE device SET public_key = 'a', signing_key = 'b' WHERE id = :id", id=device)
    database.close()
    asked = ("forget-keys", device)
    assert station(*asked, "--json").json() == {"device": device, "forgotten": True}
    assert station(*asked, "--json").json() == {"device": device, "forgotten": False}
    said = station(*asked)
    assert (said.code, device in said.err) == (0, True)
    assert station("forget-keys", "nobody").code == 1


def test_a_mistyped_folder_makes_no_server(desk: Desk, tmp_path: Path) -> None:
    wrong = tmp_path / "nowhere"
    for command in (["devices"], ["revoke", "x"], ["grant", "x", "--areas", "27211"]):
        answer = desk("server", *command, "--dir", str(wrong))
        assert (answer.code, str(wrong) in answer.err, wrong.exists()) == (1, True, False)


def test_preparing_answers_programs_too_and_shows_no_password(station: Station, desk: Desk) -> None:
    from argparse import Namespace

    from tui_app.commands.server_common import shown_place

    assert station("init", "--json").json() == {"server": str(station.folder)}
    listed = desk.file(
        "more.csv", "commune_code,commune_name,unit_code,unit_name\n27211,Phường,77,Khu 77\n1,,,x"
    )
    done = station("areas", "import", listed, "--json")
    assert (done.code, done.json()["added"], done.json()["problems"]) == (
        4,
        1,
        [[3, "missing", "commune_name"]],
    )
    url = "postgresql://tram:bí@mật@db.example:5432/gonha?password=x"
    assert shown_place(Namespace(database=url, dir=None)) == "postgresql://db.example:5432/gonha"


# ---- what the server holds, and what waits there


def put_person(station: Station, device: str, *, held: bool = False) -> str:
    """A person the laptop sent, or an op that is held; the op's id."""
    from sync.protocol import Op, to_wire
    from sync.server.intake import Arrived
    from sync.server.push import push
    from sync.server.scope import Caller, Grant
    from tui_app.clock import new_id, system_clock

    database = admin.open_database(station.folder)
    now = to_wire(system_clock())
    try:
        with database.read() as tx:
            found = tx.all("SELECT area FROM area_head ORDER BY area")
        area = str(found[0][0])
        op = Op(
            id=new_id(), device=device, n=int(held), commune="27211", area=area, type="person", record=new_id(),
            at=now, who="lan", set={"full_name": (None, NAME)},
        )  # fmt: skip
        areas = {} if held else {area: Grant("27211", area, "write", None)}
        caller = Caller(device, "lan", "member", 1, areas)
        ((result,), _marks) = push(database, REGISTRY, caller, [Arrived(0, op, now)], now, b"key")
        assert result.result == ("held" if held else "applied")
        return op.id
    finally:
        database.close()


def test_a_lost_laptops_persons_and_the_deadline_of_the_notice(station: Station) -> None:
    device = station.enrol()
    put_person(station, device)
    asked = ("held-by", device, "--found", "2026-11-20T08:00")
    answer = station(*asked, "--json").json()
    assert (answer["count"], len(answer["persons"]), answer["later"]) == (1, 1, 0)
    assert NAME not in str(answer)
    # 72 consecutive hours after 20/11 08:00 in Viet Nam (Luật 91/2025/QH15, Điều 23): 23/11 08:00
    notice = answer["notice"]
    assert (notice["deadline"], notice["hours"]) == ("2026-11-23T01:00:00.000Z", 72)
    assert (notice["verified"], "91/2025/QH15" in notice["document"]) == (False, True)
    text = station(*asked).out.decode()
    assert "23/11/2026 08:00" in text
    assert NAME not in text
    named = station(*asked, "--names")
    assert NAME in named.out.decode()
    assert "bệnh nhân" in named.err
    station("revoke", device)
    revoked = station("held-by", device, "--json").json()
    assert revoked["found"] == revoked["revoked"]
    assert station("held-by", "nobody").code == 1


def test_the_rule_of_the_notice_is_the_one_in_force_that_day(station: Station) -> None:
    device = station.enrol()

    def rule(found: str) -> object:
        answer = station("held-by", device, "--found", found, "--json").json()["notice"]
        return answer and answer["id"]

    assert rule("2025-12-31T23:59") == "nd-13-2023"
    assert rule("2026-01-01T00:00") == "luat-91-2025"
    assert rule("2022-06-01T00:00") is None
    assert "cơ quan có thẩm quyền" in station("held-by", device, "--found", "2022-06-01").out.decode()


def test_held_changes_are_listed_and_taken_in(station: Station) -> None:
    device = station.enrol()
    assert station("held-ops").code == 0
    op = put_person(station, device, held=True)
    listed = station("held-ops", "--json")
    assert (listed.code, [line["op"] for line in listed.lines()]) == (4, [op])
    assert NAME not in listed.out.decode() + station("held-ops").out.decode()
    taken = station("release-held", op, "--json")
    assert (taken.code, taken.json()) == (0, {"op": op, "result": "applied", "reason": ""})
    assert station("held-ops", "--json").out == b""
    assert station("release-held", op).code == 1
    assert station("release-held").code == 1


def test_work_of_a_forgotten_unit_is_taken_into_the_one_that_is_named(station: Station) -> None:
    device = station.enrol()
    op = put_person(station, device, held=True)
    refused = station("release-held", op, "--unit", "27211/01")
    assert (refused.code, op in refused.err) == (1, True), "its own unit is known"
    database = admin.open_database(station.folder)
    with database.write() as tx:
        tx.run("UPDATE op SET area = 'forgotten' WHERE id = :id", id=op)
    database.close()
    assert station("held-ops", "--json").json()["place"] == "27211/forgotten"
    listed = station.desk.file(
        "again.csv",
        "commune_code,commune_name,unit_code,unit_name,unit_id\n27211,Phường,88,Khu 88,forgotten\n"
        "27211,Phường,89,Khu 89,mistyped",
    )
    answer = station("areas", "import", listed, "--json")
    assert (answer.code, answer.json()["problems"]) == (4, [[3, "id_unknown", "mistyped"]])
    assert (answer.json()["adopted"], answer.json()["added"]) == (1, 0)
    told = station("areas", "import", listed).out.decode()
    assert "mistyped" in told
    assert station("release-held", op, "--json").json()["result"] == "applied"


def test_the_numbers_for_people_and_programs(station: Station) -> None:
    put_person(station, station.enrol())
    counted = station("stats", "--json").json()
    assert [area["records"].get("person", 0) for area in counted["areas"]].count(1) == 1
    assert len(counted["areas"]) == 6
    text = station("stats").out.decode()
    assert "27211/01" in text
    assert NAME not in text


# ---- backup and restore


def test_a_backup_goes_out_and_comes_back(station: Station) -> None:
    device = station.enrol()
    put_person(station, device)
    file, new = station.desk.folder / "a.backup", str(station.desk.folder / "new")
    info = station("backup", str(file), "--json").json()
    assert (info["rows"]["device"], info["sealed"]) == (1, False)
    assert station("backup", str(file)).code == 1, "it is there already"
    done = station.desk("server", "restore", str(file), "--dir", new, "--json").json()
    assert (done["areas"], done["rows"]) == (6, info["rows"])
    again = station.desk("server", "restore", str(file), "--dir", new)
    assert (again.code, "--force" in again.err) == (1, True)
    forced = station.desk("server", "restore", str(file), "--dir", new, "--force")
    assert (forced.code, str(file) in forced.err) == (0, True)
    assert station.desk("server", "devices", "--json", "--dir", new).json()["id"] == device


def test_a_sealed_backup_needs_its_password_and_a_bad_one_makes_no_folder(station: Station) -> None:
    desk = station.desk
    file, new, secret = desk.folder / "a.backup", desk.folder / "new", desk.file("s", "mật khẩu trạm")
    assert station("backup", str(file), "--password-file", secret, "--json").json()["sealed"]
    asked = ("server", "restore", str(file), "--dir", str(new))
    assert (desk(*asked).code, new.exists()) == (1, False)
    wrong = desk(*asked, "--password-file", desk.file("w", "khác"))
    assert (wrong.code, new.exists()) == (1, False)
    raw = file.read_bytes()
    file.write_bytes(raw[:-5])
    cut = desk(*asked, "--password-file", secret)
    assert (cut.code, new.exists()) == (1, False)
    assert cut.err != wrong.err
    file.write_bytes(raw)
    assert desk(*asked, "--password-file", secret).code == 0


# ---- serving


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--rate", "0"], 2),
        (["--rate", "nhanh"], 2),
        (["--max-requests", "1.5"], 2),
        (["--metrics-open", "--metrics-token-file", "x"], 2),
        (["--behind-proxy", "proxy.example"], 1),
        (["--metrics-token-file", "nowhere"], 1),
        (["--certificate", "nowhere.pem", "--key", "nowhere.key"], 1),
    ],
)
def test_options_of_serving_that_make_no_sense_are_refused(
    station: Station, options: list[str], code: int
) -> None:
    answer = station("run", "--port", "0", *options)
    assert (answer.code, answer.out) == (code, b"")
    assert answer.err


def test_refusals_are_listed_with_the_newest_first(station: Station) -> None:
    from sync.server.refusals import Refusals

    assert station("refusals", "--json").out == b""
    database = admin.open_database(station.folder)
    kept = Refusals(database)
    kept.note("2026-11-22T02:00:00.000Z", "dev-1", "/v1/pull", "not-in-scope", commune="27211", area="a-1")
    kept.note("2026-11-22T03:00:00.000Z", "", "/v1/scope", "bad-token")
    database.close()
    first, second = station("refusals", "--json").lines()
    assert (first["kind"], first["device"], second["kind"], second["area"]) == (
        "bad-token",
        "",
        "not-in-scope",
        "a-1",
    )
    assert len(station("refusals", "--last", "1", "--json").lines()) == 1
    assert "22/11/2026 10:00" in station("refusals").out.decode()


def test_readers_of_the_pages_are_added_listed_and_removed(station: Station, tmp_path: Path) -> None:
    made = station("page-user", "add", "Huyện", "--role", "viewer", "--areas", "27211/01,27211/02", "--json")
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", made.json().pop("password"))
    assert made.json()["areas"] == ["27211/01", "27211/02"]
    (line,) = station("page-user", "list").out.decode().splitlines()
    assert line.startswith("Huyện\tviewer\t27211/01, 27211/02\t")
    assert station("page-user", "add", "Huyện", "--role", "chief", "--areas", "27211").code == 1
    own = tmp_path / "password"
    own.write_text("một câu thật dài\n", encoding="utf-8")
    changed = station("page-user", "password", "Huyện", "--password-file", str(own), "--json")
    assert changed.json()["password"] == ""
    own.write_text("ngắn", encoding="utf-8")
    short = station("page-user", "password", "Huyện", "--password-file", str(own))
    assert (short.code, "12" in short.err) == (1, True)
    assert station("page-user", "remove", "Huyện").code == 0
    assert station("page-user", "remove", "Huyện").code == 1
    assert station("page-user", "list").out == b""
