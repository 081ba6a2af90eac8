"""The only door to customers for other rooms, the workers and this room's own pages."""

from __future__ import annotations

from amity.rooms.customers.actions.audiences.listing import create_list_of
from amity.rooms.customers.actions.audiences.refresh import recompute_wanted, refresh_due, refresh_touched
from amity.rooms.customers.actions.audiences.touching import NAMED_ACCOUNT, TOLD_OF_ACCOUNT, touch, touch_customers
from amity.rooms.customers.actions.audiences.uploads import forget_old_uploads
from amity.rooms.customers.actions.carried import carried_identifiers
from amity.rooms.customers.actions.clustering.run import run_next_clustering
from amity.rooms.customers.actions.consent.links import seal_for
from amity.rooms.customers.actions.matching.ask import ask_matching, choose_matching, stop_matching
from amity.rooms.customers.actions.matching.decide import accept_match, block_match, reject_match
from amity.rooms.customers.actions.matching.run import run_next_matching
from amity.rooms.customers.actions.notes import add_note
from amity.rooms.customers.actions.people import keep_apart, merge_customers
from amity.rooms.customers.actions.place import place
from amity.rooms.customers.actions.resequence import resequence_marked
from amity.rooms.customers.actions.ruleset.runs import apply_rules, ask_trial, stop_run
from amity.rooms.customers.actions.ruleset.work import anything_to_apply, work_applying, work_trials
from amity.rooms.customers.actions.sensitive import seal_stored
from amity.rooms.customers.actions.sync.planning import forget_done, plan_full, plan_touched
from amity.rooms.customers.actions.sync.sending import send_due
from amity.rooms.customers.actions.unmerge.ask import ask_unmerge, stop_unmerge
from amity.rooms.customers.actions.unmerge.work import anything_to_unmerge, work_unmerges
from amity.rooms.customers.queries.audiences.lists import lines_by_id
from amity.rooms.customers.queries.audiences.meeting import audience_names, condition_words, customers_by_trait, who_meets
from amity.rooms.customers.queries.audiences.offered import offered
from amity.rooms.customers.queries.consent.refusals import refusals_of
from amity.rooms.customers.queries.consent.standing import frequencies_of
from amity.rooms.customers.queries.groups import audience_choices, audience_members, trait_texts
from amity.rooms.customers.queries.permission import answers_of, permitted, permitting, purpose_names
from amity.rooms.customers.queries.profiles import (
    find_customer_by_identifier,
    get_customer,
    list_identifiers,
    list_merges,
)
from amity.rooms.customers.queries.search import list_customers, search_customers
from amity.rooms.customers.queries.standing import what_matters
from amity.rooms.customers.queries.story import timeline
from amity.rooms.customers.queries.waiting import waiting
from amity.rooms.customers.rules.choices.purposes import named as named_purpose

__all__ = [
    "NAMED_ACCOUNT",
    "TOLD_OF_ACCOUNT",
    "accept_match",
    "add_note",
    "answers_of",
    "anything_to_apply",
    "anything_to_unmerge",
    "apply_rules",
    "ask_matching",
    "ask_trial",
    "ask_unmerge",
    "audience_choices",
    "audience_members",
    "audience_names",
    "block_match",
    "carried_identifiers",
    "choose_matching",
    "condition_words",
    "create_list_of",
    "customers_by_trait",
    "find_customer_by_identifier",
    "forget_done",
    "forget_old_uploads",
    "frequencies_of",
    "get_customer",
    "keep_apart",
    "lines_by_id",
    "list_customers",
    "list_identifiers",
    "list_merges",
    "merge_customers",
    "named_purpose",
    "offered",
    "permitted",
    "permitting",
    "place",
    "plan_full",
    "plan_touched",
    "purpose_names",
    "recompute_wanted",
    "refresh_due",
    "refresh_touched",
    "refusals_of",
    "reject_match",
    "resequence_marked",
    "run_next_clustering",
    "run_next_matching",
    "seal_for",
    "seal_stored",
    "search_customers",
    "send_due",
    "stop_matching",
    "stop_run",
    "stop_unmerge",
    "timeline",
    "touch",
    "touch_customers",
    "trait_texts",
    "waiting",
    "what_matters",
    "who_meets",
    "work_applying",
    "work_trials",
    "work_unmerges",
]
