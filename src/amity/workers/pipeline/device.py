"""Browser, operating system and device class of a user agent, remembered: a few thousand of them make nearly all traffic."""

from __future__ import annotations

from functools import lru_cache

_TABLETS = ("ipad", "tablet", "kindle", "silk", "playbook")
_PHONES = ("iphone", "ipod", "mobile", "phone", "cfnetwork", "darwin", "okhttp", "dalvik")
LONGEST = 1_000


@lru_cache(maxsize=8_192)
def device_of(agent: str) -> tuple[str, str, str]:
    """Return (browser, operating system, device) with device one of desktop, phone, tablet, bot, server, or empty."""
    if not agent:
        return "", "", ""
    from ua_parser import parse

    found = parse(agent[:LONGEST])
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    family = found.device.family if found.device else ""
    low = agent.lower()
    if family == "Spider":
        return browser, system, "bot"
    if any(word in low for word in _TABLETS) or (system == "Android" and "mobile" not in low):
        return browser, system, "tablet"
    if system in {"iOS", "Android"} or any(word in low for word in _PHONES):
        return browser, system, "phone"
    if browser and "mozilla" in low:
        return browser, system, "desktop"
    return browser, system, "server"
