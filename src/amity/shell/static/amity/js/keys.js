// Single keys, never while one types: ? shows them, t changes the theme, g and a letter opens a page, / goes to the search.
import { open } from "./dialogs.js";
import { nextTheme } from "./themes.js";

const WAIT = 1200;
let gone = 0;

function typing(target) {
  return target.closest?.("input, textarea, select, [contenteditable], dialog[open]") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (Date.now() - gone < WAIT) {
    gone = 0;
    const link = document.querySelector(`.rail [data-key="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
  } else if (event.key === "g") {
    gone = Date.now();
  } else if (event.key === "?") {
    open("shortcuts");
  } else if (event.key === "t") {
    nextTheme();
  } else if (event.key === "/") {
    const search = document.querySelector("main input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});
