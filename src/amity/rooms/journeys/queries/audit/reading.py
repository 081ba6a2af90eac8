"""What an audit reads of the past, in named questions: arrays with a place for each customer who allows analytics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from amity.engines.past.behaviour.asking import named
from amity.engines.past.behaviour.moments import EARLIEST
from amity.engines.past.client import ask, errors, past, question
from amity.rooms.journeys.queries.friction.reading import allowed, id_of
from amity.rooms.journeys.rules.audit.messages import Kind

if TYPE_CHECKING:
    import numpy as np

_PACKAGE = "amity.rooms.journeys"
_MOST_PAGES, _MOST_ERRORS, _MOST_KINDS, _MOST_LOADS = 40, 12, 200, 500_000
_LEAST = 30
_U32, _I64, _F64, _U8 = "<u4", "<i8", "<f8", "u1"


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Asks the past of one workspace from an instant to another (ms)."""

    workspace_id: int
    first: int
    last: int

    @cached_property
    def everybody(self) -> np.ndarray:
        """Who did or said something, in order."""
        import numpy as np

        return np.unique(self._rows("active", [("number", _U32)])[0])

    @cached_property
    def ids(self) -> np.ndarray:
        """Those of them who allow analytics, by id."""
        return allowed(self.everybody, workspace_id=self.workspace_id, at=self.last)

    def rows(self, name: str, fields: Sequence[tuple[str, str]], **params: Any) -> dict[str, np.ndarray]:
        """Return the rows of a named question of customers who allow analytics; `who` is each one's place among `ids`."""
        import numpy as np

        customers, found = self._rows(name, fields, **params)
        if not len(self.ids):
            return {"who": np.zeros(0, dtype=np.int64)} | {field: np.zeros(0, dtype=kind) for field, kind in fields}
        place = np.minimum(np.searchsorted(self.ids, customers), len(self.ids) - 1)
        keep = self.ids[place] == customers
        return {"who": place[keep]} | {each: found[each][keep] for each, _ in fields}

    def everybodys(self, name: str, fields: Sequence[tuple[str, str]], **params: Any) -> tuple[list[UUID], dict[str, np.ndarray]]:
        """Return the rows of a named question of everybody, with their ids."""
        customers, found = self._rows(name, fields, **params)
        return [id_of(one) for one in customers], {each: found[each] for each, _ in fields}

    def sources(self, ids: Sequence[int]) -> dict[str, np.ndarray]:
        """Return how often each customer did something by each source, by its place in `ids`."""
        found = self.rows("sources", [("source", _U32), ("number", _U32)], sources=list(ids))
        return found | {"source": found["source"].astype("i8") - 1}

    def pages(self) -> tuple[list[tuple[str, str]], int]:
        """Return the pages whose speed was measured most, by device, and how many loads of them there were."""
        rows = self._ask("pages", most=_MOST_PAGES)
        return [(row["page"], row["device"]) for row in rows], sum(row["loads"] for row in rows)

    def vitals(self, cells: Sequence[tuple[str, str]], loads: int) -> dict[str, np.ndarray]:
        """Return the loads of pages by device; of very many, a sample."""
        fields = [("cell", _U32), ("bought", _U8), ("lcp_ms", _F64), ("inp_ms", _F64), ("cls", _F64)]
        found = self.rows(
            "vitals",
            fields,
            pages=[one for one, _ in cells],
            devices=[one for _, one in cells],
            one_in=max(loads // _MOST_LOADS, 1),
        )
        return found | {"cell": found["cell"].astype("i8") - 1, "bought": found["bought"] == 1}

    def errors(self) -> list[tuple[str, str]]:
        """Return errors with the step that came before them most often."""
        return [(row["error"], row["step"]) for row in self._ask("errors", least=_LEAST, most=_MOST_ERRORS)]

    def error_sessions(self, pairs: Sequence[tuple[str, str]]) -> dict[str, np.ndarray]:
        """Return each customer's sessions with errors and with the step before."""
        fields = [("pair", _U32), ("met", _U32), ("ended", _U32), ("others", _U32), ("others_ended", _U32)]
        found = self.rows("error_sessions", fields, errors=[one for one, _ in pairs], steps=[one for _, one in pairs])
        return found | {"pair": found["pair"].astype("i8") - 1}

    def signing_in(self) -> dict[str, np.ndarray]:
        """Return tries to sign in."""
        return self.rows("signing_in", [("at", _I64), ("kind", _U32)])

    def features(self) -> tuple[dict[str, np.ndarray], list[str]]:
        """Return what was shown to whom, and the names of these things."""
        import numpy as np

        rows = self._ask("features")
        names = sorted({row["feature"] for row in rows})
        place = {UUID(bytes=bytes(one).ljust(16, b"\0")): n for n, one in enumerate(self.ids)}
        kept = [
            (place[row["customer"]], names.index(row["feature"]), row["times"], row["used"])
            for row in rows
            if row["customer"] in place
        ]
        columns = np.array(kept, dtype=np.int64).reshape(-1, 4)
        return dict(zip(("who", "feature", "times", "used"), columns.T, strict=True)), names

    def kinds(self) -> list[Kind]:
        """Return the kinds of messages that were sent most."""
        rows = self._ask("message_kinds", most=_MOST_KINDS)
        return [Kind(channel=row["channel"], name=row["name"], about=row["about"], purpose=row["purpose"]) for row in rows]

    def messages(self, kinds: Sequence[Kind]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the messages of these kinds, with everybody's ids (`S16`)."""
        customers, found = self._rows(
            "messages", [("at", _I64), ("kind", _U32)], channels=[one.channel for one in kinds], names=[one.name for one in kinds],
            abouts=[one.about for one in kinds], purposes=[one.purpose for one in kinds],
        )  # fmt: skip
        return customers, {"at": found["at"], "kind": found["kind"].astype("i8") - 1}

    def unsubscribed(self) -> dict[str, np.ndarray]:
        """Return who unsubscribed when, by an event."""
        return self.rows("unsubscribed", [("at", _I64)])

    def seen(self, customers: Sequence[UUID]) -> tuple[list[UUID], dict[str, np.ndarray]]:
        """Return how often some customers were seen on pages and screens, by day."""
        return self.everybodys("seen", [("at", _I64), ("number", _U32)], customers=[str(one) for one in customers])

    def _ask(self, name: str, **params: Any) -> list[dict[str, Any]]:
        return ask(package=_PACKAGE, name=f"audit_{name}", **self._params(params))

    def _params(self, more: Mapping[str, Any]) -> dict[str, Any]:
        return {"workspace_id": self.workspace_id, "first": max(self.first, EARLIEST), "last": self.last, **more}

    def _rows(self, name: str, fields: Sequence[tuple[str, str]], **params: Any) -> tuple[np.ndarray, Any]:
        import numpy as np

        with errors():
            client = past()
            client.form_encode_query_params = True
            body = client.raw_query(question(_PACKAGE, f"audit_{name}"), parameters=self._params(params), fmt="RowBinary")
        rows: Any = np.frombuffer(body, dtype=np.dtype([("high", "<u8"), ("low", "<u8"), *fields]))
        customers = named(rows["high"], rows["low"])
        order = np.argsort(customers, kind="stable")  # the past sorts ids by their halves, numpy by their bytes
        return customers[order], rows[order]
