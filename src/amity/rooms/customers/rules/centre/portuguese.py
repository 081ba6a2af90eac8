"""The preference centre in Portuguese."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "title": "As suas escolhas",
    "intro": "O que {company} pode enviar-lhe e fazer com os seus dados. O que mudar aqui vale de imediato.",
    "whose": "Estas são as escolhas de {who}.",
    "language": "Idioma",
    "channels": "Como podemos contactar consigo",
    "topics": "Sobre o que escrevemos",
    "topics_hint": "Pelos meios que permite acima.",
    "uses": "Como os seus dados são usados",
    "agreed": "Disse que sim em {date}.",
    "agreed_until": "Disse que sim em {date}. Vale até {until}.",
    "refused": "Disse que não em {date}.",
    "expired": "O seu sim de {date} expirou.",
    "silence_allows": "Não respondeu. É permitido enquanto não disser que não.",
    "never_asked": "Não respondeu. Não é permitido enquanto não disser que sim.",
    "paused": "Em pausa até {until}.",
    "often": "Com que frequência",
    "always": "Assim que houver algo",
    "weekly": "Uma vez por semana",
    "monthly": "Uma vez por mês",
    "save": "Guardar escolhas",
    "stop_title": "Parar toda a publicidade",
    "stop_text": "Termina e-mails, mensagens, chamadas, cartas, anúncios noutros sítios e inquéritos. "
    "Continua a receber o que as suas encomendas e contratos exigem.",
    "stop": "Parar toda a publicidade",
    "pause_title": "Fazer uma pausa",
    "pause_text": "Enquanto durar, nada é enviado. Depois, as suas escolhas voltam a valer.",
    "pause_30": "Pausar 30 dias",
    "pause_90": "Pausar 90 dias",
    "resume": "Terminar a pausa",
    "pause_lasts": "A publicidade está em pausa até {until}.",
    "gpc": "O seu navegador envia Global Privacy Control. Entendemos isso como um não à venda e à partilha dos seus dados.",
    "gpc_before": "O seu navegador enviou Global Privacy Control em {date}. Entendemos isso como um não à venda e à partilha dos seus "
    "dados.",
    "saved": "Guardado. As suas escolhas valem a partir de agora.",
    "same": "Nada foi alterado.",
    "stopped": "Toda a publicidade está parada.",
    "paused_now": "A publicidade está em pausa.",
    "resumed": "A pausa terminou. As suas escolhas voltam a valer.",
    "unsubscribe_title": "Cancelar a subscrição",
    "unsubscribe_text": "Parar isto: {what}.",
    "unsubscribe": "Cancelar a subscrição",
    "unsubscribed": "Cancelou a subscrição de: {what}.",
    "all_choices": "Ver todas as suas escolhas",
    "over_title": "Esta ligação já não funciona",
    "over_expired": "As ligações às suas escolhas terminam ao fim de algum tempo, para que ninguém encontre uma antiga.",
    "over_unknown": "Pode ter sido cortada ao copiar, ou substituída por uma mais recente.",
    "over_do": "Use a ligação no fim do e-mail mais recente que recebeu. Se também não funcionar, responda a esse e-mail e peça as "
    "suas escolhas: podem ser alteradas por si.",
    "busy_title": "Um momento, por favor",
    "busy_text": "Esta página foi pedida muitas vezes. Tente de novo dentro de um minuto.",
}

PURPOSES: Mapping[str, tuple[str, str]] = {
    "analytics": ("Estatística", "Medir como os produtos e as páginas são usados, para os melhorar."),
    "personalisation": ("Personalização", "Mostrar-lhe o que combina com o que sabemos de si."),
    "marketing_email": ("E-mail", "Novidades e ofertas por e-mail."),
    "marketing_sms": ("SMS", "Novidades e ofertas por SMS."),
    "marketing_push": ("Notificação push", "Novidades e ofertas no ecrã do seu telefone ou navegador."),
    "marketing_whatsapp": ("WhatsApp", "Novidades e ofertas por WhatsApp."),
    "marketing_phone": ("Telefone", "Chamadas sobre novidades e ofertas."),
    "marketing_post": ("Correio", "Cartas e catálogos."),
    "marketing_ads": ("Anúncios noutros sítios", "Escolher que anúncios vê noutros sítios e aplicações."),
    "surveys": ("Inquéritos", "Perguntar-lhe como correu algo."),
    "legal_profiling": (
        "Decisões de máquinas",
        "Decisões tomadas apenas por máquinas que têm para si efeitos jurídicos ou de importância semelhante.",
    ),
    "sale_share": ("Venda e partilha", "Dar os seus dados pessoais a outros por dinheiro ou para publicidade."),
}
