"""An audience kept as a file: in a folder, and in a bucket that checks each signature."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.sync.destinations import change_destination, create_destination, try_destination
from amity.rooms.customers.actions.sync.subscriptions import end_subscription
from amity.rooms.customers.models import Delivery, Destination, Subscription
from tests.rooms.customers.sync.keeping import NO, Outward
from tests.rooms.customers.sync.receiving import Objects, serving

pytestmark = pytest.mark.usefixtures("transactional_db", "past_ready")


@pytest.fixture
def out(monkeypatch, tmp_path, transactional_db, past_ready):
    (tmp_path / "allowed").mkdir()
    return Outward(monkeypatch, egress_folder=str(tmp_path / "allowed"))


@pytest.fixture
def bucket():
    with serving(Objects) as made:
        yield made


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def folder(out, name: str = "crm/in") -> Destination:
    made = create_destination(out.access, kind="folder", name="Files", given={"folder": name})
    out.subscribe(made)
    return made


def test_a_file_that_is_always_whole(out, tmp_path):
    ada = out.customer("Ada", plan="=1+1")
    out.customer("Bo", said=NO)
    made = folder(out)
    assert out.work(made) == 1
    path = tmp_path / "allowed" / "crm" / "in" / f"vip-{out.vip.pk}.csv"
    [row] = rows(path.read_bytes())
    assert (row["customer_id"], row["email"], row["plan"]) == (str(ada), "ada@mail.example", "'=1+1")
    assert path.stat().st_mode & 0o077 == 0
    before = path.stat().st_ino
    out.customer("Cem")
    out.customer("Dee")
    out.plan()
    assert Delivery.objects.filter(done_at=None).count() == 1  # one file for both
    out.work(made)
    assert [row["email"].partition("@")[0] for row in rows(path.read_bytes())] == ["ada", "cem", "dee"]
    assert path.stat().st_ino != before
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    end_subscription(out.access, subscription_id=Subscription.objects.get().pk)
    out.work(made)
    assert rows(path.read_bytes()) == []


def test_an_empty_audience_is_a_file_too(out, tmp_path):
    made = folder(out, ".")
    out.work(made)
    assert rows((tmp_path / "allowed" / f"vip-{out.vip.pk}.csv").read_bytes()) == []


@pytest.mark.parametrize("name", ["../elsewhere", "/etc", "a/../../b", ""])
def test_no_other_folder_is_written_to(out, name):
    with pytest.raises(Invalid):
        folder(out, name)


def test_a_link_leads_nowhere_else(out, tmp_path):
    made = folder(out)
    (tmp_path / "outside").mkdir()
    (tmp_path / "allowed" / "crm").symlink_to(tmp_path / "outside")
    out.customer("Ada")
    out.work(made)
    assert list((tmp_path / "outside").iterdir()) == []
    made.refresh_from_db()
    assert "has to lie below" in made.trouble


def test_without_the_operators_word_there_is_no_folder(monkeypatch, transactional_db, past_ready):
    with pytest.raises(Invalid, match="AMITY_EGRESS_FOLDER"):
        folder(Outward(monkeypatch))


def test_a_folder_is_tried_out(out, tmp_path):
    made = folder(out)
    assert try_destination(out.access, destination_id=made.pk).outcome == "taken"
    assert list(Path(tmp_path / "allowed" / "crm" / "in").iterdir()) == []


def s3(out, server, **given) -> Destination:
    settings = {
        "endpoint": server.url, "region": "eu-central-1", "bucket": "acme-audiences", "prefix": "amity/in", "access_key": "AKIDEXAMPLE",
        "secret_key": "shhh/very+secret",
    } | given  # fmt: skip
    return create_destination(out.access, kind="s3", name="Bucket", given=settings)


def test_an_object_in_a_bucket(out, bucket):
    out.customer("Ada")
    made = s3(out, bucket)
    out.subscribe(made)
    assert try_destination(out.access, destination_id=made.pk).outcome == "taken"
    assert bucket.objects == {}  # what tried it out is gone again
    assert out.work(made) == 1
    key = f"/acme-audiences/amity/in/vip-{out.vip.pk}.csv"
    assert [row["email"] for row in rows(bucket.objects[key])] == ["ada@mail.example"]
    bucket.answers = [(503, {})]
    out.customer("Bo")
    out.work(made)
    one = Delivery.objects.get(done_at=None)
    assert (one.status, one.trouble) == (503, "It answered 503 (SlowDown).")
    out.hurry(made)
    assert out.send(made) == 1
    assert len(rows(bucket.objects[key])) == 2


def test_a_wrong_key_is_told_and_can_be_mended(out, bucket):
    made = s3(out, bucket, secret_key="wrong")
    said = try_destination(out.access, destination_id=made.pk)
    assert (said.outcome, said.said) == ("failed", "It answered 403 (SignatureDoesNotMatch).")
    change_destination(out.access, destination_id=made.pk, given={"secret_key": "shhh/very+secret"})
    assert try_destination(out.access, destination_id=made.pk).outcome == "taken"
    change_destination(out.access, destination_id=made.pk, given={"secret_key": "", "prefix": ""})  # empty: as it was
    assert try_destination(out.access, destination_id=made.pk).outcome == "taken"


@pytest.mark.parametrize(
    "given",
    [{"bucket": "../x"}, {"bucket": ""}, {"endpoint": "ftp://x"}, {"endpoint": "https://x.example/path"}, {"region": "eu 1"}],
)
def test_what_can_be_no_bucket_is_refused(out, bucket, given):
    with pytest.raises(Invalid):
        s3(out, bucket, **given)
