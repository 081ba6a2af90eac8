// Events in Segment's shape, and the calls that a site makes.

import { bare, category, gpc, needed, scrub, silent, version } from "./settings.js";
import { random, who } from "./memory.js";
import { add } from "./queue.js";

export const state = { answers: null, referrer: document.referrer && bare(document.referrer) };

export const allowed = () => {
  const said = (state.answers || {})[category];
  return !silent && (needed ? said === true : said !== false);
};

const context = (session, group) => {
  const tags = new URL(location.href).searchParams;
  const campaign = {};
  for (const tag of ["source", "medium", "campaign", "term", "content"]) {
    const value = tags.get("utm_" + tag);
    if (value) campaign[tag === "campaign" ? "name" : tag] = value;
  }
  return {
    library: { name: "amity.js", version },
    channel: "web",
    page: { path: location.pathname, url: bare(location.href), title: scrub(document.title), referrer: state.referrer },
    campaign: campaign.source && campaign,
    locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    sessionId: session,
    groupId: group,
    consent: state.answers ? { categoryPreferences: state.answers } : undefined,
    gpc: gpc || undefined,
  };
};

export const record = (type, fields, stored = true) => {
  const { anonymous, user, group, session } = who();
  add(
    {
      type,
      messageId: random(),
      timestamp: new Date().toISOString(),
      anonymousId: anonymous,
      userId: user,
      context: context(session, group),
      ...fields,
    },
    stored,
  );
};

export const track = (event, properties = {}) => allowed() && record("track", { event, properties });

export const page = (name, properties) => {
  if (typeof name === "object") return page(undefined, name);
  if (allowed()) record("page", { name, properties: { title: scrub(document.title), ...properties } });
};

export const identify = (user, traits = {}) => {
  if (typeof user === "object") return identify(undefined, user);
  if (!allowed()) return;
  const known = who().user;
  // Somebody else signs in here: what follows is not the first one's.
  if (user && known && known !== String(user)) who({ anonymous: random(), group: undefined, session: Date.now() });
  if (user) who({ user: String(user) });
  record("identify", { traits });
};

export const group = (id, traits = {}) => {
  if (!allowed()) return;
  who({ group: String(id) });
  record("group", { groupId: String(id), traits });
};

export const reset = () => allowed() && who({ anonymous: random(), user: undefined, group: undefined, session: Date.now() });
