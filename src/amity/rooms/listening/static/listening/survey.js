// A survey's page without this works as well; with it, digits choose a point of the scale in focus, and a page is sent once.
const form = document.querySelector("[data-survey]");
document.querySelector("#wrong")?.focus();
form?.addEventListener("keydown", (event) => {
  const scale = event.target instanceof Element ? event.target.closest("[data-scale]") : null;
  if (!scale || event.ctrlKey || event.metaKey || event.altKey || !/^[0-9]$/.test(event.key)) return;
  const point = scale.querySelector(`input[value="${event.key}"]`);
  if (!point) return;
  point.checked = true;
  point.focus();
  event.preventDefault();
});
let sent = false;
form?.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});
addEventListener("pageshow", () => { sent = false; });
