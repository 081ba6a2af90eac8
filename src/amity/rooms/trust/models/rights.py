"""What people ask of their data: requests, what became of each, the archives made for them, and a workspace's way with them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from amity.kernel.ids import new_id
from amity.rooms.trust.models.workspaces import Workspace


class RightsRequest(models.Model):
    """What a person asks of their data, by whichever way it came; one row from its arrival to its end.

    `subject` (the identifiers that were named), `contact` and `details` are sealed, and emptied once the person is erased. What is
    left then is `hint`, by which a colleague knows it again. `names` are keyed hashes of the identifiers, to find requests of one
    person by. Who it is about is looked up each time, so a merge or unmerge needs no change here.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)  # of rules.rights.KINDS
    law = models.CharField(max_length=8)  # of rules.rights.LAWS
    via = models.CharField(max_length=12)  # of rules.rights.WAYS
    state = models.CharField(max_length=12)  # of rules.rights.STATES
    hint = models.CharField(max_length=120)
    subject = models.TextField(default="", blank=True)
    names = models.JSONField(default=list)
    contact = models.TextField(default="", blank=True)
    details = models.TextField(default="", blank=True)
    outside_id = models.CharField(max_length=100, default="", blank=True)  # the caller's own, of an API request
    batch = models.CharField(max_length=40, default="", blank=True)  # the regulation that it is part of
    received_at = models.DateTimeField()
    confirm_by = models.DateTimeField(null=True)  # until when the person is to be told that it was received, where a law says so
    due_at = models.DateTimeField()
    extended_because = models.TextField(default="", blank=True)
    reminded_at = models.DateTimeField(null=True)  # when privacy officers were last written to
    link_nonce = models.CharField(max_length=32, default="", blank=True)  # links of before are void
    link_to = models.TextField(default="", blank=True)  # sealed, until it is sent
    link_wanted_at = models.DateTimeField(null=True)
    link_sent_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    verified_how = models.TextField(default="", blank=True)
    finished_at = models.DateTimeField(null=True)
    erasures = models.JSONField(default=list, blank=True)  # ids of those that it began

    class Meta:
        db_table = "trust_rights_request"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "due_at"], name="trust_rights_due"),
            models.Index(fields=["workspace", "outside_id"], name="trust_rights_outside"),
            models.Index(fields=["workspace", "batch"], name="trust_rights_batch"),
            models.Index(
                fields=["link_wanted_at"],
                name="trust_rights_link",
                condition=models.Q(link_wanted_at__isnull=False, link_sent_at=None),
            ),
        ]


class RightsStep(models.Model):
    """One thing that happened to a request: what, when, by whom. `note` is emptied once the person is erased."""

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="steps")
    what = models.CharField(max_length=24)  # of rules.rights.STEPS
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    by_kind = models.CharField(max_length=12)
    note = models.TextField(default="", blank=True)

    class Meta:
        db_table = "trust_rights_step"


class RightsArchive(models.Model):
    """A file with what is held of a person, for one request. The file lies in the data folder until `expires_at`."""

    request = models.OneToOneField(RightsRequest, on_delete=models.CASCADE, related_name="archive")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=254)
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    size = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, default="", blank=True)
    counts = models.JSONField(default=dict)  # records by store
    trouble = models.TextField(default="", blank=True)  # why it isn't made yet

    class Meta:
        db_table = "trust_rights_archive"
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], name="trust_rights_unmade", condition=models.Q(made_at=None)),
        ]


class Regulation(models.Model):
    """Many user ids that are to be erased, kept out or taken on again, as one call of Segment's regulations names them.

    `subjects` are those that nothing was begun for yet, sealed. Those that are to be erased become requests, of which `batch` is
    this row's id.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=32)  # of rules.regulations.TYPES
    subjects = models.TextField(default="", blank=True)
    total = models.PositiveIntegerField()
    left = models.PositiveIntegerField()
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=254)
    asked_by_id = models.CharField(max_length=64)
    asked_by_kind = models.CharField(max_length=12)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "trust_regulation"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-asked_at"], name="trust_regulation_latest"),
            models.Index(fields=["asked_at"], name="trust_regulation_open", condition=models.Q(finished_at=None)),
        ]


class RightsSetting(models.Model):
    """How a workspace takes requests. `form_open`: anybody may send one at /privacy/<workspace>/, without signing in."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    form_open = models.BooleanField(default=False)
    form_text = models.TextField(default="", blank=True)  # what the form says above its fields
    law = models.CharField(max_length=8, default="gdpr")  # where a request says none
    archive_days = models.PositiveIntegerField(default=14)

    class Meta:
        db_table = "trust_rights_setting"
