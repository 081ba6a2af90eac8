"""Mail from Linden: what was delivered, opened and clicked; newsletters and offers."""

from __future__ import annotations

from amity.demo import truth
from amity.demo.calendar import soon
from amity.demo.pen import Pen
from amity.demo.people import quoted
from amity.kernel.clock import HOUR


def mail(  # noqa: PLR0913
    pen: Pen, at: int, template: str, subject: str, *, page: str = "", click: float = truth.CLICKS
) -> int | None:
    """Deliver a mail; return when its link was clicked, or None. `click` is the chance of that once it is opened."""
    dice = pen.dice
    about = f'"template":"{template}","subject":{quoted(subject)}'
    pen.server(at, "Email Delivered", "email", "ours", "{" + about + "}")
    if not dice.whether(truth.PERSONAS[pen.person.persona].opens_mail):
        return None
    opened = pen.awake(at + int(dice.exponential(5 * HOUR)) + 30_000)
    pen.server(opened, "Email Opened", "email", "did", "{" + about + "}")
    if not page or not dice.whether(click):
        return None
    clicked = opened + soon(dice)
    pen.server(clicked, "Email Clicked", "email", "did", f'{{{about},"link":"https://linden.example{page}"}}')
    return clicked


_ISSUES = (
    "The weekend edit",
    "Made to be mended",
    "Small rooms, good light",
    "What the rain is for",
    "Ten things under 40",
    "Back to the table",
)


def newsletter(pen: Pen, ratio: float) -> int | None:
    """The newsletter of every other month, to those who agreed to it; return when they came to the shop through it."""
    calendar, day = pen.calendar, pen.first + 9 + pen.month % 3
    at = calendar.start + day * 24 * HOUR + 8 * HOUR + pen.person.number * 3_700 % (90 * 60_000)
    if pen.month % 2 == 0 and pen.known_since(at):
        pen.since = at
        subject = _ISSUES[pen.month // 2 % len(_ISSUES)]
        return mail(pen, at, f"newsletter-{pen.month + 1}", subject, page="/shop", click=min(truth.NEWS_CLICK * ratio, 0.9))
    return None


def offer(pen: Pen) -> bool:
    """Perhaps take part in the month's experiment with a price; return whether ten percent were offered."""
    dice = pen.dice
    if not dice.whether(truth.OFFER_SHARE):
        return False
    at, treated = pen.moment("web", pen.first + dice.between(0, 2)), dice.whether(truth.OFFER_PROPENSITY)
    if not pen.known_since(at):
        return False
    pen.since = at
    variant = "ten percent" if treated else "no offer"
    about = f'{{"experiment_id":"club-offer-{pen.month + 1}","experiment_name":"Club offer","variation_name":"{variant}"'
    pen.server(at, "Experiment Viewed", "email", "ours", f'{about},"propensity":{truth.OFFER_PROPENSITY}}}')
    if treated:
        mail(pen, at + 60_000, "club-offer", "Ten percent for you this month", page="/shop", click=0.0)
    return treated
