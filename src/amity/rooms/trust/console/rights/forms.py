"""Forms of the pages of requests. The rules are in the actions; forms carry words and shapes."""

from __future__ import annotations

from typing import Any

from django import forms

from amity.rooms.trust.actions.rights.requests import LONGEST
from amity.rooms.trust.rules.rights import KINDS, LAWS

IDENTIFIERS = {
    "email": "E-mail address",
    "phone": "Phone number",
    "user_id": "User id",
    "anonymous_id": "Browser’s id",
    "device_id": "Device’s id",
    "advertising_id": "Advertising id",
    "customer_id": "Customer’s id in Amity",
}
_AREA = forms.Textarea(attrs={"rows": 3})


class NewRequestForm(forms.Form):
    """What a person asked for, as a colleague takes it down."""

    kind = forms.ChoiceField(label="What they ask for", choices=list(KINDS.items()))
    identifier_kind = forms.CharField(
        label="Known by",
        max_length=40,
        initial="email",
        widget=forms.TextInput(attrs={"list": "identifier-kinds", "autocomplete": "off", "spellcheck": "false"}),
        help_text="The kind of identifier: email, phone, user_id, or one of your own.",
    )
    identifier = forms.CharField(
        label="Which is", max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    law = forms.ChoiceField(label="Under which law", choices=list(LAWS.items()))
    received_on = forms.DateField(
        label="Received on", required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text="Empty means now."
    )
    contact = forms.CharField(
        label="Answer to",
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="An address to answer to, where it is another one.",
    )
    details = forms.CharField(label="What they wrote", max_length=LONGEST, required=False, widget=_AREA)
    verified_how = forms.CharField(
        label="How you made sure that it is them",
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Leave it empty if that is still to be done.",
    )


class TextForm(forms.Form):
    """One text: a reason, an answer, how somebody was recognised."""

    text = forms.CharField(max_length=LONGEST, required=False)


class CorrectionForm(forms.Form):
    """A trait and what it is to be. `form` says how the value is written: as text, a number, yes or no, or known to be empty."""

    name = forms.CharField(max_length=100)
    value = forms.CharField(max_length=10_000, required=False, strip=True)
    form = forms.ChoiceField(choices=[("text", "Text"), ("number", "Number"), ("yes", "Yes"), ("no", "No"), ("empty", "Empty")])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        said, form = data.get("value", ""), data.get("form")
        if form == "number":
            try:
                data["value"] = int(said) if said.lstrip("-").isdigit() else float(said.replace(",", "."))
            except ValueError:
                self.add_error("value", "That is no number.")
        elif form in {"yes", "no", "empty"}:
            data["value"] = {"yes": True, "no": False, "empty": None}[form]
        elif form == "text" and not said:
            self.add_error("value", "Write the value, or choose “Empty”.")
        return data


class SettingForm(forms.Form):
    """How the workspace takes requests."""

    form_open = forms.BooleanField(label="Anybody may send a request with the public form", required=False)
    form_text = forms.CharField(
        label="What the form says above its fields",
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Who you are and how you answer. Plain text.",
    )
    law = forms.ChoiceField(label="Law where a request says none", choices=list(LAWS.items()))
    archive_days = forms.IntegerField(
        label="Days for which an archive can be downloaded", min_value=1, max_value=90, help_text="Then its file is deleted."
    )
