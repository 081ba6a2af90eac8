"""What becomes of an order: its way, its delivery in time or late, reviews, returns and refunds."""

from __future__ import annotations

from amity.demo import truth
from amity.demo.catalogue import Product
from amity.demo.pen import Pen
from amity.demo.people import quoted
from amity.demo.service import turn_to_us
from amity.kernel.clock import DAY, HOUR

_REASONS = ("damaged", "not as pictured", "wrong size", "changed my mind")


def deliver(  # noqa: PLR0913  each has its name where it is called
    pen: Pen, at: int, *, order: str, first: Product, euros: float, due: int, promised: str, device: str
) -> None:
    """Send an order and bring it, by the promised day or after it."""
    dice, calendar = pen.dice, pen.calendar
    about = f'"order_id":"{order}"'
    carrier = dice.pick(("Correio", "Paket", "Colis"))
    day = calendar.day_of(at)
    shipped = calendar.next_open(dice, "desk", at + dice.between(2 * HOUR, 20 * HOUR), pen.ahead)
    pen.server(shipped, "Order Shipped", "post", "ours", f'{{{about},"carrier":"{carrier}"}}', device=device)
    season = calendar.in_season[min(day, calendar.days - 1)]
    late = dice.whether(truth.chance_of_lateness(remote=pen.person.city.remote, season=season))
    arrival = due + dice.between(1, 8) if late else dice.between(min(calendar.day_of(shipped) + 1, due), due)
    if calendar.weekday(arrival) == 6:
        arrival += 1
    arrived = calendar.moment(dice, "post", arrival, pen.ahead)
    if late:
        _be_late(pen, order, first, due=calendar.start + due * DAY, arrived=arrived, device=device)
    properties = f'{{{about},"carrier":"{carrier}","promised_at":"{promised}","late":{"true" if late else "false"}}}'
    pen.server(arrived, "Order Delivered", "post", "ours", properties, device=device)
    if pen.account(arrived):
        properties = f'{{{about},"points":{int(euros)},"reason":"order"}}'
        pen.server(arrived + 14 * DAY, "Points Credited", "loyalty", "ours", properties)
    _afterwards(pen, arrived, order, first, euros, late=late, device=device)


def _be_late(  # noqa: PLR0913
    pen: Pen, order: str, first: Product, *, due: int, arrived: int, device: str
) -> None:
    evening = due + (19 - pen.ahead) * HOUR
    pen.feel("late_delivery", evening)
    pen.server(evening, "Order Delayed", "post", "ours", f'{{"order_id":"{order}","reason":"carrier"}}', device=device)
    turn_to_us(pen, evening + pen.dice.between(HOUR, max(2 * HOUR, arrived - evening)), "late_delivery", product=first.name)


def _afterwards(pen: Pen, at: int, order: str, first: Product, euros: float, *, late: bool, device: str) -> None:  # noqa: PLR0913
    dice = pen.dice
    if dice.whether(truth.RETURNS_LATE if late else truth.RETURNS):
        _send_back(pen, at, order, first, euros, device)
    elif dice.whether(truth.REVIEWS):
        good = dice.whether(truth.REVIEWS_GOOD)
        said = pen.speaker.say("product_good" if good else "product_bad", pen.person, product=first.name)
        rating = dice.pick((4, 5, 5) if good else (1, 2, 2))
        properties = f'{{"product_id":"{first.sku}","product":{quoted(first.name)},"rating":{rating},"scale":5,"comment":{quoted(said.text)}}}'
        written = pen.calendar.next_open(dice, "web", at + dice.between(DAY, 9 * DAY), pen.ahead)
        pen.web(written, "Product Reviewed", f"/shop/{first.sku.lower()}", properties, device=device, signed_in=True, note=said)


def _send_back(pen: Pen, at: int, order: str, first: Product, euros: float, device: str) -> None:  # noqa: PLR0913, PLR0917
    dice = pen.dice
    asked = pen.calendar.next_open(dice, "web", at + dice.between(6 * HOUR, 5 * DAY), pen.ahead)
    properties = f'{{"order_id":"{order}","reason":"{dice.pick(_REASONS)}"}}'
    before, pen.since = pen.since, asked
    pen.web(asked, "Return Requested", "/account/returns", properties, device=device, signed_in=True)
    slow = dice.whether(truth.REFUND_SLOW)
    paid = asked + (dice.between(20, 28) if slow else dice.between(3, 8)) * DAY
    if slow and dice.whether(truth.ASKS_FOR_REFUND):
        turn_to_us(pen, asked + dice.between(12, 18) * DAY, "refund", product=first.name, surely=True)
    paid = pen.calendar.next_open(dice, "desk", paid, pen.ahead)
    pen.server(paid, "Order Refunded", "post", "ours", f'{{"order_id":"{order}","amount":{pen.money(euros)}}}', device=device)
    pen.since = before
