"""Forms of what a workspace chooses about consent."""

from __future__ import annotations

from typing import Any

from django import forms

from amity.rooms.customers.actions.consent.links import MOST_DAYS
from amity.rooms.customers.actions.consent.purposes import LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_TEXT
from amity.rooms.customers.actions.consent.setting import LONGEST_NAME as LONGEST_TOPIC
from amity.rooms.customers.actions.consent.setting import LONGEST_YES
from amity.rooms.customers.console.consent.words import BASES
from amity.rooms.customers.rules.centre.languages import LANGUAGES
from amity.rooms.customers.rules.choices.policies import BUILT_IN as POLICIES

OFTEN = {"always": "As it happens", "weekly": "Once a week", "monthly": "Once a month"}


def lines_in(text: str) -> list[str]:
    """Return the lines of a text, and what commas part in them."""
    return [one.strip() for line in text.splitlines() for one in line.split(",") if one.strip()]


class RegionForm(forms.Form):
    """Where people are."""

    default_policy = forms.ChoiceField(
        label="Policy for people of whom no country is known", choices=[(key, one.name) for key, one in POLICIES.items()]
    )
    country_traits = forms.CharField(
        label="Traits that tell the country", required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=1_100,
        help_text="One a line, the first that names a country counts; a dot leads into a trait: address.country.",
    )  # fmt: skip


class CentreForm(forms.Form):
    """What the preference centre shows, and where."""

    offered = forms.MultipleChoiceField(label="What it asks", required=False, widget=forms.CheckboxSelectMultiple)
    link_days = forms.IntegerField(label="Days that a link lasts", min_value=1, max_value=MOST_DAYS)
    frame_ancestors = forms.CharField(
        label="Sites that may embed it", required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=4_000,
        help_text="One a line, such as https://www.example.com. Empty: none may.",
    )  # fmt: skip

    def __init__(self, *args: Any, offers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["offered"].choices = offers  # type: ignore[attr-defined]


class PolicyForm(forms.Form):
    """What holds in a region."""

    silence = forms.MultipleChoiceField(
        label="Allowed until somebody refuses", required=False, widget=forms.CheckboxSelectMultiple
    )
    expires_days = forms.IntegerField(
        label="Days that a yes lasts", min_value=0, max_value=LONGEST_YES, help_text="0: until it is taken back."
    )

    def __init__(self, *args: Any, asks: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["silence"].choices = asks  # type: ignore[attr-defined]


class PurposeForm(forms.Form):
    """A purpose, and the texts that tell customers of it."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME)
    basis = forms.ChoiceField(label="Legal basis", choices=[(key, said.capitalize()) for key, said in BASES.items()])
    description = forms.CharField(
        label="Description", required=False, max_length=LONGEST_DESCRIPTION, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For colleagues.",
    )  # fmt: skip
    categories = forms.CharField(
        label="Names under which clients answer", required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=6_000,
        help_text="Categories of your consent platform, one a line: C0002, statistics. The key itself always counts.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, called in LANGUAGES.items():
            self.fields[f"text_{code}"] = forms.CharField(
                label=f"Text in {called}", required=False, max_length=LONGEST_TEXT,
                widget=forms.Textarea(attrs={"rows": 2, "lang": code}),
            )  # fmt: skip

    def texts(self) -> dict[str, str]:
        """Return the texts by language."""
        return {code: self.cleaned_data[f"text_{code}"] for code in LANGUAGES}

    def text_fields(self) -> list[Any]:
        """Return the fields of the texts."""
        return [self[f"text_{code}"] for code in LANGUAGES]


class NewPurposeForm(PurposeForm):
    """A purpose of the workspace's own."""

    key = forms.CharField(
        label="Key", required=False, max_length=60,
        help_text="As programs name it; without one it is made from the name. What begins with marketing_ is marketing.",
    )  # fmt: skip


class TopicForm(forms.Form):
    """A topic that people may refuse, with how often they may hear of it."""

    frequencies = forms.MultipleChoiceField(
        label="How often people may choose to hear of it",
        required=False,
        choices=OFTEN.items(),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, called in LANGUAGES.items():
            self.fields[f"name_{code}"] = forms.CharField(
                label=f"Name in {called}", required=False, max_length=LONGEST_TOPIC, widget=forms.TextInput(attrs={"lang": code})
            )

    def names(self) -> dict[str, str]:
        """Return the names by language."""
        return {code: self.cleaned_data[f"name_{code}"] for code in LANGUAGES}

    def name_fields(self) -> list[Any]:
        """Return the fields of the names."""
        return [self[f"name_{code}"] for code in LANGUAGES]
