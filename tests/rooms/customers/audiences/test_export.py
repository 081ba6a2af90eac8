"""An audience as a file: only of those who allow the purpose at that moment; the others are counted."""

from __future__ import annotations

import csv
import io
import json
from uuid import uuid4

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from amity.config.cli.export import command
from amity.kernel.clock import DAY, now_ms
from amity.rooms.customers.models import Activity, Member
from amity.rooms.trust.models import AuditEntry
from tests.rooms.customers.audiences.keeping import keep
from tests.rooms.customers.audiences.test_http import Api
from tests.rooms.customers.audiences.test_pages import text_of
from tests.rooms.customers.audiences.test_refresh import audience, person
from tests.rooms.customers.people import Place
from tests.rooms.customers.test_export_pages import body

YES, NO = [True, now_ms() - DAY, 1, str(uuid4())], [False, now_ms() - DAY, 1, str(uuid4())]


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


@pytest.fixture
def buyers(here):
    """Ada and Cem said yes to e-mail, Bo said no, Dee was never asked."""
    made = audience(here.workspace.pk, {"kind": "all", "of": []}, name="Buyers")
    who = {}
    for name, said in (("Ada", YES), ("Bo", NO), ("Cem", YES), ("Dee", None)):
        who[name] = keep(
            here.workspace.pk, person(traits={"name": name}, identifiers=[("email", f"{name}@mail.example".lower())])
        )
        Activity.objects.filter(customer_id=who[name]).update(consent={"marketing_email": said} if said else {})
        Member.objects.create(audience=made, customer_id=who[name], inside=True, since=1_790_000_000_000)
    made.size = 4
    made.save()
    return made, who


def run(here, *words: str):
    return CliRunner().invoke(command, ["audience", *words, "--workspace", here.workspace.slug])


def test_on_the_command_line_in_each_form(here, buyers, tmp_path):
    for form in ("csv", "jsonl", "parquet"):
        path = tmp_path / f"buyers.{form}"
        done = run(here, "Buyers", str(path), "--purpose", "marketing_email")
        assert done.exit_code == 0, done.output
        assert "2 customers" in done.output
        assert "2 left out, because they don't allow marketing_email." in done.output
        data = path.read_bytes()
        if form == "csv":
            rows = list(csv.DictReader(io.StringIO(data.decode())))
        else:
            rows = [json.loads(line) for line in data.splitlines()] if form == "jsonl" else pq.read_table(path).to_pylist()
        assert [row["name"] for row in rows] == ["Ada", "Cem"]
        assert str(rows[0]["in_since"])[:10] == "2026-09-21"
    ended = AuditEntry.objects.filter(action="export.ended").order_by("-seq").first()
    assert ended.after == {"format": "parquet", "rows": 2, "withheld": 2, "complete": True}
    began = AuditEntry.objects.filter(action="export.began").order_by("-seq").first()
    assert began.after["filters"] == {"audience_id": buyers[0].pk, "purpose": "marketing_email"}


def test_what_it_is_for_must_be_said_and_be_a_purpose(here, buyers, tmp_path):
    assert run(here, "Buyers", str(tmp_path / "x.csv")).exit_code != 0
    assert "There is no purpose" in str(run(here, "Buyers", str(tmp_path / "x.csv"), "--purpose", "fun").exception)
    assert "No audiences are called" in str(run(here, "Nope", str(tmp_path / "x.csv"), "--purpose", "surveys").exception)
    assert list(tmp_path.iterdir()) == []


def test_in_the_console(here, buyers):
    made, who = buyers
    base = f"/w/{here.workspace.slug}/audiences/{made.pk}/export"
    assert "Choose a purpose" in text_of(here.client.get(base))
    page = text_of(here.client.get(f"{base}?purpose=marketing_email"))
    assert "<b>2</b> of 4 customers allow it now. <b>2</b> don’t and are left out." in page
    assert "So there is nothing" in text_of(here.client.get(f"{base}?purpose=sale_share"))
    rows = [json.loads(line) for line in body(here.client.get(f"{base}.jsonl?purpose=marketing_email")).splitlines()]
    assert {row["customer_id"] for row in rows} == {str(who["Ada"]), str(who["Cem"])}
    assert here.client.get(f"{base}.jsonl").status_code == 404
    assert here.client.get(f"{base}.xes?purpose=marketing_email").status_code == 404
    assert "Take out" in text_of(here.client.get(f"/w/{here.workspace.slug}/audiences/{made.pk}/"))
    assert "Take out" not in text_of(here.sign_in("marketer").get(f"/w/{here.workspace.slug}/audiences/{made.pk}/"))


def test_by_api_and_of_no_other_workspace(here, buyers):
    made, _ = buyers
    client = Api(here, "analyst").client
    answer = client.get(f"/api/v1/export/audiences/{made.pk}?purpose=marketing_email&format=csv")
    assert answer["Amity-Withheld"] == "2"
    assert len(body(answer).splitlines()) == 3
    answer = client.get(f"/api/v1/export/audiences/{made.pk}")
    assert (answer.status_code, answer.json()["code"]) == (400, "purpose_missing")
    assert client.get(f"/api/v1/export/audiences/{made.pk}?purpose=fun").status_code == 400
    assert Api(Place(), "analyst").client.get(f"/api/v1/export/audiences/{made.pk}?purpose=analytics").status_code == 404
