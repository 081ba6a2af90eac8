"""Invitations by e-mail that wait, went out or were kept back. Times in ms since 1970."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Invitation(models.Model):
    """A customer of an audience who is to be asked by e-mail. `state`: waiting, sent, kept (by a rule or the customer's no), failed.

    `claimed`: the ledger let it through already, so another attempt after a failed one is the same invitation.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    survey = models.ForeignKey("listening.Survey", on_delete=models.CASCADE, related_name="+")
    customer_id = models.UUIDField()
    state = models.CharField(max_length=10, default="waiting")
    why = models.CharField(max_length=200, blank=True, default="")
    days = models.IntegerField()
    claimed = models.BooleanField(default=False)
    attempts = models.IntegerField(default=0)
    asked_at = models.BigIntegerField()
    asked_by = models.CharField(max_length=254)
    due_at = models.BigIntegerField()
    done_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "listening_invitation"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["survey", "customer_id"], name="listening_invitation_once", condition=models.Q(state="waiting")
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="listening_invitation_due", condition=models.Q(state="waiting")),
            models.Index(fields=["workspace", "customer_id"], name="listening_invitation_whose"),
        ]
