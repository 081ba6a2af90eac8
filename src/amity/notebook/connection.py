"""Reading an Amity from a notebook, with an API token: customers, interactions and SQL as frames.

    import amity

    shop = amity.connect("https://amity.example", token="amity_…", purpose="analytics")  # or AMITY_URL, AMITY_TOKEN, AMITY_PURPOSE
    shop.interactions(event="Order Completed", since="2026-01-01").polars()

What a token may see here is what its role may (`customers.export` for rows, `query.run` for SQL), and of customers those who allow the
purpose at that moment; each download is in the audit log.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

import httpx

from amity.kernel.errors import Invalid, NotRunning
from amity.notebook.answers import raise_for
from amity.notebook.frame import Download, Rows

_PATIENCE = httpx.Timeout(120, connect=10)  # an export sorts before its first byte
Instant = str | date | datetime


def connect(url: str | None = None, *, token: str | None = None, purpose: str | None = None) -> Connection:
    """Return a connection to the Amity whose console is at `url`; it is tried, so that a wrong token is told here.

    `purpose` is what customers' data is used for, unless a read names another. What is left out is read from the environment:
    AMITY_URL, AMITY_TOKEN, AMITY_PURPOSE. Raises Invalid where neither tells it,
    AmityError (`code` "unauthorized") for a token that isn't in force, NotRunning where nothing answers.
    """
    url, token = url or os.environ.get("AMITY_URL"), token or os.environ.get("AMITY_TOKEN")
    if not url or not token:
        raise Invalid("Give the console's address and a token: amity.connect(url, token=…), or set AMITY_URL and AMITY_TOKEN.")
    connection = Connection(url, token=token, purpose=purpose or os.environ.get("AMITY_PURPOSE", ""))
    try:
        connection.check()
    except BaseException:
        connection.close()
        raise
    return connection


class Connection:
    """One workspace of one Amity, as far as a token may see it. Close it, or use it in a `with`."""

    def __init__(self, url: str, *, token: str, purpose: str = "") -> None:
        self._purpose = purpose
        self._http = httpx.Client(
            base_url=url.rstrip("/") + "/api/v1/", headers={"Authorization": f"Bearer {token}"}, timeout=_PATIENCE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Amity at {self._http.base_url.copy_with(raw_path=b'/')}>"  # never the token

    def close(self) -> None:
        """Close what is open to the other side."""
        self._http.close()

    def check(self) -> None:
        """Raise what is wrong with address or token."""
        answer = self.ask("GET", "sources")
        if answer.status_code == 403:  # a role that may not see sources, but a token in force
            return
        raise_for(answer)

    def customers(  # noqa: PLR0913  each is a filter of its own
        self,
        *,
        search: str = "",
        trait: Mapping[str, object] | None = None,
        channel: str | Iterable[str] = (),
        since: Instant | None = None,
        until: Instant | None = None,
        purpose: str | None = None,
    ) -> Download:
        """Return customers who allow the purpose: whom the search finds, with these traits, last seen on these channels and in this time.

        Columns as in a file of customers; `traits`, `identifiers`, `consent`, `channels` and `values` are JSON as text.
        """
        pairs = [f"{name}={_plain(value)}" for name, value in (trait or {}).items()]
        asked = {"q": search, "trait": pairs, "channel": _each(channel), "since": _instant(since), "until": _instant(until)}
        return self._download("export/customers", asked, purpose)

    def interactions(  # noqa: PLR0913  each is a filter of its own
        self,
        *,
        event: str | Iterable[str] = (),
        type: str | Iterable[str] = (),  # noqa: A002  the API's own word
        channel: str | Iterable[str] = (),
        source: int | Iterable[int] = (),
        customer: UUID | str | None = None,
        since: Instant | None = None,
        until: Instant | None = None,
        purpose: str | None = None,
    ) -> Download:
        """Return interactions of customers who allow the purpose by time, `since` counted in and `until` left out; customer ids are those of today."""
        asked = {
            "event": _each(event),
            "type": _each(type),
            "channel": _each(channel),
            "source": [source] if isinstance(source, int) else list(source),
            "customer": "" if customer is None else str(customer),
            "since": _instant(since),
            "until": _instant(until),
        }
        return self._download("export/interactions", asked, purpose)

    def audiences(self) -> Rows:
        """Return the audiences and lists in use: id, name, size as it is kept, and when that was last worked out."""
        answer = self.ask("GET", "audiences")
        raise_for(answer)
        columns = ["id", "name", "size", "computed_at"]
        found = answer.json()["audiences"]
        return Rows(columns=columns, rows=[[one[name] for name in columns] for one in found], truncated=False)

    def audience(self, audience: int | str, *, purpose: str | None = None) -> Download:
        """Return the members of an audience or a list (its id or name) who allow the purpose: the columns of customers, and `in_since`.

        Raises Invalid for a name that none has, or several have.
        """
        if isinstance(audience, str):
            found = [one for one, name, *_ in self.audiences().rows if name == audience]
            if len(found) != 1:
                raise Invalid(
                    f"{'Several audiences are' if found else 'No audience is'} called {audience!r}; pass the id of one instead."
                )
            [audience] = found
        return self._download(f"export/audiences/{audience}", {}, purpose)

    def traits(
        self, *traits: int, as_of: Instant, known: Literal["received", "happened"] = "received", purpose: str | None = None
    ) -> Download:
        """Return computed traits (their ids) as they would have been at an instant: a row for each customer of then.

        With `known` "received", only what had been received by then counts; with "happened", whatever had happened by then.
        """
        return self._download("computed-traits/frame", {"trait": list(traits), "as_of": _instant(as_of), "known": known}, purpose)

    def query(self, sql: str, *, limit: int = 10_000) -> Rows:
        """Return the rows of one SELECT over the past's `interactions`, at most `limit` (10,000 is the API's most).

        Raises Invalid for a question that can't be answered or takes too long.
        """
        answer = self.ask("POST", "query", json={"sql": sql, "limit": limit})
        raise_for(answer)
        told = answer.json()
        return Rows(columns=[one["name"] for one in told["columns"]], rows=told["rows"], truncated=told["truncated"])

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Return the answer of one request. Raises NotRunning where there is none."""
        try:
            return self._http.request(method, path, **more)
        except httpx.TransportError as error:
            raise NotRunning(f"No Amity answers at {self._http.base_url}: {error}") from None

    def _download(self, path: str, asked: Mapping[str, Any], purpose: str | None) -> Download:
        if not (purpose or self._purpose):
            raise Invalid(
                'Say what the data is used for: purpose="analytics", here or in amity.connect(…), or AMITY_PURPOSE; '
                "whoever doesn't allow it is left out.",
                code="purpose_missing",
            )
        asked = {**asked, "purpose": purpose or self._purpose}
        given = {name: value for name, value in asked.items() if value not in ("", [])}
        return Download(self._http, path, {**given, "format": "parquet"})


def _each(given: str | Iterable[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def _instant(given: Instant | None) -> str:
    if given is None or isinstance(given, str):
        return given or ""
    return given.isoformat()  # a day begins at midnight; without a zone it is UTC


def _plain(value: object) -> str:
    """Return a trait's value as PostgreSQL writes it as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)
