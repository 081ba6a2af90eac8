"""Collection: sources, write keys, quarantine, health."""

from __future__ import annotations

from django.apps import AppConfig


class CollectionConfig(AppConfig):
    """The room's registration."""

    name = "amity.rooms.collection"
    label = "collection"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the room's pages and acts."""
        from amity.kernel.holdings import register_holder
        from amity.shell.navigation import Command, Entry, register, register_command

        register_holder("collection", "amity.rooms.collection.actions.holdings")
        for entry in (
            Entry(
                group="",
                label="Welcome",
                icon="home",
                url_name="collection:welcome",
                permission="sources.read",
                order=10,
                key="w",
            ),
            Entry(
                group="Know",
                label="Live",
                icon="activity",
                url_name="collection:live",
                permission="live.read",
                order=20,
                tab=2,
                key="l",
            ),
            Entry(
                group="Trust",
                label="Sources",
                icon="plug",
                url_name="collection:sources",
                permission="sources.read",
                order=5,
                tab=3,
                key="s",
            ),
            Entry(
                group="Trust",
                label="Catalogue",
                icon="book",
                url_name="collection:catalogue",
                permission="plan.read",
                order=5,
            ),
            Entry(
                group="Trust",
                label="Imports",
                icon="file",
                url_name="collection:imports",
                permission="sources.read",
                order=6,
            ),
        ):
            register(entry)
        for label, icon, url_name, permission, words in (
            ("Create a source", "plus", "collection:new_source", "sources.write", "write key new connect"),
            (
                "Import a file",
                "file",
                "collection:new_import",
                "imports.write",
                "upload csv excel parquet jsonl xes ocel history",
            ),
            ("Connect a client", "plug", "collection:welcome", "sources.read", "snippet segment rudderstack posthog install"),
        ):
            register_command(Command(label=label, icon=icon, url_name=url_name, permission=permission, words=words))
