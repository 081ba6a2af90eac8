"""`amity journey test` on a real help desk: what holds, what doesn't, and what is said of what isn't there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET  # the file is our own

import pytest
from click.testing import CliRunner
from django.test import Client

from amity.config.cli.journey import command
from amity.engines.past.client import insert_rows
from amity.engines.past.rows import InteractionRow, money, seconds
from amity.kernel.errors import Invalid
from amity.rooms.journeys.models import Journey
from amity.rooms.trust.actions.tokens import create_system_token
from tests.rooms.customers.people import Place
from tests.rooms.journeys.conformance.test_real_logs import common
from tests.rooms.journeys.paths.logs import Log, in_order, xes

STAGES = ["Assign seriousness", "Take in charge ticket", "Resolve ticket", "Closed"]


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def kept(here: Place, log: Log) -> None:
    rows = [
        InteractionRow(
            workspace_id=here.workspace.pk, customer_id=customer, time=seconds(at), message_key=uuid4(), message_id="", type="track", source_id=1,
            received_at=seconds(at), projected_at=seconds(at), log_seq=1, log_index=1, name=name, channel="email", voice="did",
            value=money(None), properties={"ticket": case},
        )
        for case, events in log.items()
        for customer in [uuid4()]
        for at, name in events
    ]  # fmt: skip
    insert_rows(table="interactions_raw", rows=rows, token=f"tests of journeys {here.workspace.pk}")


def a_journey(here: Place) -> None:
    stages = [{"key": f"s{n}", "name": name, "event": {"name": name}} for n, name in enumerate(STAGES, 1)]
    here.client.post(f"/w/{here.workspace.slug}/journeys/new", {"kind": "", "name": "Help"})
    within = {"amount": 52, "unit": "weeks"}
    Journey.objects.filter(workspace=here.workspace).update(current={"version": 1, "stages": stages, "within": within})


def a_metric(here: Place, definition: dict[str, Any], name: str) -> None:
    _, secret = create_system_token(workspace_id=here.workspace.pk, name="t", role="analyst")
    body = json.dumps({"name": name, "definition": {"version": 1, **definition}})
    made = Client(headers={"Authorization": f"Bearer {secret}"}).post("/api/v1/metrics", body, content_type="application/json")
    assert made.status_code == 201, made.content


def run(here: Place, tmp_path: Path, sentences: list[str], *more: str, head: str = "period: any time\ncase: ticket") -> Any:
    file = tmp_path / "journeys.yaml"
    file.write_text("\n".join(["journey: Help", head, "tests:", *(f"  - {one}" for one in sentences)]), encoding="utf-8")
    return CliRunner().invoke(command, ["test", str(file), "--workspace", here.workspace.slug, *more])


def test_what_holds_and_what_does_not_on_a_real_help_desk(here, tmp_path):
    log = xes("bpi/Helpdesk.xes.gz")
    kept(here, log)
    a_journey(here)
    a_metric(here, {"measure": {"kind": "count", "event": {"name": "Closed"}}}, "Closings")
    ways = [[name for _, name in events if name in STAGES] for events in in_order(log)]
    ways = [way for way in ways if way]
    conforming = sum(way == STAGES for way in ways) / len(ways)
    rework = sum(max(way.count(stage) - 1, 0) for way in ways for stage in STAGES) / len(ways)
    fitness = 1 - sum(len(way) + 4 - 2 * common(way, STAGES) for way in ways) / sum(len(way) + 4 for way in ways)
    closings = sum(way.count("Closed") for way in ways)
    good = [
        f"conforming >= {conforming * 100 - 0.01:.3f}%", f"rework <= {rework + 0.0001:.5f}", f"fitness >= {fitness - 0.0001:.5f}",
        f"metric Closings >= {closings} with n >= 4000", "reach Closed >= 50%", "median time to Closed > 1 days", "stopped Closed <= 50%",
    ]  # fmt: skip
    junit = tmp_path / "junit.xml"
    done = run(here, tmp_path, good, "--junit", str(junit))
    assert done.exit_code == 0, done.output
    assert "7 of 7 hold." in done.output
    assert f"n = {len(ways):,}" in done.output
    assert ET.parse(junit).getroot().attrib == {"tests": "7", "failures": "0"}
    bad = [
        f"conforming >= {conforming * 100 + 0.01:.3f}%", f"rework < {rework - 0.0001:.5f}", f"fitness > {fitness + 0.0001:.5f}",
        f"metric Closings > {closings}", "rework < 5 with n >= 99999", "reach Closed >= 50%",
    ]  # fmt: skip
    done = run(here, tmp_path, bad, "--junit", str(junit), "--json")
    assert done.exit_code == 1
    told = json.loads(done.output)
    assert [one["passed"] for one in told] == [False] * 5 + [True]
    assert told[0] | {"found": ""} == {
        "journey": "Help", "line": 5, "test": bad[0], "passed": False, "found": "", "n": len(ways)
    }  # fmt: skip
    assert "99,999 are needed" in told[4]["found"]
    suites = ET.parse(junit).getroot()
    assert suites.attrib == {"tests": "6", "failures": "5"}
    assert [case.get("line") for case in suites.iter("testcase") if case.find("failure") is not None] == ["5", "6", "7", "8", "9"]


def test_what_is_not_there_is_said_with_its_line(here, tmp_path):
    a_journey(here)
    a_metric(here, {"measure": {"kind": "ces", "event": {"name": "Answered"}, "formula": "positive"}}, "Easy")
    few = run(here, tmp_path, ["rework < 1"])
    assert few.exit_code == 1
    assert "only n = 0, and 30 are needed" in few.output
    for sentence, said in (
        ("rework of Pay < 1", "Line 5: the map has no measured stage named 'Pay'. There are: Assign seriousness"),
        ("metric Joy < 1", "Line 5: there is no metric named 'Joy'"),
        ("metric Easy > 1 days", "Line 5: this metric"),
        ("joy < 1", "Line 5: 'joy' is nothing that can be tested"),
    ):
        wrong = run(here, tmp_path, [sentence])
        assert isinstance(wrong.exception, Invalid), wrong.output
        assert said in wrong.exception.message
        assert str(tmp_path) in wrong.exception.message
    wrong = run(here, tmp_path, ["rework < 1"], head="case: value")
    assert "can’t be held" in wrong.exception.message
    file = tmp_path / "other.yaml"
    file.write_text("journey: Other\ntests: [rework < 1]", encoding="utf-8")
    wrong = CliRunner().invoke(command, ["test", str(file), "--workspace", here.workspace.slug])
    assert "Line 1: there is no journey named 'Other'" in wrong.exception.message
