// Parts that ask again and again rest while nobody sees the page. (A filter in hx-trigger would need eval, which is forbidden.)
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.getAttribute("hx-trigger")?.includes("every")) event.preventDefault();
});

// The console itself may be what doesn’t answer: then the foot of the rail says so.
document.addEventListener("htmx:sendError", (event) => {
  const pulse = event.detail.elt;
  if (pulse.id !== "pulse") return;
  const words = pulse.querySelector(".words");
  if (words) words.textContent = "The console doesn’t answer";
  pulse.querySelector(".mark")?.classList.remove("good");
});
