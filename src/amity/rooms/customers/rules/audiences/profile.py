"""Conditions on who a customer is, as SQL over the present with bound values. `c` is the customer, `a` its activity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from amity.engines.past.behaviour.predicates import number
from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.audiences.language import Consent, Identifier, Member, Profile, Trait

_SIGNS = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}
_NUMERIC = r"'^-?[0-9]{1,15}(\.[0-9]{1,15})?$'"
# As the past tells values: text of text, truths and whole numbers; numbers of numbers and of text that is one.
_TEXT = """CASE jsonb_typeof({v}) WHEN 'string' THEN {v} #>> '{}' WHEN 'boolean' THEN {v}::text
    WHEN 'number' THEN CASE WHEN {v}::text ~ '^-?[0-9]+$' THEN {v}::text END END"""
_NUMBER = f"""CASE jsonb_typeof({{v}}) WHEN 'number' THEN CASE WHEN abs(({{v}}::text)::numeric) < 1e300 THEN ({{v}}::text)::float8 END
    WHEN 'string' THEN CASE WHEN {{v}} #>> '{{}}' ~ {_NUMERIC} THEN ({{v}} #>> '{{}}')::float8 END END"""


@dataclass(slots=True)
class Clause:
    """SQL that is true or false of a customer, with its values in their order."""

    sql: str
    values: list[Any]


def clause(one: Profile) -> Clause:
    """Return the SQL of a condition. Raises Invalid where it makes no sense."""
    match one:
        case Trait():
            return _trait(one)
        case Identifier():
            return _identifier(one)
        case Consent(purpose=purpose, test=test):
            answer = "(a.consent -> %s::text ->> 0)"
            sign = {"granted": f"{answer} = 'true'", "denied": f"{answer} = 'false'", "unknown": f"{answer} IS NULL"}[test]
            return Clause(f"coalesce({sign}, false)", [purpose])
        case Member(id=audience):
            return Clause(
                "EXISTS (SELECT FROM customers_member l WHERE l.audience_id = %s::bigint AND l.customer_id = c.id AND l.inside)",
                [audience],
            )


def _trait(one: Trait) -> Clause:
    path = one.name.split(".")
    # A trait's own name may have dots in it; the whole name is looked for first.
    value, values = "coalesce(c.traits -> %s::text, c.traits #> %s::text[])", [one.name, path]
    if one.test in {"present", "absent"}:
        there = f"coalesce(jsonb_typeof({value}) <> 'null', false)"
        return Clause(there if one.test == "present" else f"NOT {there}", values)
    met, more = _compare(one)
    # The value is read once, by a name, however often the comparison looks at it.
    sql = f"coalesce((SELECT {met} FROM (SELECT {value} AS v) AS read), false)"  # noqa: S608  our own text, values bound
    return Clause(f"NOT {sql}" if one.test == "not_equal" else sql, [*more, *values])


def _compare(one: Trait) -> tuple[str, list[Any]]:
    text, amount, to = _TEXT.replace("{v}", "read.v"), _NUMBER.replace("{v}", "read.v"), one.to
    match one.test:
        case "one_of":
            parts = [_equal(text, amount, each) for each in _several(one.name, to)]
            return " OR ".join(sql for sql, _ in parts), [value for _, values in parts for value in values]
        case _ if to is None or isinstance(to, tuple):
            raise Invalid(f"{one.name} is compared to what? Give one value in `to`.")
        case "equal" | "not_equal":
            return _equal(text, amount, to)
        case "contains" | "starts_with" | "ends_with":
            return _like(one.test, text), [_words(one.name, to)]
    return f"({amount}) {_SIGNS[one.test]} %s::float8", [number(one.name, to)]


def _equal(text: str, amount: str, to: Any) -> tuple[str, list[Any]]:
    if isinstance(to, bool):
        return f"({text}) = %s::text", ["true" if to else "false"]
    if isinstance(to, str):
        return f"({text}) = %s::text", [to]
    return f"({amount}) = %s::float8", [float(to)]


def _identifier(one: Identifier) -> Clause:
    mine = (
        "SELECT FROM customers_identifier i WHERE i.customer_id = c.id AND i.workspace_id = c.workspace_id AND i.kind = %s::text"
    )
    values: list[Any] = [one.of]
    if one.test in {"present", "absent"}:
        return Clause(f"{'NOT ' if one.test == 'absent' else ''}EXISTS ({mine})", values)
    if one.test == "one_of":
        return Clause(f"EXISTS ({mine} AND i.value = ANY(%s::text[]))", [*values, [str(v) for v in _several(one.of, one.to)]])
    met = "i.value = %s::text" if one.test == "equal" else _like(one.test, "i.value")
    return Clause(f"EXISTS ({mine} AND {met})", [*values, _words(one.of, one.to)])


def _like(test: str, text: str) -> str:
    return {
        "contains": f"strpos(({text}), %s::text) > 0",
        "starts_with": f"starts_with(({text}), %s::text)",
        "ends_with": f"starts_with(reverse(({text})), reverse(%s::text))",
    }[test]


def _several(name: str, to: Any) -> Sequence[Any]:
    if not isinstance(to, tuple) or not to:
        raise Invalid(f"{name} is one of what? Give a list in `to`.")
    return to


def _words(name: str, to: Any) -> str:
    if not isinstance(to, str) or not to:
        raise Invalid(f"{name} is compared to text; give some in `to`.")
    return to
