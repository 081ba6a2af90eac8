"""The preference centre in French."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "title": "Vos choix",
    "intro": "Ce que {company} peut vous envoyer et faire de vos données. Vos changements s’appliquent aussitôt.",
    "whose": "Ce sont les choix de {who}.",
    "language": "Langue",
    "channels": "Comment nous pouvons vous joindre",
    "topics": "Ce dont nous parlons",
    "topics_hint": "Par les moyens que vous autorisez ci-dessus.",
    "uses": "Comment vos données sont utilisées",
    "agreed": "Vous avez dit oui le {date}.",
    "agreed_until": "Vous avez dit oui le {date}. Cela vaut jusqu’au {until}.",
    "refused": "Vous avez dit non le {date}.",
    "expired": "Votre oui du {date} a expiré.",
    "silence_allows": "Vous n’avez pas répondu. C’est autorisé tant que vous ne dites pas non.",
    "never_asked": "Vous n’avez pas répondu. Ce n’est pas autorisé tant que vous ne dites pas oui.",
    "paused": "En pause jusqu’au {until}.",
    "often": "À quelle fréquence",
    "always": "Au fur et à mesure",
    "weekly": "Une fois par semaine",
    "monthly": "Une fois par mois",
    "save": "Enregistrer mes choix",
    "stop_title": "Arrêter tout le marketing",
    "stop_text": "Met fin aux e-mails, messages, appels, courriers, publicités ailleurs et enquêtes. "
    "Vous recevez toujours ce qu’exigent vos commandes et vos contrats.",
    "stop": "Arrêter tout le marketing",
    "pause_title": "Faire une pause",
    "pause_text": "Rien n’est envoyé pendant la pause. Ensuite, vos choix s’appliquent de nouveau.",
    "pause_30": "Pause de 30 jours",
    "pause_90": "Pause de 90 jours",
    "resume": "Mettre fin à la pause",
    "pause_lasts": "Le marketing est en pause jusqu’au {until}.",
    "gpc": "Votre navigateur envoie Global Privacy Control. Nous l’avons compris comme un non à la vente et au partage de vos données.",
    "gpc_before": "Votre navigateur a envoyé Global Privacy Control le {date}. Nous l’avons compris comme un non à la vente et au "
    "partage de vos données.",
    "saved": "Enregistré. Vos choix s’appliquent dès maintenant.",
    "same": "Rien n’a été changé.",
    "stopped": "Tout le marketing est arrêté.",
    "paused_now": "Le marketing est en pause.",
    "resumed": "La pause est terminée. Vos choix s’appliquent de nouveau.",
    "unsubscribe_title": "Se désabonner",
    "unsubscribe_text": "Mettre fin à ceci : {what}.",
    "unsubscribe": "Se désabonner",
    "unsubscribed": "Vous êtes désabonné de : {what}.",
    "all_choices": "Voir tous vos choix",
    "over_title": "Ce lien ne fonctionne plus",
    "over_expired": "Les liens vers vos choix prennent fin après un certain temps, pour que personne n’en retrouve un ancien.",
    "over_unknown": "Il a peut-être été coupé lors de la copie, ou remplacé par un plus récent.",
    "over_do": "Utilisez le lien à la fin du dernier e-mail que vous avez reçu. S’il ne fonctionne pas non plus, répondez à cet "
    "e-mail et demandez vos choix : ils peuvent être changés pour vous.",
    "busy_title": "Un instant, s’il vous plaît",
    "busy_text": "Cette page a été demandée très souvent. Réessayez dans une minute.",
}

PURPOSES: Mapping[str, tuple[str, str]] = {
    "analytics": ("Mesure d’audience", "Mesurer l’usage des produits et des pages, pour les améliorer."),
    "personalisation": ("Personnalisation", "Vous montrer ce qui correspond à ce que nous savons de vous."),
    "marketing_email": ("E-mail", "Nouveautés et offres par e-mail."),
    "marketing_sms": ("SMS", "Nouveautés et offres par SMS."),
    "marketing_push": ("Notification push", "Nouveautés et offres sur l’écran de votre téléphone ou de votre navigateur."),
    "marketing_whatsapp": ("WhatsApp", "Nouveautés et offres par WhatsApp."),
    "marketing_phone": ("Téléphone", "Appels sur des nouveautés et des offres."),
    "marketing_post": ("Courrier", "Lettres et catalogues."),
    "marketing_ads": ("Publicité ailleurs", "Choisir les publicités que vous voyez sur d’autres sites et applications."),
    "surveys": ("Enquêtes", "Vous demander comment quelque chose s’est passé."),
    "legal_profiling": (
        "Décisions par des machines",
        "Décisions prises par des machines seules, qui ont pour vous des effets juridiques ou tout aussi importants.",
    ),
    "sale_share": ("Vente et partage", "Donner vos données personnelles à d’autres contre de l’argent ou pour de la publicité."),
}
