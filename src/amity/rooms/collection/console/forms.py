"""What people fill in about sources. What a value must be is decided in `rules.py`; these only read it."""

from __future__ import annotations

from django import forms

KINDS = (
    ("website", "Website", "Pages in a browser"),
    ("server", "Server", "Your own back end, in any language"),
    ("mobile", "Mobile app", "iOS, Android"),
)


class SourceForm(forms.Form):
    """A new source."""

    name = forms.CharField(max_length=80, error_messages={"required": "Give it a name, for example: Web shop."})
    kind = forms.ChoiceField(choices=[(k, label) for k, label, _ in KINDS], initial="website")

    kinds = KINDS


class SettingsForm(forms.Form):
    """A source's settings."""

    name = forms.CharField(max_length=80, error_messages={"required": "Give it a name, for example: Web shop."})
    anonymise_ip = forms.BooleanField(required=False)
    requests_per_second = forms.IntegerField(
        min_value=0, max_value=1_000_000, error_messages={"invalid": "Write a whole number; 0 means no limit."}
    )
