"""Episodes in the shop: browsing, carts, orders and what becomes of them, and visits to a store."""

from __future__ import annotations

from typing import Any

from amity.demo.calendar import soon
from amity.demo.catalogue import CAMPAIGNS, PRODUCTS, REFERRERS, Product
from amity.demo.pen import Pen
from amity.demo.service import complain, mail
from amity.kernel.clock import DAY, HOUR, MINUTE


def visit_shop(pen: Pen, day: int, *, at: int | None = None, campaign: tuple[str, str, str] | None = None) -> None:
    """A visit to the web shop: looks around, perhaps fills a cart, perhaps buys."""
    rng = pen.rng
    at = pen.calendar.moment(rng, "web", day, ahead=pen.person.city.ahead) if at is None else at
    device = "borrowed" if rng.random() < 0.02 else "phone" if rng.random() < 0.5 else "desktop"
    if campaign is None and rng.random() < 0.25:
        campaign = rng.choice(CAMPAIGNS)
    pen.web(at, "page", "Shop", device=device, page="/shop", referrer=rng.choice(REFERRERS), campaign=campaign)
    seen = rng.sample(PRODUCTS, rng.choice((1, 1, 2, 2, 3, 4)))
    for product in seen:
        at += soon(rng)
        pen.web(at, "track", "Product Viewed", device=device, page=f"/shop/{product.sku.lower()}", **_offer(pen, product))
    if rng.random() > 0.42:
        return
    cart = seen[: rng.choice((1, 1, 1, 2, 3))]
    for product in cart:
        at += soon(rng)
        pen.web(at, "track", "Product Added", device=device, page=f"/shop/{product.sku.lower()}", **_offer(pen, product))
    at += soon(rng)
    pen.web(at, "track", "Checkout Started", device=device, page="/checkout", **_total(pen, cart))
    if rng.random() < 0.33:
        _abandoned(pen, at, cart, device)
        return
    _order(pen, at + soon(rng, longest=6 * MINUTE), cart, device)


def visit_store(pen: Pen, day: int) -> None:
    """A visit to a store; the loyalty card tells who."""
    rng, city = pen.rng, pen.person.city
    at = pen.calendar.moment(rng, "store", day, ahead=city.ahead)
    pen.server(at, "Store Visited", "store", voice="did", store=f"Linden {city.name}")
    if rng.random() < 0.55:
        product = rng.choice(PRODUCTS)
        value, currency = pen.money(product.price)
        pen.server(at + soon(rng, longest=25 * MINUTE), "Store Purchase", "store", voice="did",
                   store=f"Linden {city.name}", sku=product.sku, product=product.name, value=value, currency=currency)  # fmt: skip
    if rng.random() < 0.35:
        pen.remember(at, rng.choice(("store_good", "store_good", "store_bad")))


def _abandoned(pen: Pen, at: int, cart: list[Product], device: str) -> None:
    if not pen.person.marketing or device not in pen.known:
        return
    clicked = mail(pen, at + 4 * HOUR, "cart-reminder", f"Still thinking about the {cart[0].name}?", page="/checkout")
    if clicked and pen.rng.random() < 0.5:
        _order(pen, clicked + soon(pen.rng, longest=5 * MINUTE), cart, device)
    elif pen.rng.random() < 0.04:
        pen.remember(at + 4 * HOUR, "mail_bad")


def _order(pen: Pen, at: int, cart: list[Product], device: str) -> None:
    rng, person = pen.rng, pen.person
    if device not in pen.known or rng.random() < 0.2:
        traits: dict[str, Any] = {
            "email": person.email,
            "name": person.name,
            "city": person.city.name,
            "country": person.city.country,
        }
        pen.web(at - 20_000, "identify", "", device=device, page="/checkout", traits=traits)
        pen.known.add(device)
    order = f"O-{person.number}-{len(pen.entries)}"
    items = [
        {"sku": one.sku, "name": one.name, "category": one.category, "price": pen.money(one.price)[0], "quantity": 1}
        for one in cart
    ]
    total = _total(pen, cart)
    pen.web(at, "track", "Order Completed", device=device, page="/checkout/thanks", order_id=order, products=items, **total)
    mail(pen, at + MINUTE, "order-confirmation", f"Your order {order}")
    _deliver(pen, at, order, cart, total)


def _deliver(pen: Pen, at: int, order: str, cart: list[Product], total: dict[str, Any]) -> None:
    rng = pen.rng
    product = cart[0].name
    shipped = at + rng.randint(8 * HOUR, 2 * DAY)
    pen.server(shipped, "Order Shipped", "post", voice="ours", order_id=order, carrier=rng.choice(("Correio", "Paket", "Colis")))
    late = rng.random() < (0.22 if pen.person.city.name in {"Warsaw", "Dublin"} else 0.09)
    arrived = shipped + (rng.randint(7 * DAY, 14 * DAY) if late else rng.randint(DAY, 3 * DAY))
    if late and rng.random() < 0.5:
        complain(pen, shipped + rng.randint(4 * DAY, 6 * DAY), "delivery_late", product=product)
    arrived = pen.calendar.moment(rng, "post", pen.calendar.day_of(arrived), ahead=pen.person.city.ahead)
    pen.server(arrived, "Order Delivered", "post", voice="ours", order_id=order, late=late)
    pen.remember(arrived, "delivery_late" if late else rng.choice(("delivery_good", "product_good", "fine", "fine")))
    if rng.random() < (0.2 if late else 0.08):
        _send_back(pen, arrived, order, product, total)
    elif rng.random() < 0.12:
        good = rng.random() < 0.78
        topic = "product_good" if good else "product_bad"
        written = arrived + rng.randint(DAY, 9 * DAY)
        pen.web(written, "track", "Product Reviewed", device="phone", page=f"/shop/{cart[0].sku.lower()}/review",
                sku=cart[0].sku, rating=rng.choice((4, 5, 5)) if good else rng.choice((1, 2, 2)), comment=pen.say(topic, product=product))  # fmt: skip
        pen.remember(written, topic)


def _send_back(pen: Pen, at: int, order: str, product: str, total: dict[str, Any]) -> None:
    rng = pen.rng
    asked = at + rng.randint(6 * HOUR, 5 * DAY)
    reason = rng.choice(("damaged", "too_late", "not_as_pictured", "wrong_size"))
    pen.web(asked, "track", "Return Requested", device="phone", page="/account/returns", order_id=order, reason=reason)
    slow = rng.random() < 0.3
    if slow:
        pen.remember(asked + 12 * DAY, "refund")
        if rng.random() < 0.6:
            complain(pen, asked + rng.randint(12 * DAY, 18 * DAY), "refund", product=product)
    paid = asked + (rng.randint(20 * DAY, 30 * DAY) if slow else rng.randint(3 * DAY, 8 * DAY))
    pen.server(paid, "Order Refunded", "post", voice="ours", order_id=order, amount=total["value"], currency=total["currency"])
    if not slow:
        pen.remember(paid, "refund_good")


def _offer(pen: Pen, product: Product) -> dict[str, Any]:
    price, currency = pen.money(product.price)
    return {
        "product_id": product.sku,
        "product": product.name,
        "category": product.category,
        "price": price,
        "currency": currency,
    }


def _total(pen: Pen, cart: list[Product]) -> dict[str, Any]:
    value, currency = pen.money(sum(one.price for one in cart))
    return {"value": value, "currency": currency, "items": len(cart)}
