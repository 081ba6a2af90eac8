// What is pressed or chosen before the page's scripts are there isn't lost: main.js says when they are. Classic, as modules wait.
(() => {
  "use strict";
  const heard = { click: "button[type=button]", change: "[data-submit], form[hx-trigger]" };
  const early = [];
  const keep = (event) => { if (event.target.closest(heard[event.type])) early.push(event); };
  for (const type in heard) document.addEventListener(type, keep, true);
  document.addEventListener("amity:ready", () => {
    for (const type in heard) document.removeEventListener(type, keep, true);
    for (const { type, target } of early) target.dispatchEvent(new Event(type, { bubbles: true }));
  }, { once: true });
})();
