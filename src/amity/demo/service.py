"""Episodes of contact: calls, chats, tickets by e-mail, WhatsApp and complaints, what was said, and how it ended."""

from __future__ import annotations

from amity.demo import truth
from amity.demo.calendar import soon
from amity.demo.catalogue import AGENTS
from amity.demo.draws import ladder_of
from amity.demo.pen import Pen
from amity.demo.people import quoted
from amity.demo.words import Said
from amity.kernel.clock import DAY, HOUR, MINUTE, SECOND

_WAYS = ("call", "chat", "email", "whatsapp", "complaint")
_LADDERS = {name: ladder_of(one.channels) for name, one in truth.PERSONAS.items()}
TOPICS = {
    "late_delivery": "delivery_late", "id_check": "id_check", "card_declined": "card_declined", "incident": "incident",
    "checkout_error": "app_bad", "slow_service": "wait",
}  # fmt: skip
_ABOUT = {
    "delivery_late": "delivery", "id_check": "identity check", "card_declined": "card", "incident": "outage", "app_bad": "app",
    "wait": "service", "refund": "refund", "price": "fees", "product_bad": "product", "mail_bad": "mail",
}  # fmt: skip
_SUBJECTS = {
    "delivery_late": "Where is my order?", "id_check": "Identity check", "card_declined": "Card declined", "incident": "Nothing works today",
    "app_bad": "Trouble with app or shop", "wait": "No answer", "refund": "My refund", "price": "Fees and prices",
    "product_bad": "A product", "mail_bad": "Your mails",
}  # fmt: skip


def turn_to_us(pen: Pen, at: int, cause: str, *, product: str = "parcel", surely: bool = False) -> int | None:
    """Perhaps turn to Linden about what went wrong. Returns when it was solved, or None."""
    if not surely and not pen.dice.whether(truth.TURNS_TO_US[cause]):
        return None
    return contact(pen, at + pen.dice.between(3 * MINUTE, 90 * MINUTE), TOPICS.get(cause, cause), product=product)


def contact(pen: Pen, at: int, topic: str, *, product: str = "parcel") -> int | None:
    """Turn to Linden on the way that suits the customer. Returns when it was solved, or None."""
    dice, calendar, person = pen.dice, pen.calendar, pen.person
    way = dice.weighted(_WAYS, _LADDERS[person.persona])
    if way in {"call", "chat"}:
        at = calendar.next_open(dice, "desk", at, pen.ahead)
    day = min(calendar.day_of(at), calendar.days - 1)
    slow = dice.whether(
        truth.chance_of_slowness(tier=person.tier, monday=calendar.weekdays[day] == 0, season=calendar.in_season[day])
    )
    solved = dice.whether(truth.SOLVES_SLOW if slow else truth.SOLVES)
    said = pen.speaker.say(topic, person, product=product)
    before, pen.since = pen.since, at
    done = _TALKS[way](pen, at, topic, said, slow, solved)
    if slow:
        pen.feel("slow_service", done)
    _ask_afterwards(pen, done, way, topic, slow=slow, solved=solved, product=product)
    pen.since = before
    return done if solved else None


def _call(pen: Pen, at: int, topic: str, said: Said, slow: bool, solved: bool) -> int:  # noqa: FBT001, PLR0913, PLR0917
    dice, agent = pen.dice, pen.dice.pick(AGENTS)
    waited = dice.between(900, 2_700) if slow else min(15 + int(dice.exponential(150)), 880)
    duration = waited + dice.between(120, 900)
    done = at + duration * SECOND
    about = f'"agent":"{agent}","topic":"{_ABOUT[topic]}","outcome":"{_outcome(solved)}","transcript_excerpt":{quoted(said.text)}'
    properties = f'{{{about},"duration_seconds":{duration},"wait_seconds":{waited},"sla_missed":{_json(slow)}}}'
    pen.server(done, "Call Ended", "phone", "said", properties, note=said)
    return done


def _chat(pen: Pen, at: int, topic: str, said: Said, slow: bool, solved: bool) -> int:  # noqa: FBT001, PLR0913, PLR0917
    dice, agent, begun = pen.dice, pen.dice.pick(AGENTS), at
    pen.server(at, "Chat Started", "chat", "did", f'{{"topic":"{_ABOUT[topic]}"}}')
    at += soon(dice, longest=60_000)
    pen.server(at, "Chat Message Sent", "chat", "said", f'{{"topic":"{_ABOUT[topic]}","text":{quoted(said.text)}}}', note=said)
    at += dice.between(25 * MINUTE, 70 * MINUTE) if slow else dice.between(20 * SECOND, 8 * MINUTE)
    pen.server(
        at,
        "Chat Message Received",
        "chat",
        "ours",
        f'{{"agent":"{agent}","text":{quoted(pen.speaker.reply(solved, pen.person))}}}',
    )
    done = at + dice.between(MINUTE, 15 * MINUTE)
    properties = f'{{"agent":"{agent}","outcome":"{_outcome(solved)}","duration_seconds":{(done - begun) // SECOND},"sla_missed":{_json(slow)}}}'
    pen.server(done, "Chat Ended", "chat", "ours", properties)
    return done


def _ticket(pen: Pen, at: int, topic: str, said: Said, slow: bool, solved: bool) -> int:  # noqa: FBT001, PLR0913, PLR0917
    return _write_and_wait(
        pen, at, topic, said, slow, solved, names=("Ticket Opened", "Ticket Answered", "Ticket Solved"), channel="email"
    )


def _complain(pen: Pen, at: int, topic: str, said: Said, slow: bool, solved: bool) -> int:  # noqa: FBT001, PLR0913, PLR0917
    return _write_and_wait(
        pen, at, topic, said, slow, solved, names=("Complaint Filed", "Complaint Answered", "Complaint Resolved"), channel="web"
    )


def _write_and_wait(  # noqa: PLR0913, PLR0917
    pen: Pen, at: int, topic: str, said: Said, slow: bool, solved: bool, *, names: tuple[str, str, str], channel: str  # noqa: FBT001
) -> int:  # fmt: skip
    dice, agent = pen.dice, pen.dice.pick(AGENTS)
    opens, answers, solves = names
    about = f'"ticket_id":"T-{pen.person.number}-{pen.month}-{len(pen.entries)}","subject":{quoted(_SUBJECTS.get(topic, "A question"))}'
    pen.server(
        at,
        opens,
        channel,
        "said",
        f'{{{about},"topic":"{_ABOUT[topic]}","description":{quoted(said.text)}}}',
        note=said,
    )
    waited = dice.between(30 * HOUR, 6 * DAY) if slow else dice.between(HOUR, 18 * HOUR)
    replied = pen.calendar.next_open(dice, "desk", at + waited, pen.ahead)
    text = quoted(pen.speaker.reply(solved, pen.person))
    pen.server(replied, answers, channel, "ours", f'{{{about},"agent":"{agent}","body":{text}}}')
    done = replied + dice.between(5 * MINUTE, 50 * MINUTE)
    properties = f'{{{about},"agent":"{agent}","outcome":"{_outcome(solved)}","sla_missed":{_json(slow)}}}'
    pen.server(done, solves if solved else "Ticket Left Open", channel, "ours", properties)
    return done


def _whatsapp(pen: Pen, at: int, topic: str, said: Said, slow: bool, solved: bool) -> int:  # noqa: FBT001, PLR0913, PLR0917
    dice, agent = pen.dice, pen.dice.pick(AGENTS)
    pen.server(at, "Message Received", "whatsapp", "said", f'{{"topic":"{_ABOUT[topic]}","text":{quoted(said.text)}}}', note=said)
    waited = dice.between(26 * HOUR, 3 * DAY) if slow else dice.between(4 * MINUTE, 3 * HOUR)
    replied = pen.calendar.next_open(dice, "desk", at + waited, pen.ahead)
    pen.server(
        replied,
        "Message Sent",
        "whatsapp",
        "ours",
        f'{{"agent":"{agent}","body":{quoted(pen.speaker.reply(solved, pen.person))}}}',
    )
    done = replied + dice.between(2 * MINUTE, 40 * MINUTE)
    properties = f'{{"subject":{quoted(_SUBJECTS.get(topic, "A question"))},"agent":"{agent}","outcome":"{_outcome(solved)}","sla_missed":{_json(slow)}}}'
    pen.server(done, "Conversation Resolved" if solved else "Conversation Left Open", "whatsapp", "ours", properties)
    return done


_TALKS = {"call": _call, "chat": _chat, "email": _ticket, "whatsapp": _whatsapp, "complaint": _complain}


def _ask_afterwards(pen: Pen, at: int, way: str, topic: str, *, slow: bool, solved: bool, product: str) -> None:  # noqa: PLR0913
    dice, person = pen.dice, pen.person
    asked = at + dice.between(5 * MINUTE, 30 * MINUTE)
    about = '"survey":"How was our help?","type":"csat","scale":5'
    pen.server(asked, "Survey Sent", "survey", "ours", "{" + about + "}")
    if not dice.whether(truth.CONTACT_ANSWERS):
        return
    mean = truth.CONTACT_SCORE["solved" if solved else "unsolved"] + (truth.CONTACT_SCORE["slow"] if slow else 0.0)
    score = min(max(round(mean + truth.CONTACT_NOISE * dice.normal() + truth.WARMTH_ON_CONTACT * person.warmth), 1), 5)
    said = None
    if dice.whether(truth.COMMENTS):
        mood = "service_good" if score >= 4 else "wait" if slow else topic if score <= 2 else "fine"
        said = pen.speaker.say(mood, person, product=product)
    comment = f',"comment":{quoted(said.text)}' if said else ""
    answered = pen.awake(asked + 2 * MINUTE + int(dice.exponential(8 * HOUR)))
    pen.server(
        answered, "Survey Answered", "survey", "said", f'{{{about},"score":{score}{comment},"asked_after":"{way}"}}', note=said
    )


def _outcome(solved: bool) -> str:  # noqa: FBT001
    return "solved" if solved else "not solved"


def _json(value: bool) -> str:  # noqa: FBT001
    return "true" if value else "false"
