"""`amity customer show`: one customer's profile, identifiers, merges, consent and recent timeline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click


@click.group(short_help="Show a customer.")
def command() -> None:
    """Customers are who your interactions come from."""


@command.command()
@click.argument("id_or_email", metavar="ID_OR_EMAIL")
@click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(0, 1_000), help="How much of the timeline.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def show(*, id_or_email: str, workspace: str | None, limit: int, as_json: bool) -> None:
    """Show the customer that ID_OR_EMAIL identifies: an id of Amity's, a user id, an e-mail, a phone number, any identifier."""
    found = _find(id_or_email, workspace, limit)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, default=str))
        return
    for line in _lines(found):
        click.echo(line)


def _find(text: str, workspace: str | None, limit: int) -> dict[str, Any]:
    from amity.config.cli.setup import django_ready
    from amity.kernel.errors import NotFound

    django_ready()
    from amity.rooms.collection import api as collection
    from amity.rooms.customers import api as customers
    from amity.rooms.trust import api as trust

    where = trust.get_workspace(workspace) if workspace else trust.default_workspace()
    customer = customers.find_customer_by_identifier(workspace_id=where.id, text=text)
    if customer is None:
        raise NotFound(f"{where.name} has no customer with the identifier {text!r}.")
    sources = {source.id: source.name for source in collection.list_sources(workspace_id=where.id)}
    identifiers = customers.list_identifiers(workspace_id=where.id, customer_id=customer.id)
    merges = customers.list_merges(workspace_id=where.id, customer_id=customer.id)
    return {
        "workspace": where.slug,
        "customer_id": customer.id,
        "name": customer.name,
        "email": customer.email,
        "user_id": customer.user_id,
        "created_at": _when(customer.created_at),
        "first_seen": _when(customer.first_seen),
        "last_seen": _when(customer.last_seen),
        "interactions": customer.interactions,
        "channels": dict(customer.channels),
        "values": {currency: str(amount) for currency, amount in customer.values.items()},
        "traits": [
            {"name": t.name, "value": t.value, "time": _when(t.time), "source": _source(sources, t.source_id)}
            for t in customer.traits
        ],
        "identifiers": [
            {"kind": i.kind, "value": i.value, "added_at": _when(i.added_at), "source": _source(sources, i.source_id),
             "aliased": i.aliased}
            for i in identifiers
        ],
        "merges": [
            {"old_id": m.old_id, "into_id": m.into_id, "rule": m.rule, "time": _when(m.time),
             "source": _source(sources, m.source_id), "identifiers": [i[:2] for i in m.identifiers], "moved": list(m.moved)}
            for m in merges
        ],
        "consent": [
            {"purpose": c.purpose, "granted": c.granted, "time": _when(c.time), "source": _source(sources, c.source_id)}
            for c in customer.consent
        ],
        "timeline": _timeline(customers, customer, sources, limit),
    }  # fmt: skip


def _timeline(customers: Any, customer: Any, sources: Mapping[int, str], limit: int) -> list[dict[str, Any]]:
    if not limit:
        return []
    story = customers.timeline(workspace_id=customer.workspace_id, customer_ids=customer.all_ids, limit=limit)
    return [
        {
            "time": _when(moment.time),
            "type": moment.type,
            "name": moment.name,
            "channel": moment.channel,
            "voice": moment.voice,
            "message_id": moment.message_id,
            "source": _source(sources, moment.source_id),
            "session_id": moment.session_id,
            "session_start": moment.session_start,
            "value": None if moment.value is None else str(moment.value),
            "currency": moment.currency,
            "properties": moment.properties,
        }
        for moment in story.moments
    ]


def _source(sources: Mapping[int, str], source_id: int) -> str:
    return sources.get(source_id, "Amity" if source_id == 0 else f"source {source_id}")


def _when(instant: int) -> str:
    from amity.kernel.clock import from_ms

    return from_ms(instant).isoformat(timespec="milliseconds")


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{_plain(found['name'])}  {found['customer_id']}"
    yield f"  first seen  {_short(found['first_seen'])}"
    yield f"  last seen   {_short(found['last_seen'])}"
    channels = ", ".join(f"{name or 'unknown'} {number:,}" for name, number in sorted(found["channels"].items()))
    yield f"  did         {found['interactions']:,} interactions" + (f" ({channels})" if channels else "")
    for currency, amount in found["values"].items():
        yield f"  value       {amount} {currency}"
    traits = [(t["name"], _text(t["value"]), _short(t["time"]), t["source"]) for t in found["traits"]]
    yield from _table("Traits", traits)
    ids = [(i["kind"], i["value"], _short(i["added_at"]), i["source"]) for i in found["identifiers"]]
    yield from _table("Identifiers", ids)
    merges = [
        (_short(m["time"]), str(m["old_id"]), m["rule"].replace("_", " "), _joined(m["identifiers"])) for m in found["merges"]
    ]
    yield from _table("Merges", merges)
    consent = [(c["purpose"], "yes" if c["granted"] else "no", _short(c["time"]), c["source"]) for c in found["consent"]]
    yield from _table("Consent", consent)
    moments = [(_short(m["time"]), m["type"], m["name"] or "-", m["channel"], _worth(m)) for m in found["timeline"]]
    yield from _table("Timeline, newest first", moments)


def _table(title: str, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield title
    rows = [tuple(map(_plain, row)) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _short(instant: str) -> str:
    return instant[:19].replace("T", " ")


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else "(empty)" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"


def _plain(text: str) -> str:
    """Return strangers' text so that nothing in it can steer the terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _joined(identifiers: Sequence[Sequence[str]]) -> str:
    return " + ".join(f"{kind} {_text(value)}" for kind, value in identifiers)


def _worth(moment: Mapping[str, Any]) -> str:
    return f"{moment['value']} {moment['currency']}" if moment["value"] else ""
