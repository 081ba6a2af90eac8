"""Signatures by published vectors, and when something is tried again."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.engines.egress.retrying import DELAYS, MOST_REST, rest_after, retry_after, wait_after
from amity.engines.egress.signing import headers, new_secret, sign
from amity.kernel.clock import HOUR, MINUTE
from amity.rooms.customers.rules.sync.payload import Told, member_id
from amity.rooms.customers.rules.sync.sigv4 import Keys, signed

EMPTY = hashlib.sha256(b"").hexdigest()
# The examples of the Amazon S3 API reference, "Authenticating Requests: Using the Authorization Header".
EXAMPLE = Keys(access="AKIAIOSFODNN7EXAMPLE", secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
AT = datetime(2013, 5, 24, tzinfo=UTC)
WELCOME = hashlib.sha256(b"Welcome to Amazon S3.").hexdigest()


def test_a_signature_as_the_standards_own_library_makes_it():
    made = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )  # fmt: skip
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_are_as_the_standard_wants_them():
    made = new_secret()
    assert made.startswith("whsec_")
    assert 24 <= len(base64.b64decode(made[6:], validate=True)) <= 64
    assert made != new_secret()


def test_each_secret_in_force_signs():
    old, new = new_secret(), new_secret()
    made = headers([new, old], message_id="msg_1", timestamp=5, body=b"{}")
    assert made["webhook-signature"].split(" ") == [sign(one, message_id="msg_1", timestamp=5, body=b"{}") for one in (new, old)]
    assert (made["webhook-id"], made["webhook-timestamp"]) == ("msg_1", "5")


@pytest.mark.parametrize(
    ("method", "path", "query", "given_headers", "payload", "signature"),
    [
        ("GET", "/test.txt", {}, {"Range": "bytes=0-9"}, EMPTY, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        ("PUT", "/test$file.text", {}, {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}, WELCOME,
         "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        ("GET", "/", {"lifecycle": ""}, {}, EMPTY, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("GET", "/", {"prefix": "J", "max-keys": "2"}, {}, EMPTY, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
)  # fmt: skip
def test_aws_own_examples(method, path, query, given_headers, payload, signature):
    made = signed(
        EXAMPLE,
        method=method,
        host="examplebucket.s3.amazonaws.com",
        path=path,
        query=query,
        headers=given_headers,
        payload=payload,
        at=AT,
    )
    assert made["Authorization"].endswith(f"Signature={signature}")
    assert "wJalr" not in repr(EXAMPLE)


def test_the_schedule_is_the_standards_over_a_day():
    waits = [wait_after(n, random=0.0) for n in range(1, 10)]
    assert waits == [5_000, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, None, None]
    assert sum(DELAYS) == 31 * HOUR + 35 * MINUTE + 5_000  # the time since start of the standard's own table


@given(st.integers(1, 7), st.floats(0, 1), st.integers(0, MOST_REST))
def test_jitter_only_ever_makes_it_later_by_a_fifth(attempts, random, asked):
    wait = wait_after(attempts, random=random, asked=asked)
    assert max(DELAYS[attempts - 1], asked) <= wait <= max(DELAYS[attempts - 1] * 1.2, asked)


@given(st.integers(1, 10**6), st.integers(100, 599))
def test_a_destination_is_left_alone_longer_and_longer_but_not_for_ever(failures, status):
    rest = rest_after(failures, status=status)
    assert 1_000 <= rest <= 5 * MINUTE
    assert rest >= rest_after(max(failures - 1, 1), status=status)
    if status in {429, 502, 503, 504}:
        assert rest >= 10_000


def test_retry_after_in_both_forms():
    now = 1_790_000_000_000
    assert retry_after("120", now=now) == 120_000
    assert retry_after("99999999999999", now=now) == MOST_REST
    assert retry_after("Mon, 21 Sep 2026 14:14:20 GMT", now=now) == 60_000
    assert retry_after("Mon, 21 Sep 2020 14:14:20 GMT", now=now) == 0


@given(st.text(max_size=40))
def test_whatever_stands_in_retry_after_is_bounded(text):
    assert 0 <= retry_after(text, now=1_790_000_000_000) <= MOST_REST


def test_what_is_told_has_a_digest_and_an_id_that_says_nothing():
    who = uuid4()
    one, other = Told(customer_id=who, traits={"plan": "pro"}), Told(customer_id=who, traits={"plan": "free"})
    assert one.digest != other.digest
    assert one.digest == Told(customer_id=who, traits={"plan": "pro"}).digest
    assert member_id(1, who) != member_id(2, who)
    assert who.hex not in member_id(1, who)
