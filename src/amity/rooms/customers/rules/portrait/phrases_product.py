"""Sentences for apps and sites: Segment's mobile, SaaS and video events, and PostHog's own ones."""

from __future__ import annotations

from amity.rooms.customers.rules.portrait.shapes import Phrase

_VIDEO = ("position", "duration")


def _video(verb: str) -> Phrase:
    return Phrase(say=verb + " “{video}”", plain=verb + " a video", icon="play", facts=_VIDEO)


PRODUCT: dict[str, Phrase] = {
    "accountcreated": Phrase(say="Opened the account {account}", plain="Opened an account", icon="person", facts=("plan",)),
    "accountdeleted": Phrase(say="Deleted the account {account}", plain="Deleted the account", icon="x", facts=("reason",)),
    "accountaddeduser": Phrase(say="Joined the account as {role}", plain="Joined the account", icon="people"),
    "accountremoveduser": Phrase(say="Left the account", icon="people"),
    "signedup": Phrase(say="Signed up", icon="person", facts=("plan", "method")),
    "userregistered": Phrase(say="Signed up", icon="person", facts=("plan", "method")),
    "userlogin": Phrase(say="Signed in", icon="person", facts=("method",)),
    "signedin": Phrase(say="Signed in", icon="person", facts=("method",)),
    "loggedin": Phrase(say="Signed in", icon="person", facts=("method",)),
    "signedout": Phrase(say="Signed out", icon="person"),
    "loggedout": Phrase(say="Signed out", icon="person"),
    "signinfailed": Phrase(say="Couldn’t sign in", icon="person", facts=("reason", "method"), trouble="failed"),
    "loginfailed": Phrase(say="Couldn’t sign in", icon="person", facts=("reason", "method"), trouble="failed"),
    "idphotocheckfailed": Phrase(say="Failed the ID photo check", icon="eye", facts=("reason", "attempt"), trouble="failed"),
    "webvitals": Phrase(
        say="Page speed measured on {page}",
        plain="Page speed measured",
        icon="gauge",
        bead="ours",
        facts=("vitals",),
        browsing=True,
    ),
    "rageclick": Phrase(
        say="Clicked again and again on {element}",
        plain="Clicked again and again",
        icon="alert",
        facts=("page",),
        trouble="broke",
    ),
    "deadclick": Phrase(
        say="Clicked where nothing happened, on {element}",
        plain="Clicked where nothing happened",
        icon="alert",
        facts=("page",),
        trouble="broke",
    ),
    "errorclick": Phrase(
        say="Clicked on {element}, which broke",
        plain="Clicked on something that broke",
        icon="alert",
        facts=("page",),
        trouble="broke",
    ),
    "javascripterror": Phrase(say="Met an error of the page", icon="alert", facts=("exception", "page"), trouble="broke"),
    "requestfailed": Phrase(
        say="Waited in vain for {request}", plain="Waited in vain", icon="alert", facts=("status", "page"), trouble="failed"
    ),
    "formabandoned": Phrase(say="Left the form {form} at “{field}”", plain="Left a form unfinished", icon="x", facts=("page",)),
    "invitesent": Phrase(say="Invited {invitee}", plain="Sent an invitation", icon="send", facts=("role",)),
    "passwordreset": Phrase(say="Set a new password", icon="shield"),
    "applicationinstalled": Phrase(say="Installed the app", icon="globe", facts=("version",)),
    "applicationopened": Phrase(say="Opened the app", icon="globe", facts=("version",), browsing=True),
    "applicationbackgrounded": Phrase(say="Left the app", icon="globe", browsing=True),
    "applicationforegrounded": Phrase(say="Came back to the app", icon="globe", browsing=True),
    "applicationupdated": Phrase(say="Updated the app", icon="globe", facts=("version",)),
    "applicationuninstalled": Phrase(say="Removed the app", icon="x"),
    "applicationcrashed": Phrase(say="The app crashed", icon="alert", facts=("version", "reason"), trouble="broke"),
    "installattributed": Phrase(
        say="Came to the app through {campaign}", plain="Came to the app", icon="link", facts=("provider",)
    ),
    "deeplinkopened": Phrase(say="Opened a link into the app", icon="link", facts=("link",)),
    "deeplinkclicked": Phrase(say="Followed a link into the app", icon="link", facts=("link",)),
    "experimentviewed": Phrase(
        say="Saw {variant} of “{experiment}”", plain="Took part in an experiment", icon="flask", bead="ours"
    ),
    "videoplaybackstarted": _video("Started"),
    "videoplaybackpaused": _video("Paused"),
    "videoplaybackinterrupted": _video("Was interrupted in"),
    "videoplaybackbufferstarted": _video("Waited for"),
    "videoplaybackbuffercompleted": _video("Waited for"),
    "videoplaybackseekstarted": _video("Skipped in"),
    "videoplaybackseekcompleted": _video("Skipped in"),
    "videoplaybackresumed": _video("Went on with"),
    "videoplaybackcompleted": _video("Finished"),
    "videoplaybackexited": _video("Left"),
    "videocontentstarted": _video("Started"),
    "videocontentplaying": _video("Watched"),
    "videocontentcompleted": _video("Finished"),
    "videoadstarted": Phrase(say="Saw an ad in a video", icon="play"),
    "videoadplaying": Phrase(say="Saw an ad in a video", icon="play"),
    "videoadcompleted": Phrase(say="Saw an ad in a video to its end", icon="play"),
}

# PostHog's own events begin with $ (or are words of its survey library); told apart by it, so that a customer's
# own `pageview` event keeps its own words.
POSTHOG: dict[str, Phrase] = {
    "$pageview": Phrase(say="Looked at {page}", plain="Looked at a page", icon="globe", browsing=True),
    "$pageleave": Phrase(say="Left {page}", plain="Left a page", icon="globe", facts=("duration",), browsing=True),
    "$screen": Phrase(say="Looked at {page}", plain="Looked at a screen", icon="globe", browsing=True),
    "$autocapture": Phrase(say="{did} {element}", plain="Clicked", icon="hand", browsing=True),
    "$rageclick": Phrase(
        say="Clicked again and again on {element}",
        plain="Clicked again and again",
        icon="alert",
        facts=("page",),
        trouble="broke",
    ),
    "$dead_click": Phrase(
        say="Clicked where nothing happened, on {element}",
        plain="Clicked where nothing happened",
        icon="alert",
        facts=("page",),
        trouble="broke",
    ),
    "$exception": Phrase(say="Met an error", icon="alert", facts=("exception", "page"), trouble="broke"),
    "$identify": Phrase(say="Made themselves known", icon="person"),
    "$create_alias": Phrase(say="Got a second identifier", icon="link"),
    "$merge_dangerously": Phrase(say="Got a second identifier", icon="link"),
    "$set": Phrase(say="Told us {told}", plain="Told us about themselves", icon="person"),
    "$groupidentify": Phrase(say="Joined {group}", plain="Joined a group", icon="people"),
    "$feature_flag_called": Phrase(say="Got {variant} of “{flag}”", plain="Got a feature flag", icon="flask", bead="ours"),
    "$experiment_started": Phrase(
        say="Took part in “{experiment}”", plain="Took part in an experiment", icon="flask", bead="ours"
    ),
    "$web_vitals": Phrase(
        say="Page speed measured on {page}",
        plain="Page speed measured",
        icon="gauge",
        bead="ours",
        facts=("vitals",),
        browsing=True,
    ),
    "$opt_in": Phrase(say="Agreed to be measured", icon="hand"),
    "$opt_out": Phrase(say="Asked not to be measured", icon="hand"),
    "$heatmap": Phrase(say="Moved about {page}", plain="Moved about a page", icon="eye", browsing=True),
    "$copy_autocapture": Phrase(say="Copied something from {page}", plain="Copied something", icon="copy", browsing=True),
    "survey shown": Phrase(say="Saw “{survey}”", plain="Saw a survey", icon="star", bead="ours"),
    "survey dismissed": Phrase(say="Closed “{survey}” unanswered", plain="Closed a survey unanswered", icon="star"),
    "survey sent": Phrase(
        say="Answered “{survey}”",
        plain="Answered a survey",
        icon="star",
        bead="said",
        facts=("score",),
        quotes=("$survey_response",),
    ),
}
