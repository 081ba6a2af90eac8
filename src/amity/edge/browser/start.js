// Begins once it may, and gives the site `amity`.

import { key, needed, silent, version, wanted } from "./settings.js";
import { forget, load } from "./memory.js";
import { adopt, drop, flush } from "./queue.js";
import { allowed, group, identify, page, record, reset, state, track } from "./record.js";
import { look, watchPages } from "./pages.js";
import { watchVitals } from "./vitals.js";
import { watchClicks } from "./clicks.js";
import { watchErrors } from "./errors.js";
import { watchRequests } from "./requests.js";
import { leaveForms, watchForms } from "./forms.js";

let begun = false;
let held = [];

const watch = () => {
  const vitals = wanted("vitals") && watchVitals();
  if (wanted("pages")) watchPages(leaveForms);
  if (wanted("clicks")) watchClicks();
  if (wanted("errors")) watchErrors();
  if (wanted("requests")) watchRequests();
  if (wanted("forms")) watchForms();
  const hide = (event) => {
    if (!document.hidden && event.type !== "pagehide") return;
    if (vitals) vitals.finish();
    if (event.type === "pagehide") leaveForms();
    flush();
  };
  addEventListener("visibilitychange", hide);
  addEventListener("pagehide", hide);
  addEventListener("online", flush);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    if (vitals) vitals.restored(event);
    if (wanted("pages")) look({ navigation: "back_forward_cache" });
  });
};

const begin = () => {
  if (!allowed()) return;
  if (document.prerendering) return document.addEventListener("prerenderingchange", begin, { once: true });
  if (!begun) {
    begun = true;
    adopt();
    watch();
  }
  if (wanted("pages")) look();
  held.splice(0).forEach(run);
};

// Answers by category, as the site's own consent dialog has them; the site gives them on each page.
const consent = (given = {}) => {
  const could = allowed();
  const before = state.answers;
  state.answers = { ...before, ...(given.categoryPreferences || given) };
  const choices = state.answers;
  if (allowed()) {
    if (before && Object.keys(choices).some((name) => before[name] !== choices[name])) track("Consent Changed", { choices });
    begin();
    return;
  }
  held = [];
  if (silent || (!could && !load("who"))) return;
  // The last word: that it was withdrawn. Nothing of it stays here.
  drop();
  record("track", { event: "Consent Changed", properties: { choices } }, false);
  forget();
  flush();
};

const calls = { track, page, identify, group, reset, consent, flush };

// What the site calls before it is known whether it may is kept in memory, and done or dropped then.
const run = ([name, ...given]) => {
  if (name !== "consent" && needed && !state.answers) held = [...held, [name, ...given]].slice(-50);
  else if (calls[name]) calls[name](...given);
};

const early = window.amity;
window.amity = { version, push: run };
for (const name in calls) window.amity[name] = (...given) => run([name, ...given]);
if (!key) console.warn("amity.js: its script tag needs data-key, the write key of a source.");
if (silent) forget();
begin();
if (Array.isArray(early)) early.forEach(run);
