"""Customers: identity graph, profiles, timeline, consent."""

from __future__ import annotations

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """The room's registration."""

    name = "amity.rooms.customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from amity.kernel.holdings import register_holder, register_keeper, register_resolver
        from amity.shell.navigation import Command, Entry, Finder, register, register_command, register_finder

        register_holder("customers", "amity.rooms.customers.actions.holdings")
        register_resolver("amity.rooms.customers.queries.subjects")
        register_keeper("amity.rooms.customers.actions.rights")
        read = "customers.read"
        register(
            Entry(
                group="Know",
                label="Customers",
                icon="people",
                url_name="customers:list",
                permission=read,
                order=10,
                tab=2,
                key="c",
            )
        )
        register(Entry(group="Know", label="Accounts", icon="building", url_name="customers:accounts", permission=read, order=11))
        register(
            Entry(
                group="Know",
                label="Audiences",
                icon="target",
                url_name="customers:audiences",
                permission=read,
                order=20,
                key="a",
            )
        )
        register(Entry(group="Know", label="Personas", icon="person", url_name="customers:personas", permission=read, order=19))
        register(
            Entry(
                group="Know",
                label="Computed traits",
                icon="gauge",
                url_name="customers:computed_traits",
                permission=read,
                order=20,
            )
        )
        register(
            Entry(
                group="Deliver", label="Destinations", icon="send", url_name="customers:destinations", permission=read, order=21
            )
        )
        register(
            Entry(group="Trust", label="Consent", icon="check", url_name="customers:consent_settings", permission=read, order=17)
        )
        register(
            Entry(group="Know", label="RFM and lifecycle", icon="table", url_name="customers:rfm", permission=read, order=20)
        )
        register_command(
            Command(
                label="New computed trait",
                icon="gauge",
                url_name="customers:new_computed_trait",
                permission="audiences.write",
                words="calculated attribute feature",
            )
        )
        register(
            Entry(group="Trust", label="Identity", icon="link", url_name="customers:identity_rules", permission=read, order=40)
        )
        register_command(
            Command(
                label="New list", icon="target", url_name="customers:new_list", permission="audiences.write", words="upload csv"
            )
        )
        register_command(
            Command(
                label="New destination",
                icon="send",
                url_name="customers:new_destination",
                permission="destinations.write",
                words="webhook bucket folder sync",
            )
        )
        register_command(
            Command(
                label="New audience",
                icon="target",
                url_name="customers:new_audience",
                permission="audiences.write",
                words="segment cohort",
            )
        )
        register_command(
            Command(
                label="New persona",
                icon="person",
                url_name="customers:new_persona",
                permission="audiences.write",
                words="archetype segment poster",
            )
        )
        register_command(
            Command(
                label="Take joins back",
                icon="undo",
                url_name="customers:identity_joins",
                permission="identity.write",
                words="unmerge split merges identity",
            )
        )
        register_command(
            Command(label="Find a customer", icon="search", url_name="customers:list", permission=read, fragment="q")
        )
        register_finder(Finder(label="Customers", url_name="customers:find", permission=read))
