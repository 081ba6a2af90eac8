"""Why the edge puts an event aside: stable codes, each with what it means."""

from __future__ import annotations

REASONS = {
    "not_json": "It can't be read as JSON.",
    "too_large": "It is larger than its dialect allows.",
    "too_deep": "It is nested deeper than can be read.",
    "bad_text": "It holds text that is no Unicode, or the character NUL.",
    "bad_number": "It holds a number that is out of range.",
    "bad_field": "A field is not of the kind that it should be.",
    "unknown_type": "Its type is none of track, identify, page, screen, group and alias.",
    "no_identity": "It names no customer.",
    "no_name": "It has no name.",
    "no_group": "It is about a group and names none.",
    "no_previous_id": "It joins two identifiers and names only one.",
}
