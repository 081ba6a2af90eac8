"""The periods that pages offer, as texts of a form."""

from __future__ import annotations

PERIODS = {
    "last:1:days": "in the last day", "last:7:days": "in the last 7 days", "last:30:days": "in the last 30 days",
    "last:90:days": "in the last 90 days", "last:365:days": "in the last 365 days", "this:week": "this week",
    "this:month": "this month", "this:quarter": "this quarter", "this:year": "this year", "previous:week": "last calendar week",
    "previous:month": "last calendar month", "previous:quarter": "last calendar quarter", "previous:year": "last calendar year",
    "": "at any time",
}  # fmt: skip
