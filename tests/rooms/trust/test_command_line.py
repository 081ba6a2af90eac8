from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client

from amity.config.cli.main import cli
from amity.kernel.errors import AmityError
from amity.rooms.trust.models import Membership, Workspace
from amity.rooms.trust.queries.access import find_token_access
from tests.rooms.trust.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def run(*arguments, code=0):
    found = CliRunner().invoke(cli, list(arguments))
    assert found.exit_code == code, found.output
    return found.output


def run_json(*arguments):
    return json.loads(run(*arguments, "--json"))


def fails(*arguments):
    with pytest.raises(AmityError) as error:
        CliRunner().invoke(cli, list(arguments), catch_exceptions=False)
    return error.value.message


def test_workspaces_are_made_and_listed(owner, workspace):
    made = run_json("workspace", "create", "Zürich & Söhne")
    assert made["slug"] == "zurich-sohne"
    assert Membership.objects.get(workspace__slug="zurich-sohne").person == owner
    assert run_json("workspace", "create", "Zurich Sohne")["slug"] == "zurich-sohne-2"
    assert [w["slug"] for w in run_json("workspace", "list")] == ["acme", "zurich-sohne", "zurich-sohne-2"]
    assert "acme" in run("workspace", "list")
    assert "already" in fails("workspace", "create", "X", "--slug", "acme")
    assert "address" in fails("workspace", "create", "X", "--slug", "No Good")
    assert "person create" in fails("workspace", "create", "X", "--owner", "who@acme.example")


def test_a_person_made_here_signs_in_with_the_printed_link(workspace):
    made = run_json("person", "create", "Ada@acme.example", "--role", "analyst", "--name", "Ada")
    path = re.sub(r"^https?://[^/]+", "", made["link"])
    client = Client()
    assert client.post(path, {"name": "Ada", "password": PASSWORD}).status_code == 302
    assert client.get("/w/acme/people/").status_code == 200
    assert run_json("person", "list") == [{"id": made["id"], "email": "Ada@acme.example", "name": "Ada", "role": "analyst"}]
    again = run("person", "link", "ada@acme.example").strip()
    assert Client().get(re.sub(r"^https?://[^/]+", "", again)).status_code == 200
    assert run_json("person", "link", "ada@acme.example", "--without-second-factor")["link"] != again
    assert "Nobody here" in fails("person", "link", "who@acme.example")


def test_tokens_are_printed_once_and_revoked(workspace, other_workspace):
    made = run_json("token", "create", "--role", "analyst", "--name", "Nightly", "--days", "7", "--workspace", "rival")
    access = find_token_access(made["token"])
    assert (access.workspace_slug, access.role, access.actor.name) == ("rival", "analyst", "Nightly")
    plain = run("token", "create", "--role", "viewer").strip()
    assert find_token_access(plain).workspace_slug == "acme"
    assert made["token"] not in run("token", "list", "--workspace", "rival")
    assert "no such token" in fails("token", "revoke", str(made["id"]))
    run_json("token", "revoke", str(made["id"]), "--workspace", "rival")
    assert find_token_access(made["token"]) is None
    assert "no role" in fails("token", "create", "--role", "boss")
    assert "no workspace" in fails("token", "create", "--role", "viewer", "--workspace", "nowhere")


def test_verifying_says_where_the_chain_breaks(workspace):
    run("token", "create", "--role", "viewer")
    run("token", "create", "--role", "viewer")
    fine = run_json("audit", "verify")
    assert (fine["ok"], fine["rows"]) == (True, 2)
    assert "holds" in run("audit", "verify", "--head", fine["head"])
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE trust_audit DISABLE TRIGGER trust_audit_keep")
        cursor.execute("UPDATE trust_audit SET actor_name = 'Eve' WHERE seq = 2")
    assert json.loads(run("audit", "verify", "--json", code=1))["broken"] == 2
    assert "row 2" in run("audit", "verify", code=1)


def test_without_a_workspace_the_errors_say_what_to_do(db):
    Workspace.objects.all().delete()
    assert "amity workspace create" in fails("token", "create", "--role", "viewer")
