// Live: follows the stream, keeps 200 rows, holds new ones back while paused, opens one at the side.
const MOST = 200;
const table = document.getElementById("live");

if (table) {
  const body = document.getElementById("live-rows");
  const empty = document.getElementById("live-empty");
  const state = document.getElementById("live-state");
  const pause = document.getElementById("live-pause");
  const panel = document.getElementById("live-panel");
  let held = [];
  let paused = false;
  let chosen = null;

  function say(kind, words) {
    state.dataset.state = kind;
    if (state.textContent !== words) state.textContent = words;
  }

  function parse(html) {
    const template = document.createElement("template");
    template.innerHTML = `<table><tbody>${html}</tbody></table>`;
    return [...template.content.querySelectorAll("tr")];
  }

  function add(rows) {
    for (const row of rows) document.getElementById(row.id)?.remove();
    body.prepend(...rows);
    while (body.rows.length > MOST) body.rows[body.rows.length - 1].remove();
    mark();
    empty.hidden = body.rows.length > 0;
  }

  function mark() {
    for (const row of body.querySelectorAll("[aria-selected]")) if (row.id !== chosen) row.removeAttribute("aria-selected");
    document.getElementById(chosen)?.setAttribute("aria-selected", "true");
  }

  function hold(rows) {
    held = [...rows, ...held].slice(0, MOST);
    pause.querySelector("[data-held]").textContent = ` ${held.length}${held.length === MOST ? "+" : ""} held`;
  }

  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.querySelector("[data-when=on]").hidden = paused;
    pause.querySelector("[data-when=off]").hidden = !paused;
    if (paused) {
      hold([]);
      say("paused", "Paused");
    } else {
      add(held);
      held = [];
      say("live", "Live");
    }
  });

  async function openRow(link) {
    chosen = link.closest("tr").id;
    mark();
    panel.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.dataset.openRow, { headers: { "HX-Request": "true" } });
      if (!answer.ok) return window.location.assign(link.href);
      panel.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
      if (matchMedia("(max-width: 64rem)").matches) panel.scrollIntoView({ block: "start" });
    } catch {
      window.location.assign(link.href);
    } finally {
      panel.removeAttribute("aria-busy");
    }
  }

  body.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const row = event.target.closest("tr");
    const link = row?.querySelector("[data-open-row]");
    if (!link || (event.target.closest("a") && event.target.closest("a") !== link)) return;
    event.preventDefault();
    openRow(link);
  });

  let stream;
  function connect() {
    stream = new EventSource(table.dataset.stream);
    stream.addEventListener("open", () => { pause.hidden = false; if (!paused) say("live", "Live"); });
    stream.addEventListener("rows", (event) => (paused ? hold : add)(parse(event.data)));
    stream.addEventListener("error", () => say("down", "Connecting again"));
    stream.addEventListener("down", (event) => { say("down", event.data || "The log does not answer"); });
    stream.addEventListener("over", () => { stream.close(); say("down", "Your access ended"); });
  }
  window.addEventListener("pagehide", () => stream?.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
  connect();
}
