"""Where audiences are sent, which, and what each destination has been told."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from amity.rooms.customers.models.audiences import Audience


class Destination(models.Model):
    """A place outside that audiences are sent to. `secrets` is sealed JSON, `config` is not secret.

    `closed_at`: it said that it wants no more. `rest_until`: nothing is sent before (ms), after `failures` in a row.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    config = models.JSONField(default=dict)
    secrets = models.TextField(default="")
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    paused_at = models.BigIntegerField(null=True)
    paused_by = models.CharField(max_length=254, default="")
    closed_at = models.BigIntegerField(null=True)
    archived_at = models.BigIntegerField(null=True)
    ok_at = models.BigIntegerField(null=True)
    failed_at = models.BigIntegerField(null=True)
    trouble = models.TextField(default="")
    failures = models.IntegerField(default=0)
    rest_until = models.BigIntegerField(default=0)

    class Meta:
        db_table = "customers_destination"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="customers_destination_once", condition=models.Q(archived_at__isnull=True)
            )
        ]

    @property
    def state(self) -> str:
        """One word: `archived`, `closed`, `paused`, `failing` or `open`."""
        for word, when in (("archived", self.archived_at), ("closed", self.closed_at), ("paused", self.paused_at)):
            if when is not None:
                return word
        return "failing" if self.failures else "open"


class Subscription(models.Model):
    """That an audience is sent to a destination for a purpose, with these kinds of identifiers and these traits.

    `full_at`: everybody is to be compared with what was sent, which stands at `full_cursor`; `fulled_at`: it was, then.
    `ended_at`: nobody is to be there any more. `entered`, `updated` and `left` count what was delivered.
    """

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="+")
    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=60)
    identifiers = models.JSONField(default=list)
    traits = models.JSONField(default=list)
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    paused_at = models.BigIntegerField(null=True)
    paused_by = models.CharField(max_length=254, default="")
    ended_at = models.BigIntegerField(null=True)
    full_at = models.BigIntegerField(null=True)
    full_cursor = models.UUIDField(null=True)
    fulled_at = models.BigIntegerField(null=True)
    entered = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    left = models.BigIntegerField(default=0)

    class Meta:
        db_table = "customers_subscription"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["destination", "audience"], name="customers_subscription_once", condition=models.Q(ended_at__isnull=True)
            )
        ]


class SentMember(models.Model):
    """That a destination has a customer, or a delivery on its way will tell it so. `digest` is of what was told of the customer."""

    pk = models.CompositePrimaryKey("subscription_id", "customer_id")
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id = models.UUIDField(db_index=True)
    digest = models.BinaryField()
    since = models.BigIntegerField()

    class Meta:
        db_table = "customers_sent_member"


class SyncTouch(models.Model):
    """Customers who entered or left an audience that is sent somewhere, or who are known differently (no audience). For seconds."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    audience_id = models.BigIntegerField(null=True)
    customers = models.BinaryField()  # ids of 16 bytes

    class Meta:
        db_table = "customers_sync_touch"


class Delivery(models.Model):
    """One message to a destination: `changes` of members, a whole `snapshot`, kept until it was taken, and its trace for a week.

    `items` name members by {"id": what the destination knows them by, "customer": id, "do": add, update or remove}: what is told
    of them is looked up when it is sent, and only of who allows it then. `message_id` stays the same however often it is tried.
    """

    message_id = models.CharField(max_length=40, unique=True)
    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="+")
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=10)
    items = models.JSONField(default=list)
    made_at = models.BigIntegerField()
    due_at = models.BigIntegerField()
    attempts = models.IntegerField(default=0)
    done_at = models.BigIntegerField(null=True)
    dead_at = models.BigIntegerField(null=True)
    status = models.IntegerField(default=0)
    trouble = models.TextField(default="")
    told = models.IntegerField(default=0)

    class Meta:
        db_table = "customers_delivery"
        indexes: ClassVar = [
            models.Index(
                fields=["destination", "due_at"], name="customers_delivery_due", condition=models.Q(done_at=None, dead_at=None)
            )
        ]
