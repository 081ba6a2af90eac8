from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.rooms.trust.actions.invitations import find_invitation, invitation_link, invite
from amity.rooms.trust.actions.people import change_role, create_person, remove_member
from amity.rooms.trust.models import AuditEntry, Invitation, Membership, Person
from tests.rooms.trust.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def token_of(invitation):
    return invitation_link(invitation).rpartition("/")[2]


@pytest.fixture
def admin(make_person, workspace):
    return make_person("adam@acme.example", role="admin", workspace=workspace)


@pytest.fixture
def viewer(make_person, workspace):
    return make_person("vera@acme.example", role="viewer", workspace=workspace)


def test_inviting_joining_and_working(owner, workspace, sign_in):
    sign_in(owner).post("/w/acme/people/invitations/", {"email": "Nia@acme.example", "role": "agent"})
    page = sign_in(owner).get("/w/acme/people/").content.decode()
    path = re.search(r"http://localhost:\d+(/join/[^\"]+)", page)[1]
    guest = Client()
    assert b"Nia@acme.example" in guest.get(path).content
    assert guest.post(path, {"name": "Nia", "password": "short"}).status_code == 200
    assert guest.post(path, {"name": "Nia", "password": PASSWORD}).status_code == 302
    assert guest.get("/w/acme/people/").status_code == 200
    assert guest.post("/w/acme/people/invitations/", {"email": "x@acme.example", "role": "viewer"}).status_code == 403
    assert Membership.objects.get(person__email="Nia@acme.example").role == "agent"
    assert Client().get(path).status_code == 404
    assert [a for a in AuditEntry.objects.order_by("seq").values_list("action", flat=True) if a != "sign_in.succeeded"] == [
        "invitation.created", "member.added", "access.denied",
    ]  # fmt: skip


def test_an_invitation_to_somebody_who_signs_in_here_needs_them_signed_in(
    owner, workspace, other_workspace, make_person, sign_in, access_of
):
    rita = make_person("rita@rival.example", role="owner", workspace=other_workspace)
    path = f"/join/{token_of(invite(access=access_of(owner, workspace), email='RITA@rival.example', role='viewer'))}"
    thief = Client()
    assert b'name="password"' not in thief.get(path).content
    assert thief.post(path, {"name": "x", "password": PASSWORD})["Location"].startswith("/account/sign-in/?next=/join/")
    assert sign_in(owner, Client()).post(path).status_code == 302
    assert not Membership.objects.filter(person=rita, workspace=workspace).exists()
    assert sign_in(rita, Client()).post(path).status_code == 302
    assert Membership.objects.get(person=rita, workspace=workspace).role == "viewer"
    rita.refresh_from_db()
    assert rita.check_password(PASSWORD)


def test_who_invites_cannot_choose_the_password_of_somebody_whom_another_workspace_trusts(
    owner, workspace, other_workspace, access_of
):
    rita = create_person(email="rita@rival.example", role="owner", workspace_id=other_workspace.pk)  # she has no password yet
    path = f"/join/{token_of(invite(access=access_of(owner, workspace), email='rita@rival.example', role='viewer'))}"
    thief = Client()
    assert b'name="password"' not in thief.get(path).content
    assert thief.post(path, {"name": "x", "password": PASSWORD})["Location"].startswith("/account/sign-in/")
    rita.refresh_from_db()
    assert not rita.has_joined()


def test_an_invitation_ends_with_its_senders_right_to_invite(owner, admin, workspace, access_of):
    token = token_of(invite(access=access_of(admin, workspace), email="n@acme.example", role="viewer"))
    change_role(access=access_of(owner, workspace), person_id=admin.pk, role="viewer")
    assert find_invitation(token) is None


def test_an_invitation_dies_with_time_revocation_a_newer_one_and_its_senders_role(owner, admin, workspace, access_of, sign_in):
    by_admin = access_of(admin, workspace)
    first = token_of(invite(access=by_admin, email="n@acme.example", role="admin"))
    second = token_of(invite(access=by_admin, email="N@acme.example", role="admin"))
    assert find_invitation(first) is None
    assert find_invitation(second) is not None
    change_role(access=access_of(owner, workspace), person_id=admin.pk, role="analyst")
    assert find_invitation(second) is None
    change_role(access=access_of(owner, workspace), person_id=admin.pk, role="admin")
    assert find_invitation(second) is not None
    Invitation.objects.update(expires_at=timezone.now())
    assert find_invitation(second) is None
    third = invite(access=access_of(owner, workspace), email="n@acme.example", role="viewer")
    sign_in(owner).post(f"/w/acme/people/invitations/{third.pk}/revocation/")
    assert find_invitation(token_of(third)) is None
    assert find_invitation("") is None
    assert find_invitation("1.x:y") is None


def test_nobody_grants_or_takes_a_role_above_their_own(owner, admin, viewer, workspace, access_of):
    adam = access_of(admin, workspace)
    with pytest.raises(Forbidden):
        invite(access=adam, email="x@acme.example", role="owner")
    with pytest.raises(Forbidden):
        change_role(access=adam, person_id=viewer.pk, role="owner")
    with pytest.raises(Forbidden):
        change_role(access=adam, person_id=admin.pk, role="owner")
    with pytest.raises(Forbidden):
        change_role(access=adam, person_id=owner.pk, role="viewer")
    with pytest.raises(Forbidden):
        remove_member(access=adam, person_id=owner.pk)
    with pytest.raises(Forbidden):
        change_role(access=access_of(viewer, workspace), person_id=viewer.pk, role="admin")
    with pytest.raises(Forbidden):
        change_role(access=adam, person_id=viewer.pk, role="root")
    assert Membership.objects.get(person=viewer).role == "viewer"


def test_the_last_owner_stays(owner, viewer, workspace, access_of, make_person):
    olga = access_of(owner, workspace)
    with pytest.raises(Forbidden, match="at least one owner"):
        remove_member(access=olga, person_id=owner.pk)
    with pytest.raises(Forbidden, match="at least one owner"):
        change_role(access=olga, person_id=owner.pk, role="viewer")
    make_person("closed@acme.example", role="owner", workspace=workspace, is_active=False)
    with pytest.raises(Forbidden, match="at least one owner"):
        remove_member(access=olga, person_id=owner.pk)
    change_role(access=olga, person_id=viewer.pk, role="owner")
    remove_member(access=olga, person_id=owner.pk)
    assert not Membership.objects.filter(person=owner).exists()


def test_a_changed_role_counts_at_once_and_signs_out(owner, admin, workspace, sign_in, access_of):
    browser = sign_in(admin, Client())
    assert browser.get("/w/acme/tokens/").status_code == 200
    change_role(access=access_of(owner, workspace), person_id=admin.pk, role="viewer")
    assert browser.get("/w/acme/tokens/").status_code == 302
    assert sign_in(admin, browser).get("/w/acme/tokens/").status_code == 302  # with the person as they were before
    admin.refresh_from_db()
    assert sign_in(admin, browser).get("/w/acme/tokens/").status_code == 403


def test_removal_ends_sessions_tokens_and_invitations(owner, admin, workspace, sign_in, access_of):
    from amity.rooms.trust.actions.tokens import create_token
    from amity.rooms.trust.queries.access import find_token_access

    browser, adam = sign_in(admin, Client()), access_of(admin, workspace)
    _, secret = create_token(access=adam, name="job", role="viewer", days=None)
    invited = token_of(invite(access=adam, email="n@acme.example", role="viewer"))
    assert find_token_access(secret) is not None
    answer = sign_in(owner).post(f"/w/acme/people/{admin.pk}/removal/")
    assert answer.status_code == 302
    assert browser.get("/w/acme/people/").status_code == 302
    admin.refresh_from_db()
    assert sign_in(admin, browser).get("/w/acme/people/").status_code == 404
    assert find_token_access(secret) is None
    assert find_invitation(invited) is None


def test_colleagues_of_another_workspace_are_out_of_reach(owner, workspace, other_workspace, make_person, sign_in, access_of):
    rita = make_person("rita@rival.example", role="owner", workspace=other_workspace)
    theirs = invite(access=access_of(rita, other_workspace), email="n@rival.example", role="viewer")
    browser = sign_in(owner)
    assert browser.post(f"/w/acme/people/{rita.pk}/removal/").status_code == 404
    assert browser.post(f"/w/acme/people/{rita.pk}/role/", {"role": "viewer"}).status_code == 404
    assert browser.post(f"/w/acme/people/invitations/{theirs.pk}/revocation/").status_code == 404
    assert browser.post(f"/w/rival/people/{rita.pk}/removal/").status_code == 404
    assert Membership.objects.get(person=rita).role == "owner"
    assert b"rita" not in browser.get("/w/acme/people/").content


def test_fields_that_were_not_asked_for_change_nothing(owner, viewer, workspace, sign_in):
    sign_in(viewer).post(
        "/account/", {"name": "V", "email": "evil@x.example", "is_active": "", "sign_in_epoch": 5, "role": "owner"}
    )
    viewer.refresh_from_db()
    assert (viewer.name, viewer.email, viewer.sign_in_epoch) == ("V", "vera@acme.example", 0)
    assert Membership.objects.get(person=viewer).role == "viewer"
    guest = Client()
    sign_in(owner).post("/w/acme/people/invitations/", {"email": "n@acme.example", "role": "viewer"})
    path = f"/join/{token_of(Invitation.objects.get())}"
    guest.post(path, {"name": "N", "password": PASSWORD, "email": "evil@x.example", "role": "owner", "workspace": "rival"})
    assert Membership.objects.get(person__email="n@acme.example").role == "viewer"
    assert not Person.objects.filter(email="evil@x.example").exists()


def test_searching_and_bad_invitations(owner, viewer, workspace, sign_in):
    browser = sign_in(owner)
    assert len(browser.get("/w/acme/people/?q=VERA").context["members"]) == 1
    assert b"Show everyone" in browser.get("/w/acme/people/?q=nobody").content
    for bad in (
        {"email": "no mail", "role": "viewer"},
        {"email": "x@acme.example", "role": "root"},
        {"email": viewer.email, "role": "viewer"},
    ):
        assert browser.post("/w/acme/people/invitations/", bad).status_code == 422
    assert not Invitation.objects.exists()


def test_creating_people_on_the_command_line(workspace, other_workspace):
    person = create_person(email=" new@acme.example", role="agent", workspace_id=workspace.pk)
    assert not person.has_joined()
    again = create_person(email="NEW@acme.example", role="viewer", workspace_id=other_workspace.pk)
    assert again.pk == person.pk
    with pytest.raises(Invalid, match="already"):
        create_person(email="new@acme.example", role="viewer", workspace_id=workspace.pk)
    with pytest.raises(Invalid, match="no role"):
        create_person(email="b@acme.example", role="boss", workspace_id=workspace.pk)
    with pytest.raises(Invalid, match="no e-mail"):
        create_person(email="b", role="viewer", workspace_id=workspace.pk)


def test_unknown_colleague(owner, workspace, access_of):
    import uuid

    with pytest.raises(NotFound):
        remove_member(access=access_of(owner, workspace), person_id=uuid.uuid4())
