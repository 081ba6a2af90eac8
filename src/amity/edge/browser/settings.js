// What the page's own tag says: <script async src="https://edge.example/amity.js" data-key="…"></script>

export const version = "1.0.0";

const tag = document.currentScript || document.querySelector("script[data-key][src*='amity.js']");
const told = tag ? tag.dataset : {};

export const key = told.key;
export const edge = told.edge ? told.edge.replace(/\/*$/, "/") : tag ? new URL(".", tag.src).href : "";
export const needed = told.consent !== undefined;
export const category = told.consent || "analytics";
export const gpc = navigator.globalPrivacyControl === true;
export const silent = !key || (gpc && told.gpc === "silent");
export const words = (text) => (text || "").split(/[\s,]+/);
export const wanted = (part) => !words(told.off).includes(part);
const kept = words(told.query);

// Addresses go without their query, but for the parameters that the tag names: they hold names, searches and tokens.
export const bare = (address) => {
  try {
    const { protocol, origin, pathname, searchParams } = new URL(address, location.href);
    const query = new URLSearchParams([...searchParams].filter(([name]) => kept.includes(name))).toString();
    return /^http/.test(protocol) ? origin + pathname + (query && "?" + query) : "";
  } catch {
    return "";
  }
};

// Texts of a page's own, without what could be somebody's: e-mail addresses, long numbers, queries of addresses.
export const scrub = (text, most = 200) =>
  String(text)
    .replace(/\S+@\S+|\d{5,}|\?\S*/g, "…")
    .slice(0, most);
