"""A link that breaks is tried again, within bounds, and never when somebody else answers."""

from __future__ import annotations

import ssl
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from sync import framing
from sync.client import Cancelled, Link, NoLink, NotOurServer, NotTrusted, Refused
from sync.client.patience import LONGEST
from tests.sync.test_client import doors, refusal, shown
from tests.sync.ward import Laptop, Ward, agreed
from tests.sync.wire import Arriving, Ask, Fault, _raw, cut, lost, page, unreachable


@pytest.fixture
def lan(ward: Ward) -> Laptop:
    laptop = ward.laptop("lan")
    laptop.sync()
    laptop.tries = 4
    return laptop


def asked(laptop: Laptop, path: str) -> int:
    return laptop.wire.asked.count(path)


# -- again, and again ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/scope", "/v1/push", "/v1/pull"])
@pytest.mark.parametrize(
    "fault",
    [
        unreachable,
        lost,
        cut(40),
        cut(40, politely=True),
        refusal(503, "busy"),
        refusal(429, "slow-down"),
        refusal(408, "too-slow"),
    ],
    ids=["nobody", "lost", "reset", "end-of-file", "busy", "too-often", "too-slow"],
)
def test_two_faults_in_a_row_are_outlived(ward: Ward, lan: Laptop, path: str, fault: Fault) -> None:
    if path == "/v1/scope" and fault not in (unreachable, lost):
        fault = lost  # a short answer has a length and no lines
    doors(lan, 3)
    lan.wire.then = [(path, fault)] * 2
    done = lan.sync()
    assert (done.pushed, done.pending, done.retries) == (3, 0, 2)
    assert 0.8 <= sum(lan.pauses) < 4
    assert [step.step for step in lan.steps].count("wait") == 2
    agreed(ward, lan)


def test_nobody_there_is_believed_after_three_tries(ward: Ward, lan: Laptop) -> None:
    doors(lan, 1)
    lan.wire.asked.clear()
    lan.wire.then = [("/v1/scope", unreachable)] * 9
    stopped = lan.tried()
    assert isinstance(stopped, NoLink)
    assert (asked(lan, "/v1/scope"), stopped.summary.retries, stopped.summary.pending) == (3, 2, 1)
    assert sum(lan.pauses) < 3


def test_a_link_that_worked_gets_four_tries_of_each_request(ward: Ward, lan: Laptop) -> None:
    doors(lan, 1)
    lan.wire.asked.clear()
    lan.wire.then = [("/v1/push", lost)] * 9
    assert isinstance(lan.tried(), NoLink)
    assert asked(lan, "/v1/push") == 4


def test_the_waiting_of_one_sync_is_bounded(ward: Ward, lan: Laptop) -> None:
    lan.wire.then = [("/v1/push", refusal_after(7))] * 9
    doors(lan, 1)
    stopped = lan.tried()
    assert isinstance(stopped, Refused)
    assert (stopped.busy, stopped.retry_after) == (True, 7.0)
    assert 14 <= sum(lan.pauses) <= LONGEST
    assert "try again in 7 seconds" in shown(stopped)


def test_a_server_that_wants_minutes_is_not_waited_for(ward: Ward, lan: Laptop) -> None:
    doors(lan, 1)
    lan.wire.then = [("/v1/push", refusal_after(600))]
    stopped = lan.tried()
    assert isinstance(stopped, Refused)
    assert lan.pauses == []
    assert lan.counts()["sent"] == 1


def refusal_after(seconds: int) -> Fault:
    def fault(ask: Ask) -> httpx.Response:
        answer: httpx.Response = refusal(503, "busy")(ask)
        answer.headers["retry-after"] = str(seconds)
        return answer

    return fault


def test_a_time_out_halves_what_is_sent_at_once(ward: Ward, lan: Laptop) -> None:
    doors(lan, 8)
    lan.wire.asked.clear()
    sizes: list[int] = []
    push = Link.push

    def seen(link: Link, ops: Any, epoch: int) -> Any:
        sizes.append(len(ops))
        return push(link, ops, epoch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Link, "push", seen)
        lan.wire.then = [("/v1/push", unreachable), ("/v1/push", lost), ("/v1/push", cut(10))]
        assert lan.sync().pushed == 8
    assert sizes == [8, 4, 2, 1, 2, 4, 1]
    agreed(ward, lan)


def test_a_person_can_stop_while_it_waits(ward: Ward, lan: Laptop) -> None:
    doors(lan, 1)
    lan.wire.then = [("/v1/push", lost)] * 9
    lan.cancelled = lambda: len(lan.pauses) >= 3
    stopped = lan.tried()
    assert isinstance(stopped, Cancelled)
    assert len(lan.pauses) == 3, "within a few tenths of a second"
    assert stopped.summary.pending == 1
    lan.cancelled = lambda: False
    lan.wire.then = []
    lan.sync()
    agreed(ward, lan)


def test_a_person_can_stop_while_lines_arrive(ward: Ward, lan: Laptop) -> None:
    doors(lan, 5)
    lan.sync()
    minh = ward.laptop("minh")
    minh.wire.then = [changed("/v1/pull", lambda lines: lines, flush_every=1)]  # slowly: a line at a time
    after_asking = count()
    minh.cancelled = lambda: "/v1/pull" in minh.wire.asked and next(after_asking) > 3
    stopped = minh.tried()
    assert isinstance(stopped, Cancelled)
    assert stopped.summary.pulled < 7
    assert next(after_asking) == 5, "at the first look that says so"
    minh.cancelled = lambda: False
    minh.sync()
    agreed(ward, lan, minh)


# -- somebody else, or something odd --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stranger",
    [
        page(200, sync_protocol="1"),
        page(302, "", location="http://wifi.example/login"),
        page(503),
        page(502, "<html>Bad gateway</html>"),
    ],
    ids=["copied-header", "redirect", "proxy-busy", "gateway"],
)
def test_somebody_else_is_not_asked_again(ward: Ward, lan: Laptop, stranger: Fault) -> None:
    doors(lan, 1)
    lan.wire.asked.clear()
    lan.wire.then = [("/v1/push", stranger)]
    assert isinstance(lan.tried(), NotOurServer)
    assert (asked(lan, "/v1/push"), lan.pauses) == (1, [])
    lan.sync()
    agreed(ward, lan)


def failing(error: Exception) -> Fault:
    def fault(ask: Ask) -> httpx.Response:
        raise httpx.ConnectError(str(error)) from error

    return fault


def test_a_server_that_cannot_prove_itself_is_told_apart_and_gets_nothing(ward: Ward, lan: Laptop) -> None:
    doors(lan, 1)
    lan.wire.sent.clear()
    lan.wire.then = [("/v1/scope", failing(ssl.SSLCertVerificationError(1, "certificate verify failed")))]
    stopped = lan.tried()
    assert isinstance(stopped, NotTrusted)
    assert lan.pauses == []
    assert "could not prove" in shown(stopped)
    assert len(lan.wire.sent) == 1


def test_a_line_that_breaks_inside_tls_is_a_broken_line(ward: Ward, lan: Laptop) -> None:
    doors(lan, 1)
    lan.wire.then = [("/v1/scope", failing(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")))]
    assert lan.sync().pushed == 1


def changed(path: str, change: Any, flush_every: int = 500) -> tuple[str, Fault]:
    """The server's true answer with its lines changed on the way, packed again as ``gzip``."""

    def fault(ask: Ask) -> httpx.Response:
        answer = ask()
        lines = list(framing.read_lines([_raw(answer)], answer.headers["content-encoding"]))
        packed = b"".join(framing.encode_lines(change(lines), "gzip", flush_every))
        headers = httpx.Headers(answer.headers)
        headers["content-encoding"] = "gzip"
        headers.pop("content-length", None)
        return httpx.Response(answer.status_code, headers=headers, stream=Arriving(packed))

    return path, fault


def test_answers_packed_by_gzip_are_read(ward: Ward, lan: Laptop) -> None:
    doors(lan, 3)
    lan.wire.then = [changed("/v1/push", list), changed("/v1/pull", list)]
    assert lan.sync().pushed == 3
    agreed(ward, lan)


@pytest.mark.parametrize("path", ["/v1/push", "/v1/pull"])
def test_an_answer_that_lacks_lines_in_its_middle_is_not_believed(ward: Ward, lan: Laptop, path: str) -> None:
    minh = ward.laptop("minh")
    minh.sync()
    doors(minh, 3)
    minh.sync()
    doors(lan, 3)

    def without_second(lines: list[bytes]) -> list[bytes]:
        rest = [line for line in lines if b'"line":"row"' in line or b'"line":"result"' in line]
        return [line for line in lines if line != rest[1]]

    lan.wire.then = [changed(path, without_second)]
    done = lan.sync()
    assert (done.retries, done.pushed, done.mismatched) == (1, 3, ())
    agreed(ward, lan)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"kind":"pushed"', b'"kind":"pulled"'),
        (b'"protocol":1', b'"protocol":2'),
        (b'"device":""', b'"device":"another laptop"'),
    ],
    ids=["question", "protocol", "laptop"],
)
def test_an_answer_to_another_question_is_not_believed(
    ward: Ward, lan: Laptop, old: bytes, new: bytes
) -> None:
    doors(lan, 1)

    def altered(lines: list[bytes]) -> list[bytes]:
        assert old in lines[0]
        return [lines[0].replace(old, new), *lines[1:]]

    lan.wire.then = [changed("/v1/push", altered)]
    assert isinstance(lan.tried(), NotOurServer)
    assert lan.counts()["sent"] == 1
    lan.sync()
    agreed(ward, lan)


def test_a_frame_that_stops_inside_is_a_cut(ward: Ward, lan: Laptop) -> None:
    doors(lan, 40)

    def without_its_end(ask: Ask) -> httpx.Response:
        answer = ask()
        return httpx.Response(answer.status_code, headers=answer.headers, stream=Arriving(_raw(answer)[:-3]))

    lan.wire.then = [("/v1/push", without_its_end)]
    done = lan.sync()
    assert (done.retries, done.pending) == (1, 0)
    agreed(ward, lan)


# -- clocks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "clock"), [(0, "ok"), (1, "warn"), (-30, "wrong")])
def test_a_wrong_clock_is_noticed(ward: Ward, lan: Laptop, hours: int, clock: str) -> None:
    doors(lan, 1)
    lan.clock = lambda: ward.clock() + timedelta(hours=hours)
    done = lan.sync()
    assert done.clock == clock
    assert abs(done.clock_offset + hours * 3600) < 60
