"""Anti-patterns in what customers did: silos, channels, speed, errors, signing in, features. Pure; customers are places in an array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amity.kernel.clock import DAY, MINUTE
from amity.rooms.journeys.contracts import FEW
from amity.rooms.journeys.rules.audit.findings import (
    HIGH,
    LEAST,
    LOW,
    MEDIUM,
    Check,
    Figure,
    Finding,
    apart,
    count,
    key_of,
    severity,
    shown,
    told,
    unjudged,
)
from amity.rooms.journeys.rules.audit.rates import Rate, gap, of_count, quantile, rate, z_of

if TYPE_CHECKING:
    import numpy as np

GOOD = {"lcp_ms": 2_500.0, "inp_ms": 200.0, "cls": 0.1}  # at the 75th percentile, https://web.dev/articles/vitals
POOR = {
    "lcp_ms": 4_000.0,
    "inp_ms": 500.0,
    "cls": 0.25,
}  # above these, https://web.dev/articles/defining-core-web-vitals-thresholds
VITALS = {"lcp_ms": "Largest contentful paint", "inp_ms": "Interaction to next paint", "cls": "Cumulative layout shift"}
OUGHT = 0.25  # of the loads may be slower than good
EPISODE = 30 * MINUTE  # tries to sign in that lie no further apart are one
GETS_IN = DAY  # who signs in within so long got in after all
SIGNED_IN, FAILED, RESET = 1, 2, 3
OFTEN_SHOWN = 3.0  # times a customer, on average


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A funnel's customers who began on one channel or device, and how many came through."""

    label: str
    began: int
    through: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A funnel by channel or device; groups add up to everybody."""

    name: str
    by: str
    act: str
    act_id: int
    groups: Sequence[Group]


def silos(who: np.ndarray, source: np.ndarray, number: np.ndarray, names: Sequence[str], *, active: int) -> Check:
    """Return the sources whose customers no other source knows. One entry for each customer and source."""
    import numpy as np

    known = np.bincount(who) if len(who) else np.zeros(0, dtype=np.int64)
    sizes = {n: int((source == n).sum()) for n in range(len(names))}
    large = [n for n, size in sizes.items() if size >= FEW]
    if len(large) < 2:
        return unjudged("silos", f"two sources with {FEW} customers each")
    found, z = [], z_of(len(large))
    joined: dict[int, Rate] = {}
    for n in large:
        mine = source == n
        alone = known[who[mine]] == 1
        joined[n] = of_count(int((~alone).sum()), sizes[n], z=z)
        if joined[n].high < LEAST:
            others = [one for one in large if one != n]
            figures = [shown(f"Also known to another source than {names[n]}", joined[n], of="customers")]
            figures += [Figure(label=f"Known to {names[one]}", value=sizes[one], unit="count", of="customers") for one in others]
            found.append(
                Finding(
                    key=key_of("silos", names[n]), title=f"{names[n]} shares no customers with the other sources",
                    about="Whoever it knows, no other source does: their story ends at its border. Send an identifier that the others send, too.",
                    severity=severity(int(alone.sum()), active), customers=int(alone.sum()), interactions=int(number[mine][alone].sum()),
                    figures=figures, act="sources",
                )
            )  # fmt: skip
    least = min(large, key=lambda n: joined[n].value)
    looked = f"{count(len(large), 'source')}; of {names[least]}’s customers {joined[least].value:.0%} are known to another, the smallest share"
    return told("silos", found, looked)


def channels(splits: Sequence[Split], *, active: int) -> Check:
    """Return where the same funnel is completed less on one channel or device than on all others together."""
    compared = [(one, group) for one in splits for group in one.groups if _comparable(one, group)]
    if not compared:
        return unjudged(
            "channels",
            f"a funnel or a journey with an event for two stages, begun on two channels or devices by {FEW} customers each",
        )
    found, z = [], z_of(len(compared))
    for one, group in compared:
        rest = of_count(sum(g.through for g in one.groups) - group.through, sum(g.began for g in one.groups) - group.began, z=z)
        mine = of_count(group.through, group.began, z=z)
        less = gap(rest, mine)
        if less.low > LEAST:
            lost = round(less.value * group.began)
            found.append(
                Finding(
                    key=key_of("channels", one.act, one.act_id, one.by, group.label),
                    title=f"“{one.name}” is completed less on {group.label}",
                    about=f"If it went there as elsewhere, some {count(lost, 'more customer')} would have come through.",
                    severity=severity(lost, active), customers=group.began, interactions=group.began - group.through,
                    figures=[
                        shown(f"Completed on {group.label}", mine, of="customers"), shown("Completed elsewhere", rest, of="customers"),
                        apart("Less by", less),
                    ],
                    act=one.act, act_id=one.act_id,
                )
            )  # fmt: skip
    return told(
        "channels", found, f"{count(len(splits), 'breakdown')} of funnels and journeys, {count(len(compared), 'comparison')}"
    )


def _comparable(one: Split, group: Group) -> bool:
    rest = sum(each.began for each in one.groups) - group.began
    return group.label not in {"All others", "Not known"} and group.began >= FEW and rest >= FEW


def speed(  # noqa: PLR0913  one argument for each part
    who: np.ndarray,
    cell: np.ndarray,
    bought: np.ndarray,
    values: Mapping[str, np.ndarray],
    cells: Sequence[tuple[str, str]],
    *,
    active: int,
) -> Check:
    """Return the pages before orders that are surely slower than good at the 75th percentile. One entry for each load; cells are pages by device.

    A page's percentile is above a threshold where more than a quarter of its loads are: that share is what is tested, customers as clusters.
    """
    import numpy as np

    if not len(who):
        return unjudged("speed", "Web Vitals, which the snippet sends")
    asked = [
        (n, name) for n in range(len(cells)) for name, all_of in values.items()
        if _loads(who, (cell == n) & ~np.isnan(all_of)) >= FEW and bought[cell == n].any()
    ]  # fmt: skip
    if not asked:
        return unjudged("speed", f"a page with Web Vitals of {FEW} customers, and an order after it in the same session")
    z, found = z_of(len(asked)), []
    for n in sorted({one for one, _ in asked}):
        figures, worst, slow = [], LOW, np.zeros(len(who), dtype=bool)
        for name in (each for one, each in asked if one == n):
            some = (cell == n) & ~np.isnan(values[name])
            over = values[name] > GOOD[name]
            people, places = np.unique(who[some], return_inverse=True)
            share = rate(
                np.bincount(places, weights=over[some], minlength=len(people)), np.bincount(places, minlength=len(people)), z=z
            )
            if share.low <= OUGHT:
                continue
            slow |= some & over
            middle, low, high = quantile(values[name][some], 0.75, effective=share.effective, z=z)
            unit = "ms" if name.endswith("_ms") else ""
            figures += [
                Figure(
                    label=f"{VITALS[name]}, 75th percentile", value=middle, unit=unit, n=share.n, of="loads", low=low, high=high
                ),
                shown(f"Slower than good ({_limit(name)})", share, of="loads"),
            ]
            worst = HIGH if low > POOR[name] else MEDIUM if worst == LOW else worst
        if figures:
            page, device = cells[n]
            orders = int(bought[cell == n].sum())
            figures.append(
                Figure(
                    label="Loads with an order after them in the same session",
                    value=orders,
                    unit="count",
                    n=int((cell == n).sum()),
                    of="loads",
                )
            )
            met = len(np.unique(who[slow]))
            found.append(
                Finding(
                    key=key_of("speed", device, page), title=f"{page} is slow{f' on {device}' if device else ''}",
                    about="Customers come by here before they buy, and a quarter of the loads are slower than Google calls good.",
                    severity=worst if worst == HIGH else severity(met, active), customers=met, interactions=int(slow.sum()),
                    figures=figures, act="metrics",
                )
            )  # fmt: skip
    return told(
        "speed", found, f"{count(len({one for one, _ in asked}), 'page')} before orders, by device; {count(len(who), 'load')}"
    )


def _limit(name: str) -> str:
    return f"{GOOD[name]:,.0f} ms" if name.endswith("_ms") else f"{GOOD[name]:g}"


def _loads(who: np.ndarray, some: np.ndarray) -> int:
    import numpy as np

    return len(np.unique(who[some]))


def errors(rows: Mapping[str, np.ndarray], pairs: Sequence[tuple[str, str]], *, active: int) -> Check:
    """Return the errors after which sessions end more often than they do at the same stage without one.

    One row for each customer and `pair` of an error and the stage before it: `met` sessions with the error, of which `ended` with it;
    `others` reached the stage without it, of which `others_ended` there.
    """
    pair, met, left, others, others_left = (rows[name] for name in ("pair", "met", "ended", "others", "others_ended"))
    asked = [n for n in range(len(pairs)) if int((met[pair == n] > 0).sum()) >= FEW and int((others[pair == n] > 0).sum()) >= FEW]
    if not asked:
        return unjudged(
            "errors",
            f"an error that {FEW} customers met in a session, such as Error Shown, after a step that {FEW} others took without it",
        )
    z, found = z_of(len(asked)), []
    for n in asked:
        some = pair == n
        after, without = rate(left[some], met[some], z=z), rate(others_left[some], others[some], z=z)
        more = gap(after, without)
        if more.low > LEAST:
            error, stage = pairs[n]
            found.append(
                Finding(
                    key=key_of("errors", error), title=f"After “{error}” customers give up",
                    about=f"It comes after “{stage}”. Say in it what went wrong and what to do next, or mend what causes it.",
                    severity=severity(after.customers, active), customers=after.customers, interactions=after.n,
                    figures=[
                        shown("The session ends with the error", after, of="sessions with it"),
                        shown(f"It ends at “{stage}” without it", without, of="sessions without it"), apart("More by", more),
                    ],
                    act="pains",
                )
            )  # fmt: skip
    return told("errors", found, f"{count(len(asked), 'error')}, each with the step before it")


def signing_in(who: np.ndarray, at: np.ndarray, kind: np.ndarray, *, active: int, until: int) -> Check:
    """Return whether customers fail to sign in. Entries in order of customer and time; `until` (ms) is as far as is known.

    Tries of a customer are one episode while no more than half an hour lies between them. Those with less than a day after them are left out.
    """
    import numpy as np

    if int((kind == FAILED).sum()) == 0:
        return unjudged(
            "signing_in", "failed sign-ins as events, such as Sign In Failed, beside Signed In and Password Reset Requested"
        )
    episodes = _episodes(who, at, kind, until=until)
    resets = [
        (w, _comes(who, at, kind, w, t)) for w, t in zip(who[kind == RESET].tolist(), at[kind == RESET].tolist(), strict=True)
        if t <= until - GETS_IN
    ]  # fmt: skip
    people = int(max(who.max(), 0)) + 1
    z, found = z_of(3), []
    everyone = np.bincount(episodes[0], minlength=people)
    again = rate(np.bincount(episodes[0], weights=episodes[1] >= 2, minlength=people), everyone, z=z)
    out = rate(np.bincount(episodes[0], weights=episodes[2], minlength=people), everyone, z=z)
    if again.few:
        return unjudged("signing_in", f"{FEW} customers who tried to sign in")
    figures = [
        shown("Failed twice or more in a row of tries", again, of="rows of tries"),
        shown("Didn’t get in within a day", out, of="rows of tries"),
    ]
    hit = (episodes[1] >= 2) | episodes[2]
    worst = max(again.low, out.low)
    if resets:
        place = np.array([one for one, _ in resets])
        never = rate(
            np.bincount(place, weights=[not came for _, came in resets], minlength=people),
            np.bincount(place, minlength=people),
            z=z,
        )
        figures.append(shown("Didn’t get in within a day of asking for a new password", never, of="requests"))
        worst = max(worst, 0.0 if never.few else never.low)
    if worst > LEAST:
        met = len(np.unique(episodes[0][hit]))
        found.append(
            Finding(
                key="signing_in", title="Customers can’t get in",
                about="They try again and again, or give up. Offer another way in at the second failure, and say which part was wrong.",
                severity=severity(met, active), customers=met, interactions=int((kind == FAILED).sum()), figures=figures, act="pains",
            )
        )  # fmt: skip
    return told(
        "signing_in", found, f"{count(int(everyone.sum()), 'row')} of tries by {count(int((everyone > 0).sum()), 'customer')}"
    )


def _episodes(who: np.ndarray, at: np.ndarray, kind: np.ndarray, *, until: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of each episode its customer, how often they failed, and whether they didn't get in."""
    import numpy as np

    all_who, all_at, all_kind = who, at, kind
    who, at, kind = (one[kind != RESET] for one in (who, at, kind))
    new = np.ones(len(who), dtype=bool)
    new[1:] = (who[1:] != who[:-1]) | (at[1:] - at[:-1] > EPISODE)
    number = np.cumsum(new) - 1
    fails = np.bincount(number, weights=kind == FAILED).astype(np.int64)
    ends = np.flatnonzero(np.append(new[1:], True))
    out = np.array(
        [kind[n] == FAILED and not _comes(all_who, all_at, all_kind, int(who[n]), int(at[n])) for n in ends], dtype=bool
    )
    over = at[ends] <= until - GETS_IN
    return who[ends][over], fails[over], out[over]


def _comes(who: np.ndarray, at: np.ndarray, kind: np.ndarray, one: int, since: int) -> bool:
    """Return whether somebody signs in within a day from an instant."""
    import numpy as np

    first, last = np.searchsorted(who, one, "left"), np.searchsorted(who, one, "right")
    mine, when = kind[first:last], at[first:last]
    return bool(((mine == SIGNED_IN) & (when >= since) & (when <= since + GETS_IN)).any())


def features(feature: np.ndarray, times: np.ndarray, used: np.ndarray, names: Sequence[str], *, active: int) -> Check:
    """Return what is shown much and used little. One entry for each customer and thing that was shown: how often, and whether they used it."""
    large = [n for n in range(len(names)) if int((feature == n).sum()) >= FEW]
    if not large:
        return unjudged(
            "features",
            "what is shown and what is used as pairs of events, such as Feature Shown and Feature Used, or Promotion Viewed and Promotion Clicked",
        )
    z, found = z_of(len(large)), []
    for n in large:
        some = feature == n
        share = of_count(int(used[some].sum()), int(some.sum()), z=z)
        often = float(times[some].mean())
        if share.high < LEAST and often >= OFTEN_SHOWN:
            unused = int(some.sum() - used[some].sum())
            found.append(
                Finding(
                    key=key_of("features", names[n]), title=f"“{names[n]}” is shown much and hardly used",
                    about="It takes room and attention from what customers came for. Show it to those whom it fits, or less often.",
                    severity=severity(unused, active), customers=unused, interactions=int(times[some].sum()),
                    figures=[shown("Used it", share, of="customers who saw it"), Figure(label="Shown to each of them", value=often, unit="times", n=int(some.sum()), of="customers")],
                    act="audiences",
                )
            )  # fmt: skip
    return told("features", found, count(len(large), "thing") + f" that {FEW} customers or more were shown")
