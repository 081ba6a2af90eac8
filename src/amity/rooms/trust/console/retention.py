"""How long data is kept: the rules, a count before one is made, and a new one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel.errors import AmityError
from amity.rooms.trust.actions.retention import count_for, make_rule, remove_rule
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import RetentionRule
from amity.rooms.trust.rules.retention import KINDS, LONGEST_DAYS, says


class RuleForm(forms.Form):
    """A rule, as it is counted or made."""

    what = forms.ChoiceField(label="What", choices=list(KINDS.items()))
    name = forms.CharField(
        label="Called",
        max_length=200,
        required=False,
        help_text="Interactions of this name only, such as Page Viewed; empty: of any.",
    )
    channel = forms.CharField(
        label="On the channel", max_length=40, required=False, help_text="Such as web, email or chat; empty: on any."
    )
    days = forms.IntegerField(label="Is kept for (days)", min_value=1, max_value=LONGEST_DAYS)


@page("rights.write")
@require_http_methods(["GET", "POST"])
def retention(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the rules; count what a new one would delete, or make it."""
    form = RuleForm(request.POST if request.method == "POST" else None)
    counted: int | None = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if request.POST.get("do") == "make":
                make_rule(access, request=request, **data)
                messages.success(request, "The rule is made. What is too old goes within the hour.")
                return redirect("trust:retention", workspace=access.workspace_slug)
            counted = count_for(access, **data)
        except AmityError as error:
            form.add_error(None, error.message)
    rows = RetentionRule.objects.filter(workspace_id=access.workspace_id).order_by("what", "name", "channel")
    context = {
        "form": form,
        "counted": counted,
        "about": says(form.cleaned_data["what"], form.cleaned_data["name"], form.cleaned_data["channel"])
        if counted is not None
        else "",
        "rules": [{"row": one, "says": says(one.what, one.name, one.channel)} for one in rows],
        "days": access.workspace.retention_days,
    }
    wrong = request.method == "POST" and counted is None
    return render(request, "trust/retention.html", context, status=422 if wrong else 200)


@page("rights.write")
@require_POST
def removal(request: HttpRequest, access: Access, rule_id: int) -> HttpResponse:
    """Remove a rule."""
    try:
        remove_rule(access, rule_id=rule_id, request=request)
    except AmityError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "The rule is removed. What it deleted stays deleted.")
    return redirect("trust:retention", workspace=access.workspace_slug)
