"""Sentences for contact both ways: mail, push, chat, calls, tickets, surveys, complaints, consent and our notes."""

from __future__ import annotations

from amity.rooms.customers.contracts import Voice
from amity.rooms.customers.rules.portrait.shapes import Phrase

_WORDS = ("message_body", "body", "message", "text", "content", "comment")
_SPOKEN = ("transcript_excerpt", "quote", "reason_in_own_words", "message", "comment")
_ANSWER = ("comment", "verbatim", "answer_text", "feedback", "text", "answer", "response", "$survey_response", "message", "why")


def _mail(verb: str, *, bead: Voice = "did", **more: str) -> Phrase:
    facts = ("link",) if "click" in more else ("reason",) if "bounce" in more else ("preview",)
    return Phrase(
        say=verb + " “{subject}”",
        plain=verb + " an e-mail",
        icon="mail",
        bead=bead,
        facts=facts,
        trouble="failed" if "bounce" in more else "",
    )


_SENT_MAIL = _mail("Sent", bead="ours")
_ASKED = Phrase(say="Asked “{survey}”", plain="Asked for an answer", icon="star", bead="ours", facts=("via",))
_ANSWERED = Phrase(
    say="Answered “{survey}”", plain="Answered a survey", icon="star", bead="said", facts=("score",), quotes=_ANSWER
)
_CHAT = Phrase(say="Wrote in chat", icon="chat", bead="said", facts=("topic",), quotes=_WORDS)
_CALLED = Phrase(say="Called us", icon="phone", bead="said", facts=("duration", "agent", "topic", "outcome"), quotes=_SPOKEN)
_TICKET = Phrase(
    say="Asked for help with “{subject}”",
    plain="Asked for help",
    icon="inbox",
    bead="said",
    facts=("ticket", "topic"),
    quotes=("description", *_WORDS),
)
_SOLVED = Phrase(
    say="Solved “{subject}”", plain="Solved a request", icon="check", bead="ours", facts=("ticket", "agent", "duration")
)
_REPLY = Phrase(say="Answered “{subject}”", plain="Answered a request", icon="inbox", bead="ours", facts=("agent", "preview"))
_UNSOLVED = Phrase(
    say="Could not solve “{subject}”", plain="Could not solve a request", icon="inbox", bead="ours", facts=("ticket", "agent")
)
_COMPLAINT = Phrase(
    say="Complained about {topic}",
    plain="Complained",
    icon="alert",
    bead="said",
    facts=("subject", "ticket"),
    quotes=("description", *_WORDS),
    trouble="complaint",
)
_TAPPED = Phrase(say="Opened “{campaign}”", plain="Opened a push notification", icon="bell", facts=("action",))
_SMS_OUT = Phrase(say="Sent a text message", icon="chat", bead="ours", facts=("campaign", "preview"))
_SMS_IN = Phrase(say="Wrote a text message", icon="chat", bead="said", quotes=_WORDS)
_NOTE = Phrase(say="{agent} noted", plain="Noted", icon="pen", bead="ours", facts=("note",))

CONTACT: dict[str, Phrase] = {
    "emailsent": _SENT_MAIL,
    "emaildelivered": _mail("Delivered", bead="ours"),
    "emaildeferred": _mail("Tried to deliver", bead="ours"),
    "emailbounced": Phrase(
        say="“{subject}” came back",
        plain="An e-mail came back",
        icon="mail",
        bead="ours",
        facts=("reason", "bounce"),
        trouble="failed",
    ),
    "emailopened": _mail("Opened"),
    "emaillinkclicked": Phrase(say="Clicked in “{subject}”", plain="Clicked in an e-mail", icon="mail", facts=("link",)),
    "emailclicked": Phrase(say="Clicked in “{subject}”", plain="Clicked in an e-mail", icon="mail", facts=("link",)),
    "emailmarkedasspam": Phrase(
        say="Marked “{subject}” as spam", plain="Marked an e-mail as spam", icon="mail", trouble="unhappy"
    ),
    "emailreplied": Phrase(say="Answered “{subject}”", plain="Answered an e-mail", icon="mail", bead="said", quotes=_WORDS),
    "unsubscribed": Phrase(say="Unsubscribed from {list}", plain="Unsubscribed", icon="hand", facts=("reason",)),
    "subscribed": Phrase(say="Subscribed to {list}", plain="Subscribed", icon="mail"),
    "messagesent": Phrase(say="Sent “{campaign}”", plain="Sent a message", icon="send", bead="ours", facts=("preview",)),
    "messagedelivered": Phrase(
        say="Delivered “{campaign}”", plain="Delivered a message", icon="send", bead="ours", facts=("preview",)
    ),
    "messageheldback": Phrase(
        say="Held back “{campaign}”", plain="Held back a message", icon="send", bead="ours", facts=("reason",)
    ),
    "messagefailed": Phrase(
        say="Couldn’t deliver “{campaign}”",
        plain="Couldn’t deliver a message",
        icon="send",
        bead="ours",
        facts=("reason",),
        trouble="failed",
    ),
    "pushnotificationsent": Phrase(say="Sent “{campaign}”", plain="Sent a push notification", icon="bell", bead="ours"),
    "pushnotificationreceived": Phrase(
        say="Received “{campaign}”", plain="Received a push notification", icon="bell", bead="ours"
    ),
    "pushnotificationtapped": _TAPPED,
    "pushnotificationopened": _TAPPED,
    "pushnotificationbounced": Phrase(
        say="“{campaign}” didn’t arrive",
        plain="A push notification didn’t arrive",
        icon="bell",
        bead="ours",
        facts=("reason",),
        trouble="failed",
    ),
    "smssent": _SMS_OUT,
    "smsdelivered": Phrase(say="Delivered a text message", icon="chat", bead="ours", facts=("campaign",)),
    "smsreplied": _SMS_IN,
    "livechatconversationstarted": Phrase(say="Started a chat", icon="chat", bead="said", facts=("agent",), quotes=_WORDS),
    "livechatconversationended": Phrase(say="Ended the chat", icon="chat", facts=("duration", "agent", "outcome")),
    "livechatmessagesent": _CHAT,
    "livechatmessagereceived": Phrase(
        say="{agent} answered in chat", plain="Answered in chat", icon="chat", bead="ours", facts=("preview",)
    ),
    "chatmessagesent": _CHAT,
    "chatmessagereceived": Phrase(
        say="{agent} answered in chat", plain="Answered in chat", icon="chat", bead="ours", facts=("preview",)
    ),
    "chatstarted": Phrase(say="Started a chat", icon="chat", bead="said", facts=("agent",), quotes=_WORDS),
    "chatended": Phrase(say="Ended the chat", icon="chat", facts=("duration", "agent", "outcome")),
    "callstarted": _CALLED,
    "callreceived": _CALLED,
    "callcompleted": _CALLED,
    "callended": _CALLED,
    "callanswered": _CALLED,
    "callmissed": Phrase(say="Called, and no one answered", icon="phone", facts=("duration",), trouble="failed"),
    "callabandoned": Phrase(say="Called and gave up waiting", icon="phone", facts=("duration",), trouble="failed"),
    "callplaced": Phrase(say="Called the customer", icon="phone", bead="ours", facts=("duration", "agent", "outcome")),
    "voicemailleft": Phrase(
        say="Left a voice message", icon="phone", bead="said", facts=("duration",), quotes=("transcript", *_SPOKEN)
    ),
    "ticketcreated": _TICKET,
    "ticketopened": _TICKET,
    "conversationstarted": _TICKET,
    "ticketreplied": Phrase(
        say="Wrote about “{subject}”", plain="Wrote about a request", icon="inbox", bead="said", facts=("ticket",), quotes=_WORDS
    ),
    "ticketanswered": _REPLY,
    "complaintanswered": _REPLY,
    "ticketleftopen": _UNSOLVED,
    "conversationleftopen": _UNSOLVED,
    "complaintresolved": _SOLVED,
    "messagereceived": Phrase(say="Wrote a message", icon="chat", bead="said", facts=("topic",), quotes=_WORDS),
    "ticketreopened": Phrase(
        say="Came back about “{subject}”",
        plain="Came back about a request",
        icon="inbox",
        bead="said",
        facts=("ticket",),
        quotes=_WORDS,
        trouble="unhappy",
    ),
    "ticketsolved": _SOLVED,
    "ticketresolved": _SOLVED,
    "ticketclosed": _SOLVED,
    "conversationresolved": _SOLVED,
    "complaint": _COMPLAINT,
    "complaintfiled": _COMPLAINT,
    "complaintreceived": _COMPLAINT,
    "complaintmade": _COMPLAINT,
    "surveysent": _ASKED,
    "surveydisplayed": Phrase(say="Saw “{survey}”", plain="Saw a survey", icon="star", bead="ours"),
    "surveydismissed": Phrase(say="Closed “{survey}” unanswered", plain="Closed a survey unanswered", icon="star"),
    "surveyanswered": _ANSWERED,
    "surveycompleted": _ANSWERED,
    "surveysubmitted": _ANSWERED,
    "surveyresponsesubmitted": _ANSWERED,
    "npssubmitted": _ANSWERED,
    "npsanswered": _ANSWERED,
    "feedbacksubmitted": Phrase(say="Gave feedback", icon="hear", bead="said", facts=("score", "topic"), quotes=_ANSWER),
    "feedbackgiven": Phrase(say="Gave feedback", icon="hear", bead="said", facts=("score", "topic"), quotes=_ANSWER),
    "reviewsubmitted": Phrase(
        say="Reviewed {product}",
        plain="Wrote a review",
        icon="star",
        bead="said",
        facts=("rating",),
        quotes=("review_body", "review", "body", "text", "comment"),
    ),
    "reviewposted": Phrase(
        say="Reviewed {product}",
        plain="Wrote a review",
        icon="star",
        bead="said",
        facts=("rating",),
        quotes=("review_body", "review", "body", "text", "comment"),
    ),
    "consentchanged": Phrase(say="Changed consent", icon="hand", facts=("consent",)),
    "segmentconsentpreferenceupdated": Phrase(say="Changed consent", icon="hand", facts=("consent",)),
    "consentpreferenceupdated": Phrase(say="Changed consent", icon="hand", facts=("consent",)),
    "consentgiven": Phrase(say="Agreed to {purpose}", plain="Gave consent", icon="hand", facts=("consent",)),
    "consentgranted": Phrase(say="Agreed to {purpose}", plain="Gave consent", icon="hand", facts=("consent",)),
    "consentwithdrawn": Phrase(say="Withdrew consent to {purpose}", plain="Withdrew consent", icon="hand", facts=("consent",)),
    "noteadded": _NOTE,
    "customernoteadded": _NOTE,
}
