"""Tables of the customers room. Times are milliseconds since 1970 UTC, as everywhere in data."""

from __future__ import annotations

from amity.rooms.customers.models.audiences import Audience, AudienceSize, ListEntry, ListUpload, Member, Touch
from amity.rooms.customers.models.clustering import ClusterMember, ClusterRun
from amity.rooms.customers.models.computed import ComputedTrait, ComputedValue
from amity.rooms.customers.models.consent import Choice, ConsentSetting, OwnPurpose, PurposeText, Restriction
from amity.rooms.customers.models.identity import IdentityRule, IdentitySetting
from amity.rooms.customers.models.ledger import Apart, Merge, Refusal, Unmerge, UnmergeRun
from amity.rooms.customers.models.matching import MatchPair, MatchRun, MatchSetting
from amity.rooms.customers.models.personas import Persona, PersonaQuote, PersonaVersion
from amity.rooms.customers.models.profile import Activity, Customer, Identifier, Mark
from amity.rooms.customers.models.ruleset import IdentityDraft, IdentityGroup, IdentityRun, IdentityVersion
from amity.rooms.customers.models.sync import Delivery, Destination, SentMember, Subscription, SyncTouch

__all__ = [
    "Activity",
    "Apart",
    "Audience",
    "AudienceSize",
    "Choice",
    "ClusterMember",
    "ClusterRun",
    "ComputedTrait",
    "ComputedValue",
    "ConsentSetting",
    "Customer",
    "Delivery",
    "Destination",
    "Identifier",
    "IdentityDraft",
    "IdentityGroup",
    "IdentityRule",
    "IdentityRun",
    "IdentitySetting",
    "IdentityVersion",
    "ListEntry",
    "ListUpload",
    "Mark",
    "MatchPair",
    "MatchRun",
    "MatchSetting",
    "Member",
    "Merge",
    "OwnPurpose",
    "Persona",
    "PersonaQuote",
    "PersonaVersion",
    "PurposeText",
    "Refusal",
    "Restriction",
    "SentMember",
    "Subscription",
    "SyncTouch",
    "Touch",
    "Unmerge",
    "UnmergeRun",
]
