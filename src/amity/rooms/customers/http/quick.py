"""The Profile API before Django: what is usual, a profile that the present holds, is answered on the event loop itself.

Everything else (no token in force, no permission, too many requests, a timeline, whatever is wrong) is left to the API, which
says the same in the same words; so a question is answered here or there, never differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import msgspec

from amity.engines.present.trips import Travelling, Trips, side_by_side
from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.rooms.customers.http.profile import Asked, Reply, judge, profile, read_asked, reply
from amity.rooms.customers.queries.at_once import ask_known
from amity.rooms.trust.api import ask_token, take_turn

PERMISSION = "customers.read"
_BELOW = "/api/v1/customers/"
_PARTS = frozenset({"purpose", "include"})
_LONGEST = 60
_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    token: str
    asked: Asked
    matches: str


class QuickProfiles:
    """Answers requests for profiles in one event loop. `answer` returns None for whatever it leaves to the API."""

    def __init__(self, present: Travelling) -> None:
        self._present = present
        # Tokens by their hash: whose they are never changes, so a profile is read in the trip that tells whether one is in force.
        self._tokens: dict[bytes, tuple[int, str]] = {}

    async def answer(self, scope: Mapping[str, Any]) -> Reply | None:
        """Answer one ASGI request, or leave it."""
        try:
            wanted = _read(scope)
            return None if wanted is None else await self._present.make(self._reply(wanted))
        except (AmityError, ValueError):
            return None

    def _reply(self, wanted: _Wanted) -> Trips[Reply | None]:
        asked, digest = wanted.asked, sha256(wanted.token.encode()).digest()
        if digest not in self._tokens:
            return (yield from self._first(wanted, digest))
        workspace, token_id = self._tokens[digest]
        if not take_turn(token_id):
            return None
        (access, stale), (chosen, known) = yield from side_by_side(
            ask_token(wanted.token), ask_known(workspace_id=workspace, kind=asked.kind, value=asked.value)
        )
        if access is None or stale or access.workspace_id != workspace or not access.can(PERMISSION):
            return None
        try:
            return reply(judge(asked, chosen, known), matches=wanted.matches)
        except (NotFound, Invalid) as error:  # its turn is taken, so it is answered here
            return _problem(error)

    def _first(self, wanted: _Wanted, digest: bytes) -> Trips[Reply | None]:
        access, stale = yield from ask_token(wanted.token)
        if access is None or stale or not access.can(PERMISSION) or not take_turn(access.actor.id):
            return None
        if len(self._tokens) >= _MOST:
            self._tokens.clear()
        self._tokens[digest] = (access.workspace_id, access.actor.id)
        try:
            return reply((yield from profile(wanted.asked, workspace_id=access.workspace_id)), matches=wanted.matches)
        except (NotFound, Invalid) as error:
            return _problem(error)


def _read(scope: Mapping[str, Any]) -> _Wanted | None:
    """Return what a request for a profile wants; None where it is none, or not a usual one. Raises Invalid, ValueError."""
    path = scope["path"]
    if scope["method"] != "GET" or not path.startswith(_BELOW):
        return None
    who = path[len(_BELOW) :]
    headers = dict(scope["headers"])
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    given = parse_qs(scope["query_string"].decode("ascii"), max_num_fields=20)
    purposes, parts = given.get("purpose", []), given.get("include", [])
    plain = given.keys() <= _PARTS and len(purposes) == 1 and all(len(one) <= _LONGEST for one in (*purposes, *parts))
    if "/" in who.partition(":")[0] or scheme.lower() != "bearer" or not plain:
        return None
    asked = read_asked(who=who, include=parts, purpose=purposes[0])
    matches = headers.get(b"if-none-match", b"").decode("latin-1")
    return None if "timeline" in asked.include else _Wanted(token=token.strip(), asked=asked, matches=matches)


def _problem(error: NotFound | Invalid) -> Reply:
    body = msgspec.json.encode({"code": error.code, "message": error.message})
    return Reply(status=404 if isinstance(error, NotFound) else 400, body=body)
