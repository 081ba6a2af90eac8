"""Sends one customer's story with segment-analytics-python, whichever version is first on the path."""

import sys

from segment import analytics
from segment.analytics.version import VERSION

host, write_key, user, gzip = sys.argv[1:5]
failures: list[str] = []
analytics.write_key = write_key
analytics.host = host
analytics.gzip = gzip == "gzip"
analytics.on_error = lambda error, batch: failures.append(f"{error}: {batch}")

analytics.identify(user, {"name": "Ines Carvalho", "email": f"{user}@mail.example", "plan": "plus"}, anonymous_id=f"anon-{user}")
analytics.page(user, "Lamps", "Alder floor lamp", {"url": "https://linden.example/lamps/alder"})
analytics.track(user, "Order Completed", {"order_id": "o-1", "total": 189.0, "currency": "EUR"})
analytics.group(user, "household-7", {"name": "Carvalho"})
analytics.screen(user, "App", "Home")
analytics.alias(f"old-{user}", user)
for n in range(20):
    analytics.track(user, "Lamp Seen", {"n": n, "gone": None})
analytics.flush()
analytics.shutdown()
sys.stdout.write(VERSION)
sys.exit("\n".join(failures) or None)
