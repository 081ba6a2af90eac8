"""What one request brought for one source: the whole of it or interactions that may go on, events that are put aside with a reason."""

from __future__ import annotations

import msgspec

from amity.edge.limits import NOT_JSON_KEPT
from amity.edge.reasons import REASONS
from amity.edge.sender import Sender
from amity.facts.collection import SourceKey
from amity.facts.device import Device, Told, tidy_ip
from amity.facts.envelope import Packed, pack
from amity.facts.interaction import Dialect, Interaction, Kind, Rejection
from amity.facts.objects import Unfit
from amity.facts.usual import IDENTIFIER_CHARS, MESSAGE_ID_CHARS, NAME_CHARS, Head
from amity.kernel.ids import digest, new_id

Scalar = str | int | float | None


class Intake:
    """Collects one request's events. Give `accept` and `reject` each event once, in order."""

    def __init__(self, source: SourceKey, sender: Sender, *, dialect: Dialect) -> None:
        self.source = source
        self.sender = sender
        self.dialect = dialect
        self.ip = tidy_ip(sender.ip, anonymise=source.anonymise_ip)
        self.packed: list[Packed] = []
        self.interactions: list[Interaction] = []
        self.rejections: list[Rejection] = []
        self.outcomes: list[dict[str, object]] = []
        self.count = 0
        self._device: Device | None = None

    def accept(self, interaction: Interaction) -> None:
        """Let one event pass."""
        self.count += 1
        self.interactions.append(interaction)

    def accept_all(self, interactions: list[Interaction]) -> None:
        """Let a whole request's events pass."""
        self.count += len(interactions)
        self.interactions += interactions

    def accept_whole(self, body: bytes, *, count: int, kind: Kind | None) -> None:
        """Let a request of `count` usual events pass as it came. `kind` is what its path says of a single event."""
        source, sender = self.source, self.sender
        head = Head(
            source.workspace, source.source, self.dialect, kind, self.ip, sender.user_agent, sender.gpc, sender.server,
            source.anonymise_ip,
        )  # fmt: skip
        self.count += count
        self.packed.append((pack(head, received_at=sender.received_at), body))

    def reject(self, reason: str, detail: str, *, body: bytes, message_id: str = "", name: str = "") -> None:
        """Put one event aside, whole."""
        assert reason in REASONS  # noqa: S101  codes are a contract
        self.outcomes.append({"index": self.count, "message_id": message_id, "reason": reason, "detail": detail})
        self.count += 1
        self.rejections.append(
            Rejection(
                workspace=self.source.workspace,
                source=self.source.source,
                received_at=self.sender.received_at,
                reason=reason,
                detail=detail,
                body=readable(body),
                message_id=message_id,
                name=name,
                dialect=self.dialect,
            )
        )

    def forget(self) -> None:
        """Let go of the events themselves; what is told of them stays."""
        self.packed, self.interactions, self.rejections, self._device = [], [], [], None

    def device(self, context: msgspec.Raw) -> Told:
        """Return the customer's address, program and wish not to be sold: the connection's own, or what a server says of them."""
        if self._device is None:
            sender = self.sender
            own = self.ip, sender.user_agent, sender.gpc
            self._device = Device(own, server=sender.server, anonymise=self.source.anonymise_ip)
        return self._device.of(context)


def identifier(value: Scalar, *, field: str) -> str | None:
    """Return an identifier as text: numbers as they are written, blank as none. Raises Unfit when it is too long to be one."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = str(value).strip()
    if len(text) > IDENTIFIER_CHARS:
        raise Unfit("bad_field", f"{field} is longer than {IDENTIFIER_CHARS} characters: that is no identifier.")
    return text or None


def message_id(value: Scalar, *, event: bytes, timed: bool) -> tuple[str, tuple[str, ...]]:
    """Return an event's own id, or one that we make and flag.

    An event with a time of its own gets the same id whenever it is sent again; two without one can't be told from each other,
    so each counts. An id that is too long to keep is replaced by its digest.
    """
    given = "" if value is None else str(value).strip()
    if given and len(given) <= MESSAGE_ID_CHARS:
        return given, ()
    if given:
        return "long-" + digest(given).hex(), ("id_made",)
    return ("made-" + digest(event).hex() if timed else f"made-{new_id()}"), ("id_made",)


def name_of(value: Scalar) -> str:
    """Return a name as text, cut where it is absurdly long."""
    return "" if value is None else str(value).strip()[:NAME_CHARS]


def readable(body: bytes) -> str:
    """Return bytes as text that every engine can keep, cut at 64 KB."""
    return bytes(body[:NOT_JSON_KEPT]).decode("utf-8", "replace").replace("\x00", "\ufffd")
