"""`amity plan` and its API: files out, reviewed, and in again as one change."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from django.test import Client

from amity.config.cli.plan import LOCK, command
from amity.kernel.errors import Invalid
from amity.rooms.collection.actions.plan.change import Change, Conflict, save_planned
from amity.rooms.collection.actions.plan.push import push_plan
from amity.rooms.collection.actions.sources import create_source
from amity.rooms.collection.queries.plan.planned import find_planned, list_planned, policies_by_name, unplanned_action
from amity.rooms.collection.rules.plan.document import check_document
from amity.rooms.collection.rules.plan.files import PlanFiles
from amity.rooms.trust.actions.tokens import create_system_token
from amity.rooms.trust.contracts import COMMAND_LINE
from amity.rooms.trust.models import AuditEntry, Workspace


@pytest.fixture
def change(workspace) -> Change:
    made = Change(workspace_id=workspace, actor=COMMAND_LINE)
    for name in ("Order", "Refund"):
        save_planned(change=made, document={"name": name, "owner": "Shop"})
    return made


@pytest.fixture
def run(workspace, tmp_path):
    slug = Workspace.objects.get(pk=workspace).slug

    def run(word: str, *more: str, code: int = 0, told: str | None = None) -> str:
        result = CliRunner().invoke(command, [word, str(tmp_path / "plan"), "--workspace", slug, *more], input=told)
        assert result.exit_code == code, (result.output, result.exception)
        return result.output + (str(result.exception) if isinstance(result.exception, Exception) else "")

    return run


def test_pulled_changed_pushed(change, run, tmp_path):
    folder = tmp_path / "plan"
    create_source(workspace_id=change.workspace_id, name="Web", kind="website", actor=COMMAND_LINE)
    assert "2 interactions; 3 files written" in run("pull")
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.yaml")) == [
        "plan.yaml", "track/order.yaml", "track/refund.yaml"
    ]  # fmt: skip
    assert "what the files say" in run("check")
    (folder / "track/order.yaml").write_text("kind: track\nname: Order\nowner: Web team\n")
    (folder / "new.yaml").write_text("name: Returned\n")
    (folder / "plan.yaml").write_text("unplanned: flag\nsources: {Web: {on_violation: block}}\n")
    shown = run("check", code=1)
    assert 'owner: "Shop" → "Web team"' in shown
    assert "+ track Returned" in shown
    run("push", code=1, told="n\n")
    assert unplanned_action(workspace_id=change.workspace_id) == "allow"
    assert "Changed 3 interactions" in run("push", told="y\n")
    assert [p.document["name"] for p in list_planned(workspace_id=change.workspace_id)] == ["Order", "Refund", "Returned"]
    assert unplanned_action(workspace_id=change.workspace_id) == "flag"
    assert policies_by_name(workspace_id=change.workspace_id) == {"Web": {"unplanned": "", "on_violation": "block"}}
    assert "The plan is what the files say." in run("push", "--yes")
    assert AuditEntry.objects.filter(workspace_id=change.workspace_id, target="plan:track:Returned").count() == 1
    (folder / "track/refund.yaml").unlink()
    assert "what the files say" in run("push", "--yes")
    assert json.loads(run("push", "--remove-others", "--json"))[0]["action"] == "remove"
    assert find_planned(workspace_id=change.workspace_id, kind="track", name="Refund") is None


def test_what_was_changed_meanwhile_is_not_overwritten(change, run, tmp_path):
    run("pull")
    save_planned(change=change, document={"name": "Order", "owner": "Somebody"})
    (tmp_path / "plan/track/order.yaml").write_text("name: Order\nowner: Web team\n")
    (tmp_path / "plan/track/refund.yaml").write_text("name: Refund\nowner: Web team\n")
    said = run("push", "--yes", code=1)
    assert "Order is at version 2" in said
    refund = find_planned(workspace_id=change.workspace_id, kind="track", name="Refund")
    assert refund is not None
    assert refund.document["owner"] == "Shop"  # all or nothing
    assert "1 files written" in run("pull") or "files written" in run("pull")
    run("push", "--yes", "--force")


def test_a_pull_removes_what_it_brought_and_leaves_the_rest(change, run, tmp_path):
    run("pull")
    (tmp_path / "plan/mine.yaml").write_text("name: Mine\n")
    push_plan(change=change, files=PlanFiles(documents=(check_document({"name": "Order"}),)), remove_others=True)
    assert "1 removed, 1 that the plan doesn't hold left" in run("pull")
    assert not (tmp_path / "plan/track/refund.yaml").exists()
    assert (tmp_path / "plan/mine.yaml").exists()
    assert len(json.loads((tmp_path / "plan" / LOCK).read_text())) == 1


def test_wrong_folders_and_files_say_what_to_do(change, run, tmp_path):
    assert "amity plan pull" in run("push", "--yes", code=1)
    (tmp_path / "plan").mkdir()
    assert "holds no plan" in run("check", code=1)
    (tmp_path / "plan/a.yaml").write_bytes(b"name: \xff")
    assert "UTF-8" in run("check", "--files-only", code=1)
    (tmp_path / "plan/a.yaml").write_text("name: A\nowner: [1]\n")
    assert "a.yaml: owner" in run("pull", code=1)
    with pytest.raises(Invalid, match="no source called 'Shop'"):
        push_plan(change=change, files=PlanFiles(sources={"Shop": {"unplanned": "", "on_violation": ""}}))


def test_over_http_by_those_who_may(change):
    def api(role: str) -> Client:
        _, secret = create_system_token(workspace_id=change.workspace_id, name=role, role=role)
        return Client(headers={"Authorization": f"Bearer {secret}"})

    owner, viewer = api("owner"), api("viewer")
    plan = viewer.get("/api/v1/plan").json()
    assert [(one["name"], one["version"]) for one in plan["interactions"]] == [("Order", 1), ("Refund", 1)]

    def push(client: Client, **given):
        return client.post("/api/v1/plan", json.dumps(given), content_type="application/json")

    document = {"name": "Order", "status": "deprecated"}
    assert push(viewer, documents=[document]).status_code == 403
    assert push(owner, documents=[{"name": "Order", "status": "old"}]).status_code == 400
    shown = push(owner, documents=[document], dry_run=True).json()
    assert [(one["action"], one["version"]) for one in shown["steps"]] == [("change", 2)]
    assert find_planned(workspace_id=change.workspace_id, kind="track", name="Order").version == 1
    refused = push(owner, documents=[document], expected=[])
    assert (refused.status_code, refused.json()["code"]) == (400, "conflict")
    made = push(owner, documents=[document], expected=[{"kind": "track", "name": "Order", "version": 1}]).json()
    assert {d["path"]: (d["before"], d["after"]) for d in made["steps"][0]["differs"]} == {
        "owner": ("Shop", ""), "status": ("live", "deprecated")
    }  # fmt: skip
    with pytest.raises(Conflict):
        push_plan(change=change, files=PlanFiles(documents=(check_document({"name": "Order"}),)), expected={})
