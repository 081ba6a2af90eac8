"""Fixtures that any test may ask for. The engines themselves are started by `tests/plugin.py`."""
