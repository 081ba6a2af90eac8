// Light, dark or like the device: one button, remembered on this device.
const ORDER = ["", "light", "dark"];
const SAID = { "": "like this device", light: "light", dark: "dark" };
const ICON = { "": "theme", light: "sun", dark: "moon" };

function chosen() {
  return document.documentElement.dataset.theme ?? "";
}

function show() {
  for (const button of document.querySelectorAll("[data-theme-next]")) {
    button.setAttribute("aria-label", `Theme: ${SAID[chosen()]}`);
    button.title = `Theme: ${SAID[chosen()]}`;
    const use = button.querySelector("use");
    use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${ICON[chosen()]}`));
  }
}

function choose(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  try {
    if (theme) localStorage.setItem("amity.theme", theme);
    else localStorage.removeItem("amity.theme");
  } catch { /* storage may be forbidden: then the choice lasts for this page */ }
  show();
}

export function nextTheme() {
  choose(ORDER[(ORDER.indexOf(chosen()) + 1) % ORDER.length]);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-next]")) nextTheme();
});
show();
