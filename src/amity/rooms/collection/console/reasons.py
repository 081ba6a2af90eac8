"""Why something was not taken, in words, and how to mend it."""

from __future__ import annotations

_REASONS: dict[str, tuple[str, str]] = {
    "not_json": ("What was sent is no JSON.", "Send the body as a JSON object in UTF-8."),
    "bad_text": ("It holds text that is no valid Unicode.", "Send UTF-8, without halves of surrogate pairs."),
    "bad_number": ("It holds a number that can’t be kept.", "Send very long numbers as text."),
    "bad_field": ("One of its fields has the wrong type.", "Send that field as the client’s documentation says."),
    "too_large": ("It is larger than an event may be.", "Leave long texts and pictures out; 32 KB fit."),
    "too_deep": ("It is nested too deeply to be read.", "Flatten its properties."),
    "no_identity": ("It names nobody.", "Give it a userId or an anonymousId."),
    "no_name": ("A track call without the event’s name.", "Give it an event, for example “Order Completed”."),
    "no_group": ("A group call without a group.", "Give it a groupId."),
    "no_previous_id": ("An alias call that doesn’t say which id was before.", "Give it a previousId."),
    "unknown_type": ("Its type is none that Amity knows.", "Use track, identify, page, screen, group or alias."),
    "unplanned_event": ("The tracking plan doesn’t know it.", "Plan it, or send what is planned; then send it again."),
    "plan_violation": ("It breaks the tracking plan.", "Mend the client or the plan, then send it again."),
    "blocked_by_plan": ("The tracking plan blocks it.", "It was counted and not kept."),
    "suppressed": ("It tells of somebody who was erased or must not be kept.", "Nothing to do: it is kept nowhere."),
    "duplicate": ("The same message was here before.", "Nothing to do: each message counts once."),
}


def explain(reason: str) -> tuple[str, str]:
    """Return what a reason's code means, and what to do about it."""
    return _REASONS.get(reason, (f"It was turned away: {reason.replace('_', ' ')}.", "Its detail and body tell more."))


def name_of(reason: str) -> str:
    """Return the code as a few words for a list."""
    return reason.replace("_", " ").capitalize()
