"""Judge interactions by a plan: pure, quick, the same for the same interaction and plan.

Most plans say which properties there are, of which type, and which must be there; that a shape decides, so it is judged once
and remembered. What depends on values (`enum`, `pattern`, limits, nested schemas) is judged for each interaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from amity.rooms.collection.rules.plan.schema import compile_schema, pii_of
from amity.rooms.collection.rules.plan.shapes import Shape

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

BLOCKED = "blocked_by_plan"
MOST = 10  # violations that are told of one interaction
MOST_SHAPES = 20_000
_MOST_READ = 100
_STRENGTH = {"allow": 0, "flag": 1, "quarantine": 2, "block": 3}
_CODES = {
    "required": "missing", "type": "type", "enum": "enum", "const": "enum", "pattern": "pattern", "format": "format",
    "additionalProperties": "unplanned_property",
}  # fmt: skip
_FREE = {"title", "description", "examples", "deprecated", "$comment", "x-pii"}


class Broken(NamedTuple):
    """One rule that was broken: a code (`missing`, `type`, `enum` …) and where (`properties.total`)."""

    code: str
    path: str


class Verdict(NamedTuple):
    """What is to become of an interaction (`allow`, `flag`, `block`, `quarantine`), why, and which properties are left out."""

    action: str = "allow"
    broken: tuple[Broken, ...] = ()
    omit: tuple[tuple[str, str], ...] = ()


class Sensitive(NamedTuple):
    """Names of what a plan calls sensitive: properties by interaction, and traits, wherever they are carried."""

    properties: dict[tuple[str, str], frozenset[str]] = {}
    traits: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.properties or self.traits)


FINE = Verdict()
IDENTIFYING = frozenset({"email", "phone"})  # traits that customers are found by


@dataclass(slots=True)
class _Part:
    """Properties or traits of one planned interaction."""

    place: str
    schema: dict[str, Any]
    validator: Draft202012Validator = field(init=False)
    known: frozenset[str] = field(init=False)
    whole: frozenset[str] = field(init=False)  # planned as integers, which 3.0 is, too: there the value decides
    by_shape: bool = field(init=False)

    def __post_init__(self) -> None:
        self.validator = compile_schema(self.schema)
        inner = self.schema.get("properties", {})
        self.known = frozenset(inner)
        self.whole = frozenset(name for name, one in inner.items() if "integer" in _listed(one.get("type")))
        free = self.schema.keys() <= {"type", "properties", "required"} | _FREE
        self.by_shape = free and all(one.keys() <= {"type"} | _FREE for one in inner.values())

    def decided_by(self, names: tuple[str, ...], types: tuple[type, ...]) -> bool:
        """Whether any interaction of this shape is judged alike."""
        return self.by_shape and (
            float not in types or not any(kind is float and name in self.whole for name, kind in zip(names, types, strict=True))
        )

    def broken_by(self, value: dict[str, Any]) -> list[Broken]:
        """Return the rules that the value breaks, each once, in one order."""
        if self.validator.is_valid(value):
            return []
        found: list[Broken] = []
        for error in self.validator.iter_errors(value):
            rule = str(error.schema_path[-1]) if error.schema_path else ""
            path = [self.place, *("[]" if isinstance(one, int) else str(one)[:60] for one in error.instance_path)]
            if rule == "required":
                path.append(str(error.kind.property)[:200])  # type: ignore[attr-defined]
            found.append(Broken(_CODES.get(rule, "limit"), ".".join(path)[:220]))
            if len(found) == _MOST_READ:
                break
        return sorted(set(found))


@dataclass(slots=True)
class _Planned:
    status: str
    on_violation: str
    unplanned_properties: str
    parts: tuple[_Part, _Part]


@dataclass(slots=True)
class Judge:
    """One workspace's plan, ready to judge."""

    planned: dict[tuple[str, str], _Planned]
    unplanned: str
    sources: dict[int, tuple[str, str]]  # source: what it does with unplanned interactions, and on violations; empty follows
    sensitive: Sensitive = Sensitive()
    _known: dict[tuple[int, str, str, Shape], Verdict | None] = field(default_factory=dict)

    def judge(  # noqa: PLR0913, PLR0917  one call for each interaction: by position
        self, source: int, kind: str, name: str, shape: Shape, properties: dict[str, Any], traits: dict[str, Any]
    ) -> Verdict:
        """Return the verdict on one interaction."""
        key = (source, kind, name, shape)
        known = self._known.get(key, _UNKNOWN)
        if known is _UNKNOWN:
            known = self._by_shape(source, kind, name, shape, properties, traits)
            if len(self._known) >= MOST_SHAPES:
                self._known.clear()
            self._known[key] = known
        return known if known is not None else self._by_values(source, kind, name, properties, traits)

    def _by_shape(  # noqa: PLR0913, PLR0917
        self, source: int, kind: str, name: str, shape: Shape, properties: dict[str, Any], traits: dict[str, Any]
    ) -> Verdict | None:
        one = self.planned.get((kind, name))
        if one is not None and not (one.parts[0].decided_by(shape[0], shape[1]) and one.parts[1].decided_by(shape[2], shape[3])):
            return None
        return self._by_values(source, kind, name, properties, traits)

    def _by_values(self, source: int, kind: str, name: str, properties: dict[str, Any], traits: dict[str, Any]) -> Verdict:
        unplanned, on_violation = self.sources.get(source, ("", ""))
        one = self.planned.get((kind, name))
        if one is None:
            action = unplanned or self.unplanned
            return FINE if action == "allow" else Verdict(action, (Broken("unplanned_event", ""),))
        broken: list[Broken] = []
        actions = ["allow"]
        omit: list[tuple[str, str]] = []
        for part, value in zip(one.parts, (properties, traits), strict=True):
            if found := part.broken_by(value):
                broken += found
                actions.append(on_violation or one.on_violation)
            if one.unplanned_properties != "allow" and (more := [key for key in value if key not in part.known]):
                broken += [Broken("unplanned_property", f"{part.place}.{key}"[:220]) for key in more]
                actions.append("flag" if one.unplanned_properties == "omit" else one.unplanned_properties)
                if one.unplanned_properties == "omit":
                    omit += [(part.place, key) for key in more]
        if one.status == "deprecated":
            broken.append(Broken("deprecated", ""))
            actions.append("flag")
        action = max(actions, key=_STRENGTH.__getitem__)
        # What may pass as if nothing were wrong isn't told either.
        return FINE if action == "allow" and not omit else Verdict(action, tuple(broken[:MOST]), tuple(omit))


_UNKNOWN: Any = object()


def judge_of(documents: Iterable[Mapping[str, Any]], *, unplanned: str, sources: Mapping[int, tuple[str, str]]) -> Judge:
    """Return a plan of checked documents, compiled."""
    documents = list(documents)
    return Judge(
        planned={
            (one["kind"], one["name"]): _Planned(
                status=one["status"],
                on_violation=one["on_violation"],
                unplanned_properties=one["unplanned_properties"],
                parts=(_Part("properties", one["properties"]), _Part("traits", one["traits"])),
            )
            for one in documents
        },
        unplanned=unplanned,
        sources=dict(sources),
        sensitive=_sensitive(documents),
    )


def _sensitive(documents: Iterable[Mapping[str, Any]]) -> Sensitive:
    properties: dict[tuple[str, str], frozenset[str]] = {}
    traits: set[str] = set()
    for one in documents:
        marked = {
            place: {name for name, pii in pii_of(one[place]).items() if pii == "sensitive"} for place in ("properties", "traits")
        }
        traits |= marked["traits"]
        if marked["properties"]:
            properties[one["kind"], one["name"]] = frozenset(marked["properties"])
    return Sensitive(properties, frozenset(traits) - IDENTIFYING)


def sentence(broken: Iterable[Broken]) -> str:
    """Return what was broken as a sentence for a person."""
    return "; ".join(_said(one) for one in broken) + "."


def _said(one: Broken) -> str:
    words = {
        "missing": "{} is missing", "type": "{} has another type", "enum": "{} is none of the planned values",
        "pattern": "{} doesn’t match its pattern", "format": "{} has another format", "limit": "{} is outside its limits",
        "unplanned_property": "{} is not planned", "unplanned_event": "The plan doesn’t know this interaction",
        "deprecated": "The plan calls this interaction deprecated",
    }  # fmt: skip
    return words[one.code].format(one.path)


def _listed(types: Any) -> list[str]:
    return types if isinstance(types, list) else [types]
