"""Every route of the console and the API, found in the URL map, with what it declares and an address to try."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Routes that libraries make, which can't carry a mark of their own.
LIBRARY_PUBLIC = {
    "api:openapi-json": "the API's description holds nothing of any workspace",
    "api:api-root": "ninja's own name for the API's root; answers 404",
}
_FILL = {
    "workspace": "{workspace}", "uuid": "00000000-0000-7000-8000-000000000001", "int": "999999999", "slug": "nothing",
    "str": "nothing", "path": "nothing",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Route:
    """One address. Exactly one of permission, public and own is set, or nothing: then it is undeclared."""

    name: str
    address: str
    permission: str = ""
    public: str = ""
    own: bool = False
    method: str = ""  # of an API endpoint; pages are tried with GET and POST

    @property
    def declared(self) -> bool:
        return bool(self.permission or self.public or self.own)

    def at(self, workspace: str) -> str:
        return self.address.replace("{workspace}", workspace)

    def __str__(self) -> str:
        return f"{self.method} {self.address}".strip()


def all_routes() -> list[Route]:
    from django.urls import get_resolver

    return [*_pages(get_resolver().url_patterns, "", ""), *_endpoints()]


def _pages(patterns: Any, address: str, namespace: str) -> Iterator[Route]:
    from django.urls import URLResolver

    for one in patterns:
        here = address + _filled(one.pattern)
        if isinstance(one, URLResolver):
            inner = ":".join(filter(None, (namespace, one.namespace)))
            yield from _pages(one.url_patterns, here, inner)
            continue
        view = one.callback
        if view.__module__ == "ninja.operation":
            continue  # its operations are found below
        name = ":".join(filter(None, (namespace, one.name or f"{view.__module__}.{view.__qualname__}")))
        yield Route(
            name=name,
            address=f"/{here}",
            permission=getattr(view, "permission", ""),
            public=getattr(view, "public", "") or LIBRARY_PUBLIC.get(name, ""),
            own=getattr(view, "own_account", False),
        )


def _endpoints() -> Iterator[Route]:
    from django.urls import reverse

    from amity.config.api import api

    root = reverse("api:api-root")
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            for operation in view.operations:
                address = root.rstrip("/") + "/" + "/".join(filter(None, (bound.prefix.strip("/"), path.strip("/"))))
                for method in operation.methods:
                    yield Route(
                        name=f"api:{operation.view_func.__name__}",
                        address=_braces(address, operation),
                        permission=getattr(operation.view_func, "permission", ""),
                        public="" if operation.auth_callbacks else "declared without authentication",
                        method=method,
                    )


def _braces(address: str, operation: Any) -> str:
    import re

    return re.sub(r"\{([^}]+)\}", lambda m: _FILL.get(m[1].partition(":")[0] if ":" in m[1] else "", _FILL["uuid"]), address)


def _filled(pattern: Any) -> str:
    import re

    text = str(pattern)
    if not hasattr(pattern, "_route"):
        return re.sub(r"[\^$]|\.\*", "", text).replace("\\", "")

    def fill(found: re.Match[str]) -> str:
        kind, _, name = found[1].rpartition(":")
        return _FILL["workspace"] if name == "workspace" else _FILL[kind or "str"]

    return re.sub(r"<([^>]+)>", fill, pattern._route)
