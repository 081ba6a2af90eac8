"""Routes of trust's own pages, in the namespace `trust`."""

from __future__ import annotations

from django.urls import path

from amity.rooms.trust.console import account, audit, outside, people, system, tokens, workspace

app_name = "trust"
urlpatterns = [
    path("", outside.home, name="home"),
    path("start/<str:token>", outside.start, name="start"),
    path("join/<str:token>", outside.join, name="join"),
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
    path("w/<slug:workspace>/audit/", audit.audit, name="audit"),
    path("w/<slug:workspace>/audit.csv", audit.audit_file, name="audit-file"),
    path("w/<slug:workspace>/system/", system.system, name="system"),
    path("w/<slug:workspace>/pulse/", system.pulse, name="pulse"),
]
