"""Lists: whom somebody named, kept as customers become one and become two again; told as facts; usable in conditions."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st

from amity.config.cli.audience import command
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers import api as customers
from amity.rooms.customers.actions.audiences.listing import change_list, create_list
from amity.rooms.customers.actions.audiences.refresh import recompute
from amity.rooms.customers.actions.audiences.uploads import forget_old_uploads
from amity.rooms.customers.actions.audiences.verbs import archive_audience
from amity.rooms.customers.models import Audience, Customer, Identifier, ListEntry, ListUpload, Member
from amity.rooms.customers.rules.audiences.listing import ANY, OWN, read_cells
from amity.rooms.customers.rules.identifiers import IdentityRules
from amity.rooms.trust.api import ROLES
from amity.rooms.trust.contracts import COMMAND_LINE, Access, Actor, WorkspaceInfo
from tests.rooms.customers.audiences.keeping import keep, merge
from tests.rooms.customers.audiences.test_http import Api
from tests.rooms.customers.audiences.test_pages import text_of
from tests.rooms.customers.audiences.test_refresh import audience, facts, members, person, up_to_date
from tests.rooms.customers.people import Place

MAIL = "ada@mail.example"


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def known(here: Place, *identifiers: tuple[str, str], name: str = "Ada"):
    return keep(here.workspace.pk, person(identifiers=list(identifiers), traits={"name": name}))


def name(here: Place, one: Audience, kind: str, *values: str, mode: str = "add"):
    return change_list(
        COMMAND_LINE, workspace_id=here.workspace.pk, audience_id=one.pk, mode=mode, kind=kind, spelled={v: [v] for v in values}
    )


def made(here: Place, title: str = "VIP") -> Audience:
    return create_list(COMMAND_LINE, workspace_id=here.workspace.pk, name=title)


def access(here: Place) -> Access:
    return Access(
        workspace=WorkspaceInfo(id=here.workspace.pk, slug=here.workspace.slug, name="x"),
        actor=Actor(kind="person", id="1", name="Nadia"), role="owner", permissions=ROLES["owner"],
    )  # fmt: skip


def test_add_remove_replace_are_facts_once(here):
    ada, ben = known(here, ("email", MAIL), ("user_id", "u1")), known(here, ("email", "ben@mail.example"))
    vip = made(here)
    done = name(here, vip, "email", MAIL, "nobody@mail.example")
    assert (done.known, done.unknown, done.entered, done.left) == (1, {"nobody@mail.example"}, 1, 0)
    assert name(here, vip, "email", MAIL).entered == 0
    done = name(here, vip, "email", "ben@mail.example", mode="replace")
    assert (done.entered, done.left, members(vip)) == (1, 1, {ben})
    name(here, vip, "user_id", "u1")
    name(here, vip, "email", MAIL)
    done = name(here, vip, "email", MAIL, mode="remove")  # by whatever identifier she was listed
    assert (done.left, members(vip), ListEntry.objects.filter(audience=vip).count()) == (1, {ben}, 1)
    told = [(what, who) for what, _, who in facts()]
    assert told == [
        ("Audience entered", ada), ("Audience entered", ben), ("Audience left", ada), ("Audience entered", ada), ("Audience left", ada),
    ]  # fmt: skip
    vip.refresh_from_db()
    assert vip.size == 1
    with pytest.raises(Invalid, match="nobody would be left"):
        name(here, vip, "email", "nobody@mail.example", mode="replace")
    assert members(vip) == {ben}


def test_a_value_of_two_customers_names_neither(here):
    known(here, ("user_id", "77"))
    ben = known(here, ("crm_id", "77"), ("phone", "+41441234567"))
    vip = made(here)
    done = name(here, vip, ANY, "77")
    assert (done.several, done.known) == ({"77"}, 0)
    assert name(here, vip, "crm_id", "77").known == 1
    assert members(vip) == {ben}


def test_joined_customers_are_one_member_and_part_again(here):
    ada, twin = known(here, ("email", MAIL)), known(here, ("user_id", "twin"))
    vip = made(here)
    name(here, vip, "user_id", "twin")
    Member.objects.update(since=5)
    before = len(facts())
    merge(here.workspace.pk, twin, ada)
    customers.touch_customers(workspace_id=here.workspace.pk, customer_ids=[ada, twin])
    up_to_date(now_ms())
    assert members(vip) == {ada}
    assert Member.objects.get(audience=vip).since == 5
    assert len(facts()) == before  # nothing happened to the customer
    Customer.objects.filter(id=twin).update(merged_into=None)
    Identifier.objects.filter(value="twin").update(customer_id=twin)
    customers.touch_customers(workspace_id=here.workspace.pk, customer_ids=[ada, twin])
    up_to_date(now_ms())
    assert members(vip) == {twin}
    assert [(what, who) for what, _, who in facts()[before:]] == [("Audience entered", twin), ("Audience left", ada)]
    vip.refresh_from_db()
    assert vip.size == 1


def test_an_id_of_amity_follows_as_well(here):
    ada, twin = known(here, ("email", MAIL)), known(here)
    vip = made(here)
    assert name(here, vip, OWN, str(twin), str(uuid4())).known == 1
    merge(here.workspace.pk, twin, ada)
    customers.touch_customers(workspace_id=here.workspace.pk, customer_ids=[twin])
    up_to_date(now_ms())
    assert members(vip) == {ada}


def test_audiences_that_refer_to_a_list_follow_it(here):
    ada, ben = known(here, ("email", MAIL)), known(here, ("email", "ben@mail.example"))
    vip = made(here)
    others = audience(here.workspace.pk, {"kind": "not", "of": {"kind": "audience", "id": vip.pk}}, name="Others")
    recompute(others.pk)
    assert members(others) == {ada, ben}
    name(here, vip, "email", MAIL)
    up_to_date(now_ms())
    assert members(others) == {ben}
    with pytest.raises(Invalid, match="refer to this list"):
        archive_audience(access(here), audience_id=vip.pk)


def test_nothing_of_another_workspace_is_named(here):
    there = Place()
    keep(there.workspace.pk, person(identifiers=[("email", MAIL)]))
    assert name(here, made(here), "email", MAIL).known == 0


LINES = "Name;E-Mail\r\nAda;ADA@mail.example\r\nBen;ben@mail.example\r\nÄrger;nobody@mail.example\r\nX;no mail\r\nY;\r\nAda;ada@mail.example\r\n"


def test_a_file_is_looked_at_then_used(here):
    ada, ben = known(here, ("email", MAIL)), known(here, ("email", "ben@mail.example"))
    base = f"/w/{here.workspace.slug}/audiences/"
    assert "Look at it" in text_of(here.client.get(f"{base}lists/new"))
    sent = here.client.post(f"{base}lists/new", {"file": SimpleUploadedFile("vip_list.csv", LINES.encode("cp1252"))})
    assert sent.status_code == 302, sent.content
    page = text_of(here.client.get(sent["Location"]))
    assert "<strong>2</strong> customers are named" in page
    assert "E-Mail</bdi> as email, because 2 of the first 5 values" in page
    for reason, line in (("unknown", 4), ("invalid", 5), ("empty", 6)):
        assert f"{reason}: " in page
        assert f"Lines {line}<" in page
    assert "cp1252" in page
    assert "semicolon" in page
    upload = ListUpload.objects.get()
    path = Path(upload.path)
    assert path.exists()
    used = here.client.post(sent["Location"], {"act": "use", "name": "VIP", "column": "E-Mail", "kind": "email", "mode": "add"})
    assert used.status_code == 302, used.content
    assert not path.exists()
    vip = Audience.objects.get(name="VIP")
    assert members(vip) == {ada, ben}
    shown = text_of(here.client.get(used["Location"]))
    assert "email ada@mail.example" in shown
    assert "vip_list.csv" in shown
    report = here.client.get(f"{base}{vip.pk}/files/{upload.pk}.csv").content.decode()
    assert report == "line,reason\r\n4,unknown\r\n5,invalid\r\n6,empty\r\n"
    assert here.client.get(sent["Location"]).status_code == 404  # used
    more = here.client.post(f"{base}{vip.pk}/file", {"pasted": "ben@mail.example\n"})
    used = here.client.post(more["Location"], {"act": "use", "column": "identifier", "kind": "email", "mode": "remove"})
    assert members(vip) == {ada}
    assert text_of(here.client.get(used["Location"]))
    renamed = here.client.post(f"{base}{vip.pk}/edit", {"as": "lines", "name": "VIPs", "about": "", "act": "save"})
    assert renamed.status_code == 302
    assert "<strong>" not in text_of(here.client.get(f"{base}{vip.pk}/edit"))


def test_a_file_without_a_head_and_one_that_names_nobody(here):
    known(here, ("email", MAIL))
    base = f"/w/{here.workspace.slug}/audiences/"
    sent = here.client.post(f"{base}lists/new", {"file": SimpleUploadedFile("x.csv", f"{MAIL}\nben@mail.example\n".encode())})
    page = text_of(here.client.get(sent["Location"]))
    assert "by all 2 lines" in page
    answer = here.client.post(sent["Location"], {"act": "use", "name": "", "column": "column 1", "kind": "email", "mode": "add"})
    assert "needs a name" in text_of(answer, 400)
    assert not Audience.objects.filter(workspace=here.workspace).exists()
    here.client.post(sent["Location"], {"act": "forget"})
    assert not ListUpload.objects.exists()
    assert "Choose a file" in text_of(here.client.post(f"{base}lists/new", {}), 400)
    assert "holds no row" in text_of(here.client.post(f"{base}lists/new", {"file": SimpleUploadedFile("x.csv", b"email\n")}), 400)


def test_files_that_nobody_used_are_forgotten(here):
    base = f"/w/{here.workspace.slug}/audiences/"
    here.client.post(f"{base}lists/new", {"pasted": "a@mail.example\nb@mail.example"})
    forget_old_uploads()
    upload = ListUpload.objects.get()
    ListUpload.objects.update(made_at=now_ms() - 2 * DAY)
    forget_old_uploads()
    assert not ListUpload.objects.exists()
    assert not Path(upload.path).exists()


def test_by_api(here):
    ada = known(here, ("email", MAIL))
    api = Api(here, "marketer")
    vip = api.ask("post", "", {"name": "VIP", "definition": None}, status=201)
    given = {"mode": "add", "kind": "email", "values": [" Ada@Mail.example", "x@mail.example", "no mail"]}
    done = api.ask("post", f"/{vip['id']}/customers", given)
    assert done == {"known": 1, "entered": 1, "left": 0, "unknown": ["x@mail.example"], "ambiguous": [], "invalid": ["no mail"]}
    read = api.ask("get", f"/{vip['id']}/members?purpose=necessary")
    assert [one["customer_id"] for one in read["members"]] == [str(ada)]
    buyers = api.ask("post", "", {"name": "All", "definition": {"where": {"kind": "all", "of": []}}}, status=201)
    said = api.ask("post", f"/{buyers['id']}/customers", given, status=400)
    assert "with conditions" in said["message"]
    Api(here, "viewer").ask("post", f"/{vip['id']}/customers", given, status=403)


def test_on_the_command_line(here, tmp_path):
    known(here, ("email", MAIL))
    file, report = tmp_path / "vip.csv", tmp_path / "report.csv"
    file.write_text(f"id,mail\n1,{MAIL}\n2,x@mail.example\n")
    run = CliRunner().invoke(command, ["upload", "VIP", str(file), "--workspace", here.workspace.slug, "--report", str(report)])
    assert run.exit_code == 0, run.output
    assert "1 customers; 1 entered, 0 left." in run.output
    assert "1 lines unknown: No customer has it. Lines 3" in run.output
    assert report.read_text() == "line,reason\n3,unknown\n"


@settings(deadline=None)  # the machine may be busy
@given(
    cells=st.lists(st.one_of(st.none(), st.text(max_size=30), st.integers(), st.floats()), max_size=20),
    kind=st.sampled_from([OWN, ANY, "email", "phone", "user_id"]),
)
def test_each_line_is_counted_once_whatever_stands_there(cells, kind):
    rows = [(line, {"x": cell}) for line, cell in enumerate(cells, 2)]
    read = read_cells(iter(rows), column="x", kind=kind, rules=IdentityRules(phone_region="DE"))
    assert read.lines == len(cells) == len(read.values) + len(read.trouble) + read.again
    assert not any("\0" in stored for some in read.spelled.values() for stored in some)
