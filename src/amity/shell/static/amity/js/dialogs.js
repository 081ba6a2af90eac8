// Dialogs, toasts. `data-open="id"` opens a dialog, `data-close` closes the one it stands in.
export function open(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  for (const other of document.querySelectorAll("dialog[open]")) other.close();
  for (const menu of document.querySelectorAll("[popover]:popover-open")) menu.hidePopover();
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("amity:open"));
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) return open(opener.dataset.open);
  const closer = event.target.closest("[data-close]");
  if (closer) return closer.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement) event.target.close(); // the backdrop belongs to the dialog
  event.target.closest("[data-dismiss]")?.closest(".toast")?.remove();
});

// A menu that opens another thing leaves the dialog it stands in.
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("[popover]") && event.newState === "open") {
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  }
}, true);

const SECONDS = 8;

export function toast(said) {
  const host = document.getElementById("toasts");
  const template = document.getElementById("toast-template");
  if (!host || !template) return;
  const one = template.content.cloneNode(true).firstElementChild;
  one.querySelector("[data-said]").textContent = said;
  let timer;
  const start = () => { timer = setTimeout(() => one.remove(), SECONDS * 1000); };
  const stay = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) one.addEventListener(name, stay);
  for (const name of ["pointerleave", "focusout"]) one.addEventListener(name, start);
  host.append(one);
  start();
}

// A server may say something after an htmx request: header HX-Trigger: {"toast": "Key rotated."}
document.addEventListener("toast", (event) => toast(event.detail?.value ?? event.detail));
document.addEventListener("htmx:responseError", () => toast("That didn’t work. Reload the page and try again."));
document.addEventListener("htmx:sendError", (event) => {
  if (event.detail?.elt?.id !== "pulse") toast("Amity doesn’t answer. Is it running?");
});
