"""Who the customers are now. Written by the pipeline in sets (`actions`), read through `queries`.

Times are milliseconds since 1970 UTC, as everywhere in data. Identity rules are the only rows that a person edits.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Value
from django.db.models.functions import Now


class Customer(models.Model):
    """One customer: the profile. A merged customer keeps its row, so that a merge can be taken back.

    `traits` maps names to values (null: known to be empty), `origins` the same names to [time, source, message key].
    `words` are the search tokens, each behind its workspace's number. The id begins with the instant of creation.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    created_at = models.BigIntegerField()
    traits = models.JSONField(default=dict)
    origins = models.JSONField(default=dict)
    words = SearchVectorField(null=True)
    merged_into = models.UUIDField(null=True)

    class Meta:
        db_table = "customers_customer"
        indexes: ClassVar = [
            GinIndex(fields=["words"], name="customers_customer_words"),
            models.Index(fields=["merged_into"], name="customers_customer_merged", condition=models.Q(merged_into__isnull=False)),
        ]


class Identifier(models.Model):
    """A value that tells a customer: at any instant it belongs to exactly one customer of its workspace."""

    pk = models.CompositePrimaryKey("workspace_id", "value", "kind")
    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    value = models.TextField(db_collation="C")  # so that its index finds beginnings too
    kind = models.TextField(db_collation="C")
    customer_id = models.UUIDField(db_index=True)
    added_at = models.BigIntegerField()
    source_id = models.BigIntegerField()
    key = models.UUIDField()
    aliased = models.BooleanField(default=False)

    class Meta:
        db_table = "customers_identifier"


class Merge(models.Model):
    """That one customer became part of another, and the evidence. `id` is the version in the past's table of merges.

    `rule` is `shared_identifiers`, `alias` or `people`; the last has `person` and `reason` in place of an interaction.
    `kept` holds the survivor's traits and answers that the other's newer ones replaced. `undone` tells which unmerge took
    it back; the row stays as history.
    """

    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    old_id = models.UUIDField(db_index=True)
    into_id = models.UUIDField(db_index=True)
    rule = models.TextField()
    time = models.BigIntegerField()  # of the interaction that showed it
    merged_at = models.BigIntegerField()  # when that interaction was received
    source_id = models.BigIntegerField()
    key = models.UUIDField()
    identifiers = models.JSONField()  # [[kind, value, customer it had belonged to or null], ...]
    moved = models.JSONField()  # [[kind, value], ...]
    kept = models.JSONField(
        default=dict, db_default=Value({}, models.JSONField())
    )  # {"traits": {name: [value, origin]}, "consent": {…}}
    person = models.TextField(default="", db_default="")
    person_id = models.TextField(default="", db_default="")
    reason = models.TextField(default="", db_default="")
    undone = models.BigIntegerField(null=True, db_index=True)

    class Meta:
        db_table = "customers_merge"


class Refusal(models.Model):
    """An identifier that a customer's interaction carried and that was left out: the first time, not each time.

    `reason`: `limit`, `apart` (its owner and this customer are kept apart), `blocked`, `invalid`, `too_long`.
    """

    pk = models.CompositePrimaryKey("customer_id", "kind", "value", "reason")
    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    customer_id = models.UUIDField()
    kind = models.TextField(db_collation="C")
    value = models.TextField(db_collation="C")
    reason = models.TextField(db_collation="C")
    time = models.BigIntegerField()
    received_at = models.BigIntegerField()
    source_id = models.BigIntegerField()
    key = models.UUIDField()

    class Meta:
        db_table = "customers_refusal"


class Apart(models.Model):
    """That two customers are different people: no evidence joins them, only a person can.

    `first_now` and `second_now` are the customers that the two are part of today.
    """

    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    first_id = models.UUIDField()
    second_id = models.UUIDField()
    first_now = models.UUIDField(db_index=True)
    second_now = models.UUIDField(db_index=True)
    person = models.TextField()
    person_id = models.TextField()
    reason = models.TextField(default="")
    made_at = models.BigIntegerField()

    class Meta:
        db_table = "customers_apart"
        constraints: ClassVar = [models.UniqueConstraint(fields=["first_id", "second_id"], name="customers_apart_once")]


class UnmergeRun(models.Model):
    """That a person asked to take merges back: one, or all of a query. `moved` counts rows of the past that changed hands."""

    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    wanted = models.JSONField()  # the query, or {"merge": id}
    person = models.TextField()
    person_id = models.TextField()
    reason = models.TextField(default="")
    asked_at = models.BigIntegerField()
    total = models.IntegerField()
    done = models.IntegerField(default=0)
    moved = models.BigIntegerField(default=0)
    finished_at = models.BigIntegerField(null=True)
    stopped = models.BooleanField(default=False)

    class Meta:
        db_table = "customers_unmerge_run"
        indexes: ClassVar = [models.Index(fields=["workspace", "-id"], name="customers_unmerge_run_ws")]


class Unmerge(models.Model):
    """One merge to be taken back, waiting for its turn; its row goes when that is done."""

    run = models.ForeignKey(UnmergeRun, on_delete=models.CASCADE, related_name="waiting")
    merge = models.OneToOneField(Merge, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "customers_unmerge"


class Activity(models.Model):
    """What a customer does, in one narrow row that changes with nearly each interaction; apart from the profile therefore.

    It is also the lock: whoever changes a customer holds this row. `seen_minute` orders lists; it is last_seen in
    minutes, so that most changes touch no index. `consent` maps purposes to [granted, time, source, message key].
    `moved_at` is the latest transaction that placed something: pending rows of the past up to then may be this customer's.
    """

    customer_id = models.UUIDField(primary_key=True, editable=False)
    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    merged = models.BooleanField(default=False)
    seen_minute = models.IntegerField(default=0)
    first_seen = models.BigIntegerField(default=0)
    last_seen = models.BigIntegerField(default=0)
    last_key = models.UUIDField(null=True)
    last_name = models.TextField(default="")
    interactions = models.BigIntegerField(default=0)
    channels = models.JSONField(default=dict)
    values = models.JSONField(default=dict)  # {currency: decimal as text}
    consent = models.JSONField(default=dict)
    session_id = models.UUIDField(null=True)
    session_start = models.BigIntegerField(default=0)
    session_campaign = models.TextField(default="")
    country = models.CharField(max_length=2, default="", db_default="")  # where the customer was last met
    country_time = models.BigIntegerField(default=0, db_default=0)
    moved_at = models.DateTimeField(null=True)
    parted_at = models.DateTimeField(null=True)  # when an unmerge last gave some of this customer's identifiers to another

    class Meta:
        db_table = "customers_activity"
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "seen_minute", "customer_id"],
                name="customers_activity_seen",
                condition=models.Q(merged=False),
            ),
        ]


class Mark(models.Model):
    """A customer whose sessions and previous-interaction edges are to be worked out anew, from `since` on."""

    customer_id = models.UUIDField(primary_key=True, editable=False)
    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    since = models.BigIntegerField()
    recount = models.BooleanField(default=False)  # totals too, after a replay
    marked_at = models.DateTimeField()

    class Meta:
        db_table = "customers_mark"
        indexes: ClassVar = [models.Index(fields=["marked_at"], name="customers_mark_at")]


class IdentityRule(models.Model):
    """A workspace's own rule for one kind of identifier; kinds without one follow the defaults in `rules`."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    limit = models.PositiveIntegerField(null=True)  # empty: no limit
    priority = models.PositiveIntegerField()
    blocked = models.JSONField(default=list)  # values, whatever their case
    patterns = models.JSONField(default=list)  # regular expressions that a blocked value matches as a whole

    class Meta:
        db_table = "customers_identity_rule"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "kind"], name="customers_identity_rule_once")]


class IdentitySetting(models.Model):
    """What else a workspace chose about identity. `phone_region` reads national phone numbers; empty: none are taken."""

    workspace = models.OneToOneField("trust.Workspace", on_delete=models.CASCADE, primary_key=True, related_name="+")
    phone_region = models.CharField(max_length=2, default="", blank=True)

    class Meta:
        db_table = "customers_identity_setting"


class Audience(models.Model):
    """A named set of customers: by definition (`definition`, see rules.audiences.language), or a list (empty definition).

    `computed_at` is when everybody was last looked at (ms), empty until the first time; `wanted_at` that it is to be done
    again; `computing_since` that it is being done. `turns_at`: when a calendar window moves next, and with it everybody.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True, default="")
    definition = models.JSONField(null=True)
    size = models.BigIntegerField(default=0)
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    changed_at = models.BigIntegerField(default=0)  # when somebody last entered or left
    computed_at = models.BigIntegerField(null=True)
    wanted_at = models.BigIntegerField(null=True)
    computing_since = models.BigIntegerField(null=True)
    turns_at = models.BigIntegerField(null=True)
    trouble = models.TextField(blank=True, default="")
    archived_at = models.BigIntegerField(null=True)
    archived_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "customers_audience"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="customers_audience_once", condition=models.Q(archived_at__isnull=True)
            )
        ]


class Member(models.Model):
    """That a customer is in an audience (`inside`), or will have to be looked at at `due` (ms) because time alone may change it."""

    pk = models.CompositePrimaryKey("customer_id", "audience_id")
    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id = models.UUIDField()
    inside = models.BooleanField()
    since = models.BigIntegerField()
    due = models.BigIntegerField(null=True)

    class Meta:
        db_table = "customers_member"
        indexes: ClassVar = [
            models.Index(fields=["audience", "customer_id"], name="customers_member_inside", condition=models.Q(inside=True)),
            models.Index(fields=["due"], name="customers_member_due", condition=models.Q(due__isnull=False)),
        ]


class AudienceSize(models.Model):
    """How large an audience was at the end of an hour (ms of its beginning) in which it changed."""

    pk = models.CompositePrimaryKey("audience_id", "hour")
    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="+", db_index=False)
    hour = models.BigIntegerField()
    size = models.BigIntegerField()
    entered = models.BigIntegerField()
    left = models.BigIntegerField()

    class Meta:
        db_table = "customers_audience_size"


class Touch(models.Model):
    """Customers whom a batch touched, until their audiences have been looked at. Commits with the batch's effects.

    Pairs of `customers` (16 bytes each) and `places` (2 bytes: which of `heard`). `heard` is a JSON list of `type:name` of
    interactions; an empty one stands for a change of who somebody is. Waits for `past_ids`, the batch's rows on their way.
    `done_at` (ms): looked at, but kept while an audience is being computed that began before.
    """

    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    customers = models.BinaryField()
    places = models.BinaryField()
    heard = models.BinaryField()
    past_ids = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "customers_touch"
        indexes: ClassVar = [models.Index(fields=["workspace", "id"], name="customers_touch_next")]


class Choice(models.Model):
    """One answer of a customer's that said something new: the history of consent. Written once, never changed.

    `customer_id` is whom it was placed to and `key` the message key of its interaction: an unmerge moves both alike. `name` is as
    it was said; which purposes it tells of is decided on reads. `origin` is one of `rules.choices.signals.ORIGINS`. `person` and
    `reason` stand where a colleague noted it.
    """

    pk = models.CompositePrimaryKey("workspace_id", "key", "name")
    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    key = models.UUIDField()
    name = models.TextField(db_collation="C")
    customer_id = models.UUIDField()
    granted = models.BooleanField()
    time = models.BigIntegerField()
    received_at = models.BigIntegerField()
    source_id = models.BigIntegerField()
    origin = models.TextField()
    place = models.TextField(default="", db_default="")
    text_version = models.TextField(default="", db_default="")
    text_hash = models.TextField(default="", db_default="")
    proof = models.TextField(default="", db_default="")
    person = models.TextField(default="", db_default="")
    reason = models.TextField(default="", db_default="")

    class Meta:
        db_table = "customers_choice"
        indexes: ClassVar = [models.Index(fields=["customer_id", "name", "time"], name="customers_choice_of")]


class OwnPurpose(models.Model):
    """A purpose that a workspace added, or one of Amity's as the workspace changed it."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    basis = models.CharField(max_length=24)
    description = models.CharField(max_length=500, blank=True)
    categories = models.JSONField(default=list)  # names whose answers tell of it

    class Meta:
        db_table = "customers_own_purpose"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="customers_own_purpose_once")]


class PurposeText(models.Model):
    """The text that tells customers of a purpose, in one language: each version stays, since consent was given to it."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=60)
    language = models.CharField(max_length=2)
    version = models.PositiveIntegerField()
    text = models.TextField()
    hash = models.CharField(max_length=64)  # SHA-256 of the text's UTF-8, as hexadecimal
    made_at = models.BigIntegerField()
    made_by = models.CharField(max_length=254)

    class Meta:
        db_table = "customers_purpose_text"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "purpose", "language", "version"], name="customers_purpose_text_once")
        ]


class ConsentSetting(models.Model):
    """What else a workspace chose about consent.

    `policies` holds what it changed of the region policies, `topics` [{"key", "names": {language: name}}, …]. Links into the
    preference centre are sealed with `link_secret` and begin with `link_id`: new ones of both end all links.
    """

    workspace = models.OneToOneField("trust.Workspace", on_delete=models.CASCADE, primary_key=True, related_name="+")
    default_policy = models.CharField(max_length=20, default="default")
    country_traits = models.JSONField(default=list)
    policies = models.JSONField(default=dict)
    topics = models.JSONField(default=list)
    frame_ancestors = models.JSONField(default=list)
    link_id = models.CharField(max_length=12, default="")
    link_secret = models.TextField(default="")  # sealed
    link_days = models.PositiveIntegerField(default=90)

    class Meta:
        db_table = "customers_consent_setting"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["link_id"], name="customers_consent_link", condition=~models.Q(link_id=""))
        ]
