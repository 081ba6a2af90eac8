// Sends what was recorded, in batches, as often as it takes. What leaves with its page before an answer came goes again from the next
// one: the edge knows it by its messageId.

import { edge, key } from "./settings.js";
import { load, save } from "./memory.js";

const MOST_KEPT = 100;
const MOST_AT_ONCE = 20;
const own = window.fetch && window.fetch.bind(window);
let waiting = [];
let flying = [];
let timer = 0;
let tries = 0;

export const add = (event, stored) => {
  waiting = [...waiting, event].slice(-MOST_KEPT);
  if (stored) save("queue", [...(load("queue") || []), event].slice(-MOST_KEPT));
  if (waiting.length < MOST_AT_ONCE || tries) later(2000);
  else flush();
};

export const adopt = () => {
  waiting = [...(load("queue") || []), ...waiting];
  later(2000);
};

export const drop = () => {
  waiting = [];
};

const later = (ms) => {
  timer = timer || setTimeout(flush, ms);
};

const landed = (batch) => {
  flying = flying.filter((one) => !batch.includes(one));
};

const done = (batch) => {
  const gone = batch.map((one) => one.messageId);
  const rest = (list) => (list || []).filter((one) => !gone.includes(one.messageId));
  waiting = rest(waiting);
  const stored = rest(load("queue"));
  save("queue", stored.length && stored);
  tries = 0;
  if (waiting.length) later(0);
};

const again = (seconds) => {
  tries += 1;
  later(seconds * 1000 || Math.min(2 ** tries, 60) * 1000 * (0.5 + Math.random() / 2));
};

// One request at a time, but for the last ones of a page that goes.
export const flush = () => {
  clearTimeout(timer);
  timer = 0;
  const leaving = document.hidden;
  const batch = waiting.filter((one) => !flying.includes(one)).slice(0, MOST_AT_ONCE);
  if (!batch.length || (flying.length && !leaving)) return;
  const url = edge + "v1/batch";
  const body = JSON.stringify({ batch, writeKey: key, sentAt: new Date().toISOString() });
  if (leaving && !("keepalive" in Request.prototype)) return navigator.sendBeacon(url, body);
  flying = flying.concat(batch);
  own(url, { method: "POST", body, keepalive: body.length < 60000, credentials: "omit" })
    .then((answer) => {
      landed(batch);
      if (answer.status === 429 || answer.status === 408 || answer.status > 499) again(+answer.headers.get("retry-after"));
      else done(batch);
    })
    .catch(() => {
      landed(batch);
      again(0);
    });
};
