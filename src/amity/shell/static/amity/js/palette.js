// Find or do: pages, acts and workspaces are here already; customers are asked for while one types.
import { open } from "./dialogs.js";

const dialog = document.getElementById("palette");
const all = document.getElementById("palette-all");
const LATER = 120;

if (dialog && all) {
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const count = dialog.querySelector("[data-count]");
  const known = [...all.content.querySelectorAll("[role=option]")];
  const finders = [...all.content.querySelectorAll("[data-finder]")].map((a) => ({ label: a.dataset.finder, url: a.getAttribute("href") }));
  let asked = 0;
  let timer;
  let waiting;

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function group(name, members) {
    const box = document.createElement("div");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", name);
    const title = document.createElement("div");
    title.className = "palette-h";
    title.setAttribute("aria-hidden", "true");
    title.textContent = name;
    box.append(title, ...members);
    return box;
  }

  function show(groups) {
    list.replaceChildren(...groups.filter(([, members]) => members.length).map(([name, members]) => group(name, members)));
    options().forEach((option, n) => {
      option.id = `palette-${n}`;
      option.tabIndex = -1;
      option.setAttribute("aria-selected", "false");
    });
    choose(options()[0]);
    const n = options().length;
    count.textContent = n ? `${n} found` : "Nothing found";
    dialog.toggleAttribute("data-empty", n === 0);
  }

  function local(sought) {
    const words = fold(sought).split(/\s+/).filter(Boolean);
    const found = known.filter((o) => words.every((w) => fold(`${o.textContent} ${o.dataset.words ?? ""}`).includes(w)));
    const groups = new Map();
    for (const o of found) groups.set(o.dataset.group, [...(groups.get(o.dataset.group) ?? []), o.cloneNode(true)]);
    return [...groups];
  }

  async function ask(sought) {
    const mine = ++asked;
    waiting?.abort();
    const here = local(sought);
    if (sought.length < 2 || !finders.length) return show(here);
    waiting = new AbortController();
    const answers = await Promise.all(finders.map(async ({ label, url }) => {
      try {
        const answer = await fetch(`${url}?q=${encodeURIComponent(sought)}`, { signal: waiting.signal, headers: { "HX-Request": "true" } });
        if (!answer.ok) return [label, []];
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        return [label, [...page.querySelectorAll("[role=option]")].map((o) => document.importNode(o, true))];
      } catch {
        return [label, []];
      }
    }));
    if (mine === asked) show([...answers, ...here]);
  }

  function go(option) {
    if (!option) return;
    dialog.close();
    window.location.assign(option.href);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    const sought = input.value.trim();
    show(local(sought));
    timer = setTimeout(() => ask(sought), LATER);
  });
  input.addEventListener("keydown", (event) => {
    const every = options();
    const at = every.indexOf(chosen());
    const to = { ArrowDown: (at + 1) % every.length, ArrowUp: (at - 1 + every.length) % every.length, Home: 0, End: every.length - 1 }[event.key];
    if (event.key === "Enter") {
      event.preventDefault();
      go(chosen());
    } else if (to !== undefined && every.length && !(["Home", "End"].includes(event.key) && input.value)) {
      event.preventDefault();
      choose(every[to]);
    }
  });
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });
  dialog.addEventListener("amity:open", () => {
    input.value = "";
    show(local(""));
    input.focus();
  });
  dialog.addEventListener("close", () => { waiting?.abort(); clearTimeout(timer); });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      if (dialog.open) dialog.close();
      else open("palette");
    }
  });
  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    for (const kbd of document.querySelectorAll("[data-shortcut]")) kbd.textContent = "⌘ K";
  }
}
