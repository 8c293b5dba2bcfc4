"""What a server counts about itself, in the text format of Prometheus. Only numbers: no laptop, no address."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sync.protocol import FINAL

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds
RESULTS = (*FINAL, "held", "rejected")
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counts since the start of this process. ``gauges``: name -> (what it says, how to read it now)."""

    def __init__(self) -> None:
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}
        self._started = time.time()
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, str, int], int] = defaultdict(int)
        self._durations: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS) + 1))
        self._seconds: dict[str, float] = defaultdict(float)
        self._sent: dict[str, int] = defaultdict(int)
        self._received: dict[str, int] = defaultdict(int)
        self._ops: dict[str, int] = dict.fromkeys(RESULTS, 0)
        self._refused: dict[str, int] = {"busy": 0}
        self._rows = 0
        self._failed = 0

    def served(
        self,
        method: str,
        route: str,
        status: int,
        *,
        seconds: float,
        sent: int,
        received: int,
        notes: Mapping[str, Any],
    ) -> None:
        """Count one request. ``route``: the pattern; ``notes``: what its log line says beside."""
        with self._lock:
            self._requests[method, route, status] += 1
            self._durations[route][bisect_left(BUCKETS, seconds)] += 1
            self._seconds[route] += seconds
            self._sent[route] += sent
            self._received[route] += received
            for result in RESULTS:
                self._ops[result] += notes.get(result, 0)
            self._rows += notes.get("rows", 0)
            self._failed += "failed" in notes
            if "refused" in notes:
                self._refused[notes["refused"]] = self._refused.get(notes["refused"], 0) + 1

    def text(self) -> str:
        """Everything, as it is scraped."""
        with self._lock:
            return "\n".join([*self._lines(), ""])

    def _lines(self) -> Iterator[str]:
        yield from _family("gonha_requests_total", "counter", "Requests answered.")
        for (method, route, status), count in sorted(self._requests.items()):
            yield f'gonha_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
        yield from _family("gonha_request_seconds", "histogram", "Seconds from the head to the last byte.")
        for route, counts in sorted(self._durations.items()):
            total = 0
            for limit, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
                total += count
                yield f'gonha_request_seconds_bucket{{route="{route}",le="{limit}"}} {total}'
            yield f'gonha_request_seconds_sum{{route="{route}"}} {self._seconds[route]:.6f}'
            yield f'gonha_request_seconds_count{{route="{route}"}} {total}'
        yield from _labelled("gonha_sent_bytes_total", "Bytes of bodies sent.", "route", self._sent)
        yield from _labelled(
            "gonha_received_bytes_total", "Bytes of bodies received.", "route", self._received
        )
        yield from _labelled("gonha_ops_total", "Changes answered, by result.", "result", self._ops)
        yield from _labelled("gonha_refused_total", "Requests refused, by reason.", "kind", self._refused)
        yield from _single("gonha_rows_sent_total", "counter", "Rows sent by pulls.", self._rows)
        yield from _single(
            "gonha_failed_total", "counter", "Requests that met an error of the program.", self._failed
        )
        yield from _single("gonha_start_time_seconds", "gauge", "When this process began.", self._started)
        for name, (says, read) in sorted(self.gauges.items()):
            yield from _single(name, "gauge", says, read())


def _family(name: str, kind: str, says: str) -> tuple[str, str]:
    return f"# HELP {name} {says}", f"# TYPE {name} {kind}"


def _labelled(name: str, says: str, label: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield from _family(name, "counter", says)
    for value, count in sorted(counts.items()):
        yield f'{name}{{{label}="{value}"}} {count}'


def _single(name: str, kind: str, says: str, value: float) -> Iterator[str]:
    yield from _family(name, kind, says)
    yield f"{name} {value}"
