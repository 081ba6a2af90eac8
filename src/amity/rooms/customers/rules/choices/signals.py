"""What an interaction tells of consent besides the plain yes and no: by which signal it came, and what proves it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

STAMPED = "stamp"
ORIGINS: Mapping[str, str] = {
    STAMPED: "Sent with an interaction",
    "gpc": "Global Privacy Control",
    "event": "An answer of its own",
    "centre": "Preference centre",
    "colleague": "Noted by a colleague",
    "google": "Google consent mode",
    "tcf": "TCF string",
    "gpp": "GPP string",
}


class Telling(msgspec.Struct, frozen=True):
    """Where an interaction's answers come from. `explicit`: the customer answered, instead of a client repeating answers."""

    origin: str = STAMPED
    explicit: bool = False
    origins: Mapping[str, str] = {}  # by name, where it differs
    proofs: Mapping[str, str] = {}
    place: str = ""
    text_version: str = ""
    text_hash: str = ""
    person: str = ""
    reason: str = ""
