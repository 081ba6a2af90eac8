"""What the room holds of a customer: what was turned away, files on their way in, facts on their way to the log.

`KEPT` are tables that erasing a customer leaves alone, each with its reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from amity.engines.past.client import LONG, ask
from amity.engines.past.erasing import erase_rows
from amity.engines.past.streaming import stream
from amity.engines.present.models import OutboxFact
from amity.facts.interaction import Interaction
from amity.kernel.holdings import Record, Store, Subject
from amity.rooms.collection.models import Import, QuarantineReplay
from amity.rooms.collection.queries.quarantine import PACKAGE
from amity.rooms.collection.rules.mentions import mentions, values_in_body

STORES = (
    Store(
        name="collection.quarantine",
        title="What was sent and turned away",
        tables=("past.quarantine", "collection_quarantine_replay"),
    ),
    Store(name="collection.reports", title="Rejected rows of imported files", tables=("collection_import",)),
    Store(
        name="collection.uploads",
        title="Uploaded files that name the person, or can't be searched",
        lasts_days=30,
        lasts_because="A file that waits to be imported is read once and deleted; rows of the person are dropped on the way.",
    ),
    Store(name="collection.outbox", title="Facts on their way to the log", tables=("present_outbox_fact",)),
)
KEPT: Mapping[str, str] = {
    "collection_source": "places that interactions come from",
    "collection_write_key": "keys of sources",
    "collection_plan": "what becomes of what no plan names",
    "collection_source_policy": "what a source may do other than the rest",
    "collection_planned_interaction": "what colleagues planned of interactions",
    "collection_plan_version": "how colleagues changed the plan",
    "collection_seen_interaction": "how many of each kind of interaction came, of whomever",
    "collection_seen_hour": "how many came in an hour, of whomever",
    "collection_seen_sender": "which sources and client libraries sent them",
    "collection_seen_property": "names and types of properties, never their values",
    "collection_seen_before": "how many of each type had come, of whomever, never their values",
    "collection_drift_alert": "that an interaction flows other than it did, of whomever",
    "collection_violation": "how often a rule was broken; its few keys are hashes that find nothing once the interaction is gone",
    "collection_source_hour": "how many interactions came from a source in an hour, of whomever",
}
_KEYS = 10_000  # rows of the quarantine that one statement takes: each writes whole parts anew
_LONGEST = 1_200  # bytes that the longest identifier may take, with what stands around it
_decoder = msgspec.json.Decoder(Interaction)


def find(subject: Subject) -> dict[str, int]:
    """Return how many records each store holds of the subject."""
    return {
        "collection.quarantine": len(list(_quarantined(subject))),
        "collection.reports": sum(len(lines) for _, lines in _reports(subject)),
        "collection.uploads": len(_uploads(subject)),
        "collection.outbox": len(_facts(subject)),
    }


def export(subject: Subject) -> Iterator[Record]:
    """Give everything that the room holds of the subject."""
    yield from (Record(store="collection.quarantine", data=row) for row in _quarantined(subject))
    for one, lines in _reports(subject):
        yield from (Record(store="collection.reports", data={"import": one.name, "row": line}) for line in lines)
    for one in _uploads(subject):
        yield Record(store="collection.uploads", data={"file": one.name, "size": one.size, "uploaded_at": one.created_at})
    for fact in _facts(subject):
        yield Record(store="collection.outbox", data=json.loads(bytes(fact.body)))


def erase(subject: Subject) -> dict[str, int]:
    """Erase all of it and return what was there. An upload that names the person goes as a whole, once it isn't being read."""
    keys = [row["key"] for row in _quarantined(subject)]
    for start in range(0, len(keys), _KEYS):
        some = [str(key) for key in keys[start : start + _KEYS]]
        where = "workspace_id = {workspace_id:UInt32} AND key IN {keys:Array(UUID)}"
        erase_rows("quarantine", where, workspace_id=subject.workspace_id, keys=some)
        QuarantineReplay.objects.filter(workspace_id=subject.workspace_id, key__in=some).delete()
    lines = 0
    for one, named in _reports(subject):
        lines += len(named)
        _leave_out(Path(one.report), subject.values())
    uploads = _uploads(subject)
    for one in uploads:
        if one.state not in {"waiting", "running"}:
            Path(one.path).unlink(missing_ok=True)
            Import.objects.filter(pk=one.pk).update(path="")
    facts = _facts(subject)
    OutboxFact.objects.filter(pk__in=[one.pk for one in facts]).delete()
    return {
        "collection.quarantine": len(keys),
        "collection.reports": lines,
        "collection.uploads": len(uploads),
        "collection.outbox": len(facts),
    }


def values_named(workspace_id: int) -> Iterator[str]:
    """Give every value by which what was turned away may name somebody. Reads all of it: asked after a restore only."""
    for bodies in stream(package=PACKAGE, name="quarantine_bodies", workspace_id=workspace_id):
        for body in bodies[0]:
            yield from values_in_body(body)


def _quarantined(subject: Subject) -> Iterator[dict[str, Any]]:
    values = subject.values()
    if not values:
        return
    texts = sorted({spelled for value in values for spelled in (value, json.dumps(value)[1:-1])})
    digits = [number for value in subject.values("phone") if len(number := re.sub(r"\D", "", value)[-9:]) >= 7]
    for start in range(0, len(texts), LONG):
        some = texts[start : start + LONG]
        rows = ask(package=PACKAGE, name="quarantine_mentions", workspace_id=subject.workspace_id, texts=some, digits=digits)
        yield from (row for row in rows if mentions(row["body"], values))


def _reports(subject: Subject) -> Iterator[tuple[Import, list[str]]]:
    values = subject.values()
    for one in Import.objects.filter(workspace_id=subject.workspace_id).exclude(report="") if values else ():
        try:
            with Path(one.report).open(encoding="utf-8", errors="replace") as file:
                named = [line.rstrip("\n") for line in file if mentions(line, values)]
        except OSError:
            continue
        if named:
            yield one, named


def _leave_out(path: Path, values: list[str]) -> None:
    fresh = path.with_name(f".{path.name}.erased")
    with path.open(encoding="utf-8", errors="replace") as old, fresh.open("w", encoding="utf-8") as new:
        fresh.chmod(0o600)
        new.writelines(line for line in old if not mentions(line, values))
    fresh.replace(path)


def _uploads(subject: Subject) -> list[Import]:
    """Return uploads of which the file is still there and names the person; formats that can't be searched are taken to."""
    values = subject.values()
    kept = Import.objects.filter(workspace_id=subject.workspace_id, own_file=True).exclude(path="")
    return [one for one in kept if values and file_names(Path(one.path), values)]


def file_names(path: Path, values: list[str]) -> bool:
    """Whether one of the values stands in a file as a whole word, whatever its case; True for what is packed, False for no file."""
    if not path.exists():
        return False
    sought = re.compile(rb"(?<!\w)(?:" + b"|".join(re.escape(value.lower().encode()) for value in values) + rb")(?!\w)")
    with path.open("rb") as file:
        before = file.read(4)
        if before == b"PAR1" or before[:2] in {b"\x1f\x8b", b"PK"}:
            return True
        while piece := file.read(1_048_576):
            text = before + piece.lower()
            if sought.search(text):
                return True
            before = text[-_LONGEST:]
    return bool(sought.search(before.lower()))


def _facts(subject: Subject) -> list[OutboxFact]:
    ids = {str(one) for one in subject.customer_ids}
    found = []
    for fact in OutboxFact.objects.filter(workspace_id=subject.workspace_id).iterator(chunk_size=500):
        one = _decoder.decode(bytes(fact.body))
        carried = {("user_id", one.user_id), ("anonymous_id", one.anonymous_id)}
        named = str(json.loads(bytes(one.context)).get("customer_id"))
        if named in ids or carried & set(subject.identifiers):
            found.append(fact)
    return found
