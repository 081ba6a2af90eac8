"""What anybody may open: a workspace's form for requests, where it is switched on, and the link that confirms one."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from amity.kernel.errors import AmityError
from amity.rooms.trust.actions.mailing import sends_mail
from amity.rooms.trust.actions.rights.links import confirm_by_link, find_confirmable
from amity.rooms.trust.actions.rights.public import receive
from amity.rooms.trust.actions.rights.requests import LONGEST
from amity.rooms.trust.api import public
from amity.rooms.trust.queries.rights import find_form
from amity.rooms.trust.rules.rights import KINDS

ASKED = {
    "access": "A copy of my data",
    "portability": "My data to take elsewhere, as JSON and CSV",
    "erasure": "Delete my data",
    "rectification": "Something is wrong, correct it",
    "restriction": "Keep my data, but don’t use it",
    "opt_out": "Don’t sell or share my data",
}
LIVES = {
    "gdpr": "European Union, EEA or United Kingdom",
    "ccpa": "California",
    "lgpd": "Brazil",
    "pipeda": "Canada",
    "": "Somewhere else",
}


class PublicForm(forms.Form):
    """What a person asks, and by which address they are known."""

    kind = forms.ChoiceField(label="What do you ask for?", choices=[(kind, ASKED[kind]) for kind in KINDS])
    email = forms.EmailField(
        label="Your e-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="The one by which we know you.",
    )
    law = forms.ChoiceField(label="Where do you live?", choices=list(LIVES.items()), required=False, initial="")
    details = forms.CharField(
        label="Anything that we should know",
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@public("a workspace that switched its form on lets anybody send a request")
@never_cache
@require_http_methods(["GET", "POST"])
def form(request: HttpRequest, site: str) -> HttpResponse:
    """Show the form and take what is sent. The answer is the same whether the address is known or not."""
    setting = find_form(site)
    if setting is None:
        raise Http404("There is no such page.")
    given = PublicForm(request.POST if request.method == "POST" else None)
    context = {"company": setting.workspace.name, "text": setting.form_text, "form": given, "mail": sends_mail()}
    if request.method == "POST" and given.is_valid():
        if not _may_send(request, site, given.cleaned_data["email"]):
            return render(request, "429.html", status=429)
        try:
            receive(setting, request=request, **given.cleaned_data)
        except AmityError as error:
            given.add_error(None, error.message)
        else:
            return render(request, "trust/rights/received.html", context, status=201)
    return render(request, "trust/rights/form.html", context, status=200 if request.method == "GET" else 422)


@public("a link that was sent to an address of the person is its own permission")
@never_cache
@require_http_methods(["GET", "POST"])
def confirmation(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm a request by its link. Opening it does nothing, since mail is opened by machines; pressing does."""
    if request.method == "POST":
        if not ratelimit.consume(request, app="amity.trust", action="rights-link", config={"rights-link": "20/m/ip"}):
            return render(request, "429.html", status=429)
        done = confirm_by_link(token, request=request)
        if done is not None:
            return render(request, "trust/rights/confirmed.html", {"company": done.workspace.name})
        return render(request, "trust/rights/link_over.html", status=404)
    row = find_confirmable(token)
    if row is None:
        return render(request, "trust/rights/link_over.html", status=404)
    return render(request, "trust/rights/confirm.html", {"company": row.workspace.name, "asked": ASKED[row.kind]})


def _may_send(request: HttpRequest, site: str, email: str) -> bool:
    """Whether one more is taken: of this network, for this workspace, and about this address, which would be written to."""
    limits = (("rights", "5/m/ip,20/d/ip,300/d/key", site), ("rights-address", "3/d/key", f"{site} {email.strip().lower()}"))
    return all(
        ratelimit.consume(request, app="amity.trust", action=action, config={action: rates}, key=key)
        for action, rates, key in limits
    )
