"""Forms of the room's own pages. The rules are in the actions; forms carry words and shapes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from amity.rooms.trust.models import Person
from amity.rooms.trust.rules.roles import ROLE_HINTS, ROLE_NAMES, grantable

_MEANT = forms.PasswordInput(attrs={"autocomplete": "new-password"})


class PasswordForm(forms.Form):
    """A new password, checked against what is known of the person."""

    password = forms.CharField(label="Password", widget=_MEANT, help_text="At least 12 characters. A sentence is fine.")

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_email = email

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        person = Person(email=data.get("email") or self.known_email, name=data.get("name") or "")
        if data.get("password"):
            try:
                validate_password(data["password"], person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data


class ReturnForm(PasswordForm):
    """Somebody comes back by link, perhaps because they forgot their password."""

    password = forms.CharField(
        label="New password", widget=_MEANT, required=False, help_text="Leave it empty to keep the one you have."
    )


class JoinForm(PasswordForm):
    """Name and password of somebody who signs in for the first time."""

    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "password"]


class FirstOwnerForm(JoinForm):
    """The first owner also says which e-mail they sign in with."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        help_text="You sign in with it.",
    )
    field_order = ["name", "email", "password"]


class InviteForm(forms.Form):
    """An e-mail address and a role that the inviter may grant."""

    email = forms.EmailField(label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label="Role", initial="viewer")

    def __init__(self, *args: Any, role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(role)  # type: ignore[attr-defined]


class TokenForm(forms.Form):
    """What uses the token, what it may do, how long."""

    name = forms.CharField(label="What uses it", max_length=80)
    role = forms.ChoiceField(label="Role", initial="viewer")
    days = forms.TypedChoiceField(
        label="Lasts",
        coerce=lambda text: int(text) if text else None,
        empty_value=None,
        required=False,
        initial="90",
        choices=[("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "until it is revoked")],
    )

    def __init__(self, *args: Any, role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(role)  # type: ignore[attr-defined]


class NameForm(forms.Form):
    """How a person is called."""

    name = forms.CharField(label="Name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))


class NewWorkspaceForm(forms.Form):
    """What a new workspace is called."""

    name = forms.CharField(
        label="Name", max_length=80, help_text="A company, or a part of it that shares nothing with the others."
    )


class WorkspaceForm(forms.Form):
    """A workspace's settings."""

    name = forms.CharField(label="Name", max_length=80)
    time_zone = forms.ChoiceField(label="Time zone", help_text="In which times are shown and days begin.")
    currency = forms.CharField(label="Currency", min_length=3, max_length=3, help_text="Three capitals, such as EUR.")
    retention_days = forms.IntegerField(
        label="Keep interactions for (days)", min_value=1, max_value=36_500, required=False, help_text="Empty keeps everything."
    )
    sessions_end_at_midnight = forms.BooleanField(label="A customer’s session ends at midnight", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        from zoneinfo import available_timezones

        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [(z, z) for z in sorted(available_timezones())]  # type: ignore[attr-defined]

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


def role_choices(granter: str) -> list[tuple[str, str]]:
    """Return the roles that `granter` may give, weakest first, with what each may do."""
    return [(role, f"{ROLE_NAMES[role]}: {ROLE_HINTS[role]}") for role in reversed(grantable(granter))]
