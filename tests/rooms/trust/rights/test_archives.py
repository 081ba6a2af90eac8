"""An archive holds what the rooms give out, is made by a worker, taken by who may, and deleted in time."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from hashlib import sha256
from zipfile import ZipFile

import pytest
from django.utils import timezone

from amity.kernel.errors import Invalid, NotFound
from amity.kernel.holdings import holders, stores
from amity.rooms.trust.actions.rights.archives import (
    ask_archive,
    forget_old_archives,
    make_next_archive,
    path_of,
    take_archive,
)
from amity.rooms.trust.actions.rights.requests import end, enter
from amity.rooms.trust.models import AuditEntry, RightsArchive
from amity.rooms.trust.queries.rights import subject_of
from tests.rooms.trust.rights.asking import Desk


@pytest.fixture
def desk(transactional_db, past_ready) -> Desk:
    made = Desk()
    made.tell_stories()
    return made


def made(desk: Desk, kind: str):
    row = enter(desk.access, kind=kind, identifiers=[("user_id", f"u-{desk.tag}")], verified_how="by phone")
    ask_archive(desk.access, request_id=row.pk)
    assert make_next_archive()
    with take_archive(desk.access, request_id=row.pk) as file:
        return row, file.read()


def test_access_is_a_page_and_what_each_room_gives_out(desk):
    row, body = made(desk, "access")
    expected: dict[str, int] = {}
    for holder in holders().values():
        for one in holder.export(subject_of(row)):
            expected[one.store] = expected.get(one.store, 0) + 1
    assert expected["customers.interactions"] == 2
    with ZipFile(io.BytesIO(body)) as archive:
        names = set(archive.namelist())
        assert names == {"about.json", "index.html"} | {f"data/{name}.json" for name in expected}
        for name, number in expected.items():
            assert len(json.loads(archive.read(f"data/{name}.json"))) == number
        page = archive.read("index.html").decode()
        assert json.loads(archive.read("about.json"))["request"] == str(row.pk)
    assert "Ada &lt;b&gt;Lind&lt;/b&gt;" in page
    assert "<b>Lind" not in page
    assert "Bens" not in page
    assert stores()["customers.interactions"].title in page
    kept = RightsArchive.objects.get(request=row)
    assert (kept.size, kept.sha256, kept.counts) == (len(body), sha256(body).hexdigest(), expected)
    assert path_of(row.pk).stat().st_mode & 0o077 == 0


def test_portability_is_data_for_machines_and_only_what_they_provided(desk):
    _, body = made(desk, "portability")
    with ZipFile(io.BytesIO(body)) as archive:
        names = archive.namelist()
        assert "index.html" not in names
        assert "data/customers.profile.csv" in names
        assert not any(store.name in name for name in names for store in stores().values() if store.derived)
        rows = list(csv.DictReader(io.StringIO(archive.read("data/customers.interactions.csv").decode())))
        told = json.loads(archive.read("data/customers.interactions.json"))
    assert len(rows) == len(told) == 2
    assert [row["message_id"] for row in rows] == [one["message_id"] for one in told]


def test_downloads_are_audited_and_end_with_the_file(desk):
    row, _ = made(desk, "access")
    assert AuditEntry.objects.filter(action="rights.archive_taken", target=f"rights:{row.pk}").count() == 1
    RightsArchive.objects.filter(request=row).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(NotFound):
        take_archive(desk.access, request_id=row.pk)
    assert path_of(row.pk).exists()
    assert forget_old_archives() == 1
    assert not path_of(row.pk).exists()
    assert not RightsArchive.objects.filter(request=row).exists()
    assert forget_old_archives() == 0


def test_only_what_is_confirmed_and_asks_for_a_copy_gets_one(desk):
    unsure = enter(desk.access, kind="access", identifiers=[("email", desk.email)])
    with pytest.raises(Invalid):
        ask_archive(desk.access, request_id=unsure.pk)
    other = enter(desk.access, kind="restriction", identifiers=[("email", desk.email)], verified_how="x")
    with pytest.raises(Invalid):
        ask_archive(desk.access, request_id=other.pk)
    ended = enter(desk.access, kind="access", identifiers=[("email", desk.email)], verified_how="x")
    ask_archive(desk.access, request_id=ended.pk)
    end(desk.access, request_id=ended.pk, state="cancelled", answer="")
    assert make_next_archive()  # which finds that it is of no use any more
    assert not make_next_archive()
    assert not path_of(ended.pk).exists()


def test_an_archive_that_fails_says_why_and_is_tried_again(desk, monkeypatch):
    from amity.kernel.errors import NotRunning
    from amity.rooms.customers.actions import holdings

    row = enter(desk.access, kind="access", identifiers=[("email", desk.email)], verified_how="x")
    ask_archive(desk.access, request_id=row.pk)

    def away(subject):
        raise NotRunning("The past doesn't answer.")
        yield

    with monkeypatch.context() as broken:
        broken.setattr(holdings, "export", away)
        with pytest.raises(NotRunning):
            make_next_archive()
    assert RightsArchive.objects.get(request=row).trouble == "The past doesn't answer."
    assert make_next_archive()
    assert RightsArchive.objects.get(request=row).made_at is not None
    assert list(path_of(row.pk).parent.glob(".making-*")) == []


def test_erasing_a_person_empties_their_requests_and_deletes_archives(desk):
    from amity.rooms.trust.actions import holdings

    row, _ = made(desk, "access")
    enter(desk.access, kind="opt_out", identifiers=[("email", "ben@mail.example")])
    subject = subject_of(row)
    assert holdings.find(subject) == {"trust.requests": 1}
    assert [one.data["identifiers"] for one in holdings.export(subject)] == [[["user_id", f"u-{desk.tag}"]]]
    assert holdings.erase(subject) == {"trust.requests": 1}
    assert holdings.find(subject) == {"trust.requests": 0}
    assert not path_of(row.pk).exists()
    row.refresh_from_db()
    assert (row.subject, row.names, row.verified_how, row.state) == ("", [], "", "open")
    assert set(row.steps.values_list("note", flat=True)) == {""}
