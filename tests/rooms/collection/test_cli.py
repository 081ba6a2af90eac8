"""`amity source`, as a person and as a script."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from amity.config.cli.source import command
from amity.rooms.trust.models import Workspace


@pytest.fixture
def run(workspace):
    slug = Workspace.objects.get(pk=workspace).slug

    def run(*words: str, ok: bool = True) -> str:
        result = CliRunner().invoke(command, [*words, "--workspace", slug])
        assert (result.exit_code == 0) is ok, result.output
        return result.output if ok else str(result.exception)

    return run


def test_create_prints_a_write_key_and_a_line_to_try(run, bucket):
    shown = json.loads(run("create", "Web shop", "--kind", "website", "--json"))
    assert set(shown) == {"id", "name", "write_key", "edge_url", "workspace"}
    assert bucket.entry(shown["write_key"]).name == "Web shop"
    told = run("create", "Server")
    assert "Write key: wk_" in told
    assert "curl -u wk_" in told


def test_list_rotate_and_disable(run, bucket):
    assert "amity source create" in run("list")
    old = json.loads(run("create", "Web shop", "--json"))["write_key"]
    new = json.loads(run("rotate", "Web shop", "--json"))["write_key"]
    assert bucket.entry(old) is None
    assert bucket.entry(new).enabled
    run("disable", "Web shop")
    assert not bucket.entry(new).enabled
    [listed] = json.loads(run("list", "--json"))
    assert (listed["state"], listed["write_key"]) == ("disabled", new)
    run("disable", "Web shop", "--again")
    assert bucket.entry(new).enabled
    assert "waiting" in run("list")
    assert "no source" in run("rotate", "Nothing", ok=False)
