"""Erasures as JSON: what one would find, asking for it, how far it is, its receipt, and letting somebody back."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from amity.kernel.errors import NotFound
from amity.rooms.trust.actions.erasure.begin import LONGEST_REASON, begin_erasure, look_at
from amity.rooms.trust.actions.erasure.let_back import let_back
from amity.rooms.trust.api import requires
from amity.rooms.trust.contracts import Access, ErasureInfo
from amity.rooms.trust.queries.erasures import get_erasure, list_erasures
from amity.shell.problem import Problem

router = Router(tags=["erasures"])
_PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}


class WhomIn(Schema):
    """Somebody, by an identifier of any kind, or by `customer_id`."""

    kind: str = Field(min_length=1, max_length=40, description="`email`, `user_id`, `customer_id`, any kind of identifier.")
    value: str = Field(min_length=1, max_length=300)


class EraseIn(WhomIn):
    """Whom to erase, and why. The reason stays with the receipt, so it must not name the person."""

    reason: str = Field(min_length=1, max_length=LONGEST_REASON)
    request_id: UUID | None = Field(None, description="Yours; asking again with it returns the same erasure.")


class StoreOut(Schema):
    """Records of one kind. `left` is null while they are being erased."""

    store: str
    title: str
    found: int
    left: int | None = None


class HeldOut(Schema):
    """What an erasure would find now."""

    customers: int = Field(description="Ids that the person had, of customers that were joined too.")
    identifiers: int
    records: int
    stores: list[StoreOut]


class ErasureOut(Schema):
    """An erasure. `state` is one of asked, suppressed, erased, looking, done; `trouble` says why it doesn't go on."""

    id: UUID
    of: str = Field(description="Whom it is about, shortened.")
    reason: str
    asked_by: str
    asked_at: datetime
    request_id: UUID | None
    state: str
    trouble: str
    suppressed_at: datetime | None = Field(description="From then on nothing of theirs is taken.")
    finished_at: datetime | None
    kept_out: int = Field(description="Identifiers that it keeps out now.")
    erased: int
    stores: list[StoreOut]


class ErasuresOut(Schema):
    """Erasures, newest first."""

    erasures: list[ErasureOut]
    total: int
    next: int | None = Field(description="Give it as `after` to get older ones; null at the end.")


class BackIn(Schema):
    """Why somebody is taken on again."""

    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


class BackOut(Schema):
    """How many identifiers were let back."""

    identifiers: int


@router.post("/preview", response={200: HeldOut, **_PROBLEMS}, summary="See what erasing somebody would find")
@requires("rights.write")
def preview(request: HttpRequest, whom: WhomIn) -> HeldOut:
    """Count what each store holds of the person. Nothing is changed."""
    held = look_at(_access(request), kind=whom.kind, value=whom.value)
    return HeldOut(
        customers=held.customers,
        identifiers=held.identifiers,
        records=held.records,
        stores=[StoreOut(store=store.name, title=store.title, found=number) for store, number in held.stores],
    )


@router.post("", response={202: ErasureOut, **_PROBLEMS}, summary="Erase somebody")
@requires("rights.write")
def erase(request: HttpRequest, wanted: EraseIn) -> Status[ErasureOut]:
    """Erase a customer everywhere, for good: keep them out at once, then erase. A worker does it; ask how far it is."""
    access = _access(request)
    made = begin_erasure(
        access, kind=wanted.kind, value=wanted.value, reason=wanted.reason, request_id=wanted.request_id, request=request
    )
    return Status(202, _out(get_erasure(workspace_id=access.workspace_id, erasure_id=made)))


@router.get("", response={200: ErasuresOut, **_PROBLEMS}, summary="List erasures")
@requires("rights.read")
def listing(
    request: HttpRequest,
    after: Annotated[int, Query(ge=0, le=1_000_000, description="`next` of an earlier answer.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at once.")] = 50,
) -> ErasuresOut:
    """Return a page of erasures, newest first."""
    found, total = list_erasures(workspace_id=_access(request).workspace_id, after=after, limit=limit)
    following = after + len(found)
    return ErasuresOut(erasures=[_out(one) for one in found], total=total, next=following if following < total else None)


@router.get("/{erasure_id}", response={200: ErasureOut, **_PROBLEMS}, summary="See how an erasure goes")
@requires("rights.read")
def one(request: HttpRequest, erasure_id: UUID) -> ErasureOut:
    """Return how far it is and what it found."""
    return _out(get_erasure(workspace_id=_access(request).workspace_id, erasure_id=erasure_id))


@router.get("/{erasure_id}/receipt", response={200: dict[str, Any], **_PROBLEMS}, summary="Get an erasure's receipt")
@requires("rights.read")
def receipt(request: HttpRequest, erasure_id: UUID) -> dict[str, Any]:
    """Return the signed receipt. `amity erasure verify` tells whether one is genuine."""
    found = get_erasure(workspace_id=_access(request).workspace_id, erasure_id=erasure_id).receipt
    if found is None:
        raise NotFound("This erasure still goes on: its receipt is made at the end.")
    return dict(found)


@router.post("/{erasure_id}/return", response={200: BackOut, **_PROBLEMS}, summary="Let somebody back")
@requires("rights.write")
def back(request: HttpRequest, erasure_id: UUID, wanted: BackIn) -> BackOut:
    """Take what happens from now on of the person again. What was erased stays erased."""
    return BackOut(identifiers=let_back(_access(request), erasure_id=erasure_id, reason=wanted.reason, request=request))


def _access(request: HttpRequest) -> Access:
    return request.access  # type: ignore[attr-defined,no-any-return]


def _out(one: ErasureInfo) -> ErasureOut:
    same = (
        "id", "of", "reason", "asked_by", "asked_at", "request_id", "state", "trouble", "suppressed_at", "finished_at", "kept_out",
        "erased",
    )  # fmt: skip
    held = [StoreOut(store=s.store, title=s.title, found=s.found, left=s.left) for s in one.stores]
    return ErasureOut(**{name: getattr(one, name) for name in same}, stores=held)
