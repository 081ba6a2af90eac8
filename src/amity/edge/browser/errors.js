// Errors of scripts: each once a page, ten at most. One that follows a click within a second makes an Error Click, too.

import { bare, scrub } from "./settings.js";
import { track } from "./record.js";
import { clicked } from "./clicks.js";

const MOST_ERRORS = 10;
const met = new Set();

export const watchErrors = () => {
  const meet = (error, said, file, line, column) => {
    const message = scrub((error && error.message) || said || error);
    const source = file && bare(file);
    // An extension's, not the page's.
    if (file && !source) return;
    const mark = [message, source, line].join();
    if (met.has(mark) || met.size >= MOST_ERRORS) return;
    met.add(mark);
    const properties = { message, kind: error && error.name, page: location.pathname };
    const stack = error && error.stack && scrub(error.stack, 1000);
    track("JavaScript Error", { ...properties, source: source || undefined, line, column, stack });
    const click = clicked();
    if (click) track("Error Click", { ...click, ...properties });
  };
  addEventListener("error", (event) => meet(event.error, event.message, event.filename, event.lineno, event.colno));
  addEventListener("unhandledrejection", (event) => meet(event.reason, "Unhandled rejection"));
};
