"""Routes of trust's own pages, in the namespace `trust`."""

from __future__ import annotations

from django.urls import include, path

from amity.rooms.trust.console import account, audit, erasures, outside, people, retention, system, tokens, workspace
from amity.rooms.trust.console.rights import acts, pages, public

app_name = "trust"
_requests = [
    path("", pages.requests, name="requests"),
    path("new/", pages.new, name="new-request"),
    path("settings/", pages.setting, name="requests-setting"),
    path("<uuid:request_id>/", pages.one, name="request"),
    path("<uuid:request_id>/verification/", acts.verification, name="request-verification"),
    path("<uuid:request_id>/link/", acts.link, name="request-link"),
    path("<uuid:request_id>/extension/", acts.extension, name="request-extension"),
    path("<uuid:request_id>/archive/", acts.archive, name="request-archive"),
    path("<uuid:request_id>/archive.zip", acts.archive_file, name="request-file"),
    path("<uuid:request_id>/restriction/", acts.restriction, name="request-restriction"),
    path("<uuid:request_id>/release/", acts.release_of, name="request-release"),
    path("<uuid:request_id>/refusal-of-sale/", acts.refusal_of_sale, name="request-refusal-of-sale"),
    path("<uuid:request_id>/erasure/", acts.erasure, name="request-erasure"),
    path("<uuid:request_id>/receipts.json", acts.receipts, name="request-receipts"),
    path("<uuid:request_id>/correction/", acts.correction, name="request-correction"),
    path("<uuid:request_id>/ending/", acts.ending, name="request-ending"),
]
urlpatterns = [
    path("", outside.home, name="home"),
    path("start/<str:token>", outside.start, name="start"),
    path("join/<str:token>", outside.join, name="join"),
    path("privacy/confirm/<str:token>", public.confirmation, name="request-confirmation"),
    path("privacy/<slug:site>/", public.form, name="request-form"),
    path("account/", account.account, name="account"),
    path("w/<slug:workspace>/people/", people.people, name="people"),
    path("w/<slug:workspace>/people/invitations/", people.send_invitation, name="invite"),
    path("w/<slug:workspace>/people/invitations/<int:invitation_id>/revocation/", people.end_invitation, name="end-invitation"),
    path("w/<slug:workspace>/people/<uuid:person_id>/role/", people.set_role, name="role"),
    path("w/<slug:workspace>/people/<uuid:person_id>/removal/", people.remove, name="remove"),
    path("w/<slug:workspace>/settings/", workspace.workspace_settings, name="settings"),
    path("w/<slug:workspace>/workspaces/new/", workspace.new_workspace, name="new-workspace"),
    path("w/<slug:workspace>/tokens/", tokens.tokens, name="tokens"),
    path("w/<slug:workspace>/tokens/<int:token_id>/revocation/", tokens.revoke, name="revoke-token"),
    path("w/<slug:workspace>/requests/", include(_requests)),
    path("w/<slug:workspace>/erasures/", erasures.erasures, name="erasures"),
    path("w/<slug:workspace>/erasures/new/", erasures.new_erasure, name="new-erasure"),
    path("w/<slug:workspace>/erasures/<uuid:erasure_id>/", erasures.erasure, name="erasure"),
    path("w/<slug:workspace>/erasures/<uuid:erasure_id>/receipt/", erasures.receipt, name="receipt"),
    path("w/<slug:workspace>/erasures/<uuid:erasure_id>/return/", erasures.return_of, name="let-back"),
    path("w/<slug:workspace>/retention/", retention.retention, name="retention"),
    path("w/<slug:workspace>/retention/<int:rule_id>/removal/", retention.removal, name="retention-removal"),
    path("w/<slug:workspace>/audit/", audit.audit, name="audit"),
    path("w/<slug:workspace>/audit.csv", audit.audit_file, name="audit-file"),
    path("w/<slug:workspace>/system/", system.system, name="system"),
    path("w/<slug:workspace>/pulse/", system.pulse, name="pulse"),
]
