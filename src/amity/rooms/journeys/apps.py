"""Journeys: discovery, maps, conformance."""

from __future__ import annotations

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    """The room's registration."""

    name = "amity.rooms.journeys"
    label = "journeys"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from amity.kernel.holdings import register_holder
        from amity.shell.navigation import Act, Command, Entry, register, register_act, register_command

        register_holder("journeys", "amity.rooms.journeys.actions.holdings")
        read = "journeys.read"
        register(
            Entry(
                group="Discover",
                label="Journeys",
                icon="path",
                url_name="journeys:home",
                permission=read,
                order=30,
                tab=3,
                key="j",
            )
        )
        register(
            Entry(group="Discover", label="Incidents", icon="alert", url_name="journeys:incidents", permission=read, order=33)
        )
        register(Entry(group="Discover", label="CX audit", icon="search", url_name="journeys:audit", permission=read, order=36))
        write = "incidents.write"
        register_act(Act(on="alert", label="Open an incident", icon="alert", url_name="journeys:new_incident", permission=write))
        register_command(
            Command(
                label="New incident", icon="alert", url_name="journeys:new_incident", permission=write, words="outage impact affected"
            )
        )  # fmt: skip
        register_command(
            Command(
                label="New journey", icon="path", url_name="journeys:new_journey", permission="journeys.write", words="map stages"
            )
        )
        register_command(
            Command(
                label="New funnel",
                icon="filter",
                url_name="journeys:new_funnel",
                permission=read,
                words="conversion drop-off steps",
            )
        )
