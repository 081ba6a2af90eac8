"""Sends one customer's story with rudder-sdk-python, as it comes (gzip on)."""

import sys

import rudderstack.analytics as rudder

host, write_key, user = sys.argv[1:4]
failures: list[str] = []
rudder.write_key = write_key
rudder.dataPlaneUrl = host
rudder.on_error = lambda error, batch: failures.append(f"{error}: {batch}")

rudder.identify(user, {"name": "Jonas Weber", "email": f"{user}@mail.example"})
rudder.track(user, "Order Completed", {"order_id": "o-2", "total": 49.5, "currency": "EUR"})
for n in range(20):
    rudder.track(user, "Lamp Seen", {"n": n})
rudder.flush()
rudder.shutdown()
sys.exit("\n".join(failures) or None)
