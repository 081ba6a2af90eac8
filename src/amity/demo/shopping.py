"""Episodes in the shop: browsing, carts, checkouts, and visits to a store."""

from __future__ import annotations

from math import exp

from amity.demo import truth
from amity.demo.calendar import soon
from amity.demo.catalogue import CAMPAIGNS, PRODUCTS, REFERRERS, Product
from amity.demo.delivering import deliver
from amity.demo.draws import ladder_of
from amity.demo.mailing import mail
from amity.demo.pen import Pen
from amity.demo.people import quoted
from amity.demo.service import turn_to_us
from amity.kernel.clock import HOUR, MINUTE

_PRODUCT_JSON = {
    one.sku: f'"product_id":"{one.sku}","name":{quoted(one.name)},"category":"{one.category}","price":' for one in PRODUCTS
}
_DEVICES = tuple(truth.DEVICES)
_LADDERS = {
    (w, t): ladder_of([truth.DEVICES["phone"], truth.DEVICES["desktop"], truth.DEVICES["work"] * w, truth.DEVICES["tablet"] * t])
    for w in (0, 1)
    for t in (0, 1)
}


def visit_shop(pen: Pen, at: int, *, campaign: tuple[str, str, str] | None = None) -> None:
    """A visit to the web shop: looks around, perhaps fills a cart, perhaps buys."""
    dice, person = pen.dice, pen.person
    pen.since = at
    device = dice.weighted(_DEVICES, _LADDERS[int(person.works), int(person.tablet >= 0)])
    if campaign is None and dice.whether(truth.CAMPAIGNS):
        campaign = dice.pick(CAMPAIGNS)
    came = f',"campaign":{{"source":"{campaign[0]}","medium":"{campaign[1]}","name":"{campaign[2]}"}}' if campaign else ""
    pen.page(at, "Shop", "/shop", device=device, referrer="" if campaign else dice.pick(REFERRERS), campaign=came)
    if broken_by_incident(pen, at + 2_000, device):
        return
    if dice.whether(truth.MEASURED):
        _vitals(pen, at + 3_000, device)
    seen = [dice.pick(PRODUCTS) for _ in range(dice.pick((1, 1, 1, 2, 3)))]
    for product in dict.fromkeys(seen):
        at += soon(dice)
        if person.analytics:
            pen.web(at, "Product Viewed", _path(product), "{" + _offer(pen, product) + "}", device=device)
    if dice.whether(truth.CART):
        _fill_cart(pen, at, seen, device)


def broken_by_incident(pen: Pen, at: int, device: str) -> bool:
    """Whether the incident's error ends this session; it is shown then."""
    if not pen.calendar.hit_by_incident(at) or not pen.dice.whether(truth.INCIDENT_FAILS):
        return False
    properties = '{"code":"L-503","reason":"service unavailable"}'
    if device == "app":
        pen.app(at, "Error Shown", properties)
    else:
        pen.web(at, "Error Shown", "/shop", properties, device=device)
    pen.feel("incident", at)
    turn_to_us(pen, at, "incident")
    return True


def _fill_cart(pen: Pen, at: int, seen: list[Product], device: str) -> None:
    dice = pen.dice
    cart = list(dict.fromkeys(seen[: dice.pick((1, 1, 1, 2))]))
    for product in cart:
        at += soon(dice)
        pen.web(at, "Product Added", _path(product), "{" + _offer(pen, product) + ',"quantity":1}', device=device)
    at += soon(dice)
    euros = round(sum(one.price for one in cart), 2)
    pen.web(at, "Checkout Started", "/checkout", f'{{"value":{pen.money(euros)},"items":{len(cart)}}}', device=device)
    redesigned, kind = at >= pen.calendar.redesign, "phone" if device == "phone" else "desktop"
    if redesigned and kind == "phone" and pen.person.handset.entry and dice.whether(truth.CHECKOUT_ERROR):
        at += soon(dice)
        pen.web(at, "Checkout Failed", "/checkout", '{"reason":"the pay button does not react","step":"pay"}', device=device)
        pen.feel("checkout_error", at)
        turn_to_us(pen, at, "checkout_error")
        return
    if dice.whether(truth.chance_of_order(device=kind, redesigned=redesigned)):
        _order(pen, at + soon(dice, longest=6 * MINUTE), cart, device)
    elif pen.person.agrees(pen.month) and device in pen.life.known and dice.whether(truth.REMINDS):
        clicked = mail(
            pen, pen.awake(at + 4 * HOUR), "cart-reminder", f"Still thinking about the {cart[0].name}?", page="/checkout"
        )
        if clicked and dice.whether(truth.REMINDED):
            _order(pen, clicked + soon(dice, longest=5 * MINUTE), cart, device)


def _order(pen: Pen, at: int, cart: list[Product], device: str) -> None:
    person, life = pen.person, pen.life
    _sign_in(pen, at - 20_000, device)
    life.orders += 1
    order = f"O-{person.number}-{life.orders}"
    euros = round(sum(one.price for one in cart), 2)
    off = round(euros * truth.DISCOUNT, 2) if pen.offered else 0.0
    items = ",".join("{" + _offer(pen, one) + ',"quantity":1}' for one in cart)
    coupon = f',"coupon":"CLUB10","discount":{round(off, 2)}' if off else ""
    due = due_day(pen, at)
    properties = (
        f'{{"order_id":"{order}","revenue":{pen.money(euros - off)}{coupon},"promised_at":"{due[1]}","products":[{items}]}}'
    )
    pen.web(at, "Order Completed", "/checkout/thanks", properties, device=device, signed_in=True)
    mail(pen, at + MINUTE, "order-confirmation", f"Your order {order}")
    deliver(pen, at, order=order, first=cart[0], euros=euros - off, due=due[0], promised=due[1], device=device)


def due_day(pen: Pen, at: int) -> tuple[int, str]:
    """Return the day by which an order is promised, as the story's and in ISO form: no Sunday."""
    calendar = pen.calendar
    day = calendar.day_of(at) + (6 if pen.person.city.remote else 4)
    if calendar.weekday(day) == 6:
        day += 1
    return day, calendar.date(calendar.start + day * 24 * HOUR)


def _sign_in(pen: Pen, at: int, device: str) -> None:
    life, person = pen.life, pen.person
    if person.second_account and device != "phone":
        if device not in life.known:
            pen.identify(at, pen.traits(email=person.emails[1], plan=f'"{person.tier}"'), device=device)
        return
    if life.opened is None and not person.guest and not person.banks:
        life.opened = at - 1_000
        pen.web(
            at - 1_000, "Signed Up", "/account/new", f'{{"method":"email","plan":"{person.tier}"}}', device=device, signed_in=True
        )
    if device not in life.known or pen.dice.whether(truth.SIGNS_IN_AGAIN):
        pen.identify(at, pen.traits(plan=f'"{person.tier}"'), device=device)


def visit_store(pen: Pen) -> None:
    """A visit to a store; the loyalty card tells who."""
    dice, city = pen.dice, pen.person.city
    at = pen.moment("store")
    store = f'"store":"Linden {city.name}"'
    pen.server(at, "Store Visited", "store", "did", "{" + store + "}")
    if dice.whether(truth.STORE_BUYS):
        product = dice.pick(PRODUCTS)
        properties = f'{{{store},"revenue":{pen.money(product.price)},"sku":"{product.sku}","product":{quoted(product.name)}}}'
        pen.server(at + soon(dice, longest=25 * MINUTE), "Store Purchase", "store", "did", properties)


def _vitals(pen: Pen, at: int, device: str) -> None:
    if not pen.person.analytics:
        return
    before, after = truth.LCP_MS["phone" if device == "phone" else "desktop"]
    median = after if at >= pen.calendar.redesign else before
    lcp = int(median * exp(truth.LCP_SPREAD * pen.dice.normal()))
    properties = f'{{"lcp_ms":{lcp},"inp_ms":{pen.dice.between(60, 380)},"cls":{pen.dice.between(0, 24) / 100},"page":"/shop"}}'
    pen.web(at, "Web Vitals", "/shop", properties, device=device)


def _offer(pen: Pen, product: Product) -> str:
    return _PRODUCT_JSON[product.sku] + pen.money(product.price)


def _path(product: Product) -> str:
    return f"/shop/{product.sku.lower()}"
