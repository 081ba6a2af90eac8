"""Links that let their holders in stay out of the logs."""

from __future__ import annotations

import logging

import pytest

from amity.shell.logs import WithoutLinks


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/choices/AbC-d_9/unsubscribe", "/choices/…/unsubscribe"), ("/choices/AbC-d_9", "/choices/…"), ("/start/x.y", "/start/…"), ("/shared/AbC/tiles/1", "/shared/…/tiles/1"),
        ("/join/abc?next=1", "/join/…?next=1"), ("/privacy/confirm/tok:en", "/privacy/confirm/…"), ("/w/house/customers/", "/w/house/customers/"),
    ],
)  # fmt: skip
def test_the_secret_part_of_an_address_is_left_out(path, logged):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Gone", path), None)
    assert WithoutLinks().filter(record)
    assert record.getMessage() == f"Gone: {logged}"


@pytest.mark.django_db
def test_what_django_logs_of_a_request_has_no_link(client, caplog):
    client.get("/choices/SECRETSECRET-and-more")
    assert "Not Found: /choices/…" in caplog.text
    assert "SECRET" not in caplog.text
