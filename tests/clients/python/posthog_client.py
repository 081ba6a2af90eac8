"""Sends one customer's story with posthog, as it comes."""

import sys

from posthog import Posthog

host, write_key, user = sys.argv[1:4]
failures: list[str] = []
client = Posthog(write_key, host=host, on_error=lambda error, items: failures.append(f"{error}: {items}"))
client.capture("$identify", distinct_id=user, properties={"$set": {"name": "Mara Lind", "email": f"{user}@mail.example"}})
client.capture("$pageview", distinct_id=user, properties={"$current_url": "https://linden.example/lamps"})
for n in range(20):
    client.capture("Lamp Seen", distinct_id=user, properties={"n": n})
client.flush()
client.shutdown()
sys.exit("\n".join(failures) or None)
