"""Personas: whom colleagues have in mind, tied to the customers that they stand for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from amity.rooms.customers.models.audiences import Audience


class Persona(models.Model):
    """A kind of customer as people describe it. `audience` says who: its size and its numbers are those of the persona.

    `told` is what people wrote (rules.personas.portrait.Portrait). `reviewed` are the members' numbers as they were when somebody
    last said that it holds, to tell how far they have moved since.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    audience = models.ForeignKey(Audience, on_delete=models.SET_NULL, related_name="+", null=True)
    name = models.CharField(max_length=120)
    told = models.JSONField(default=dict)
    number = models.IntegerField(default=1)  # of its newest version
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    reviewed_at = models.BigIntegerField(null=True)
    reviewed_by = models.CharField(max_length=254, blank=True, default="")
    reviewed = models.JSONField(default=dict)
    archived_at = models.BigIntegerField(null=True)
    archived_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "customers_persona"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="customers_persona_once", condition=models.Q(archived_at__isnull=True)
            )
        ]


class PersonaVersion(models.Model):
    """What a persona was from `made_at` (ms) until the next version. Quotes aren't part of it: they go when their customer does."""

    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    name = models.CharField(max_length=120)
    audience_id = models.BigIntegerField(null=True)
    told = models.JSONField()
    made_at = models.BigIntegerField()
    made_by = models.CharField(max_length=254)

    class Meta:
        db_table = "customers_persona_version"
        constraints: ClassVar = [models.UniqueConstraint(fields=["persona", "number"], name="customers_persona_version_once")]


class PersonaQuote(models.Model):
    """Words that speak for a persona: what a customer said in an interaction, or `words` that were heard elsewhere.

    Of an interaction nothing is copied: it is read where it stands (`customer_id`, `time` in ms, `message_key`).
    """

    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="quotes")
    customer_id = models.UUIDField(null=True, db_index=True)
    message_key = models.UUIDField(null=True)
    time = models.BigIntegerField(null=True)
    words = models.TextField(blank=True, default="")
    heard = models.CharField(max_length=200, blank=True, default="")
    added_at = models.BigIntegerField()
    added_by = models.CharField(max_length=254)

    class Meta:
        db_table = "customers_persona_quote"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["persona", "message_key"],
                name="customers_persona_quote_once",
                condition=models.Q(message_key__isnull=False),
            )
        ]
