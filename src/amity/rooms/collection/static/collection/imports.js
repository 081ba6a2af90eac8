// Uploads a file in pieces, each where the last one ended, so that it may be of any size and a lost connection costs one piece.
const form = document.getElementById("upload");

if (form) {
  const input = document.getElementById("file");
  const drop = document.getElementById("drop");
  const way = document.getElementById("way");
  const bar = document.getElementById("way-bar");
  const said = document.getElementById("way-said");
  const trouble = document.getElementById("file-error");
  const button = form.querySelector("button[type=submit]");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const size = Number(form.dataset.piece);
  const most = Number(form.dataset.most);

  function refuse(words) {
    trouble.querySelector("[data-said]").textContent = words;
    trouble.hidden = false;
    input.setAttribute("aria-invalid", "true");
    way.hidden = true;
    button.disabled = false;
    button.removeAttribute("aria-busy");
    input.focus();
  }

  async function ask(url, body, tries = 6) {
    for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
      let answer;
      try {
        answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token }, credentials: "same-origin" });
      } catch (error) {
        answer = null;
      }
      if (answer && answer.ok && !answer.redirected) return answer.json();
      const told = answer && (answer.headers.get("content-type") || "").includes("json") ? (await answer.json()).error : "";
      if (told) throw new Error(told);
      if (answer && answer.status < 500) throw new Error("The console turned the upload away. Reload the page and sign in again.");
      tries -= 1;
      if (tries <= 0) throw new Error("The console doesn’t answer. Try again in a moment.");
      await new Promise((go) => setTimeout(go, wait));
    }
  }

  function fields(values) {
    const body = new FormData();
    for (const [name, value] of Object.entries(values)) body.set(name, value);
    return body;
  }

  async function upload(file) {
    const began = performance.now();
    const to = await ask(form.dataset.begin, fields({ size: file.size }));
    let at = 0;
    while (at < file.size) {
      at = (await ask(`${to.piece}?at=${at}`, file.slice(at, at + size))).at;
      const share = at / file.size;
      const left = Math.round(((performance.now() - began) / 1000 / share) * (1 - share));
      bar.value = share * 100;
      said.textContent = `${Math.floor(share * 100)}% uploaded` + (left > 1 ? `, about ${left} s left` : "");
    }
    said.textContent = "Uploaded. Amity looks at it.";
    window.location.assign((await ask(to.end, fields({ name: file.name, size: file.size }))).url);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [file] = input.files;
    trouble.hidden = true;
    input.removeAttribute("aria-invalid");
    if (!file) return refuse("Choose a file.");
    if (file.size === 0) return refuse("The file is empty.");
    if (file.size > most) return refuse("The file is larger than the console takes. Use the command line: amity import FILE");
    way.hidden = false;
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    upload(file).catch((error) => refuse(error.message));
  });

  for (const kind of ["dragover", "dragenter"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.dataset.over = "";
    });
  }
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => delete drop.dataset.over);
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
}
