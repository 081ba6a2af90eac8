"""The rules of data rights: clocks of laws, states, hints, keyed hashes and signatures."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from amity.rooms.trust.rules.hashing import keyed_hash, suppression_key
from amity.rooms.trust.rules.receipt import canonical, is_genuine, public_key, sign
from amity.rooms.trust.rules.rights import ENDED, STATES, due, extended, hint_of, may_become


@pytest.mark.parametrize(
    ("law", "received", "first", "last"),
    [
        ("gdpr", (2026, 1, 31), (2026, 2, 28), (2026, 4, 30)),
        ("gdpr", (2027, 11, 30), (2027, 12, 30), (2028, 2, 29)),
        ("ccpa", (2026, 1, 1), (2026, 2, 15), (2026, 4, 1)),
        ("lgpd", (2026, 2, 20), (2026, 3, 7), None),
    ],
)
def test_each_law_has_its_clock(law, received, first, last):
    at = datetime(*received, 13, tzinfo=UTC)
    assert due(law, at) == datetime(*first, 13, tzinfo=UTC)
    assert extended(law, at) == (None if last is None else datetime(*last, 13, tzinfo=UTC))


def test_what_has_ended_stays_and_what_runs_is_not_called_back():
    assert all(not may_become(state, then) for state in ENDED for then in STATES)
    assert not may_become("running", "cancelled")
    assert may_become("open", "ready")


@pytest.mark.parametrize(
    ("kind", "value", "hint"),
    [
        ("email", "ines.carvalho@mail.example", "email i…@m….example"),
        ("phone", "+4930123456", "phone +4…56"),
        ("user_id", "ab", "user_id …"),
    ],
)
def test_a_hint_tells_nobody_the_identifier(kind, value, hint):
    assert hint_of(kind, value) == hint


def test_a_keyed_hash_is_one_workspaces_and_one_installations():
    key = suppression_key("secret")
    assert keyed_hash(key, 1, "a@b.example") == keyed_hash(key, 1, "a@b.example")
    others = [
        keyed_hash(key, 2, "a@b.example"),
        keyed_hash(suppression_key("other"), 1, "a@b.example"),
        keyed_hash(key, 1, "a@c.example"),
    ]
    assert keyed_hash(key, 1, "a@b.example") not in others


def test_a_receipt_that_was_changed_is_not_genuine():
    receipt = sign({"erased": {"customers.profile": 1}, "word": "Größe"}, secret="s")
    trusted = public_key("s")
    assert is_genuine(receipt, trusted=trusted)
    assert not is_genuine({**receipt, "erased": {"customers.profile": 2}}, trusted=trusted)
    assert not is_genuine(receipt, trusted=public_key("another"))
    assert not is_genuine({**receipt, "signature": "no base64!"}, trusted=trusted)
    assert not is_genuine({**sign({}, secret="another"), "public_key": trusted}, trusted=trusted)
    assert canonical({"b": 1, "a": "ö"}) == '{"a":"ö","b":1}'.encode()
