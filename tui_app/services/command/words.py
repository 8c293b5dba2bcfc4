"""What was done, and what was decided of it, in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_app.clock import show_date, show_moment
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.services.command.approval import GONE, DayReview, Decision, Reviewed, State
from tui_app.services.command.day_work import CASE, READING, Done
from tui_app.services.command.days import MIDNIGHT, ReportingDay
from tui_app.text import decimal


def what(done: Done) -> str:
    """What the record says, on one line."""
    if done.stamp == GONE:
        return t("review.taken_back")
    body = done.row.body
    if done.row.type == READING:
        return reading(body)
    if done.row.type == CASE:
        return "; ".join(code_word("event", event) for event in dict.fromkeys(done.events)) or t(
            "review.case"
        )
    parts = (
        code_word("outcome", str(body.get("outcome") or ""), "household_visit"),
        t("review.positive", count=done.positive) if done.positive else "",
        t("review.unwell", count=done.unwell) if done.unwell else "",
        str(body.get("note") or ""),
    )
    return " · ".join(filter(None, parts))


def reading(body: Mapping[str, Any]) -> str:
    """The vital signs that were measured, the danger signs first."""
    danger = [one for one in body.get("findings") or () if one.get("kind") == "danger_sign"]
    spo2 = body.get("spo2")
    parts = [
        "!!" if danger else "",
        "" if spo2 is None else f"SpO2 {spo2}",
        "" if body.get("temperature_c") is None else f"{decimal(float(body['temperature_c']))} °C",
        t("review.breaths", count=body["respiratory_rate"]) if body.get("respiratory_rate") else "",
        t("review.pulse", count=body["pulse"]) if body.get("pulse") else "",
    ]
    return " · ".join(filter(None, parts)) or t("review.asked_only")


def decision(last: Decision | None) -> str:
    """Who decided what and when, with the reason; empty while nobody did."""
    if last is None:
        return ""
    said = t(f"review.was_{last.decision}", who=last.who, at=show_moment(last.at))
    return f"{said}: {last.reason}" if last.reason else said


def state(line: Reviewed) -> str:
    """How a record stands."""
    return t(f"review.state_{line.state}")


def summary(review: DayReview) -> str:
    """The day in one line: how many wait, are returned, are approved, and whether it is closed."""
    return f"{day_words(review.day)} · {standing(review)}"


def day_words(day: ReportingDay) -> str:
    """The reporting day, and when it begins where the station chose another time than midnight."""
    shown = show_date(day.on)
    return shown if day.cut_off == MIDNIGHT else t("review.day", date=shown, cut_off=day.cut_off)


def standing(review: DayReview) -> str:
    """How many records wait, are returned, are approved, and whether the day is closed."""
    counted = [
        f"{t(f'review.count_{state}')} {review.counts[state]}" for state in State if review.counts[state]
    ]
    closed = t("review.is_closed") if review.closed else t("review.is_open")
    if review.closed and review.undecided:
        closed = t("review.is_closed_but", count=len(review.undecided))
    return " · ".join((*counted, closed))
