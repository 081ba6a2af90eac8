// A page view for the page, and one more whenever its address changes without a load.

import { bare } from "./settings.js";
import { page, state } from "./record.js";

let shown = "";

export const look = (properties) => {
  const address = bare(location.href);
  if (address === shown && !properties) return;
  if (shown && !properties) state.referrer = shown;
  shown = address;
  page(properties);
};

export const watchPages = (leave) => {
  const moved = () => {
    if (bare(location.href) === shown) return;
    leave();
    look();
  };
  for (const name of ["pushState", "replaceState"]) {
    const was = history[name];
    history[name] = function (...given) {
      const answer = was.apply(this, given);
      // The page sets its new title after the address.
      setTimeout(moved);
      return answer;
    };
  }
  addEventListener("popstate", () => setTimeout(moved));
};
