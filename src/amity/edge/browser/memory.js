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

export const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => (byte + 256).toString(16).slice(1)).join("");

// Read anew each time, since another tab may have signed in or out. A session ends after half an hour without a word.
export const who = (change) => {
  const now = Date.now();
  self = { anonymous: random(), ...(load("who") || self), ...change };
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
