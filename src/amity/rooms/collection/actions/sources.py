"""Verbs on sources and write keys. Each tells the edge after its commit and returns once the edge's snapshot holds it."""

from __future__ import annotations

from functools import partial

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.http import HttpRequest

from amity.facts.collection import snapshot_key
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.collection.actions.snapshot import publish, publish_source
from amity.rooms.collection.contracts import SourceView
from amity.rooms.collection.models import Source, WriteKey, new_write_key
from amity.rooms.collection.rules.sources import AMITY, check_kind, check_name, check_rate
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access, Actor


def create_source(
    *, workspace_id: int, name: str, kind: str, actor: Access | Actor, request: HttpRequest | None = None
) -> SourceView:
    """Create a source with its first write key. Raises Invalid if the name is taken or the kind unknown."""
    with transaction.atomic():
        source = _insert(workspace_id=workspace_id, name=check_name(name), kind=check_kind(kind))
        WriteKey.objects.create(source=source, key=new_write_key())
        _changed(source, actor, request, "source.created", after={"name": source.name, "kind": source.kind})
    return get_view(source.pk)


def amity_source(*, workspace_id: int) -> int:
    """Return the id of the source that Amity's own facts of this workspace come from, made on first use. It has no key."""
    found = Source.objects.filter(workspace_id=workspace_id, kind=AMITY).values_list("pk", flat=True).first()
    if found is None:
        Source.objects.bulk_create([Source(workspace_id=workspace_id, name="Amity", kind=AMITY)], ignore_conflicts=True)
        found = Source.objects.get(workspace_id=workspace_id, kind=AMITY).pk
    return found


def change_source(  # noqa: PLR0913  one argument for each setting
    *,
    workspace_id: int,
    source_id: int,
    actor: Access | Actor,
    name: str | None = None,
    anonymise_ip: bool | None = None,
    requests_per_second: int | None = None,
    request: HttpRequest | None = None,
) -> SourceView:
    """Rename a source or change its settings; None leaves as it is."""
    with transaction.atomic():
        source = _locked(workspace_id, source_id)
        before = {"name": source.name, "anonymise_ip": source.anonymise_ip, "requests_per_second": source.requests_per_second}
        after = dict(before)
        if name is not None:
            after["name"] = check_name(name)
        if anonymise_ip is not None:
            after["anonymise_ip"] = anonymise_ip
        if requests_per_second is not None:
            after["requests_per_second"] = check_rate(requests_per_second)
        for field, value in after.items():
            setattr(source, field, value)
        _save(source)
        _changed(source, actor, request, "source.changed", before=before, after=after)
    return get_view(source.pk)


def set_source_enabled(
    *, workspace_id: int, source_id: int, enabled: bool, actor: Access | Actor, request: HttpRequest | None = None
) -> SourceView:
    """Let a source send, or turn it away. What it sent before stays."""
    with transaction.atomic():
        source = _locked(workspace_id, source_id)
        if (source.disabled_at is None) != enabled:
            Source.objects.filter(pk=source.pk).update(disabled_at=None if enabled else Now())
            source.refresh_from_db()
            _changed(source, actor, request, "source.enabled" if enabled else "source.disabled")
    return get_view(source.pk)


def add_write_key(*, workspace_id: int, source_id: int, actor: Access | Actor, request: HttpRequest | None = None) -> SourceView:
    """Make another write key: the old ones stay in force until they are revoked, so that clients can change over."""
    with transaction.atomic():
        source = _locked(workspace_id, source_id)
        if source.kind == AMITY:
            raise Invalid("Amity's own source takes no write key: its facts don't come from outside.")
        key = WriteKey.objects.create(source=source, key=new_write_key())
        _changed(source, actor, request, "source.key_created", after={"key": key.pk})
    return get_view(source.pk)


def revoke_write_key(
    *, workspace_id: int, source_id: int, key_id: int, actor: Access | Actor, request: HttpRequest | None = None
) -> SourceView:
    """Turn away whoever sends this key, from now on."""
    with transaction.atomic():
        source = _locked(workspace_id, source_id)
        key = source.keys.filter(pk=key_id, revoked_at=None).first()
        if key is None:
            raise NotFound("This source has no such write key in force.")
        source.keys.filter(pk=key_id).update(revoked_at=Now())
        trust.record(
            actor,
            action="source.key_revoked",
            target=f"source:{source.pk}",
            before={"key": key.pk},
            request=request,
            workspace_id=workspace_id,
        )
        transaction.on_commit(partial(publish, {snapshot_key(key.key): None}))
    return get_view(source.pk)


def rotate_write_key(
    *, workspace_id: int, source_id: int, actor: Access | Actor, request: HttpRequest | None = None
) -> SourceView:
    """Make a new key and revoke all others at once: for a key that leaked."""
    source = add_write_key(workspace_id=workspace_id, source_id=source_id, actor=actor, request=request)
    in_force = [k for k in source.keys if k.revoked_at is None]
    for key in in_force[:-1]:
        source = revoke_write_key(workspace_id=workspace_id, source_id=source_id, key_id=key.id, actor=actor, request=request)
    return source


def get_view(source_id: int) -> SourceView:
    """Return a source as it stands."""
    return Source.objects.prefetch_related("keys").get(pk=source_id).view()


def _insert(*, workspace_id: int, name: str, kind: str) -> Source:
    source = Source(workspace_id=workspace_id, name=name, kind=kind)
    _save(source)
    source.refresh_from_db()
    return source


def _save(source: Source) -> None:
    try:
        with transaction.atomic():
            source.save()
    except IntegrityError as error:
        raise Invalid(f"There is a source called {source.name!r} already; choose another name.") from error


def _locked(workspace_id: int, source_id: int) -> Source:
    source = Source.objects.select_for_update().filter(workspace_id=workspace_id, pk=source_id).first()
    if source is None:
        raise NotFound("This workspace has no such source.")
    return source


def _changed(  # noqa: PLR0913  what an audit row holds
    source: Source,
    actor: Access | Actor,
    request: HttpRequest | None,
    action: str,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    trust.record(
        actor,
        action=action,
        target=f"source:{source.pk}",
        before=before,
        after=after,
        request=request,
        workspace_id=source.workspace_id,
    )
    transaction.on_commit(partial(publish_source, source))
