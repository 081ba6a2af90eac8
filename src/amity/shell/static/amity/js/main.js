// What every page can do. Each module finds its own parts and leaves alone what isn't there.
import "./themes.js";
import "./dialogs.js";
import "./palette.js";
import "./keys.js";
import "./copy.js";
import "./ago.js";
import "./forms.js";
import "./polls.js";

// After htmx, which looks the page through at the same moment and stands before this script.
document.addEventListener("DOMContentLoaded", () => document.dispatchEvent(new Event("amity:ready")));
