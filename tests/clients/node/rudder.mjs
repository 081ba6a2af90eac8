// Sends one customer's story with @rudderstack/rudder-sdk-node.
import pkg from "@rudderstack/rudder-sdk-node";

const [host, writeKey, user] = process.argv.slice(2);
const Analytics = pkg.default ?? pkg;
const analytics = new Analytics(writeKey, { dataPlaneUrl: host, flushInterval: 200 });
analytics.identify({ userId: user, traits: { name: "Linh Tran", email: `${user}@mail.example` } });
for (let n = 0; n < 20; n += 1) analytics.track({ userId: user, event: "Lamp Seen", properties: { n } });
await new Promise((resolve, reject) => analytics.flush((error) => (error ? reject(error) : resolve())));
process.exit(0);
