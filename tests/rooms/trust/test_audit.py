from __future__ import annotations

import csv
import io
import threading

import pytest
from asgiref.sync import async_to_sync
from django.db import DatabaseError, connection, connections, transaction

from amity.rooms.trust.actions.record import record
from amity.rooms.trust.contracts import SYSTEM
from amity.rooms.trust.models import AuditEntry, AuditHead
from amity.rooms.trust.queries.audit import verify_chain
from tests.rooms.trust.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def write(n, start=0):
    for i in range(start, start + n):
        record(SYSTEM, action="test.done", target=f"thing:{i}", after={"n": i, "at": 1.5, "text": "é\x00"})


def tamper(sql):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE trust_audit DISABLE TRIGGER USER")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE trust_audit ENABLE TRIGGER trust_audit_keep")


def test_rows_follow_from_each_other():
    write(5)
    verdict = verify_chain()
    assert (verdict.rows, verdict.broken) == (5, None)
    assert verdict.head.startswith("5:")


def test_an_empty_log_holds():
    assert verify_chain().broken is None


@pytest.mark.parametrize(
    ("sql", "row", "why"),
    [
        ("UPDATE trust_audit SET target = 'thing:x' WHERE seq = 3", 3, "content"),
        ("UPDATE trust_audit SET after = '{\"n\": 9}' WHERE seq = 1", 1, "content"),
        ("UPDATE trust_audit SET workspace_id = 7 WHERE seq = 4", 4, "content"),
        ("UPDATE trust_audit SET time = time + interval '1 microsecond' WHERE seq = 2", 2, "content"),
        ("DELETE FROM trust_audit WHERE seq = 2", 3, "missing"),
        ("DELETE FROM trust_audit WHERE seq = 1", 2, "missing"),
        ("DELETE FROM trust_audit WHERE seq = 5", 5, "missing at the end"),
        ("DELETE FROM trust_audit", 1, "missing at the end"),
    ],
)
def test_verifying_names_the_first_row_that_was_touched(sql, row, why):
    write(5)
    tamper(sql)
    verdict = verify_chain()
    assert verdict.broken == row
    assert why in verdict.reason


def test_a_chain_rewritten_from_end_to_end_is_caught_by_an_earlier_head():
    write(3)
    noted = verify_chain().head
    tamper("DELETE FROM trust_audit")
    AuditHead.objects.all().delete()
    write(4, start=10)
    assert verify_chain().broken is None
    assert verify_chain(known_head=noted).broken == 3
    tamper("DELETE FROM trust_audit")
    AuditHead.objects.all().delete()
    assert verify_chain(known_head=noted).broken == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE trust_audit SET actor_name = 'x'",
        "DELETE FROM trust_audit",
        "TRUNCATE trust_audit",
        "TRUNCATE trust_person, trust_audit CASCADE",
        "WITH gone AS (DELETE FROM trust_audit RETURNING 1) SELECT count(*) FROM gone",
        "MERGE INTO trust_audit a USING (SELECT 1) x ON true WHEN MATCHED THEN UPDATE SET target = 'x'",
        "INSERT INTO trust_audit SELECT * FROM trust_audit ON CONFLICT (seq) DO UPDATE SET target = 'x'",
    ],
)
def test_postgresql_refuses_to_change_the_log(sql):
    write(2)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE trust_audit ENABLE TRIGGER trust_audit_keep_all")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql)
    assert AuditEntry.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_keep_one_chain():
    def work():
        try:
            write(8)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    verdict = verify_chain()
    assert (verdict.rows, verdict.broken) == (40, None)


def test_what_is_undone_leaves_no_hole():
    write(1)
    with transaction.atomic():
        write(1)
        transaction.set_rollback(True)
    write(1)
    assert verify_chain().rows == 2


def test_the_page_filters_and_pages(workspace, owner, sign_in, access_of):
    browser, access = sign_in(owner), access_of(owner, workspace)
    for i in range(60):
        record(access, action="source.created" if i % 2 else "token.created", target=f"thing:{i}")
    url = "/w/acme/audit/"
    first = browser.get(url)
    assert first.status_code == 200
    assert len(first.context["rows"]) == 50
    older = browser.get(f"{url}?{first.context['older']}")
    seen = [r.seq for r in first.context["rows"]] + [r.seq for r in older.context["rows"]]
    assert len(seen) == len(set(seen)) == 60
    assert {r.action for r in browser.get(f"{url}?kind=source").context["rows"]} == {"source.created"}
    assert browser.get(f"{url}?person=nobody").context["rows"] == []
    assert len(browser.get(f"{url}?person=OLGA").context["rows"]) == 50
    assert browser.get(f"{url}?until=2001-01-01").context["rows"] == []
    for odd in ("before=x", "before=9999999999999999999999", "since=9999-12-31", "until=0001-01-01", "person=%00", "kind=%27"):
        assert browser.get(f"{url}?{odd}").status_code == 200, odd


def read(answer) -> bytes:
    async def joined() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return async_to_sync(joined)()


def test_other_workspaces_rows_stay_theirs(workspace, other_workspace, owner, make_person, sign_in, access_of):
    rival = make_person("rita@rival.example", role="owner", workspace=other_workspace)
    record(access_of(rival, other_workspace), action="token.created", target="token:secret-plan")
    record(SYSTEM, action="sign_in.failed", target=f"person:{rival.pk}")
    assert b"secret-plan" not in sign_in(owner).get("/w/acme/audit/").content
    assert sign_in(owner).get("/w/acme/audit/").context["rows"] == []
    assert b"secret-plan" not in read(sign_in(owner).get("/w/acme/audit.csv"))


def test_the_file_is_safe_for_spreadsheets_and_is_itself_recorded(workspace, owner, sign_in, access_of):
    record(access_of(owner, workspace), action="test.done", target='=HYPERLINK("http://evil")', after={"x": "@y"})
    answer = sign_in(owner).get("/w/acme/audit.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(read(answer).decode())))
    assert rows[-1]["target"] == '\'=HYPERLINK("http://evil")'
    assert AuditEntry.objects.order_by("-seq").first().action == "audit.exported"


def test_signing_in_and_failing_to_are_recorded_without_secrets(client, workspace, owner):
    client.post("/account/sign-in/", {"login": owner.email, "password": "wrong, of course"}, headers={"User-Agent": "Browser/1"})
    client.post("/account/sign-in/", {"login": "nobody@acme.example", "password": "wrong, of course"})
    client.post("/account/sign-in/", {"login": owner.email, "password": PASSWORD})
    client.post("/account/sign-out/")
    found = list(AuditEntry.objects.order_by("seq"))
    assert [r.action for r in found] == ["sign_in.failed", "sign_in.failed", "sign_in.succeeded", "sign_in.ended"]
    assert (found[0].target, found[0].ip, found[0].agent) == (f"person:{owner.pk}", "127.0.0.1", "Browser/1")
    assert found[2].after == {"with": ["password"]}
    everything = " ".join(str(vars(r)) for r in found)
    assert "wrong, of course" not in everything
    assert PASSWORD not in everything
