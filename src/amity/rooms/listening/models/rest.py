"""What happened between us and customers that are asked, what was kept back, and the rules. Times in ms since 1970."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Rest(models.Model):
    """The rules of a workspace, as rules.rest.judging says them; without a row, Amity's own."""

    workspace = models.OneToOneField("trust.Workspace", on_delete=models.CASCADE, related_name="+", primary_key=True)
    rules = models.JSONField()
    changed_at = models.BigIntegerField()
    changed_by = models.CharField(max_length=254)

    class Meta:
        db_table = "listening_rest"


class Contact(models.Model):
    """One line of the ledger: a customer was invited to a survey, opened it, or completed it (`clock`)."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    survey = models.ForeignKey("listening.Survey", on_delete=models.CASCADE, related_name="+")
    customer_id = models.UUIDField()
    clock = models.CharField(max_length=10)
    channel = models.CharField(max_length=20)
    at = models.BigIntegerField()

    class Meta:
        db_table = "listening_contact"
        indexes: ClassVar = [models.Index(fields=["workspace", "customer_id", "-at"], name="listening_contact_newest")]


class Withheld(models.Model):
    """An invitation that was kept back: by which rule, in words, and until when it would be."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    survey = models.ForeignKey("listening.Survey", on_delete=models.CASCADE, related_name="+")
    customer_id = models.UUIDField()
    channel = models.CharField(max_length=20)
    rule = models.CharField(max_length=200)
    at = models.BigIntegerField()
    free_at = models.BigIntegerField()

    class Meta:
        db_table = "listening_withheld"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-at"], name="listening_withheld_newest"),
            models.Index(fields=["workspace", "customer_id"], name="listening_withheld_whose"),
        ]
