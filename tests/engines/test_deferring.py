"""What is sent within `deferring` is there for whoever asks next, and what went wrong with it is raised."""

from __future__ import annotations

import psycopg
import pytest
from django.db import DataError, IntegrityError, connection, transaction

from amity.engines.present.bulk import bigints, deferring, run, send, settle
from amity.rooms.customers.models import IdentitySetting
from amity.rooms.trust.models import Workspace

MAKE = "CREATE TEMPORARY TABLE IF NOT EXISTS sent (n bigint PRIMARY KEY) ON COMMIT DROP"
INSERT = "INSERT INTO sent SELECT unnest(%b::bigint[])"


def piped() -> bool:
    return connection.connection.pgconn.pipeline_status != psycopg.pq.PipelineStatus.OFF


def numbers() -> list[int]:
    return [n for (n,) in run("SELECT n FROM sent ORDER BY n")]


@pytest.fixture(autouse=True)
def table(transactional_db):
    with transaction.atomic():
        run(MAKE)
        yield


def test_a_question_waits_for_what_was_sent():
    with deferring():
        send(INSERT, [bigints([1, 2])])
        send(INSERT, [bigints([3])])
        assert piped()
        assert numbers() == [1, 2, 3]
        assert not piped()
        send(INSERT, [bigints([4])])
    assert not piped()
    assert numbers() == [1, 2, 3, 4]


def test_djangos_own_questions_and_savepoints_wait_too():
    with deferring():
        send("INSERT INTO trust_workspace (slug, name) SELECT 'sent', 'Sent' WHERE false", [])
        send(INSERT, [bigints([1])])
        with transaction.atomic():
            assert not piped()
            assert IdentitySetting.objects.filter(phone_region="xx").update(phone_region="yy") == 0
        send(INSERT, [bigints([2])])
        assert not Workspace.objects.filter(slug="sent").exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sent")
            assert cursor.fetchone() == (2,)


def test_what_went_wrong_is_raised_where_it_is_waited_for():
    with pytest.raises(IntegrityError), transaction.atomic(), deferring():  # noqa: PT012
        send(INSERT, [bigints([1, 1])])
        run("SELECT 1")
    assert not piped()
    with pytest.raises(IntegrityError), transaction.atomic(), deferring():
        send(INSERT, [bigints([2, 2])])
    assert numbers() == []
    with pytest.raises(DataError), transaction.atomic(), deferring():  # noqa: PT012
        send("INSERT INTO sent VALUES (1 / %b::bigint)", [0])
        send(INSERT, [bigints([3])])
        settle()
    assert numbers() == []


def test_another_error_is_not_hidden_and_nothing_stays_open():
    with pytest.raises(ZeroDivisionError), transaction.atomic(), deferring():  # noqa: PT012
        send(INSERT, [bigints([1, 1])])
        raise ZeroDivisionError
    assert not piped()
    assert numbers() == []


def test_outside_nothing_is_deferred():
    send(INSERT, [bigints([1])])
    assert not piped()
    with pytest.raises(IntegrityError), transaction.atomic():
        send(INSERT, [bigints([1])])
    assert numbers() == [1]
