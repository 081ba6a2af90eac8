// The note's dialog closes once the note is on its way; without JavaScript the form posts and comes back to the story.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-note]");
  if (!form || !event.detail.successful) return;
  form.reset();
  form.closest("dialog")?.close();
  for (const button of form.querySelectorAll("[aria-busy]")) {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
});
