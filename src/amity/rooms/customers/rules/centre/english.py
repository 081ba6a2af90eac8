"""The preference centre in English: the words that the other languages translate."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "title": "Your choices",
    "intro": "What {company} may send you, and what it may do with your data. What you change here holds at once.",
    "whose": "These are the choices of {who}.",
    "language": "Language",
    "channels": "How we may reach you",
    "topics": "What we write about",
    "topics_hint": "Within the ways of reaching you that you allow above.",
    "uses": "How your data is used",
    "agreed": "You said yes on {date}.",
    "agreed_until": "You said yes on {date}. This holds until {until}.",
    "refused": "You said no on {date}.",
    "expired": "Your yes of {date} has expired.",
    "silence_allows": "You haven’t answered. This is allowed until you say no.",
    "never_asked": "You haven’t answered. This is not allowed unless you say yes.",
    "paused": "Paused until {until}.",
    "often": "How often",
    "always": "As it happens",
    "weekly": "Once a week",
    "monthly": "Once a month",
    "save": "Save choices",
    "stop_title": "Stop all marketing",
    "stop_text": "Ends e-mails, messages, calls, letters, advertising elsewhere and surveys. "
    "You still get what your orders and contracts need.",
    "stop": "Stop all marketing",
    "pause_title": "Take a break",
    "pause_text": "Nothing is sent while it lasts. Afterwards your choices hold again.",
    "pause_30": "Pause for 30 days",
    "pause_90": "Pause for 90 days",
    "resume": "End the break",
    "pause_lasts": "Marketing is paused until {until}.",
    "gpc": "Your browser sends Global Privacy Control. We took it as a no to selling and sharing your data.",
    "gpc_before": "Your browser sent Global Privacy Control on {date}. We took it as a no to selling and sharing your data.",
    "saved": "Saved. Your choices hold from now on.",
    "same": "Nothing was changed.",
    "stopped": "All marketing is stopped.",
    "paused_now": "Marketing is paused.",
    "resumed": "The break is over. Your choices hold again.",
    "unsubscribe_title": "Unsubscribe",
    "unsubscribe_text": "Stop this: {what}.",
    "unsubscribe": "Unsubscribe",
    "unsubscribed": "You are unsubscribed from: {what}.",
    "all_choices": "See all your choices",
    "over_title": "This link no longer works",
    "over_expired": "Links to your choices end after a while, so that nobody finds an old one.",
    "over_unknown": "It may have been cut off when it was copied, or replaced by a newer one.",
    "over_do": "Use the link at the end of the newest e-mail that you got. If that doesn’t work either, answer that e-mail and ask "
    "for your choices: they can be changed for you.",
    "busy_title": "One moment, please",
    "busy_text": "This page was asked for very often. Try again in a minute.",
}

PURPOSES: Mapping[str, tuple[str, str]] = {
    "analytics": ("Analytics", "Measuring how products and pages are used, to improve them."),
    "personalisation": ("Personalisation", "Showing you what fits what we know of you."),
    "marketing_email": ("E-mail", "News and offers by e-mail."),
    "marketing_sms": ("Text message", "News and offers by text message."),
    "marketing_push": ("Push notification", "News and offers on the screen of your phone or browser."),
    "marketing_whatsapp": ("WhatsApp", "News and offers by WhatsApp."),
    "marketing_phone": ("Phone", "Calls about news and offers."),
    "marketing_post": ("Post", "Letters and catalogues."),
    "marketing_ads": ("Advertising elsewhere", "Choosing which advertisements you see on other sites and apps."),
    "surveys": ("Surveys", "Asking you how something was."),
    "legal_profiling": (
        "Decisions by machines", "Decisions by machines alone that have legal or similarly significant effects for you."
    ),
    "sale_share": ("Sale and sharing", "Giving your personal data to others for money or for advertising."),
}  # fmt: skip
