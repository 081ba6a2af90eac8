"""Puts random values into the product's tables: what stands within a condition becomes a trait of its own, and is referred to."""

from __future__ import annotations

from typing import Any

from amity.rooms.customers.models import ComputedTrait


class Splitter:
    """Makes traits in a workspace of values in which `compared` holds values in their places."""

    def __init__(self, workspace: int) -> None:
        self.workspace = workspace
        self.number = 0

    def trait(self, value: dict) -> ComputedTrait:
        """Make a trait of a value; its inner values are traits, too, wherever one can be referred to."""
        self.number += 1
        return ComputedTrait.objects.create(
            workspace_id=self.workspace, name=f"trait {self.number}", created_at=0, updated_at=0, wanted_at=0,
            definition={"version": 1, "value": self.split(value)},
        )  # fmt: skip

    def split(self, value: dict) -> dict:
        kind = value["kind"]
        if kind == "combine":
            return value | {"of": [self.ref(part) for part in value["of"]]}
        if kind == "tile":
            return value | {"of": self.ref(value["of"])}
        if kind == "cases":
            made: dict[str, Any] = {"of": [{"where": self.where(c["where"]), "then": self.ref(c["then"])} for c in value["of"]]}
            return value | made | ({"otherwise": self.ref(value["otherwise"])} if "otherwise" in value else {})
        return value

    def ref(self, value: dict) -> dict:
        if value["kind"] in {"fixed", "count"}:
            return value  # as well in its place
        return {"kind": "computed", "id": self.trait(value).pk}

    def where(self, where: dict) -> dict:
        kind = where["kind"]
        if kind in {"all", "any"}:
            return where | {"of": [self.where(one) for one in where["of"]]}
        if kind == "not":
            return where | {"of": self.where(where["of"])}
        if kind != "compared":
            return where
        rest = {name: given for name, given in where.items() if name not in {"kind", "value"}}
        return {"kind": "computed", "id": self.trait(where["value"]).pk, **rest}
