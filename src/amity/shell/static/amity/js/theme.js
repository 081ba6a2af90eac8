// Runs before anything is painted, so that the chosen theme never flashes. A classic script on purpose: modules wait.
(() => {
  "use strict";
  let chosen = null;
  try { chosen = localStorage.getItem("amity.theme"); } catch { /* storage may be forbidden: then the device decides */ }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
