// Sends one customer's story with posthog-node.
import { PostHog } from "posthog-node";

const [host, writeKey, user] = process.argv.slice(2);
const client = new PostHog(writeKey, { host });
const failures = [];
client.on("error", (error) => failures.push(String(error)));
client.identify({ distinctId: user, properties: { name: "Yara Haddad", email: `${user}@mail.example` } });
for (let n = 0; n < 20; n += 1) client.capture({ distinctId: user, event: "Lamp Seen", properties: { n } });
await client.shutdown(20000);
if (failures.length) { console.error(failures.join("\n")); process.exit(1); }
