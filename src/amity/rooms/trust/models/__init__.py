"""Tables of trust: who may do what, where, and what was done, who is kept out."""

from __future__ import annotations

from amity.rooms.trust.models.audit import AuditEntry, AuditHead
from amity.rooms.trust.models.erasure import Erasure, ErasureStep, Suppression
from amity.rooms.trust.models.people import Invitation, Membership, Person, PersonManager, SignInLink, display_name
from amity.rooms.trust.models.retention import RetentionRule
from amity.rooms.trust.models.rights import Regulation, RightsArchive, RightsRequest, RightsSetting, RightsStep
from amity.rooms.trust.models.tokens import ApiToken
from amity.rooms.trust.models.workspaces import Workspace

__all__ = [
    "ApiToken",
    "AuditEntry",
    "AuditHead",
    "Erasure",
    "ErasureStep",
    "Invitation",
    "Membership",
    "Person",
    "PersonManager",
    "Regulation",
    "RetentionRule",
    "RightsArchive",
    "RightsRequest",
    "RightsSetting",
    "RightsStep",
    "SignInLink",
    "Suppression",
    "Workspace",
    "display_name",
]
