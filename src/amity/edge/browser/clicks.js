// Clicks that show trouble: again and again on one spot, or on something that looks as if it did something and does nothing.

import { scrub } from "./settings.js";
import { track } from "./record.js";

const A_SECOND = 1000;
const RADIUS = 30;
const MOST_CLICKS = 20;
const BUTTON = "button,[role=button],input[type=submit],input[type=button]";
const CLICKABLE = BUTTON + ",a[href],summary,[role=link],[role=tab],[role=menuitem],[onclick]";
const ANSWERS_ITSELF = "input,select,textarea,label,option,video,audio,canvas,iframe,[contenteditable]";
// Whatever happens of this within a second is an answer.
const SIGNS = "scroll selectionchange input focusin play pause blur submit beforeunload visibilitychange popstate";
const signs = (set) => SIGNS.split(" ").forEach(set);

let last;

// What was clicked on: the name that the site gave it, or its tag with what tells it apart. A button's text is the site's own; that of
// anything else may be somebody's name.
export const describe = (node) => {
  const one = node.closest(CLICKABLE) || node;
  const named = one.closest("[data-amity-name]");
  const id = one.getAttribute("id");
  const element = named
    ? named.dataset.amityName
    : one.localName + (id ? "#" + id : one.classList[0] ? "." + one.classList[0] : "");
  const shown = one.matches(BUTTON) && !one.closest("[data-amity-private]");
  const label = shown && (one.getAttribute("aria-label") || one.innerText || one.value || "").trim();
  return { element: scrub(element, 100), label: label ? scrub(label, 60) : undefined };
};

export const clicked = () => {
  const click = last && performance.now() - last.at < A_SECOND && last.what;
  last = undefined;
  return click;
};

export const watchClicks = () => {
  let left = MOST_CLICKS;
  let spots = [];
  let waiting = 0;
  let calm = () => {};

  const tell = (event, what) => left-- > 0 && track(event, { ...what, page: location.pathname });

  const node = (event) => {
    const found = event.composedPath()[0];
    const one = found && found.nodeType === 1 ? found : event.target;
    return event.isTrusted && one.closest && !one.closest("[data-amity-ignore]") && one;
  };

  // Menus open at the press of the button, so changes are watched from there on. A press by itself moves the focus, so signs count from the
  // click on only.
  const watch = () => {
    if (waiting) return;
    const observer = new MutationObserver(() => calm());
    calm = () => {
      observer.disconnect();
      signs((name) => removeEventListener(name, calm, true));
      clearTimeout(waiting);
      waiting = 0;
    };
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    waiting = setTimeout(calm, A_SECOND);
  };

  const promises = (one, event) => {
    const link = one.closest("a[href]");
    const opens = link && link.target && link.target !== "_self";
    if (opens || (link && (link.hasAttribute("download") || !/^http/.test(link.href)))) return false;
    if ( event.ctrlKey || event.metaKey || event.shiftKey) return false;
    return one.closest(CLICKABLE) || (!one.closest(ANSWERS_ITSELF) && getComputedStyle(one).cursor === "pointer");
  };

  addEventListener("pointerdown", (event) => event.isPrimary && watch(), true);
  addEventListener(
    "click",
    (event) => {
      const one = event.detail && node(event);
      if (!one) return;
      const what = describe(one);
      const at = performance.now();
      last = { what, at };

      const near = (spot) => at - spot.at < A_SECOND && Math.hypot(spot.x - event.clientX, spot.y - event.clientY) <= RADIUS;
      spots = [...spots.filter(near), { at, x: event.clientX, y: event.clientY }];
      // Three clicks into a text select a paragraph of it.
      const typed = one.closest("input:not([type=submit],[type=button]),textarea");
      if (spots.length === 3 && !typed && getSelection().isCollapsed) tell("Rage Click", what);

      if (waiting && promises(one, event)) {
        clearTimeout(waiting);
        signs((name) => addEventListener(name, calm, true));
        waiting = setTimeout(() => {
          calm();
          tell("Dead Click", what);
        }, A_SECOND);
      }
    },
    true,
  );
};
