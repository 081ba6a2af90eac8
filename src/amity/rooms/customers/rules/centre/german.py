"""The preference centre in German."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "title": "Ihre Einstellungen",
    "intro": "Was {company} Ihnen senden und mit Ihren Daten tun darf. Was Sie hier ändern, gilt sofort.",
    "whose": "Das sind die Einstellungen von {who}.",
    "language": "Sprache",
    "channels": "Wie wir Sie erreichen dürfen",
    "topics": "Worüber wir schreiben",
    "topics_hint": "Auf den Wegen, die Sie oben erlauben.",
    "uses": "Wie Ihre Daten genutzt werden",
    "agreed": "Sie haben am {date} zugestimmt.",
    "agreed_until": "Sie haben am {date} zugestimmt. Das gilt bis zum {until}.",
    "refused": "Sie haben am {date} abgelehnt.",
    "expired": "Ihre Zustimmung vom {date} ist abgelaufen.",
    "silence_allows": "Sie haben nicht geantwortet. Das ist erlaubt, bis Sie ablehnen.",
    "never_asked": "Sie haben nicht geantwortet. Das ist nur erlaubt, wenn Sie zustimmen.",
    "paused": "Pausiert bis zum {until}.",
    "often": "Wie oft",
    "always": "Sobald es etwas gibt",
    "weekly": "Einmal in der Woche",
    "monthly": "Einmal im Monat",
    "save": "Einstellungen speichern",
    "stop_title": "Alle Werbung beenden",
    "stop_text": "Beendet E-Mails, Nachrichten, Anrufe, Briefe, Werbung auf anderen Seiten und Umfragen. "
    "Was Ihre Bestellungen und Verträge brauchen, erhalten Sie weiterhin.",
    "stop": "Alle Werbung beenden",
    "pause_title": "Eine Pause machen",
    "pause_text": "Solange sie dauert, wird nichts gesendet. Danach gelten Ihre Einstellungen wieder.",
    "pause_30": "30 Tage pausieren",
    "pause_90": "90 Tage pausieren",
    "resume": "Pause beenden",
    "pause_lasts": "Die Werbung pausiert bis zum {until}.",
    "gpc": "Ihr Browser sendet Global Privacy Control. Wir haben das als Nein zum Verkauf und zur Weitergabe Ihrer Daten verstanden.",
    "gpc_before": "Ihr Browser hat am {date} Global Privacy Control gesendet. Wir haben das als Nein zum Verkauf und zur Weitergabe "
    "Ihrer Daten verstanden.",
    "saved": "Gespeichert. Ihre Einstellungen gelten ab jetzt.",
    "same": "Nichts wurde geändert.",
    "stopped": "Alle Werbung ist beendet.",
    "paused_now": "Die Werbung pausiert.",
    "resumed": "Die Pause ist vorbei. Ihre Einstellungen gelten wieder.",
    "unsubscribe_title": "Abmelden",
    "unsubscribe_text": "Das beenden: {what}.",
    "unsubscribe": "Abmelden",
    "unsubscribed": "Sie sind abgemeldet von: {what}.",
    "all_choices": "Alle Einstellungen ansehen",
    "over_title": "Dieser Link gilt nicht mehr",
    "over_expired": "Links zu Ihren Einstellungen enden nach einer Weile, damit niemand einen alten findet.",
    "over_unknown": "Vielleicht wurde er beim Kopieren abgeschnitten oder durch einen neueren ersetzt.",
    "over_do": "Nehmen Sie den Link am Ende der neuesten E-Mail, die Sie bekommen haben. Geht auch der nicht, antworten Sie auf diese "
    "E-Mail und bitten Sie um Ihre Einstellungen: Sie können für Sie geändert werden.",
    "busy_title": "Einen Moment, bitte",
    "busy_text": "Diese Seite wurde sehr oft aufgerufen. Versuchen Sie es in einer Minute wieder.",
}

PURPOSES: Mapping[str, tuple[str, str]] = {
    "analytics": ("Statistik", "Messen, wie Produkte und Seiten genutzt werden, um sie zu verbessern."),
    "personalisation": ("Persönliche Auswahl", "Ihnen zeigen, was zu dem passt, was wir über Sie wissen."),
    "marketing_email": ("E-Mail", "Neuigkeiten und Angebote per E-Mail."),
    "marketing_sms": ("SMS", "Neuigkeiten und Angebote per SMS."),
    "marketing_push": ("Push-Nachricht", "Neuigkeiten und Angebote auf dem Bildschirm Ihres Telefons oder Browsers."),
    "marketing_whatsapp": ("WhatsApp", "Neuigkeiten und Angebote über WhatsApp."),
    "marketing_phone": ("Telefon", "Anrufe zu Neuigkeiten und Angeboten."),
    "marketing_post": ("Post", "Briefe und Kataloge."),
    "marketing_ads": ("Werbung anderswo", "Auswählen, welche Werbung Sie auf anderen Seiten und in anderen Apps sehen."),
    "surveys": ("Umfragen", "Sie fragen, wie etwas war."),
    "legal_profiling": (
        "Entscheidungen von Maschinen",
        "Entscheidungen allein durch Maschinen, die für Sie rechtliche oder ähnlich erhebliche Folgen haben.",
    ),
    "sale_share": ("Verkauf und Weitergabe", "Ihre persönlichen Daten anderen gegen Geld oder für Werbung geben."),
}
