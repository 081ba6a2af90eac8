"""What each room holds of a customer. Rooms register it; trust finds, gives out and erases by it, without knowing the rooms.

A room's module of holdings declares every table of the room, once: in the `tables` of a store, or in `KEPT` with the reason why
erasing a customer leaves it alone. A test compares that with the tables there are. See docs/privacy.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol, cast
from uuid import UUID

Identifier = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom a request is about: all ids that the customer has had, and all identifiers as (kind, value), in one workspace."""

    workspace_id: int
    customer_ids: tuple[UUID, ...] = ()
    identifiers: tuple[Identifier, ...] = ()

    def values(self, *kinds: str) -> list[str]:
        """Return the values of these kinds of identifiers; of all kinds where none is given."""
        return sorted({value for kind, value in self.identifiers if not kinds or kind in kinds})

    def union(self, other: Subject) -> Subject:
        """Return a subject with the ids and identifiers of both."""
        return Subject(
            workspace_id=self.workspace_id,
            customer_ids=tuple(sorted({*self.customer_ids, *other.customer_ids})),
            identifiers=tuple(sorted({*self.identifiers, *other.identifiers})),
        )


@dataclass(frozen=True, kw_only=True)
class Store:
    """One kind of data that a room holds: what the receipt and the archive call it, and the tables that it lives in.

    Tables of the present go by their name, those of the past as `past.<name>`. Where `lasts_days` is set, records may be left
    after erasing for at most so many days; `lasts_because` says why. What is `derived` was worked out by Amity or its people,
    so it is no part of what somebody may take elsewhere (GDPR Art. 20: what they provided).
    """

    name: str  # <room>.<what>
    title: str
    tables: tuple[str, ...] = ()
    derived: bool = False
    lasts_days: int = 0
    lasts_because: str = ""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record for an access archive: of which store, and its fields as plain data (text, numbers, lists, mappings)."""

    store: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Holder(Protocol):
    """A room's module of holdings. Each function may be called again and again: erasing twice erases nothing more.

    A room that holds texts which name people whom the customers room may not know also has `values_named(workspace_id)`, which
    gives every value in them that may name somebody: after a restore, who was erased is told by hashes alone.
    """

    STORES: tuple[Store, ...]
    KEPT: Mapping[str, str]

    def find(self, subject: Subject) -> Mapping[str, int]:
        """Return how many records each store holds of the subject; every store of the room has its number."""

    def export(self, subject: Subject) -> Iterable[Record]:
        """Give everything that the room holds of the subject, for them to read."""

    def erase(self, subject: Subject) -> Mapping[str, int]:
        """Erase all of it in transactions of its own, and return how many records that were, by store."""


class Resolver(Protocol):
    """The module of the room that knows who is who."""

    def find_subject(self, *, workspace_id: int, kind: str, value: str) -> Subject:
        """Return whom an identifier names, with everything known of them; without ids where nobody has it.

        `kind` is `customer_id` for an id of Amity's own. Raises Invalid for what can be no identifier of that kind.
        """

    def grow(self, subject: Subject) -> Subject:
        """Return the subject with what its ids and identifiers have come to mean since."""

    def spell(self, *, workspace_id: int, kind: str, value: str) -> Identifier:
        """Return an identifier as it is stored. Raises Invalid for what can be no identifier of that kind."""

    def everybody(self, *, workspace_id: int) -> Iterator[tuple[str, str, UUID]]:
        """Give every identifier of a workspace as (kind, value, whose), and every customer's id as of the kind `customer_id`."""


class Keeper(Protocol):
    """The module of the room that carries out, in its own data, what people may ask besides a copy and erasure.

    `by` is a colleague's or token's name, `by_id` says which, `request` names the request: both stand with what was done.
    """

    def restrict(self, subject: Subject, *, by: str, by_id: str, request: str) -> int:
        """Let the subject's data be kept but not used; returns of how many ids that is new."""

    def release(self, subject: Subject, *, by: str, by_id: str, request: str) -> int:
        """Let it be used again; returns how many restrictions ended."""

    def is_restricted(self, subject: Subject) -> bool:
        """Whether the subject's data may not be used now."""

    def refuse_sale(self, subject: Subject, *, by: str, by_id: str, request: str) -> int:
        """Record that the subject refuses the sale and sharing of their data; returns for how many customers."""

    def traits(self, subject: Subject) -> Mapping[str, Any]:
        """Return what is known of the subject by name, as it stands."""

    def correct(  # noqa: PLR0913  what, and who
        self, subject: Subject, *, name: str, value: Any, by: str, by_id: str, request: str
    ) -> None:
        """Let a trait be another value from now on; None empties it. Raises Invalid for what can't be stored, or for nobody."""


_holders: dict[str, str] = {}
_resolvers: list[str] = []
_keepers: list[str] = []


def register_holder(room: str, module: str) -> None:
    """Name the module that says what a room holds of a customer; called once, from the room's `ready()`. Nothing is imported."""
    _holders[room] = module


def register_resolver(module: str) -> None:
    """Name the module that knows who is who."""
    _resolvers[:] = [module]


def register_keeper(module: str) -> None:
    """Name the module that carries out what people ask of their data."""
    _keepers[:] = [module]


def keeper() -> Keeper:
    """Return the module that carries out what people ask of their data."""
    return cast("Keeper", import_module(_keepers[0]))


def holders() -> dict[str, Holder]:
    """Return the modules of holdings by room, in the order in which the rooms registered."""
    return {room: cast("Holder", import_module(module)) for room, module in _holders.items()}


def resolver() -> Resolver:
    """Return the module that knows who is who."""
    return cast("Resolver", import_module(_resolvers[0]))


def stores() -> dict[str, Store]:
    """Return every store by its name."""
    return {store.name: store for holder in holders().values() for store in holder.STORES}
