"""Send one interaction through the edge, just as any client would: to see the whole way work."""

from __future__ import annotations

from amity.kernel.clock import from_ms, now_ms
from amity.kernel.errors import AmityError, NotRunning
from amity.kernel.ids import new_id

TRIAL_USER = "amity-test-customer"


def send_trial(*, edge: str, write_key: str, sender: str) -> str:
    """Send a person's test interaction and return its message id once the edge has it.

    `sender` names the colleague who sent it. Raises NotRunning if the edge does not answer, AmityError if it refuses.
    """
    import httpx

    message_id = f"test-{new_id()}"
    at = from_ms(now_ms()).isoformat(timespec="milliseconds")
    batch = [
        {
            "type": "identify",
            "messageId": f"{message_id}-who",
            "userId": TRIAL_USER,
            "timestamp": at,
            "traits": {"name": "Test customer", "email": "test@customer.example"},
        },
        {
            "type": "track",
            "messageId": message_id,
            "userId": TRIAL_USER,
            "timestamp": at,
            "event": "Test Interaction Sent",
            "properties": {"sent_by": sender},
        },
    ]
    try:
        answer = httpx.post(f"{edge}/v1/batch", json={"batch": batch, "sentAt": at}, auth=(write_key, ""), timeout=10)
    except httpx.HTTPError as error:
        raise NotRunning(f"The edge does not answer at {edge}. Is it running? See System.") from error
    if answer.status_code != httpx.codes.OK:
        said = answer.json().get("message", "") if "json" in answer.headers.get("content-type", "") else answer.text[:200]
        raise AmityError(f"The edge refused the test interaction ({answer.status_code}): {said}")
    return message_id
