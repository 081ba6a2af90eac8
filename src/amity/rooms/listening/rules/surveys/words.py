"""What the page itself says around a survey's own texts, by language. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_NAMES = (
    "send", "next", "back", "optional", "consent", "wrong", "required", "no_such", "no_number", "too_small", "too_large", "no_date",
    "too_long", "too_quick", "thanks", "over", "closed", "expired", "unasked", "unknown", "busy", "empty", "language", "page", "of",
)  # fmt: skip
_EN = (
    "Send", "Next", "Back", "optional", "I agree", "Please look at this again:", "This needs an answer.", "Choose one of the answers.",
    "Write a number.", "The number should be larger.", "The number should be smaller.", "Write a date.", "This is too long.",
    "That was very quick. Please send it once more.", "Thank you. Your answers have arrived.", "Nothing is asked here",
    "This survey has ended.", "This link has ended.", "You don’t want to be asked, so we don’t ask.", "This is no link of a survey.",
    "Too many at once. Please try again in a minute.", "leave this empty", "Language", "Page", "of",
)  # fmt: skip
_DE = (
    "Absenden", "Weiter", "Zurück", "freiwillig", "Ich stimme zu", "Bitte noch einmal ansehen:", "Hier fehlt eine Antwort.",
    "Bitte eine der Antworten wählen.", "Bitte eine Zahl schreiben.", "Die Zahl sollte größer sein.", "Die Zahl sollte kleiner sein.",
    "Bitte ein Datum schreiben.", "Das ist zu lang.", "Das ging sehr schnell. Bitte noch einmal absenden.",
    "Danke. Ihre Antworten sind angekommen.", "Hier wird nichts gefragt", "Diese Umfrage ist beendet.", "Dieser Link gilt nicht mehr.",
    "Sie möchten nicht gefragt werden, also fragen wir nicht.", "Das ist kein Link einer Umfrage.",
    "Zu viel auf einmal. Bitte in einer Minute noch einmal versuchen.", "leer lassen", "Sprache", "Seite", "von",
)  # fmt: skip
_FR = (
    "Envoyer", "Suivant", "Retour", "facultatif", "J’accepte", "Veuillez revoir ceci :", "Une réponse est nécessaire.",
    "Choisissez une des réponses.", "Écrivez un nombre.", "Le nombre doit être plus grand.", "Le nombre doit être plus petit.",
    "Écrivez une date.", "C’est trop long.", "C’était très rapide. Veuillez envoyer encore une fois.",
    "Merci. Vos réponses sont arrivées.", "Rien n’est demandé ici", "Cette enquête est terminée.", "Ce lien a expiré.",
    "Vous ne souhaitez pas être interrogé : nous ne demandons rien.", "Ce n’est pas le lien d’une enquête.",
    "Trop à la fois. Réessayez dans une minute.", "laisser vide", "Langue", "Page", "sur",
)  # fmt: skip
_ES = (
    "Enviar", "Siguiente", "Atrás", "opcional", "Acepto", "Revise esto, por favor:", "Falta una respuesta.",
    "Elija una de las respuestas.", "Escriba un número.", "El número debe ser mayor.", "El número debe ser menor.",
    "Escriba una fecha.", "Es demasiado largo.", "Ha sido muy rápido. Envíelo otra vez, por favor.",
    "Gracias. Sus respuestas han llegado.", "Aquí no se pregunta nada", "Esta encuesta ha terminado.", "Este enlace ha caducado.",
    "No quiere que le preguntemos, así que no preguntamos.", "Este no es el enlace de una encuesta.",
    "Demasiado a la vez. Inténtelo en un minuto.", "dejar vacío", "Idioma", "Página", "de",
)  # fmt: skip
_AR = (
    "إرسال", "التالي", "رجوع", "اختياري", "أوافق", "يرجى مراجعة ما يلي:", "هذا السؤال يحتاج إلى إجابة.", "اختر إحدى الإجابات.",
    "اكتب رقمًا.", "يجب أن يكون الرقم أكبر.", "يجب أن يكون الرقم أصغر.", "اكتب تاريخًا.", "النص طويل جدًا.",
    "كان ذلك سريعًا جدًا. يرجى الإرسال مرة أخرى.", "شكرًا لك. وصلت إجاباتك.", "لا يوجد سؤال هنا", "انتهى هذا الاستبيان.",
    "انتهت صلاحية هذا الرابط.", "لا ترغب في أن نسألك، لذلك لا نسأل.", "هذا ليس رابط استبيان.",
    "محاولات كثيرة. حاول مرة أخرى بعد دقيقة.", "اتركه فارغًا", "اللغة", "صفحة", "من",
)  # fmt: skip
_SAID: Mapping[str, Mapping[str, str]] = {
    language: dict(zip(_NAMES, words, strict=True))
    for language, words in (("en", _EN), ("de", _DE), ("fr", _FR), ("es", _ES), ("ar", _AR))
}
NAMES: Mapping[str, str] = {
    "ar": "العربية", "de": "Deutsch", "en": "English", "es": "Español", "fa": "فارسی", "fr": "Français", "he": "עברית",
    "it": "Italiano", "nl": "Nederlands", "pl": "Polski", "pt": "Português", "sv": "Svenska", "tr": "Türkçe", "ur": "اردو",
}  # fmt: skip
_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})


def words_in(language: str) -> Mapping[str, str]:
    """Return what the page says in a language; in English where Amity doesn't know it."""
    return _SAID.get(language.partition("-")[0], _SAID["en"])


def spoken(language: str) -> str:
    """Return the language that the page's own words are in."""
    short = language.partition("-")[0]
    return short if short in _SAID else "en"


def direction(language: str) -> str:
    """Return which way a language is written: `rtl` or `ltr`."""
    return "rtl" if language.partition("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


def named(language: str) -> str:
    """Return a language's own name, its code where Amity doesn't know it."""
    return NAMES.get(language, language)


def chosen(languages: Sequence[str], *, wanted: str, accepted: str) -> str:
    """Return the language to speak: the one that was chosen, else the first that a browser accepts, else the survey's first."""
    if wanted in languages:
        return wanted
    asked = []
    for place, part in enumerate(accepted[:500].split(",")):
        name, _, rest = part.strip().partition(";")
        quality = rest.strip().removeprefix("q=").strip() or "1"
        weight = float(quality) if quality.replace(".", "", 1).isdecimal() and quality.isascii() else 0.0
        asked.append((-weight, place, name.strip().lower()))
    for _, _, name in sorted(asked):
        for one in languages:
            if one.lower() == name or one.lower().partition("-")[0] == name.partition("-")[0]:
                return one
    return languages[0]


def on_colour(colour: str) -> str:
    """Return black or white, whichever reads better on a colour (`#rrggbb`): at least 4.5 to 1 (WCAG 2.2, relative luminance)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    light = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
    return "#000000" if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else "#ffffff"
