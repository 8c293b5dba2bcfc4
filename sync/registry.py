"""What sync knows of a record type: its name, the class of each field, and who may write it.

The laptop's record definitions fill a `Registry` and hand it over; nothing here knows a medical word, so a new
type never touches this package.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class FieldClass(StrEnum):
    """How two values that met without knowing of each other are settled."""

    PLAIN = "plain"  # the later one shows, the other stays listed
    CLINICAL = "clinical"  # never chosen by a machine


@dataclass(frozen=True, slots=True)
class RecordType:
    """One synced type.

    ``fields``: every field with its class; ``append_only``: created once, a correction is a new row with ``amends``;
    ``server_written``: laptops read it, their ops on it are rejected; ``erases``: the content of the records it names
    (``records``: [{"type", "id"}]) is removed for good, which only a chief may ask for;
    ``words``: fields in which somebody may be named, which an erasure may take out of a record that stays (``texts``:
    [{"type", "id", "field"}]);
    ``severity``: for a clinical field, its values from harmless to severe, so that lists can show the more severe one.
    """

    name: str
    fields: Mapping[str, FieldClass]
    append_only: bool = False
    server_written: bool = False
    erases: bool = False
    severity: Mapping[str, tuple[object, ...]] | None = None
    words: frozenset[str] = frozenset()

    def field_class(self, field: str) -> FieldClass:
        """The class of ``field``; one this version does not know is clinical, so that no machine decides it."""
        return self.fields.get(field, FieldClass.CLINICAL)


class Registry:
    """The record types of one version of the program, by name."""

    def __init__(self, types: Iterator[RecordType] | list[RecordType] | tuple[RecordType, ...]) -> None:
        self._types = {kind.name: kind for kind in types}

    def __contains__(self, name: str) -> bool:
        return name in self._types

    def __getitem__(self, name: str) -> RecordType:
        return self._types[name]

    def __iter__(self) -> Iterator[RecordType]:
        return iter(self._types.values())

    def get(self, name: str) -> RecordType | None:
        """The type called ``name``, or None when a newer program made it."""
        return self._types.get(name)
