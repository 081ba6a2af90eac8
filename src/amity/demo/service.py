"""Episodes of contact: mail from Linden, calls, chats and surveys, with what the customer said."""

from __future__ import annotations

from amity.demo.calendar import soon
from amity.demo.catalogue import AGENTS
from amity.demo.pen import Pen
from amity.demo.words import GOOD
from amity.kernel.clock import DAY, HOUR, MINUTE, SECOND

_ASK_AFTER = 5 * MINUTE


def mail(pen: Pen, at: int, template: str, subject: str, *, page: str = "") -> int | None:
    """Send a mail; return when its link was clicked, or None."""
    rng = pen.rng
    more = {"template": template, "subject": subject}
    pen.server(at, "Email Sent", "email", voice="ours", **more)
    keen = 0.5 + 0.12 * pen.person.temper
    if rng.random() > keen:
        return None
    opened = at + int(rng.expovariate(1 / (5 * HOUR))) + 30 * SECOND
    pen.server(opened, "Email Opened", "email", voice="did", **more)
    if not page or rng.random() > 0.4:
        return None
    clicked = opened + soon(rng)
    pen.server(clicked, "Email Clicked", "email", voice="did", link=f"https://linden.example{page}", **more)
    return clicked


def complain(pen: Pen, at: int, topic: str, *, product: str = "parcel") -> int | None:
    """Turn to Linden by phone or chat. Returns when it was solved, or None."""
    rng, person = pen.rng, pen.person
    at = max(at, pen.calendar.moment(rng, "desk", pen.calendar.day_of(at), ahead=person.city.ahead))
    by_phone = rng.random() < (0.35 + (2026 - person.birth_year) / 200)
    agent = rng.choice(AGENTS)
    patience = rng.random()
    if by_phone:
        waited = int(rng.expovariate(1 / 280)) + 15
        text = pen.say(topic, product=product)
        pen.server(at, "Call Started", "phone", voice="said", topic=topic, waited_seconds=waited, agent=agent, text=text)
        if waited > 900 and patience < 0.6:
            pen.remember(at, "wait")
            pen.server(at + waited * SECOND, "Call Abandoned", "phone", voice="did", waited_seconds=waited)
            return None
        done = at + (waited + rng.randint(90, 900)) * SECOND
        solved = rng.random() < 0.72
        pen.server(done, "Call Ended", "phone", voice="ours", agent=agent, solved=solved, duration_seconds=(done - at) // SECOND)
    else:
        pen.server(at, "Chat Started", "chat", voice="did", topic=topic)
        at += soon(rng)
        pen.server(
            at, "Chat Message Written", "chat", voice="said", topic=topic, message=pen.say(topic, close=0.5, product=product)
        )
        at += rng.randint(20 * SECOND, 12 * MINUTE)
        pen.server(at, "Chat Message Answered", "chat", voice="ours", agent=agent)
        if rng.random() < 0.45:
            at += soon(rng)
            pen.server(at, "Chat Message Written", "chat", voice="said", message=pen.say(topic, close=0.2, product=product))
        solved = rng.random() < 0.68
        done = at + rng.randint(MINUTE, 20 * MINUTE)
        pen.server(done, "Chat Ended", "chat", voice="ours", agent=agent, solved=solved)
    pen.remember(done, "service_good" if solved and rng.random() < 0.7 else topic if not solved else "fine")
    if rng.random() < 0.4:
        mood = "service_good" if solved else rng.choice(("wait", topic))
        score = rng.choice((4, 5, 5)) if solved else rng.choice((1, 1, 2, 3))
        comment = pen.say(mood, product=product, name=agent) if rng.random() < 0.6 else ""
        _survey(
            pen,
            done + _ASK_AFTER + soon(rng, longest=2 * DAY),
            "csat",
            score,
            comment=comment,
            asked_by="chat" if not by_phone else "phone",
        )
    return done if solved else None


def relationship_survey(pen: Pen, day: int) -> None:
    """Ask how likely they are to recommend Linden; what they lived through lately decides."""
    rng = pen.rng
    at = pen.calendar.moment(rng, "web", day, ahead=pen.person.city.ahead)
    pen.server(at, "Survey Sent", "survey", voice="ours", survey="relationship", kind_of="nps")
    if rng.random() > 0.42 + 0.08 * pen.person.temper:
        return
    lately = [topic for when, topic in pen.person.told if at - 75 * DAY < when < at]
    bad = [topic for topic in lately if topic not in GOOD and topic != "fine"]
    good = [topic for topic in lately if topic in GOOD]
    mean = 7.9 + 1.2 * pen.person.temper + 0.6 * len(good) - 2.4 * len(bad)
    score = min(max(round(rng.gauss(mean, 1.3)), 0), 10)
    if score >= 9:
        topic = rng.choice(good or ["app_good", "card_good" if pen.banking else "product_good", "delivery_good"])
    elif score <= 6:
        topic = rng.choice(bad or ["price", "app_bad", "mail_bad", "wait"])
    else:
        topic = rng.choice([*lately, "fine", "fine"])
    comment = pen.say(topic) if rng.random() < 0.68 else ""
    _survey(pen, at + int(rng.expovariate(1 / (14 * HOUR))) + MINUTE, "nps", score, comment=comment, asked_by="email")


def newsletter(pen: Pen, day: int, number: int) -> int | None:
    """The monthly newsletter, to those who agreed to it."""
    at = pen.calendar.start + day * DAY + 8 * HOUR + pen.person.number * 37 % (90 * MINUTE)
    return mail(pen, at, f"newsletter-{number}", "The weekend edit", page="/shop/new")


def _survey(  # noqa: PLR0913
    pen: Pen, at: int, kind: str, score: int, *, comment: str, asked_by: str
) -> None:
    more = {"comment": comment} if comment else {}
    survey = "relationship" if kind == "nps" else "contact"
    pen.server(at, "Survey Answered", "survey", voice="said", survey=survey, kind_of=kind, score=score, asked_by=asked_by, **more)
