// Sends one customer's story with @segment/analytics-node.
import { Analytics } from "@segment/analytics-node";

const [host, writeKey, user] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey, path: "/v1/batch" });
const failures = [];
analytics.on("error", (error) => failures.push(String(error.reason ?? error.code)));
analytics.identify({ userId: user, traits: { name: "Ada Osei", email: `${user}@mail.example` } });
analytics.track({ userId: user, event: "Order Completed", properties: { total: 12, currency: "EUR" } });
for (let n = 0; n < 20; n += 1) analytics.track({ userId: user, event: "Lamp Seen", properties: { n } });
await analytics.closeAndFlush({ timeout: 20000 });
if (failures.length) { console.error(failures.join("\n")); process.exit(1); }
