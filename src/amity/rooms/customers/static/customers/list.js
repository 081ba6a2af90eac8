// The list of customers by keyboard: j and k (or the arrows) move from row to row, Enter opens as with any link.
const search = document.getElementById("q");
const links = () => [...document.querySelectorAll("#found [data-row] .whom-t > a")];

function move(by) {
  const all = links();
  if (!all.length) return false;
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  if (next < 0) search?.focus();
  else all[Math.min(next, all.length - 1)].focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target === search) {
    if (event.key === "ArrowDown" && move(1)) event.preventDefault();
    return;
  }
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  const inList = event.target.closest("#found [data-row]") || event.key === "j" || event.key === "k";
  if (by && inList && move(by)) event.preventDefault();
});
