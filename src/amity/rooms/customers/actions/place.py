"""Place interactions: whose they are, in which session, after what. One batch, one transaction of the caller's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from amity.rooms.customers.actions.load import apart_from, lock, members_of, owners_of, profiles_of, who_is
from amity.rooms.customers.actions.save import save
from amity.rooms.customers.actions.save_choices import save_choices
from amity.rooms.customers.actions.settings import Chosen, chosen_by
from amity.rooms.customers.contracts import NO_SESSION, Conflict, Incoming, Outcome, Placement, Refusal
from amity.rooms.customers.rules import activity as activities
from amity.rooms.customers.rules import consent as consents
from amity.rooms.customers.rules.activity import Activity
from amity.rooms.customers.rules.choices.history import Said, news
from amity.rooms.customers.rules.choices.signals import answers_by_name, telling
from amity.rooms.customers.rules.consent import storable
from amity.rooms.customers.rules.identifiers import tells_traits
from amity.rooms.customers.rules.identity import Carried, Decision, Graph, Joined, carry, decide
from amity.rooms.customers.rules.money import value_of
from amity.rooms.customers.rules.profile import Profile
from amity.rooms.customers.rules.sequence import EARLIEST, LATEST, Edge, held
from amity.rooms.customers.rules.words import is_spoken

NOBODY = Carried()


@dataclass(slots=True)
class Work:
    """A batch being placed: what was loaded, and what became of it.

    `carried` and `said` remember what was read of equal carriers and of one context: a visit's interactions have both alike.
    """

    incoming: Sequence[Incoming]
    chosen: dict[int, Chosen]
    replay: bool
    graph: Graph = field(default_factory=Graph)
    named: dict[tuple[int, UUID], UUID] = field(default_factory=dict)
    activity: dict[UUID, Activity] = field(default_factory=dict)
    profile: dict[UUID, Profile] = field(default_factory=dict)
    spoken: set[UUID] = field(default_factory=set)  # customers whose search words change
    joined: list[Joined] = field(default_factory=list)
    kept: dict[tuple[UUID, UUID], dict[str, Any]] = field(default_factory=dict)  # what the merge of (old, into) replaced
    left_out: dict[tuple[UUID, Refusal], Incoming] = field(default_factory=dict)  # identifiers, with the first to carry each
    changed: set[UUID] = field(default_factory=set)  # customers whose consent is another now
    placed: int = 0
    counts: Counter[str] = field(default_factory=Counter)  # all else
    plain: dict[int, Decision] = field(default_factory=dict)  # by carrier whose identifiers all belong to one customer
    carried: dict[tuple[object, ...], Carried] = field(default_factory=dict)
    said: dict[int, Mapping[str, bool]] = field(default_factory=dict)
    choices: list[Said] = field(default_factory=list)
    late: dict[tuple[UUID, str], tuple[bool, int]] = field(default_factory=dict)  # the last late answer to each name


def place(incoming: Sequence[Incoming], *, replay: bool = False) -> Outcome:
    """Place interactions in the order given, inside the caller's transaction, and return what came of each.

    `replay`: they may have been placed before, so nothing is counted; the customers are marked to be worked out anew.
    Raises Conflict where another worker was at the same customers: roll back and call again with the same batch.
    """
    incoming = [one if EARLIEST <= one.time <= LATEST else replace(one, time=held(one.time)) for one in incoming]
    work = Work(incoming=incoming, chosen=chosen_by({one.workspace for one in incoming}), replay=replay)
    carried = [_carried(work, one) for one in incoming]
    tells = [tells_traits(one) for one in incoming]
    _load(work, carried, tells)
    decisions = [_decide(work, one, has) for one, has in zip(incoming, carried, strict=True)]
    _load_profiles(work, decisions, tells)
    placements = tuple([_settle(work, *each) for each in zip(incoming, decisions, tells, strict=True)])
    merges = save(
        graph=work.graph,
        activity=work.activity,
        profile=work.profile,
        spoken=work.spoken,
        joined=work.joined,
        kept=work.kept,
        left_out=work.left_out,
    )
    save_choices(work.choices)
    counts = {"placed": work.placed} if work.placed else {}
    return Outcome(placements=placements, merges=tuple(merges), changed=_changed(work), counts=counts | work.counts)


def _changed(work: Work) -> frozenset[tuple[int, UUID]]:
    """Return (workspace, customer) of whom something else is known than before the batch."""
    told = {customer for customer, profile in work.profile.items() if profile.new or profile.changed}
    told |= {work.graph.owner[place] for place in work.graph.added} | work.changed
    return frozenset((work.activity[one].workspace, work.graph.current(one)) for one in told)


def _carried(work: Work, one: Incoming) -> Carried:
    if one.customer_id is not None or one.workspace not in work.chosen:
        return NOBODY
    if one.traits or one.kind == "alias":
        return carry(one, work.chosen[one.workspace].rules)
    # Its ids say who it is, and its context where that tells of somebody; contexts stay alive, and so their numbers theirs.
    said = one.context
    context = id(said) if "traits" in said or "device" in said or "externalIds" in said else 0
    key = (one.workspace, one.user_id, one.anonymous_id, context)
    found = work.carried.get(key)
    if found is None:
        found = work.carried[key] = carry(one, work.chosen[one.workspace].rules)
    return found


def _load(work: Work, carried: Sequence[Carried], tells: Sequence[bool]) -> None:
    distinct = {id(one): one for one in carried}.values()
    places = {place for one in distinct for place in one.places}
    named = {one.customer_id for one in work.incoming if one.customer_id is not None}
    work.graph.owner, work.named = owners_of(places), who_is(named)
    work.activity = lock([*work.graph.owner.values(), *work.named.values()])
    if any(one.parted for one in work.activity.values()) and (work.graph.owner, work.named) != (owners_of(places), who_is(named)):
        raise Conflict("An unmerge gave identifiers to another customer meanwhile; the batch is to be worked again.")
    undecided = _open(work, carried, tells)
    work.graph.members = members_of(undecided)
    if undecided:
        work.graph.apart = apart_from(undecided)


def _open(work: Work, carried: Sequence[Carried], telling: Sequence[bool]) -> set[UUID]:
    """Return known customers of whom all identifiers are needed: where there is something to decide, or words may change."""
    found: set[UUID | None] = set()
    owner = work.graph.owner
    plain: set[int] = set()  # carriers that were looked at and have nothing to decide
    for one, has, tells in zip(work.incoming, carried, telling, strict=True):
        if one.customer_id is not None:
            if tells:
                found.add(work.named.get((one.workspace, one.customer_id)))
        elif tells or id(has) not in plain:
            owners = {owner.get(place) for place in has.places}
            if tells or len(owners) > 1:
                found |= owners
            else:
                plain.add(id(has))
    return {one for one in found if one is not None}


def _decide(work: Work, one: Incoming, carried: Carried) -> Decision:
    if one.customer_id is not None:
        known = work.named.get((one.workspace, one.customer_id))
        return Decision(None if known is None else work.graph.current(known))
    if one.workspace not in work.chosen:
        return Decision(None)
    plain = work.plain.get(id(carried))  # carriers live as long as the batch, so their numbers are their own
    if plain is not None:
        return plain
    owner = work.graph.plain(carried.places)
    if owner is not None:  # and so it is for the next of this carrier, until identifiers change hands
        plain = work.plain[id(carried)] = Decision(owner, refused=carried.refused)
        return plain
    decision = decide(work.graph, one, carried, work.chosen[one.workspace].rules)
    if decision.joined:
        work.joined.extend(decision.joined)
        work.plain.clear()
    return decision


def _load_profiles(work: Work, decisions: Sequence[Decision], telling: Sequence[bool]) -> None:
    """Load the traits of known customers that learn, merge, or get words to be found by; begin those of new ones."""
    wanted: set[UUID] = set()
    for one, decision, tells in zip(work.incoming, decisions, telling, strict=True):
        customer = decision.customer
        if customer is None:
            continue
        if decision.created:
            work.activity[customer] = Activity(workspace=one.workspace, customer=customer, new=True)
            work.profile[customer] = Profile(workspace=one.workspace, customer=customer, created_at=one.received_at, new=True)
        elif tells:
            wanted.add(customer)
    for joined in work.joined:
        wanted.update((joined.old, joined.into))
        work.spoken.add(work.graph.current(joined.into))
    work.spoken.update(work.graph.owner[place] for place in work.graph.added if is_spoken(place.kind))
    wanted.update(work.spoken)
    work.profile.update(profiles_of(wanted - work.profile.keys()))


def _settle(work: Work, one: Incoming, decision: Decision, tells: bool) -> Placement:  # noqa: FBT001  quicker so
    """Let the customer's traits, consent, money and activity learn from one interaction."""
    if decision.customer is None:
        reason = _why(work, one)
        work.counts[reason] += 1
        return Placement(key=one.key, customer_id=None, rejected=reason, refused=decision.refused)
    if decision.joined:
        _join(work, decision)
    activity, chosen = work.activity[decision.customer], work.chosen[one.workspace]
    refused = decision.refused
    for refusal in refused:
        work.left_out.setdefault((decision.customer, refusal), one)
    if tells:
        refused += tuple(work.profile[decision.customer].learn(one))
    answers = one.kind == "track" and answers_by_name(one.name)
    said = _said(work, one, alone=answers) if answers or one.gpc or "consent" in one.context else consents.NOTHING
    if said:
        _remember(work, one, activity, said, answers=answers)
        if consents.fold(activity.consent, said, one) or answers:
            work.changed.add(decision.customer)
    if one.country and one.voice != "ours":
        activities.meet(activity, one.country, one.time)
    amount, currency = _earn(work, one, activity, chosen) if one.kind == "track" and one.properties else (None, "")
    edge, late = _in_sequence(work, one, activity, chosen)
    work.placed += 1
    if late or refused or decision.created or decision.joined:  # which few are
        _tally(work, decision, refused, late=late)
    return Placement(
        one.key,
        work.graph.current(decision.customer),
        "",
        decision.created,
        edge.session_id,
        edge.starts,
        edge.previous_name,
        edge.previous_key,
        edge.previous_time,
        amount,
        currency,
        consents.known(activity.consent, said),
        late,
        refused,
    )


def _join(work: Work, decision: Decision) -> None:
    for joined in decision.joined:
        answers = activities.join(work.activity[joined.into], work.activity[joined.old])
        traits = work.profile[joined.into].join(work.profile[joined.old])
        if answers or traits:
            work.kept[joined.old, joined.into] = {"traits": traits, "consent": storable(answers)}


def _remember(work: Work, one: Incoming, activity: Activity, said: Mapping[str, bool], *, answers: bool) -> None:
    """Keep for the history what the answers say that is new; most repeat what is known."""
    known = activity.consent
    if not answers and _is_known(known, said, one.time):
        return
    for choice in news(known, said, one, telling(one), customer=activity.customer):
        if choice.late and work.replay:
            place, before = (activity.customer, choice.name), work.late.get((activity.customer, choice.name))
            if before is not None and before[0] == choice.granted and before[1] <= choice.time:
                continue  # a replay tells all that was repeated once more
            work.late[place] = choice.granted, choice.time
        work.choices.append(choice if work.replay or not choice.late else replace(choice, late=False))


def _is_known(known: Mapping[str, consents.Answer], said: Mapping[str, bool], time: int) -> bool:
    """Whether answers only repeat what is known, no earlier than it was said. A loop, for most interactions come here."""
    for name, granted in said.items():
        answer = known.get(name)
        if answer is None or answer[0] != granted or answer[1] > time:
            return False
    return True


def _said(work: Work, one: Incoming, *, alone: bool) -> Mapping[str, bool]:
    if alone or one.gpc:
        return consents.said_consent(one)
    found = work.said.get(id(one.context))
    if found is None:
        found = work.said[id(one.context)] = consents.said_consent(one)
    return found


def _earn(work: Work, one: Incoming, activity: Activity, chosen: Chosen) -> tuple[Decimal | None, str]:
    amount, currency = value_of(one.kind, one.name, one.properties, currency=chosen.currency)
    if amount is not None and not work.replay:
        activities.earn(activity, amount, currency)
    return amount, currency


def _in_sequence(work: Work, one: Incoming, activity: Activity, chosen: Chosen) -> tuple[Edge, bool]:
    if one.voice != "ours":
        return activities.act(activity, one, chosen.midnight, again=work.replay)
    activities.witness(activity, one)
    if work.replay:
        activity.recount = True
        activity.mark(one.time)
    return Edge(one.key, NO_SESSION, False, "", None, None), False


def _why(work: Work, one: Incoming) -> str:
    if one.workspace not in work.chosen:
        return "unknown_workspace"
    return "no_identifier" if one.customer_id is None else "unknown_customer"


def _tally(work: Work, decision: Decision, refused: Sequence[Refusal], *, late: bool) -> None:
    counts = work.counts
    if decision.created:
        counts["created"] += 1
    if decision.joined:
        counts["merged"] += len(decision.joined)
    if late:
        counts["late"] += 1
    for refusal in refused:
        counts[f"refused_{refusal.reason}"] += 1
