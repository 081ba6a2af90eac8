// What is kept in the browser, in two entries of localStorage: who it is (`amity.who`), and what is not sent yet (`amity.queue`).

const HALF_AN_HOUR = 1800000;
let self;

export const load = (name) => {
  try {
    return JSON.parse(localStorage.getItem("amity." + name));
  } catch {
    return null;
  }
};

export const save = (name, value) => {
  try {
    if (value) localStorage.setItem("amity." + name, JSON.stringify(value));
    else localStorage.removeItem("amity." + name);
  } catch {
    // Storage is full or forbidden: memory holds it for as long as the page stays.
  }
};

// randomUUID is there on pages that came over TLS only.
export const uuid = () =>
  crypto.randomUUID
    ? crypto.randomUUID()
    : "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
        (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16),
      );

// Read anew each time, since another tab may have signed in or out. A session ends after half an hour without a word.
export const who = (change) => {
  const now = Date.now();
  self = { anonymous: uuid(), ...(load("who") || self), ...change };
  if (!(now - self.seen < HALF_AN_HOUR)) self.session = now;
  self.seen = now;
  save("who", self);
  return self;
};

export const forget = () => {
  self = undefined;
  save("who");
  save("queue");
};
