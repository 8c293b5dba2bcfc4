"""Signing in to the district's pages, and out; what a browser is told; what a stranger gets."""

from __future__ import annotations

import json
import logging
from datetime import date
from pathlib import Path

import httpx
import pytest

from sync.server.backups import backup
from sync.server.limits import Gate, Limits
from sync.server.pages import accounts, signing_in
from sync.server.problems import AdminError
from sync.server.refusals import latest
from sync.server.restoring import restore
from tests.sync.district import PASSWORD, District, file_report, hidden, rows_of, sign_in, text_of


@pytest.fixture(autouse=True)
def account(district: District) -> None:
    """One reader, who has not signed in yet."""
    accounts.add(district.database, "huyen", "viewer", "27211", password=PASSWORD, now=district.clock())


async def test_without_a_session_every_page_leads_to_signing_in(district: District) -> None:
    for address in ("/district", "/district/reports.csv"):
        answer = await district.http.get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, "/district/login")
        assert "27211" not in answer.text


async def test_the_right_password_opens_a_session_and_signing_out_ends_it(district: District) -> None:
    browser = district.browser()
    answer = await sign_in(browser, "huyen", PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/district")
    page = await browser.get("/district")
    assert "Phường Bến Nghé" in page.text
    kept = browser.cookies["gonha-session"]
    out = await browser.post("/district/logout", data={"form": hidden(page.text)})
    assert (out.status_code, out.headers["location"]) == (303, "/district/login")
    again = district.browser()
    again.cookies.set("gonha-session", kept)
    assert (await again.get("/district")).status_code == 303


@pytest.mark.parametrize(("name", "password"), [("huyen", "một câu khác hẳn"), ("nobody", PASSWORD)])
async def test_a_wrong_name_and_a_wrong_password_are_answered_alike(
    district: District, name: str, password: str
) -> None:
    browser = district.browser()
    answer = await sign_in(browser, name, password)
    assert answer.status_code == 403
    assert "Tên hoặc mật khẩu không đúng." in text_of(answer.text)
    assert "gonha-session" not in browser.cookies
    assert latest(district.database)[0].kind == "bad-login"


async def test_a_form_of_another_site_signs_nobody_in_or_out(district: District) -> None:
    browser = district.browser()
    shown = await browser.get("/district/login")
    right = {"form": hidden(shown.text), "name": "huyen", "password": PASSWORD}
    for headers in ({"Origin": "http://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await browser.post("/district/login", data=right, headers=headers)).status_code == 400
    stranger = district.browser()  # without the cookie that came with the form
    assert (await stranger.post("/district/login", data=right)).status_code == 400
    await sign_in(browser, "huyen", PASSWORD)
    for form in ({}, {"form": "0" * 64}, {"form": "ø"}):
        assert (await browser.post("/district/logout", data=form)).status_code == 400
    assert (await browser.get("/district")).status_code == 200


async def test_a_form_that_no_browser_sends_is_refused_like_an_old_one(district: District) -> None:
    browser = district.browser()
    many = "&".join(f"field{n}=1" for n in range(400))
    for content, headers in ((many, {}), ("form=%ED%A0%80&name=%00", {}), ("", {"Origin": "http://["})):
        answer = await browser.post("/district/login", content=content, headers=headers)
        assert answer.status_code == 400
        assert "Trang đăng nhập đã quá hạn" in text_of(answer.text)
    assert (await browser.post("/district/login", content="a=1&" * 9000)).status_code == 413


async def test_a_session_ends_half_an_hour_after_the_last_page(district: District) -> None:
    browser = district.browser()
    await sign_in(browser, "huyen", PASSWORD)
    for _ in range(3):
        district.clock.forward(minutes=29)
        assert (await browser.get("/district")).status_code == 200
    district.clock.forward(minutes=30)
    assert (await browser.get("/district")).status_code == 303


async def test_a_session_ends_with_the_working_day_however_much_is_read(district: District) -> None:
    browser = district.browser()
    await sign_in(browser, "huyen", PASSWORD)
    for _ in range(29):
        district.clock.forward(minutes=20)
        assert (await browser.get("/district")).status_code == 200
    district.clock.forward(minutes=20)  # ten hours
    assert (await browser.get("/district")).status_code == 303


async def test_another_password_and_a_removed_account_end_open_sessions(district: District) -> None:
    browser = district.browser()
    await sign_in(browser, "huyen", PASSWORD)
    made = accounts.new_password(district.database, "huyen", now=district.clock())
    assert (await browser.get("/district")).status_code == 303
    assert (await sign_in(browser, "huyen", PASSWORD)).status_code == 403
    assert (await sign_in(browser, "huyen", made.password)).status_code == 303
    accounts.remove(district.database, "huyen")
    assert (await browser.get("/district")).status_code == 303


async def test_wrong_tries_have_to_wait_and_are_told_so_as_a_page(district: District) -> None:
    now = [1000.0]
    limits = Limits(free_tries=3)
    district.app.guard.gate = Gate(limits, lambda: now[0])
    browser = district.browser()
    for _ in range(3):
        assert (await sign_in(browser, "huyen", "một câu khác hẳn")).status_code == 403
    answer = await sign_in(browser, "huyen", PASSWORD)
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Thử sai nhiều lần. Chờ 1 giây rồi thử lại." in text_of(answer.text)
    assert (await browser.get("/district/login")).status_code == 200  # looking is no try
    now[0] += 1
    assert (await sign_in(browser, "huyen", PASSWORD)).status_code == 303


def guessing_from(district: District, address: str) -> httpx.AsyncClient:
    """A browser at another address."""
    transport = httpx.ASGITransport(district.app, raise_app_exceptions=False, client=(address, 5))
    return httpx.AsyncClient(transport=transport, base_url="http://server")


async def test_guessing_at_a_name_from_many_addresses_has_to_wait_and_keeps_nobody_out(
    district: District,
) -> None:
    """Not the owner in the browser that they know, not anybody else, and a minute at most the owner in another one."""
    accounts.add(district.database, "tinh", "viewer", "27300", password=PASSWORD)
    known = district.browser()
    await sign_in(known, "huyen", PASSWORD)
    now = [1000.0]
    district.app.guard.gate = Gate(Limits(free_tries=3), lambda: now[0])
    for n in range(3):
        guess = await sign_in(guessing_from(district, f"10.0.0.{n}"), " huyen ", f"một câu khác hẳn {n}")
        assert guess.status_code == 403
    answer = await sign_in(guessing_from(district, "10.0.0.9"), "huyen", PASSWORD)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert "Thử sai nhiều lần. Chờ 1 giây rồi thử lại." in text_of(answer.text)
    for _ in range(3):  # somebody beside the owner, behind the same address
        await sign_in(district.browser(), "không có", "một câu khác hẳn")
    assert (await sign_in(district.browser(), "không có", "một câu khác hẳn")).status_code == 429
    assert (await sign_in(known, "huyen", PASSWORD)).status_code == 303
    for _ in range(3):
        assert (await sign_in(known, "huyen", "một câu khác hẳn")).status_code == 403
    assert (await sign_in(known, "huyen", PASSWORD)).status_code == 429  # its own guesses are counted too
    assert (await sign_in(guessing_from(district, "10.0.0.9"), "tinh", PASSWORD)).status_code == 303
    for _ in range(9):
        now[0] += 60
        await sign_in(guessing_from(district, f"10.0.1.{now[0]}"), "huyen", "một câu khác hẳn")
    now[0] += 60
    assert (await sign_in(district.browser(), "huyen", PASSWORD)).status_code == 303


async def test_a_crowd_at_the_door_keeps_out_nobody_who_has_been_here(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = district.browser()
    await sign_in(known, "huyen", PASSWORD)
    monkeypatch.setattr(
        signing_in, "MOST_WAITING", 0
    )  # as many strangers as may wait for their password's turn
    answer = await sign_in(district.browser(), "huyen", PASSWORD)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    assert "Máy chủ đang bận. Chờ 5 giây rồi thử lại." in text_of(answer.text)
    assert (await sign_in(known, "huyen", PASSWORD)).status_code == 303


async def test_ones_own_password_does_not_pay_for_guesses_at_another_name(district: District) -> None:
    accounts.add(district.database, "tinh", "viewer", "27300", password=PASSWORD)
    district.app.guard.gate = Gate(Limits(free_tries=3), lambda: 1000.0)
    browser = district.browser()
    for _ in range(3):
        assert (await sign_in(browser, "huyen", "một câu khác hẳn")).status_code == 403
        assert (await sign_in(browser, "tinh", PASSWORD)).status_code == 303
    assert (await sign_in(browser, "huyen", "một câu khác hẳn")).status_code == 429


def test_guessed_passwords_do_not_make_laptops_wait_to_enrol() -> None:
    gate = Gate(Limits(free_tries=3), lambda: 1000.0)
    for n in range(500):
        assert gate.sign_ins.begin(f"10.0.{n // 250}.{n % 250}") == 0
    assert gate.enrols.begin("10.9.9.9") == 0


async def test_signing_in_again_ends_the_session_before(district: District) -> None:
    """Nobody who knew a browser's session of before goes on with it."""
    browser = district.browser()
    await sign_in(browser, "huyen", PASSWORD)
    before = browser.cookies["gonha-session"]
    await sign_in(browser, "huyen", PASSWORD)
    assert browser.cookies["gonha-session"] != before
    other = district.browser()
    other.cookies.set("gonha-session", before)
    assert (await other.get("/district")).status_code == 303
    assert (await browser.get("/district")).status_code == 200


async def test_another_commune_looks_like_one_there_is_not_in_files_too(district: District) -> None:
    reader = await district.reader("27211", name="tinh")
    for file in ("", "/reports.csv", "/daily.csv"):
        theirs, none = [await reader.get(f"/district/commune/{code}{file}") for code in ("27300", "99999")]
        assert (theirs.status_code, theirs.text) == (none.status_code, none.text)
        assert theirs.status_code == 404
    for path in ("..%2F27300", "27300%00", "%2e%2e", "27211%0d%0aSet-Cookie:x=1"):
        answer = await reader.get(f"/district/commune/{path}/reports.csv")
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers


async def test_whatever_address_is_asked_for_signing_in_leads_to_the_first_page(district: District) -> None:
    for query in ("?next=https://elsewhere.example", "?lang=//elsewhere.example", "?lang=en%0d%0aX-Y:1"):
        browser = district.browser()
        shown = await browser.get("/district/login")
        form = {"form": hidden(shown.text), "name": "huyen", "password": PASSWORD}
        answer = await browser.post(f"/district/login{query}", data=form)
        assert answer.headers["location"] == "/district"
        assert "x-y" not in answer.headers


async def test_a_browser_is_told_to_load_nothing_else_and_to_keep_nothing(district: District) -> None:
    browser = await district.reader("27211", name="tinh")
    for address in (
        "/district",
        "/district/login",
        "/district/reports.csv",
        "/district/style.css",
        "/district/x",
    ):
        headers = (await browser.get(address)).headers
        assert headers["content-security-policy"] == (
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
    page = (await browser.get("/district")).text
    assert "<script" not in page
    assert " style=" not in page
    assert "http" not in page


async def test_the_cookie_is_for_this_server_only_and_over_tls_for_tls_only(district: District) -> None:
    answer = await sign_in(district.browser(), "huyen", PASSWORD)
    (kept,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("gonha-session=")]
    assert "; HttpOnly; Path=/; SameSite=strict" in kept
    over_tls = httpx.AsyncClient(transport=district.transport, base_url="https://server")
    answer = await sign_in(over_tls, "huyen", PASSWORD)
    (kept,) = [one for one in answer.headers.get_list("set-cookie") if "gonha-session=" in one]
    assert kept.startswith("__Host-gonha-session=")
    assert "; Secure" in kept


async def test_a_page_there_is_not_is_refused_as_a_page(district: District) -> None:
    answer = await district.http.get("/district/elsewhere?lang=en")
    assert answer.status_code == 404
    assert "There is no such page" in text_of(answer.text)
    browser = await district.reader("27211", name="tinh")
    for day in ("yesterday", "0001-01-01", "2026-13-01"):
        assert (await browser.get(f"/district?on={day}")).status_code == 400


async def test_neither_names_nor_passwords_reach_the_log(
    district: District, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="gonha.server")
    browser = district.browser()
    await sign_in(browser, "huyen", "một câu khác hẳn")
    await sign_in(browser, "huyen", PASSWORD)
    await browser.get("/district?on=2026-11-22")
    logged = "\n".join(record.getMessage() for record in caplog.records)
    for private in ("huyen", PASSWORD, "khác hẳn", browser.cookies["gonha-session"], "2026-11-22?"):
        assert private not in logged
    last = json.loads(caplog.records[-1].getMessage())
    assert last["route"] == "/district"
    assert [user.id for user, _ in accounts.page_users(district.database)] == [last["page_user"]]


async def test_an_account_needs_a_name_of_its_own_a_role_a_place_and_a_long_password(
    district: District,
) -> None:
    refused = [
        ("huyen", "viewer", "27211", PASSWORD, "page_user_exists"),
        (" ", "viewer", "27211", PASSWORD, "no_user"),
        ("tinh", "member", "27211", PASSWORD, "unknown_role"),
        ("tinh", "viewer", "99999", PASSWORD, "unknown_place"),
        ("tinh", "viewer", "27211", "ngắn", "page_password"),
    ]
    for name, role, areas, password, code in refused:
        with pytest.raises(AdminError) as error:
            accounts.add(district.database, name, role, areas, password=password)
        assert error.value.code == code
    made = accounts.add(district.database, "tinh", "chief", "27211/01, 27300")
    assert len(made.password) == 14
    assert [places for _, places in accounts.page_users(district.database)] == [
        ["27211"],
        ["27211/01", "27300"],
    ]


async def test_what_is_kept_of_a_password_is_not_the_password(district: District) -> None:
    with district.database.read() as tx:
        kept = tx.all("SELECT salt, password_hash FROM page_user")
        sessions = tx.all("SELECT token_hash FROM page_session")
    assert PASSWORD not in str(kept)
    assert sessions == []
    browser = district.browser()
    await sign_in(browser, "huyen", PASSWORD)
    with district.database.read() as tx:
        assert browser.cookies["gonha-session"] not in str(tx.all("SELECT * FROM page_session"))


async def test_a_restore_brings_no_reader_back_and_ends_open_sessions(
    district: District, tmp_path: Path
) -> None:
    """The operator's newer word stands, as it does about laptops."""
    accounts.add(district.database, "tinh", "viewer", "27211", password=PASSWORD)
    browser = district.browser()
    await sign_in(browser, "huyen", PASSWORD)
    backup(district.database, tmp_path / "kept")
    accounts.remove(district.database, "tinh")
    made = accounts.new_password(district.database, "huyen")
    restore(district.database, tmp_path / "kept", force=True)
    assert (await browser.get("/district")).status_code == 303
    assert (await sign_in(browser, "tinh", PASSWORD)).status_code == 403
    assert (await sign_in(browser, "huyen", PASSWORD)).status_code == 403
    assert (await sign_in(browser, "huyen", made.password)).status_code == 303


async def test_a_restored_server_shows_what_its_backup_held(district: District, tmp_path: Path) -> None:
    hoa = await district.laptop("27211", "chief")
    day = date(2026, 11, 21)
    await file_report(hoa, "27211/01", "daily", day, day, [{"name": "f0_new", "value": 4}])
    backup(district.database, tmp_path / "kept")
    district.clock.forward(minutes=5)
    await file_report(hoa, "27211/01", "daily", day, day, [{"name": "f0_new", "value": 5}], version=2)
    browser = district.browser()
    await sign_in(browser, "huyen", PASSWORD)
    page = (await browser.get("/district/kind/daily")).text
    assert ["Phường Bến Nghé", "27211", "5"] in rows_of(page)
    assert "khôi phục" not in page
    restore(district.database, tmp_path / "kept", force=True, now=district.clock())
    await sign_in(browser, "huyen", PASSWORD)
    page = (await browser.get("/district/kind/daily")).text
    assert ["Phường Bến Nghé", "27211", "4"] in rows_of(page)
    assert "Máy chủ được khôi phục từ bản sao lưu lúc 09:05 22/11/2026." in text_of(page)
    district.clock.forward(days=8)
    await sign_in(browser, "huyen", PASSWORD)
    assert "khôi phục" not in (await browser.get("/district/kind/daily")).text
