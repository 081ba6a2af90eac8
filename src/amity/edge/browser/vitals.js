// Web Vitals as their definitions at web.dev say: one event for each load, and for each return from the back/forward cache, when the
// page is hidden for the first time.

import { track } from "./record.js";

const observe = (type, seen) => {
  try {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(seen));
    observer.observe({ type, buffered: true, durationThreshold: 40 });
    return () => observer.takeRecords().forEach(seen);
  } catch {
    return () => {};
  }
};

export const watchVitals = () => {
  const navigated = performance.getEntriesByType("navigation")[0] || {};
  // A page that was made ahead of time counts from the moment on which somebody saw it.
  const zero = navigated.activationStart || 0;
  const since = (time) => Math.max(0, Math.round(time - zero));
  const away = performance.getEntriesByType("visibility-state").find((one) => one.name === "hidden" && one.startTime >= zero);
  const hidden = away ? away.startTime : document.hidden ? 0 : Infinity;
  const page = location.pathname;
  const interactions = () => performance.interactionCount || 0;
  let restoredAt = 0;
  let before = 0;
  let told = {};
  let delays = {};
  let shifts = [];
  let sent;

  const paint = (name) => (one) => {
    if (!restoredAt && one.startTime < hidden && one.name !== "first-paint") told[name] = since(one.startTime);
  };

  const shift = (one) => {
    if (one.hadRecentInput || one.startTime < restoredAt) return;
    // Shifts less than a second apart, over at most five seconds, make one window; the worst window counts.
    const near = shifts[0] && one.startTime - shifts[shifts.length - 1].startTime < 1000 && one.startTime - shifts[0].startTime < 5000;
    shifts = near ? [...shifts, one] : [one];
    told.cls = Math.max(told.cls || 0, +shifts.reduce((sum, each) => sum + each.value, 0).toFixed(4));
  };

  const interaction = ({ interactionId, startTime, duration }) => {
    if (interactionId && startTime >= restoredAt) delays[interactionId] = Math.max(delays[interactionId] || 0, duration);
  };

  const drains = [
    observe("largest-contentful-paint", paint("lcp_ms")),
    observe("paint", paint("fcp_ms")),
    observe("layout-shift", shift),
    observe("event", interaction),
    observe("first-input", interaction),
  ];

  const finish = () => {
    if (sent) return;
    sent = true;
    drains.forEach((drain) => drain());
    // The longest interaction, leaving out one for every fifty.
    const longest = Object.values(delays).sort((a, b) => b - a);
    track("Web Vitals", {
      cls: PerformanceObserver.supportedEntryTypes.includes("layout-shift") ? 0 : undefined,
      ...told,
      inp_ms: longest[Math.min(longest.length - 1, Math.floor((interactions() - before) / 50))],
      ttfb_ms: restoredAt ? 0 : navigated.responseStart && since(navigated.responseStart),
      navigation: restoredAt ? "back_forward_cache" : zero ? "prerender" : navigated.type,
      page,
    });
  };

  const restored = (event) => {
    restoredAt = event.timeStamp;
    before = interactions();
    told = {};
    delays = {};
    shifts = [];
    sent = false;
    const shown = () => (told.lcp_ms = told.fcp_ms = Math.round(performance.now() - restoredAt));
    requestAnimationFrame(() => requestAnimationFrame(shown));
  };

  return { finish, restored };
};
