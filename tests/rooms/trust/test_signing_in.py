from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.trust.actions.links import has_owner, make_sign_in_link, make_start_link
from amity.rooms.trust.actions.people import drop_second_factor
from amity.rooms.trust.models import AuditEntry, Membership, Person, SignInLink
from amity.rooms.trust.queries.audit import verify_chain
from tests.rooms.trust.conftest import PASSWORD

pytestmark = pytest.mark.django_db

NEW = "an entirely different sentence"


def path_of(link):
    return re.sub(r"^https?://[^/]+", "", link)


def enter(client, email, password=PASSWORD, **more):
    return client.post("/account/sign-in/", {"login": email, "password": password, **more})


def confirm(client):
    assert client.post("/account/confirm/", {"password": PASSWORD}).status_code == 302


def test_the_first_owner_starts_with_a_link_and_owns_every_workspace(client, workspace, other_workspace):
    link = make_start_link()
    page = client.get(path_of(link))
    assert page.status_code == 200
    assert b'name="email"' in page.content
    weak = client.post(path_of(link), {"name": "Olga", "email": "olga@acme.example", "password": "password"})
    assert weak.status_code == 200
    assert not has_owner()
    done = client.post(path_of(link), {"name": "Olga", "email": "olga@acme.example", "password": PASSWORD})
    assert done.status_code == 302
    person = Person.objects.get(email="olga@acme.example")
    assert person.password.startswith("argon2")
    assert set(Membership.objects.filter(person=person).values_list("workspace__slug", "role")) == {
        ("acme", "owner"),
        ("rival", "owner"),
    }
    assert client.get("/w/acme/people/").status_code == 200
    assert Client().post(path_of(link), {"name": "Eve", "email": "eve@x.example", "password": PASSWORD}).status_code == 404
    assert make_start_link() is None
    with pytest.raises(Invalid, match="person link"):
        make_sign_in_link()


def test_a_start_link_dies_with_time_and_with_a_newer_one(client, workspace):
    first, second = make_start_link(), make_start_link()
    assert client.get(path_of(first)).status_code == 404
    assert client.get(path_of(second)).status_code == 200
    SignInLink.objects.update(expires_at=timezone.now())
    assert client.get(path_of(second)).status_code == 404
    assert client.get("/start/rubbish").status_code == 404


def test_a_persons_link_signs_in_once(client, owner, workspace):
    link = make_sign_in_link(email="OLGA@acme.example")
    assert client.get(path_of(link)).status_code == 200
    assert client.get(path_of(link)).status_code == 200
    assert client.post(path_of(link)).status_code == 302
    assert client.get("/w/acme/people/").status_code == 200
    assert Client().post(path_of(link)).status_code == 404
    with pytest.raises(NotFound, match="person create"):
        make_sign_in_link(email="nobody@acme.example")


def test_who_forgot_their_password_chooses_a_new_one_by_link(client, owner, workspace):
    elsewhere = Client()
    enter(elsewhere, owner.email)
    path = path_of(make_sign_in_link(email=owner.email))
    assert client.post(path, {"password": "short"}).status_code == 200
    assert client.post(path, {"password": NEW}).status_code == 302
    assert elsewhere.get("/w/acme/people/").status_code == 302
    assert enter(elsewhere, owner.email).status_code == 200
    assert enter(elsewhere, owner.email, NEW).status_code == 302


def test_links_and_tokens_are_kept_as_hashes_only(owner):
    token = make_sign_in_link(email=owner.email).rpartition("/")[2]
    assert token not in str(list(SignInLink.objects.values()))
    assert token not in str(list(AuditEntry.objects.values()))


def test_a_link_stands_for_the_password_not_for_the_second_step(client, owner, workspace):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(owner, generate_totp_secret())
    link = make_sign_in_link(email=owner.email)
    answer = client.post(path_of(link))
    assert answer["Location"] == "/account/sign-in/second-step/"
    assert client.get("/w/acme/people/").status_code == 302
    drop_second_factor(person=owner)
    fresh = Client()
    fresh.post(path_of(make_sign_in_link(email=owner.email)))
    assert fresh.get("/w/acme/people/").status_code == 200


def test_signing_in_gives_a_new_session_and_keeps_to_this_console(client, owner, workspace):
    client.get("/account/sign-in/")
    client.session["planted"] = "x"
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    answer = enter(client, owner.email, next="https://evil.example/")
    assert answer["Location"] == "/"
    assert client.session.session_key != session.session_key
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize(
    "to", ["//evil.example/", "https://testserver/", "/\\evil.example", "javascript:alert(1)", "http:evil.example"]
)
def test_no_open_redirects(client, owner, to):
    assert enter(client, owner.email, next=to)["Location"] == "/"


def test_back_to_the_page_that_was_asked_for(client, owner, workspace):
    away = client.get("/w/acme/people/?q=o")
    assert away["Location"] == "/account/sign-in/?next=%2Fw%2Facme%2Fpeople%2F%3Fq%3Do"
    assert enter(client, owner.email, next="/w/acme/people/?q=o")["Location"] == "/w/acme/people/?q=o"
    part = Client().get("/w/acme/people/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (401, "/account/sign-in/")


def test_wrong_password_and_unknown_e_mail_read_the_same(client, owner):
    def shown(email):
        text = enter(client, email, "wrong password here").content.decode()
        text = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", text)
        return text.replace(email, "E")

    assert shown(owner.email) == shown("somebody@acme.example")


def test_guessing_one_account_stops_after_five(client, owner):
    for _ in range(5):
        assert b"too many" not in enter(client, owner.email, "wrong password here").content.lower()
    assert b"too many" in enter(Client(REMOTE_ADDR="203.0.113.7"), owner.email).content.lower()
    assert "sign_in.succeeded" not in AuditEntry.objects.values_list("action", flat=True)


def test_guessing_many_accounts_from_one_address_stops(client, owner):
    for i in range(10):
        enter(client, f"p{i}@acme.example", "wrong password here")
    assert b"too many" in enter(client, owner.email).content.lower()
    assert enter(Client(REMOTE_ADDR="203.0.113.7"), owner.email).status_code == 302


def test_guessing_links_stops(client):
    for _ in range(20):
        assert client.post("/start/guess").status_code == 404
    assert client.post("/start/guess").status_code == 429


def test_a_new_password_ends_every_other_session_and_open_link(client, owner, workspace):
    other = Client()
    enter(client, owner.email)
    enter(other, owner.email)
    link = make_sign_in_link(email=owner.email)
    answer = client.post("/account/password/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert answer.status_code == 302, answer.content
    assert client.get("/w/acme/people/").status_code == 200
    assert other.get("/w/acme/people/").status_code == 302
    assert Client().get(path_of(link)).status_code == 404
    assert AuditEntry.objects.filter(action="person.password_changed").exists()


def test_sessions_are_listed_and_ended(client, owner, workspace):
    browsers = [Client(headers={"User-Agent": f"Browser/{i}"}) for i in range(3)]
    for one in (client, *browsers):
        enter(one, owner.email)
    page = client.get("/account/sessions/")
    assert len(page.context["sessions"]) == 4
    first = next(s for s, _ in page.context["sessions"] if s.user_agent == "Browser/0")
    client.post("/account/sessions/", {"end": first.pk})
    assert browsers[0].get("/w/acme/people/").status_code == 302
    assert browsers[1].get("/w/acme/people/").status_code == 200
    client.post("/account/sessions/", {"end": "others"})
    assert browsers[1].get("/w/acme/people/").status_code == 302
    assert client.get("/w/acme/people/").status_code == 200
    enter(browsers[2], owner.email)
    assert client.post("/account/sessions/", {"end": "all"})["Location"] == "/account/sign-in/"
    assert browsers[2].get("/w/acme/people/").status_code == 302


def test_nobody_ends_the_session_of_somebody_else(client, owner, make_person, workspace):
    other = Client()
    enter(other, make_person("a@acme.example", role="viewer", workspace=workspace).email)
    enter(client, owner.email)
    theirs = other.get("/account/sessions/").context["sessions"][0][0]
    for odd in (theirs.pk, "x", "²", "9" * 40, ""):
        assert client.post("/account/sessions/", {"end": odd}).status_code == 302
    assert other.get("/w/acme/people/").status_code == 200


def test_second_step_by_app_and_by_recovery_code(client, owner, workspace, django_capture_on_commit_callbacks):
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    def code(secret):
        return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))

    enter(client, owner.email)
    confirm(client)
    page = client.get("/account/security/app/on/")
    assert b"data:image/svg+xml" in page.content
    secret = page.context["form"].secret
    other = Client()
    enter(other, owner.email)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/account/security/app/on/", {"code": code(secret)}).status_code == 302
    kept = Authenticator.objects.get(user=owner, type="totp")
    assert secret not in str(kept.data)
    codes = client.get("/account/security/codes/").context["unused_codes"]
    assert len(codes) == 10

    fresh = Client()
    assert enter(fresh, owner.email)["Location"].startswith("/account/sign-in/second-step/")
    assert fresh.get("/w/acme/people/").status_code == 302
    assert fresh.post("/account/sign-in/second-step/", {"code": "000000"}).status_code == 200
    assert fresh.post("/account/sign-in/second-step/", {"code": codes[0]}).status_code == 302
    assert fresh.get("/w/acme/people/").status_code == 200
    again = Client()
    enter(again, owner.email)
    assert again.post("/account/sign-in/second-step/", {"code": codes[0]}).status_code == 200
    actions = list(AuditEntry.objects.values_list("action", flat=True))
    assert actions.count("sign_in.failed") == 2
    assert "person.second_factor_added" in actions

    assert client.post("/account/security/app/off/").status_code == 302
    assert client.get("/w/acme/people/").status_code == 200
    assert fresh.get("/w/acme/people/").status_code == 302
    assert verify_chain().broken is None


def test_changes_to_signing_in_ask_for_the_password_again(client, owner):
    enter(client, owner.email)
    assert client.get("/account/security/app/on/")["Location"].startswith("/account/confirm/")
    wrong = client.post("/account/confirm/", {"password": "wrong password here"})
    assert wrong.status_code == 200
    assert client.post("/account/confirm/", {"password": PASSWORD}).status_code == 302
    assert client.get("/account/security/app/on/").status_code == 200


def test_a_closed_account_is_out_at_once(client, owner, workspace):
    enter(client, owner.email)
    Person.objects.filter(pk=owner.pk).update(is_active=False)
    assert client.get("/w/acme/people/").status_code == 302
    assert enter(client, owner.email).status_code in {200, 302}
    assert client.get("/w/acme/people/").status_code == 302


@pytest.mark.parametrize(
    "path", ["/account/sign-in/", "/account/forgotten/", "/account/by-invitation/", "/account/inactive/", "/start/x", "/join/x"]
)
def test_strict_headers_and_no_inline_code(client, db, path):
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]
    text = answer.content.decode()
    assert not re.search(r"\son[a-z]+=|\sstyle=|<style|javascript:", text)
    for tag in re.findall(r"<script[^>]*>", text):
        assert "src=" in tag or 'type="application/json"' in tag


def test_posts_need_a_csrf_token(owner, workspace):
    strict = Client(enforce_csrf_checks=True)
    assert enter(strict, owner.email).status_code == 403
    strict.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert strict.post("/w/acme/people/invitations/", {"email": "x@acme.example", "role": "viewer"}).status_code == 403


def test_every_page_of_the_account_opens(client, owner, workspace):
    enter(client, owner.email)
    confirm(client)
    for path in (
        "/account/", "/account/sessions/", "/account/password/", "/account/security/", "/account/security/passkeys/",
        "/account/security/passkeys/new/", "/account/security/app/on/", "/account/sign-out/", "/account/confirm/",
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert not re.search(r"\son[a-z]+=\"|\sstyle=|<style", answer.content.decode()), path
    assert client.post("/account/", {"name": "Olga Petrova"}).status_code == 302
    assert Person.objects.get().name == "Olga Petrova"


def test_who_is_in_no_workspace_is_told_so(client, make_person):
    enter(client, make_person("lone@acme.example").email)
    assert b"no workspace" in client.get("/").content
    assert client.get("/account/").status_code == 200


def test_the_first_owner_lands_on_the_example_and_later_where_they_were_last(client, workspace):
    from amity.rooms.trust.models import Workspace

    Workspace.objects.create(slug="linden", name="Linden", is_demo=True)
    start = {"name": "Olga", "email": "olga@acme.example", "password": PASSWORD}
    page = client.post(path_of(make_start_link()), start, follow=True)
    assert page.request["PATH_INFO"] == "/w/linden/customers/"
    assert "Linden is an invented company." in page.content.decode()
    assert '<a href="/w/acme/welcome/">Hear from your own customers</a>' in page.content.decode()
    assert "Hear from your own customers" not in client.get("/w/acme/welcome/").content.decode()
    again = Client()
    enter(again, "olga@acme.example")
    assert again.get("/")["Location"] == "/w/acme/"
    workspace.delete()
    assert again.get("/")["Location"] == "/w/linden/"


def test_the_first_owner_lands_on_welcome_where_there_is_no_example(client, workspace):
    start = {"name": "Olga", "email": "olga@acme.example", "password": PASSWORD}
    page = client.post(path_of(make_start_link()), start, follow=True)
    assert page.request["PATH_INFO"] == "/w/acme/welcome/"
