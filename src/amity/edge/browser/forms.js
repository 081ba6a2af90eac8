// Forms that somebody began and left: which, how many fields, which one was the last. Never what stood in them.

import { scrub } from "./settings.js";
import { track } from "./record.js";
import { describe } from "./clicks.js";

const begunForms = new Map();

export const watchForms = () => {
  addEventListener(
    "input",
    (event) => {
      const field = event.target;
      const form = field.form;
      if (!event.isTrusted || !form || field.closest("[data-amity-ignore]")) return;
      const seen = begunForms.get(form) || { fields: new Set(), at: performance.now() };
      seen.last = scrub(field.getAttribute("name") || field.getAttribute("id") || field.type, 100);
      seen.fields.add(field);
      begunForms.set(form, seen);
    },
    true,
  );
  addEventListener("submit", (event) => begunForms.delete(event.target), true);
};

export const leaveForms = () => {
  for (const [form, seen] of begunForms) {
    track("Form Abandoned", {
      form: form.getAttribute("name") || describe(form).element,
      last_field: seen.last,
      fields: seen.fields.size,
      seconds: Math.round((performance.now() - seen.at) / 1000),
      page: location.pathname,
    });
  }
  begunForms.clear();
};
