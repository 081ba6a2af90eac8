"""The relationship survey: asked every ninety days, answered by some, with a score that the truth decides."""

from __future__ import annotations

from dataclasses import dataclass

from amity.demo import truth
from amity.demo.pen import Pen
from amity.demo.people import quoted
from amity.demo.service import TOPICS
from amity.demo.words import Said
from amity.kernel.clock import HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class Scored:
    """An answer: the score, what it would have been without friction, the friction before it, and the words."""

    score: int
    without: int
    felt: int
    said: Said | None


def relationship_survey(pen: Pen, felt: int) -> None:
    """Ask how likely they are to recommend Linden; `felt` is what they met in the month before."""
    dice, person = pen.dice, pen.person
    at = pen.moment("desk")
    if not pen.known_since(at):
        return
    about = '"survey":"How likely are you to recommend Linden?","type":"nps","scale":10'
    pen.since = at
    pen.server(at, "Survey Sent", "survey", "ours", "{" + about + "}")
    answers, noise = dice.whether(truth.chance_to_answer(person.warmth)), dice.normal()
    if not answers:
        return
    score, without = (truth.score_of(tier=person.tier, warmth=person.warmth, felt=one, noise=noise) for one in (felt, 0))
    said = _why(pen, score, felt) if dice.whether(truth.COMMENTS) else None
    comment = f',"comment":{quoted(said.text)}' if said else ""
    answered = pen.awake(at + MINUTE + int(dice.exponential(14 * HOUR)))
    note = Scored(score, without, felt, said)
    pen.server(answered, "Survey Answered", "survey", "said", f'{{{about},"score":{score}{comment}}}', note=note)


def _why(pen: Pen, score: int, felt: int) -> Said:
    dice, person = pen.dice, pen.person
    met = [TOPICS[name] for name, bit in truth.BITS.items() if felt & bit]
    if score >= 9:
        theme = dice.pick(
            ("app_good", "card_good" if person.banks else "product_good", "delivery_good" if person.shops else "app_good")
        )
    elif score >= 7:
        theme = dice.pick(("fine", "fine", "app_good", "service_good", *met))
    else:
        theme = (
            dice.pick(met)
            if met
            else dice.pick(("price", "app_bad", "mail_bad", "wait", "product_bad" if person.shops else "price"))
        )
    return pen.speaker.say(theme, person)
