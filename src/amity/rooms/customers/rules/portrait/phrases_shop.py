"""Sentences for shopping and money: Segment's e-commerce events and what shops, banks and subscriptions send besides."""

from __future__ import annotations

from amity.rooms.customers.rules.portrait.shapes import Phrase

_PRODUCT = ("price", "quantity", "variant", "brand")

SHOP: dict[str, Phrase] = {
    "productssearched": Phrase(say="Searched for “{query}”", plain="Searched", icon="search", facts=("results",)),
    "productlistviewed": Phrase(say="Looked through {list}", plain="Looked through products", icon="bag", browsing=True),
    "productlistfiltered": Phrase(say="Narrowed down {list}", plain="Narrowed down products", icon="filter", browsing=True),
    "promotionviewed": Phrase(say="Saw the promotion “{promotion}”", plain="Saw a promotion", icon="eye", browsing=True),
    "promotionclicked": Phrase(say="Opened the promotion “{promotion}”", plain="Opened a promotion", icon="eye"),
    "productclicked": Phrase(say="Opened {product}", plain="Opened a product", icon="bag", facts=_PRODUCT, browsing=True),
    "productviewed": Phrase(say="Looked at {product}", plain="Looked at a product", icon="bag", facts=_PRODUCT, browsing=True),
    "productadded": Phrase(say="Put {product} into the cart", plain="Put something into the cart", icon="bag", facts=_PRODUCT),
    "productremoved": Phrase(
        say="Took {product} out of the cart", plain="Took something out of the cart", icon="bag", facts=_PRODUCT
    ),
    "cartviewed": Phrase(say="Looked at the cart", icon="bag", facts=("amount", "items"), browsing=True),
    "cartabandoned": Phrase(say="Left the cart behind", icon="bag", facts=("amount", "items")),
    "checkoutstarted": Phrase(say="Started to check out", icon="bag", facts=("amount", "items", "coupon")),
    "checkoutstepviewed": Phrase(
        say="Came to checkout step {step}", plain="Went on in checkout", icon="bag", facts=("shipping", "method")
    ),
    "checkoutstepcompleted": Phrase(
        say="Finished checkout step {step}", plain="Finished a checkout step", icon="bag", facts=("shipping", "method")
    ),
    "paymentinfoentered": Phrase(say="Entered how to pay", icon="card", facts=("method", "step")),
    "ordercompleted": Phrase(
        say="Paid {amount}", plain="Placed an order", icon="euro", facts=("goods", "order", "coupon", "method")
    ),
    "orderplaced": Phrase(say="Ordered for {amount}", plain="Placed an order", icon="bag", facts=("goods", "order", "coupon")),
    "orderupdated": Phrase(say="Changed order {order}", plain="Changed an order", icon="bag", facts=("amount", "goods")),
    "orderrefunded": Phrase(
        say="Got {amount} back", plain="Got an order refunded", icon="undo", bead="ours", facts=("goods", "order", "reason")
    ),
    "ordercancelled": Phrase(
        say="Cancelled order {order}", plain="Cancelled an order", icon="x", facts=("amount", "goods", "reason")
    ),
    "ordercanceled": Phrase(
        say="Cancelled order {order}", plain="Cancelled an order", icon="x", facts=("amount", "goods", "reason")
    ),
    "ordershipped": Phrase(say="Sent order {order}", plain="Sent an order", icon="send", bead="ours", facts=("carrier", "goods")),
    "orderdelivered": Phrase(
        say="Delivered order {order}", plain="Delivered an order", icon="bag", bead="ours", facts=("carrier", "goods")
    ),
    "orderdelayed": Phrase(
        say="Delayed order {order}",
        plain="Delayed an order",
        icon="clock",
        bead="ours",
        facts=("reason", "carrier"),
        trouble="failed",
    ),
    "orderreturned": Phrase(
        say="Sent order {order} back", plain="Sent an order back", icon="undo", facts=("amount", "goods", "reason")
    ),
    "productreturned": Phrase(
        say="Sent {product} back", plain="Sent something back", icon="undo", facts=("amount", "order", "reason")
    ),
    "couponentered": Phrase(say="Entered the coupon “{coupon}”", plain="Entered a coupon", icon="gift"),
    "couponapplied": Phrase(say="Used the coupon “{coupon}”", plain="Used a coupon", icon="gift", facts=("discount",)),
    "coupondenied": Phrase(
        say="Coupon “{coupon}” was refused", plain="A coupon was refused", icon="gift", facts=("reason",), trouble="declined"
    ),
    "couponremoved": Phrase(say="Took the coupon “{coupon}” back", plain="Took a coupon back", icon="gift", facts=("discount",)),
    "productaddedtowishlist": Phrase(
        say="Wished for {product}", plain="Put something on the wish list", icon="star", facts=_PRODUCT
    ),
    "productremovedfromwishlist": Phrase(
        say="Took {product} off the wish list", plain="Took something off the wish list", icon="star"
    ),
    "wishlistproductaddedtocart": Phrase(
        say="Put {product} from the wish list into the cart", plain="Put a wish into the cart", icon="bag", facts=_PRODUCT
    ),
    "productshared": Phrase(say="Shared {product}", plain="Shared a product", icon="send", facts=("via",)),
    "cartshared": Phrase(say="Shared the cart", icon="send", facts=("via",)),
    "productreviewed": Phrase(
        say="Reviewed {product}",
        plain="Wrote a review",
        icon="star",
        bead="said",
        facts=("rating",),
        quotes=("review_body", "review", "body", "text", "comment"),
    ),
    "carddeclined": Phrase(say="Card declined at checkout", icon="card", facts=("amount", "reason", "order"), trouble="declined"),
    "paymentdeclined": Phrase(
        say="Payment declined", icon="card", facts=("amount", "reason", "order", "method"), trouble="declined"
    ),
    "paymentfailed": Phrase(say="Payment failed", icon="card", facts=("amount", "reason", "order", "method"), trouble="declined"),
    "paymentsucceeded": Phrase(say="Paid {amount}", plain="Paid", icon="euro", facts=("order", "method", "plan")),
    "paymentcompleted": Phrase(say="Paid {amount}", plain="Paid", icon="euro", facts=("order", "method", "plan")),
    "invoicepaid": Phrase(say="Paid {amount}", plain="Paid an invoice", icon="euro", facts=("invoice", "plan")),
    "invoicesent": Phrase(
        say="Sent an invoice over {amount}", plain="Sent an invoice", icon="file", bead="ours", facts=("invoice",)
    ),
    "refundissued": Phrase(
        say="Paid {amount} back", plain="Paid money back", icon="undo", bead="ours", facts=("order", "reason")
    ),
    "chargebackopened": Phrase(
        say="Disputed {amount}", plain="Disputed a payment", icon="card", facts=("order", "reason"), trouble="complaint"
    ),
    "salaryarrived": Phrase(say="Salary arrived", icon="euro", facts=("amount", "account")),
    "subscriptionstarted": Phrase(say="Subscribed to {plan}", plain="Subscribed", icon="euro", facts=("amount",)),
    "subscriptionrenewed": Phrase(say="Renewed {plan}", plain="Renewed the subscription", icon="euro", facts=("amount",)),
    "subscriptionupgraded": Phrase(say="Moved up to {plan}", plain="Moved up to a larger plan", icon="up", facts=("amount",)),
    "subscriptiondowngraded": Phrase(
        say="Moved down to {plan}", plain="Moved down to a smaller plan", icon="down", facts=("amount", "reason")
    ),
    "subscriptioncancelled": Phrase(
        say="Cancelled {plan}", plain="Cancelled the subscription", icon="x", facts=("reason",), quotes=("comment", "feedback")
    ),
    "subscriptioncanceled": Phrase(
        say="Cancelled {plan}", plain="Cancelled the subscription", icon="x", facts=("reason",), quotes=("comment", "feedback")
    ),
    "trialstarted": Phrase(say="Started to try {plan}", plain="Started a trial", icon="play"),
    "trialended": Phrase(say="Ended the trial of {plan}", plain="Ended a trial", icon="clock"),
    "storevisited": Phrase(say="Came to {place}", plain="Came to a store", icon="pin", facts=("agent",)),
}
