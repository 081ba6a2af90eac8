"""What to paste where: one snippet for each client, filled with a source's write key and the edge's address.

Clients are unmodified; each snippet is all that it needs to send here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_TAG = """\
<script async
  src="<<EDGE>>/amity.js"
  data-key="<<KEY>>"></script>"""

_TAG_ASKING = """\
<script async
  src="<<EDGE>>/amity.js"
  data-key="<<KEY>>"
  data-consent="analytics"></script>

// on every page, with what your consent dialog remembers
(window.amity = window.amity || []).push(["consent", { analytics: true }]);"""

_SEGMENT = """\
// npm install @segment/analytics-next
import { AnalyticsBrowser } from "@segment/analytics-next";

export const analytics = AnalyticsBrowser.load({
  writeKey: "<<KEY>>",
  cdnURL: "<<EDGE>>",
});

analytics.page();
analytics.identify("u-42", { email: "ines@mail.example", name: "Ines Carvalho" });
analytics.track("Order Completed", { revenue: 39.9, currency: "EUR" });"""

_NODE = """\
// npm install @segment/analytics-node
import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({
  writeKey: "<<KEY>>",
  host: "<<EDGE>>",
});

analytics.identify({ userId: "u-42", traits: { email: "ines@mail.example" } });
analytics.track({
  userId: "u-42",
  event: "Order Completed",
  properties: { revenue: 39.9, currency: "EUR" },
});"""

_PYTHON = """\
# pip install segment-analytics-python
import segment.analytics as analytics

analytics.write_key = "<<KEY>>"
analytics.host = "<<EDGE>>"

analytics.identify("u-42", {"email": "ines@mail.example"})
analytics.track("u-42", "Order Completed", {"revenue": 39.9, "currency": "EUR"})
analytics.flush()"""

_RUDDERSTACK = """\
# pip install rudder-sdk-python
import rudderstack.analytics as rudder

rudder.write_key = "<<KEY>>"
rudder.dataPlaneUrl = "<<EDGE>>"

rudder.identify("u-42", {"email": "ines@mail.example"})
rudder.track("u-42", "Order Completed", {"revenue": 39.9, "currency": "EUR"})
rudder.flush()"""

_POSTHOG = """\
# pip install posthog
from posthog import Posthog

posthog = Posthog("<<KEY>>", host="<<EDGE>>")

posthog.capture(
    "Order Completed",
    distinct_id="u-42",
    properties={"revenue": 39.9, "currency": "EUR", "$set": {"email": "ines@mail.example"}},
)
posthog.shutdown()"""

_CURL = """\
# One interaction, from any shell
curl <<EDGE>>/v1/track \\
  --user "<<KEY>>:" \\
  --json '{
    "userId": "u-42",
    "event": "Order Completed",
    "properties": {"revenue": 39.9, "currency": "EUR"}
  }'"""


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """One client's lines. `after` says what to do once they are pasted."""

    slug: str
    label: str
    template: str
    after: str

    def code(self, *, write_key: str, edge: str) -> str:
        """Return the lines with key and address filled in."""
        return self.template.replace("<<KEY>>", write_key).replace("<<EDGE>>", edge.rstrip("/"))


SNIPPETS = (
    Snippet(
        slug="website",
        label="Website",
        template=_TAG,
        after="Put it into the head of every page and open one. Page views, speed and what went wrong come by themselves.",
    ),
    Snippet(
        slug="asking",
        label="Website that asks",
        template=_TAG_ASKING,
        after="Nothing is stored or sent before a yes. The second part belongs into a script of your own.",
    ),
    Snippet(slug="segment", label="Segment", template=_SEGMENT, after="Build your site with it and open any page."),
    Snippet(slug="node", label="Node", template=_NODE, after="Run it where your server runs."),
    Snippet(slug="python", label="Python", template=_PYTHON, after="Run it where your server runs."),
    Snippet(
        slug="rudderstack",
        label="RudderStack",
        template=_RUDDERSTACK,
        after="Any RudderStack client works: give it this data plane.",
    ),
    Snippet(slug="posthog", label="PostHog", template=_POSTHOG, after="Any PostHog client works: give it this host."),
    Snippet(slug="curl", label="Command line", template=_CURL, after="Paste it into a shell."),
)

_TOKENS = re.compile(
    r"(?P<c>(?://|#)[^\n]*)|(?P<t>\"[^\"\n]*\")|\b(?P<k>import|from|export|const|new|as|curl|pip|npm)\b", re.MULTILINE
)


def find_snippet(slug: str) -> Snippet:
    """Return the snippet of that name, the first for any other."""
    return next((s for s in SNIPPETS if s.slug == slug), SNIPPETS[0])


def coloured(code: str) -> SafeString:
    """Return code as HTML: comments, text and keywords are told apart by class."""
    parts, at = [], 0
    for token in _TOKENS.finditer(code):
        if token.lastgroup == "c" and code[token.start() - 1 : token.start()] == ":":
            continue  # the two slashes of an address begin no comment
        parts += [escape(code[at : token.start()]), f'<span class="{token.lastgroup}">{escape(token.group())}</span>']
        at = token.end()
    return mark_safe("".join([*parts, escape(code[at:])]))  # noqa: S308 - every part is escaped


def is_local(edge: str) -> bool:
    """Tell whether an address answers on this machine only."""
    return urlsplit(edge).hostname in {"localhost", "127.0.0.1", "::1"}
