"""How allauth signs people in here: closed to the public, nothing built from the Host header, everything in the audit log."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from amity.kernel.settings import settings
from amity.rooms.trust.actions.people import end_sessions
from amity.rooms.trust.actions.record import record, source_of
from amity.rooms.trust.actions.sealing import seal, unseal
from amity.rooms.trust.contracts import ANONYMOUS
from amity.rooms.trust.models import Person, SignInLink
from amity.rooms.trust.queries.access import actor_of
from amity.rooms.trust.queries.people import find_person

# What allauth would mail about; here it becomes a row of the audit log.
_EVENTS = {
    "account/email/password_changed": "person.password_changed",
    "account/email/password_set": "person.password_changed",
    "mfa/email/totp_activated": "person.second_factor_added",
    "mfa/email/totp_deactivated": "person.second_factor_removed",
    "mfa/email/webauthn_added": "person.passkey_added",
    "mfa/email/webauthn_removed": "person.passkey_removed",
    "mfa/email/recovery_codes_generated": "person.recovery_codes_made",
}
_ENDS_OTHER_SESSIONS = {"person.password_changed", "person.second_factor_removed", "person.passkey_removed"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """E-mail and password, passkeys, second factors; by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def is_safe_url(self, url: str) -> bool:
        """Only paths of this console: no other host, not even the one that the request named."""
        return bool(url) and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_login_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return reverse("trust:home")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return reverse("account_login")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return reverse("trust:account")

    def get_client_ip(self, request: HttpRequest) -> str:
        return source_of(request).ip or "127.0.0.1"

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Check the password anew, counted as an attempt to sign in. People here have no allauth e-mail rows."""
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        person = find_person(str(credentials.get("email") or ""))
        target = f"person:{person.pk}" if person else "unknown e-mail"
        record(ANONYMOUS, action="sign_in.failed", target=target, request=request)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        methods = [m.get("type") or m.get("method") for m in request.session.get("account_authentication_methods", [])]
        record(actor_of(user), action="sign_in.succeeded", target=f"person:{user.pk}", after={"with": methods}, request=request)
        return cast("HttpResponse", super().post_login(request, user, **kwargs))

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, Person):
            record(actor_of(request.user), action="sign_in.ended", target=f"person:{request.user.pk}", request=request)
        super().logout(request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: the pages show what happened, and two voices confuse."""

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        action = _EVENTS.get(template_prefix)
        if action is None:
            return
        if action in _ENDS_OTHER_SESSIONS:
            SignInLink.objects.filter(person=user, used_at=None).delete()
            end_sessions(user)
            update_session_auth_hash(self.request, user)
        record(actor_of(user), action=action, target=f"person:{user.pk}", request=self.request)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Authenticator apps and passkeys, whose secrets are encrypted and bound to the console's public address."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return "Amity"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        host = settings().public_console.partition("://")[2]
        return {"id": host.partition("/")[0].rpartition(":")[0] or host, "name": "Amity"}

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return "Passkey" if count == 0 else f"Passkey {count + 1}"
