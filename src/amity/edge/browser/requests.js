// Requests of the page's scripts that fail: a status of 400 or more, or none at all. Each kind once a page, twenty at most.

import { bare, edge } from "./settings.js";
import { track } from "./record.js";

const MOST_REQUESTS = 20;

export const watchRequests = () => {
  const failed = new Set();
  const ended = (method, url, status, begun) => {
    const address = bare(url).split("?")[0];
    const mark = [method, address, status].join();
    if ((status > 0 && status < 400) || !address || address.startsWith(edge)) return;
    if (failed.has(mark) || failed.size >= MOST_REQUESTS) return;
    failed.add(mark);
    const duration = Math.round(performance.now() - begun);
    track("Request Failed", { method, address, status, duration_ms: duration, page: location.pathname });
  };

  const fetched = window.fetch;
  window.fetch = function (what, more) {
    const begun = performance.now();
    const answer = fetched.apply(this, arguments);
    const asked = what instanceof Request ? what : {};
    const method = String((more && more.method) || asked.method || "GET").toUpperCase();
    const signal = (more && more.signal) || asked.signal;
    const url = asked.url || String(what);
    answer.then(
      (response) => response.type !== "opaque" && ended(method, url, response.status, begun),
      // What the page itself called off has not failed, nor what its end cut short.
      () => (signal && signal.aborted) || leaving || ended(method, url, 0, begun),
    );
    return answer;
  };

  let leaving = false;
  addEventListener("pagehide", () => (leaving = true));
  addEventListener("pageshow", () => (leaving = false));

  const { open, send } = XMLHttpRequest.prototype;
  const opened = new WeakMap();
  XMLHttpRequest.prototype.open = function (method, url) {
    opened.set(this, [String(method).toUpperCase(), String(url)]);
    return open.apply(this, arguments);
  };
  XMLHttpRequest.prototype.send = function () {
    const begun = performance.now();
    const [method, url] = opened.get(this) || [];
    let off = !method;
    this.addEventListener("abort", () => (off = true));
    this.addEventListener("loadend", () => !off && !leaving && ended(method, url, this.status, begun));
    return send.apply(this, arguments);
  };
};
