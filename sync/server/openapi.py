"""What the server says of its own routes, for whoever writes another client and for tests that try them all.

FastAPI sees raw requests only, so the bodies are described from the wire structs themselves.
"""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI

from sync.protocol import (
    MEDIA_TYPE,
    Enrolled,
    EnrolRequest,
    ForkRequest,
    Hello,
    HistoryEntry,
    KeysRequest,
    Problem,
    PullRequest,
    Scope,
)

_ASKED: dict[str, Any] = {
    "/v1/enrol": EnrolRequest,
    "/v1/fork": ForkRequest,
    "/v1/keys": KeysRequest,
    "/v1/pull": PullRequest,
}
_TOLD: dict[str, Any] = {
    "/v1/hello": Hello,
    "/v1/enrol": Enrolled,
    "/v1/fork": Enrolled,
    "/v1/keys": Scope,
    "/v1/scope": Scope,
    "/v1/history/{type_name}/{record}": list[HistoryEntry],
}
_LINES = ("/v1/push", "/v1/pull", "/v1/snapshot/{area}")
_OPEN = ("/v1/hello", "/healthz", "/v1/enrol", "/metrics")
_STATUSES = ("400", "401", "403", "404", "409", "410", "413", "415", "416", "422", "426", "429", "500", "503")


def documented(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application with its bodies, its token and its refusals."""
    document: dict[str, Any] = FastAPI.openapi(app)
    asked, told = list(_ASKED.items()), list(_TOLD.items())
    shapes, components = msgspec.json.schema_components(
        [shape for _, shape in (*asked, *told)] + [Problem], ref_template="#/components/schemas/{name}"
    )
    of = {(path, way): shape for (path, way), shape in zip(_places(asked, told), shapes, strict=False)}
    document.setdefault("components", {})["schemas"] = components
    document["components"]["securitySchemes"] = {"device": {"type": "http", "scheme": "bearer"}}
    for path, methods in document["paths"].items():
        for operation in methods.values():
            _describe(path, operation, of)
    return document


def _places(asked: list[Any], told: list[Any]) -> list[tuple[str, str]]:
    return [(path, "asked") for path, _ in asked] + [(path, "told") for path, _ in told]


def _describe(path: str, operation: dict[str, Any], of: dict[tuple[str, str], Any]) -> None:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses = operation["responses"] = {
        "200": {"description": "Done"},
        **{status: {"description": "Refused", "content": problem} for status in _STATUSES},
    }
    if path in _LINES:
        responses["200"]["content"] = {MEDIA_TYPE: {"schema": {"type": "string"}}}
        if path.startswith("/v1/snapshot"):
            responses["206"] = {"description": "A range of it", "content": {MEDIA_TYPE: {}}}
            responses["304"] = {"description": "Not modified"}
    elif (path, "told") in of:
        responses["200"]["content"] = {"application/json": {"schema": of[path, "told"]}}
    if (path, "asked") in of:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": of[path, "asked"]}},
        }
    elif path == "/v1/push":
        operation["requestBody"] = {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}
    if path not in _OPEN:
        operation["security"] = [{"device": []}]
    if path.startswith("/v1/"):
        operation.setdefault("parameters", []).append(
            {
                "name": "Sync-Protocol",
                "in": "header",
                "required": path != "/v1/hello",
                "schema": {"type": "string", "enum": ["1"]},
            }
        )
