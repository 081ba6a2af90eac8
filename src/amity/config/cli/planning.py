"""Whose plan `amity plan` works on: this machine's, or one behind an address, asked over the JSON API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from amity.rooms.collection.rules.plan.files import PlanFiles

Versions = Mapping[tuple[str, str], int]


class There(Protocol):
    """A plan that can be read and changed; what goes in and out is shaped as the API's."""

    def pull(self) -> dict[str, Any]:
        """Return the whole plan."""

    def push(self, files: PlanFiles, *, expected: Versions | None, remove_others: bool, dry_run: bool) -> list[dict[str, Any]]:
        """Make the plan what files say; return the steps."""


def there(workspace: str | None, url: str | None, token: str | None) -> There:
    """Return the plan that the options name. Raises Invalid where an address comes without a token."""
    from amity.kernel.errors import Invalid

    if not url:
        return _Here(workspace)
    if not token:
        raise Invalid("Give a token of that Amity: --token, or AMITY_TOKEN in the environment.")
    return _Elsewhere(url, token)


class _Here:
    def __init__(self, workspace: str | None) -> None:
        from amity.config.cli.setup import chosen_workspace, django_ready

        django_ready()
        self.workspace_id = chosen_workspace(workspace).id

    def pull(self) -> dict[str, Any]:
        from amity.rooms.collection.queries.plan.planned import list_planned, policies_by_name, unplanned_action

        return {
            "interactions": [
                {"kind": one.document["kind"], "name": one.document["name"], "version": one.version, "document": one.document}
                for one in list_planned(workspace_id=self.workspace_id)
            ],
            "unplanned": unplanned_action(workspace_id=self.workspace_id),
            "sources": policies_by_name(workspace_id=self.workspace_id),
        }

    def push(self, files: PlanFiles, *, expected: Versions | None, remove_others: bool, dry_run: bool) -> list[dict[str, Any]]:
        from amity.rooms.collection.actions.plan.change import Change
        from amity.rooms.collection.actions.plan.push import push_plan
        from amity.rooms.trust.contracts import COMMAND_LINE

        change = Change(workspace_id=self.workspace_id, actor=COMMAND_LINE)
        steps = push_plan(change=change, files=files, expected=expected, remove_others=remove_others, dry_run=dry_run)
        return [
            {
                "kind": one.kind, "name": one.name, "action": one.action, "version": one.version,
                "differs": [{"path": path, "before": before, "after": after} for path, before, after in one.differs],
            }
            for one in steps
        ]  # fmt: skip


class _Elsewhere:
    def __init__(self, url: str, token: str) -> None:
        from amity.notebook.connection import Connection

        self.connection = Connection(url, token=token)

    def pull(self) -> dict[str, Any]:
        return self._asked("GET", None)

    def push(self, files: PlanFiles, *, expected: Versions | None, remove_others: bool, dry_run: bool) -> list[dict[str, Any]]:
        wanted = [{"kind": kind, "name": name, "version": version} for (kind, name), version in (expected or {}).items()]
        body = {
            "documents": files.documents, "unplanned": files.unplanned, "sources": files.sources,
            "expected": None if expected is None else wanted, "remove_others": remove_others, "dry_run": dry_run,
        }  # fmt: skip
        steps: list[dict[str, Any]] = self._asked("POST", body)["steps"]
        return steps

    def _asked(self, method: str, body: dict[str, Any] | None) -> dict[str, Any]:
        from amity.notebook.answers import raise_for

        answer = self.connection.ask(method, "plan", json=body)
        raise_for(answer)
        told: dict[str, Any] = answer.json()
        return told
