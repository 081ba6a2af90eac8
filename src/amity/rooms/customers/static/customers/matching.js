// Proposals by keyboard. In the queue j and k go from one to the next; on one of them j and k open the next and the one before,
// and a letter presses the button that shows it. Never while one types, never right after g (which opens pages).
const WAIT = 1200;
let gone = 0;

function pressed(key) {
  const links = [...document.querySelectorAll("[data-review]")];
  if (links.length) {
    const by = { j: 1, k: -1 }[key];
    if (!by) return null;
    const at = links.indexOf(document.activeElement);
    return { focus: links[Math.min(Math.max(at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by, 0), links.length - 1)] };
  }
  const found = { j: "main a[rel=next]", k: "main a[rel=prev]" }[key] ?? `#decide button[data-key="${CSS.escape(key)}"]`;
  return { click: document.querySelector(found) };
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]")) return;
  if (event.key === "g" || Date.now() - gone < WAIT) {
    gone = event.key === "g" ? Date.now() : 0;
    return;
  }
  const what = pressed(event.key);
  if (!what?.focus && !what?.click) return;
  event.preventDefault();
  what.focus?.focus();
  what.click?.click();
});
