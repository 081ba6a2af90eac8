// Web Vitals as their definitions at web.dev say: one event for each load, and for each return from the back/forward cache, when the
// page is hidden for the first time.

import { track } from "./record.js";

const observe = (type, seen, more) => {
  try {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(seen));
    observer.observe({ type, buffered: true, ...more });
    return () => observer.takeRecords().forEach(seen);
  } catch {
    return () => {};
  }
};

export const watchVitals = () => {
  const load = performance.getEntriesByType("navigation")[0] || {};
  // A page that was made ahead of time counts from the moment on which somebody saw it.
  const zero = load.activationStart || 0;
  const since = (time) => Math.max(0, Math.round(time - zero));
  const early = performance.getEntriesByType("visibility-state").find((one) => one.name === "hidden" && one.startTime >= zero);
  let hidden = early ? early.startTime : document.visibilityState === "hidden" ? 0 : Infinity;
  let measured = {};
  let slow = new Map();
  let least = Infinity;
  let most = 0;
  let shifts = [];
  let sent = false;
  let from = 0;
  let before = 0;

  const drains = [
    observe("largest-contentful-paint", (one) => {
      if (!from && one.startTime < hidden) measured.lcp_ms = since(one.startTime);
    }),
    observe("paint", (one) => {
      if (!from && one.name === "first-contentful-paint" && one.startTime < hidden) measured.fcp_ms = since(one.startTime);
    }),
    observe("layout-shift", (one) => {
      if (one.hadRecentInput || one.startTime < from) return;
      // Shifts less than a second apart, over at most five seconds, make one window; the worst window counts.
      const first = shifts[0];
      const last = shifts[shifts.length - 1];
      if (!(first && one.startTime - last.startTime < 1000 && one.startTime - first.startTime < 5000)) shifts = [];
      shifts.push(one);
      const sum = shifts.reduce((total, shift) => total + shift.value, 0);
      measured.cls = Math.max(measured.cls || 0, sum);
    }),
    ...["event", "first-input"].map((type) =>
      observe(
        type,
        (one) => {
          const id = one.interactionId;
          if (!id || one.startTime < from) return;
          least = Math.min(least, id);
          most = Math.max(most, id);
          slow.set(id, Math.max(slow.get(id) || 0, one.duration));
        },
        { durationThreshold: 40 },
      ),
    ),
  ];

  // The worst interaction, leaving out one for every fifty. Where the browser doesn't count them, it numbers them in steps of seven.
  const delay = () => {
    const longest = [...slow.values()].sort((a, b) => b - a);
    const count = performance.interactionCount - before || (most - least) / 7 + 1;
    return longest[Math.min(longest.length - 1, Math.floor(count / 50))];
  };

  const path = location.pathname;
  const finish = () => {
    if (sent) return;
    sent = true;
    drains.forEach((drain) => drain());
    const cls = PerformanceObserver.supportedEntryTypes.includes("layout-shift") ? +(measured.cls || 0).toFixed(4) : undefined;
    const ttfb = from ? 0 : load.responseStart > 0 ? since(load.responseStart) : undefined;
    const navigation = from ? "back_forward_cache" : zero ? "prerender" : load.type;
    track("Web Vitals", { ...measured, cls, inp_ms: delay(), ttfb_ms: ttfb, navigation, page: from ? location.pathname : path });
  };

  const restored = (event) => {
    from = event.timeStamp;
    hidden = Infinity;
    measured = {};
    slow = new Map();
    least = Infinity;
    most = 0;
    before = performance.interactionCount || 0;
    shifts = [];
    sent = false;
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        measured.lcp_ms = measured.fcp_ms = Math.round(performance.now() - from);
      }),
    );
  };

  return { finish, restored };
};
