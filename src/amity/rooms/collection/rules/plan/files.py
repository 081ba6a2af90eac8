"""A plan as files, for review beside code: one YAML file for each interaction, one for what becomes of the rest.

plan.yaml                      unplanned, and what single sources may do
track/order-completed.yaml     one planned interaction; what equals a default is left out
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.plan.document import ACTIONS, blank, check_document
from amity.rooms.collection.rules.plan.schema import KEYWORDS

REST_FILE = "plan.yaml"
LARGEST = 1_000_000  # bytes of a file
_POLICY = ("unplanned", "on_violation")


@dataclass(frozen=True, kw_only=True)
class PlanFiles:
    """What files say. `unplanned` is None where no file tells it; `sources` are policies by the source's name."""

    documents: tuple[dict[str, Any], ...] = ()
    unplanned: str | None = None
    sources: Mapping[str, Mapping[str, str]] | None = None
    paths: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (kind, name) to the file that tells of it


def read_files(texts: Mapping[str, str]) -> PlanFiles:
    """Return the plan that files (path to content) hold. Raises Invalid that names each file and what to mend in it."""
    documents: dict[tuple[str, str], dict[str, Any]] = {}
    paths: dict[tuple[str, str], str] = {}
    unplanned, sources, wrong = None, None, []
    for path, text in sorted(texts.items()):
        try:
            given = _parsed(text)
            if path == REST_FILE:
                unplanned, sources = check_rest(given)
                continue
            made = check_document(given)
        except Invalid as error:
            wrong.append(f"{path}: {error.message}")
            continue
        key = made["kind"], made["name"]
        if key in paths:
            wrong.append(f"{path}: {paths[key]} tells of {made['name'] or made['kind']} already; keep one of the two.")
        documents[key], paths[key] = made, path
    if wrong:
        raise Invalid("\n".join(wrong))
    return PlanFiles(documents=tuple(documents.values()), unplanned=unplanned, sources=sources, paths=paths)


def check_rest(given: object) -> tuple[str | None, dict[str, dict[str, str]] | None]:
    """Return (unplanned, sources) of what `plan.yaml` holds. Raises Invalid."""
    if not isinstance(given, Mapping) or not given.keys() <= {"unplanned", "sources"}:
        raise Invalid("This file holds unplanned and sources, and nothing else.")
    unplanned, sources = given.get("unplanned"), given.get("sources")
    if unplanned is not None and unplanned not in ACTIONS:
        raise Invalid(f"unplanned: one of {', '.join(ACTIONS)}.")
    if sources is None:
        return unplanned, None
    fine = isinstance(sources, Mapping) and all(
        isinstance(name, str) and isinstance(one, Mapping) and one.keys() <= set(_POLICY) and set(one.values()) <= {"", *ACTIONS}
        for name, one in sources.items()
    )
    if not fine:
        raise Invalid(f"sources: by a source's name, {' and '.join(_POLICY)}, each one of {', '.join(ACTIONS)}.")
    return unplanned, {name: {key: str(one.get(key, "")) for key in _POLICY} for name, one in sources.items()}


def rest_text(*, unplanned: str, sources: Mapping[str, Mapping[str, str]]) -> str:
    """Return the content of `plan.yaml`."""
    told = {name: {key: value for key in _POLICY if (value := one.get(key, ""))} for name, one in sorted(sources.items())}
    return _text({"unplanned": unplanned, **({"sources": told} if told else {})})


def document_text(document: Mapping[str, Any]) -> str:
    """Return the content of an interaction's file: `read_files` gives the same document back."""
    plain = blank(kind=document["kind"], name=document["name"])
    told = {key: value for key, value in document.items() if key in {"kind", "name"} or value != plain[key]}
    for place in ("properties", "traits"):
        if place in told:
            told[place] = _ordered(told[place])
    return _text(told)


def paths_for(named: Iterable[tuple[str, str]], held: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """Return a file for each (kind, name): the one that holds it already, else one called after it.

    Where two would be called alike (Order and order), the later one's name ends with a few signs of its hash.
    """
    found = {one: held[one] for one in named if one in held}
    taken = {path.lower() for path in held.values()} | {REST_FILE}
    for kind, name in sorted(set(named) - found.keys()):
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-") or ("any" if not name else "named")
        path = f"{kind}/{slug}.yaml"
        if path in taken:
            path = f"{kind}/{slug}-{hashlib.sha256(name.encode()).hexdigest()[:8]}.yaml"
        taken.add(path)
        found[kind, name] = path
    return found


def _parsed(text: str) -> Any:
    if len(text) > LARGEST:
        raise Invalid(f"A file of the plan has at most {LARGEST:,} characters.")
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  a safe loader, but for aliases, which it refuses
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Invalid(f"This is no YAML: {' '.join(str(error).split())[:300]}") from error


class _Loader(yaml.SafeLoader):
    """YAML as of 1.2: only true and false are that (not no, on, yes), 012 and 12:30 and dates are texts.

    No aliases, of which a few lines unfold to gigabytes; no key twice.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not read here; write it out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002  as PyYAML calls it
        counted = Counter(str(self.construct_object(key, deep=True)) for key, _ in node.value)
        if twice := [key for key, n in counted.items() if n > 1]:
            raise yaml.YAMLError(f"{twice[0]!r} stands here twice{node.start_mark}")
        return super().construct_mapping(node, deep)


def _ordered(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema in one order whoever wrote it: keywords as documented, properties by name."""
    made = {key: schema[key] for key in KEYWORDS if key in schema}
    if isinstance(made.get("properties"), Mapping):
        made["properties"] = {name: _ordered(inner) for name, inner in sorted(made["properties"].items())}
    if isinstance(made.get("items"), Mapping):
        made["items"] = _ordered(made["items"])
    if isinstance(made.get("required"), list):
        made["required"] = sorted(made["required"])
    return made


class _Dumper(yaml.SafeDumper):
    """Writes lists a little indented, and never an alias."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def represent_str(self, data: str) -> Any:
        style = '"' if any(sign in data for sign in "\x85\u2028\u2029") else None  # line ends of YAML's that PyYAML folds
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)


_Dumper.add_representer(str, _Dumper.represent_str)
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("bool", r"^(?:true|false)$", list("tf")),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", list("-0123456789")),
    ("float", r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$", list("-0123456789")),
):
    for _side in (_Loader, _Dumper):  # the writer quotes what this reader, or one of YAML 1.1, would take for no text
        _side.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def _text(value: Any) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
