// Keeps “12 s ago” true while a page stays open. Older times are said by the server, in words that last.
function say(seconds) {
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.round(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return null;
}

export function refresh(root = document) {
  for (const time of root.querySelectorAll("time[data-ago]")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    const said = seconds >= 0 ? say(seconds) : null;
    if (said) time.textContent = said;
  }
}

setInterval(() => { if (!document.hidden) refresh(); }, 5000);
