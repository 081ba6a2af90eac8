"""Trust: workspaces, people, roles, keys, audit."""

from __future__ import annotations

from django.apps import AppConfig


class TrustConfig(AppConfig):
    """The room's registration."""

    name = "amity.rooms.trust"
    label = "trust"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.mfa.signals import authentication_failed

        from amity.kernel.holdings import register_holder
        from amity.rooms.trust.handlers import on_second_factor_failed
        from amity.rooms.trust.queries.access import list_workspaces_of
        from amity.shell.frame import provide_workspaces
        from amity.shell.navigation import Command, Entry, register, register_command

        authentication_failed.connect(on_second_factor_failed)
        register_holder("trust", "amity.rooms.trust.actions.holdings")
        provide_workspaces(list_workspaces_of)
        register(Entry(group="Trust", label="People", icon="people", url_name="trust:people", permission="people.read", order=10))
        register(
            Entry(
                group="Trust", label="Data requests", icon="hand", url_name="trust:requests", permission="rights.enter", order=15
            )
        )
        register(
            Entry(group="Trust", label="Erasures", icon="ban", url_name="trust:erasures", permission="rights.read", order=16)
        )
        register(Entry(group="Trust", label="Audit", icon="shield", url_name="trust:audit", permission="audit.read", order=20))
        register(Entry(group="Trust", label="System", icon="server", url_name="trust:system", permission="system.read", order=90))
        register(
            Entry(group="Trust", label="API tokens", icon="key", url_name="trust:tokens", permission="tokens.write", order=70)
        )
        register(
            Entry(
                group="Trust", label="Settings", icon="compass", url_name="trust:settings", permission="settings.write", order=80
            )
        )
        for label, icon, url_name, permission in (
            ("Invite a colleague", "people", "trust:people", "people.write"),
            ("Take a data request down", "hand", "trust:new-request", "rights.enter"),
            ("Erase a customer", "ban", "trust:new-erasure", "rights.write"),
            ("How long data is kept", "clock", "trust:retention", "rights.write"),
            ("Create an API token", "key", "trust:tokens", "tokens.write"),
            ("Create a workspace", "plus", "trust:new-workspace", "workspaces.write"),
        ):
            register_command(Command(label=label, icon=icon, url_name=url_name, permission=permission))
