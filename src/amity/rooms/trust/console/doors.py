"""allauth's pages that this console has, under its own addresses. What isn't here doesn't exist: sign-up, mail, codes by mail."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from amity.rooms.trust.api import public
from amity.rooms.trust.console import outside, sessions
from amity.rooms.trust.console.guards import own_account

_SIGN_IN = "signing in comes before any permission"
_STAGE = "the second step of signing in, only after the first"

urlpatterns = [
    path("account/sign-in/", public(_SIGN_IN)(account.login), name="account_login"),
    path("account/sign-in/passkey/", public(_SIGN_IN)(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("account/sign-in/second-step/", public(_STAGE)(mfa.authenticate), name="mfa_authenticate"),
    path("account/sign-out/", public("signing out needs no permission")(account.logout), name="account_logout"),
    path("account/by-invitation/", outside.by_invitation, name="account_signup"),
    path("account/forgotten/", outside.forgotten, name="account_reset_password"),
    path("account/inactive/", public("says that an account is closed")(account.account_inactive), name="account_inactive"),
    path("account/confirm/", own_account(account.reauthenticate), name="account_reauthenticate"),
    path("account/confirm/code/", own_account(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", own_account(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("account/password/", own_account(account.password_change), name="account_change_password"),
    path("account/password/first/", own_account(account.password_set), name="account_set_password"),
    path("account/sessions/", sessions.list_sessions, name="usersessions_list"),
    path("account/security/", own_account(mfa.index), name="mfa_index"),
    path("account/security/app/on/", own_account(totp.activate_totp), name="mfa_activate_totp"),
    path("account/security/app/off/", own_account(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/security/codes/", own_account(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("account/security/codes/new/", own_account(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("account/security/codes/file/", own_account(codes.download_recovery_codes), name="mfa_download_recovery_codes"),
    path("account/security/passkeys/", own_account(passkeys.list_webauthn), name="mfa_list_webauthn"),
    path("account/security/passkeys/new/", own_account(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("account/security/passkeys/<int:pk>/remove/", own_account(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("account/security/passkeys/<int:pk>/edit/", own_account(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
]
