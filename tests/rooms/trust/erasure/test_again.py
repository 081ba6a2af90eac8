"""An earlier instant of the engines comes back: who was erased since is erased again, by a list of hashes alone."""

from __future__ import annotations

import pytest
from django.db import connection

from amity.engines.backup.erased import NAME, read
from amity.engines.past.client import past
from amity.kernel.errors import AmityError
from amity.kernel.holdings import resolver
from amity.kernel.settings import settings
from amity.rooms.trust import api as trust
from amity.rooms.trust.actions.erasure.suppress import hashes_of, lift, suppress
from amity.rooms.trust.models import AuditEntry, Erasure, Suppression
from tests.rooms.trust.erasure.working import ask, finish, kept
from tests.rooms.trust.rights.test_holdings import Held
from tests.sweep import found_anywhere


@pytest.fixture
def held(transactional_db, past_ready) -> Held:
    Erasure.objects.all().delete()
    (settings().home / NAME).unlink(missing_ok=True)
    return Held()


def set_back(erasure) -> None:
    """As a restore of a backup from before does: the present has never heard of the erasure."""
    Erasure.objects.filter(pk=erasure).delete()
    Suppression.objects.filter(erasure_id=erasure).delete()


def erased_then_back(held) -> tuple[Held, object]:
    """Ada is erased. Then an instant comes back at which she was there: the same ids and identifiers."""
    subject, ada, old = held.subject, held.ada, held.old
    run = finish(ask(held))
    set_back(run.pk)
    place = held.place
    with connection.cursor() as cursor:
        for one in (ada, old):
            cursor.execute(
                "INSERT INTO customers_customer (id, workspace_id, created_at, traits, origins, merged_into) VALUES (%s, %s, 0, %s, '{}', %s)",
                [one, held.workspace, '{"name": "Ada back"}', ada if one == old else None],
            )
        for kind, value in subject.identifiers:
            cursor.execute(
                "INSERT INTO customers_identifier (workspace_id, kind, value, customer_id, added_at, source_id, key, aliased) "
                "VALUES (%s, %s, %s, %s, 0, 1, gen_random_uuid(), false)",
                [held.workspace, kind, value, ada],
            )
    place.tell(ada, {"user_id": held.user, "message_id": "back"})
    return run


def test_who_comes_back_is_gone_before_anybody_looks(held):
    texts = held.texts
    run = erased_then_back(held)
    assert found_anywhere(texts)
    assert trust.erase_again() == 1
    assert found_anywhere(texts) == {}
    again = finish(run.pk)
    assert (again.reason, again.hint) == (run.reason, run.hint)
    assert {s["store"]: s["found"] for s in again.receipt["stores"] if s["found"]} == {
        "customers.profile": 2, "customers.identifiers": 4, "customers.interactions": 1,
    }  # fmt: skip
    assert AuditEntry.objects.filter(target=f"erasure:{run.pk}", action="erasure.repeated").count() == 1


def test_once_known_it_is_not_done_again(held):
    run = finish(ask(held))
    assert trust.erase_again() == 0
    set_back(run.pk)
    assert (trust.erase_again(), trust.erase_again()) == (1, 0)


def test_who_was_only_turned_away_is_found_by_hashes_too(held):
    held.tag = "named-only"
    held._quarantine({"traits": {"email": "nobody-else@mail.example"}})
    run = finish(ask(held, value="Nobody-else@mail.example"))
    set_back(run.pk)
    held.tag = "named-only again"
    held._quarantine({"traits": {"email": "nobody-else@mail.example"}})
    trust.erase_again()
    assert found_anywhere(["nobody-else@mail.example"]) == {}


def test_an_identifier_that_is_somebody_elses_by_now_stays_theirs(held):
    """At the instant that came back, Ben had the browser that was Ada's later: he isn't erased with her."""
    run = erased_then_back(held)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_identifier SET customer_id = %s WHERE workspace_id = %s AND value = %s",
            [held.ben, held.workspace, held.shared],
        )
    trust.erase_again()
    finish(run.pk)
    assert resolver().find_subject(workspace_id=held.workspace, kind="customer_id", value=str(held.ben)).identifiers
    rows = past().query(f"SELECT customer_id FROM interactions_raw WHERE workspace_id = {held.workspace}").result_rows
    assert rows == [(held.ben,)]


def test_who_was_let_back_stays_let_back(held):
    run = finish(ask(held))
    before = 2_000_000_000_000
    trust.let_back(trust_actor(), workspace_id=held.workspace, kind="email", value=held.email, reason="Consented", before=before)
    set_back(run.pk)
    trust.erase_again()
    assert kept(held.workspace, "email", held.email) == [before]
    assert kept(held.workspace, "user_id", held.user) == [before]


def trust_actor():
    from amity.rooms.trust.contracts import COMMAND_LINE

    return COMMAND_LINE


def test_a_list_of_another_key_is_refused(held, settings):
    finish(ask(held))
    settings.SECRET_KEY = "another key than before"
    with pytest.raises(AmityError, match="console key"):
        trust.erase_again()


def test_the_list_holds_hashes_alone_and_is_the_owners(held):
    texts = held.texts
    finish(ask(held))
    path = settings_home() / NAME
    written = path.read_text()
    assert not [text for text in texts if text in written]
    assert path.stat().st_mode & 0o777 == 0o600


def settings_home():
    return settings().home


def test_the_list_can_be_made_from_the_present(held, tmp_path):
    finish(ask(held))
    suppress(workspace_id=held.workspace, hashes=hashes_of(held.workspace, [("email", "kept-out@mail.example")]))
    lift(workspace_id=held.workspace, before=2_000_000_000_000, hashes=hashes_of(held.workspace, [("email", held.email)]))
    made = trust.write_list(tmp_path)
    assert made == len(read(tmp_path)) == 3
    assert trust.write_list(tmp_path) == 0
    kept = {kind for line in read(tmp_path) for kind, _ in line.hashes if not line.erasure}
    assert kept == {"email"}


def test_a_line_that_a_crash_cut_off_is_left_out(held):
    finish(ask(held))
    path = settings_home() / NAME
    path.write_bytes(path.read_bytes()[:-20])
    finish(ask(Held()))
    assert len(read(path)) == 1


def test_the_doctor_tells_whom_the_list_does_not_name(held):
    from amity.config.cli.doctor import unlisted_erasures
    from amity.kernel.settings import settings as chosen

    finish(ask(held))
    assert trust.unlisted(chosen().home) == 0
    assert list(unlisted_erasures(chosen())) == []
    (chosen().home / NAME).unlink()
    [found] = unlisted_erasures(chosen())
    assert (found.state, found.text[:7]) == ("broken", "1 lines")
    trust.write_list(chosen().home)
    assert list(unlisted_erasures(chosen())) == []
