"""Sentences for banking: opening an account, proving who one is, cards, transfers, loans, disputes, branches."""

from __future__ import annotations

from amity.rooms.customers.rules.portrait.shapes import Phrase

_PAID = Phrase(say="Paid {amount} at {merchant}", plain="Paid by card", icon="card", facts=("category",))

BANK: dict[str, Phrase] = {
    "onboardingstarted": Phrase(say="Began to open an account", icon="person"),
    "onboardingabandoned": Phrase(say="Gave up opening an account", icon="x", facts=("step",), trouble="failed"),
    "idcheckstarted": Phrase(say="Started the identity check", icon="eye", facts=("attempt",)),
    "idcheckfailed": Phrase(say="Failed the identity check", icon="eye", facts=("reason", "attempt"), trouble="failed"),
    "idcheckpassed": Phrase(say="Passed the identity check", icon="check", facts=("attempt",)),
    "accountopened": Phrase(say="Opened an account", icon="person", facts=("plan",)),
    "accountclosed": Phrase(say="Closed the account", icon="x", facts=("reason",)),
    "cardpayment": _PAID,
    "cardpaymentsucceeded": _PAID,
    "carddelivered": Phrase(say="Brought the card", icon="card", bead="ours"),
    "transfersent": Phrase(say="Sent {amount}", plain="Sent money", icon="euro", facts=("to",)),
    "loanrequested": Phrase(say="Asked for a loan of {amount}", plain="Asked for a loan", icon="euro", facts=("months",)),
    "loanapproved": Phrase(say="Approved a loan of {amount}", plain="Approved a loan", icon="check", bead="ours"),
    "loandeclined": Phrase(say="Declined a loan of {amount}", plain="Declined a loan", icon="x", bead="ours", trouble="declined"),
    "loanpaidout": Phrase(say="Paid out {amount}", plain="Paid out a loan", icon="euro", bead="ours"),
    "disputeopened": Phrase(
        say="Disputed {amount} at {merchant}", plain="Disputed a payment", icon="alert", facts=("reason",), trouble="unhappy"
    ),
    "disputeresolved": Phrase(
        say="Settled the dispute about {amount}", plain="Settled a dispute", icon="check", bead="ours", facts=("outcome",)
    ),
    "kioskused": Phrase(say="Used the kiosk: {task}", plain="Used a kiosk", icon="pin", facts=("branch",)),
    "storepurchase": Phrase(say="Bought {product}", plain="Bought something in a store", icon="bag", facts=("amount", "place")),
    "returnrequested": Phrase(say="Asked to return order {order}", plain="Asked for a return", icon="undo", facts=("reason",)),
    "pointscredited": Phrase(
        say="Credited {points} points", plain="Credited points", icon="gift", bead="ours", facts=("reason",)
    ),
    "checkoutfailed": Phrase(say="Couldn’t check out", icon="alert", facts=("reason", "step"), trouble="failed"),
    "errorshown": Phrase(say="Met error {code}", plain="Met an error", icon="alert", facts=("reason",), trouble="broke"),
}
