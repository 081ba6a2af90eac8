"""Routes of the customers' pages, below `/w/<workspace>/customers/`."""

from __future__ import annotations

from django.urls import include, path

from amity.rooms.customers.console import customer, export, lists, notes, parts

app_name = "customers"
_pages = [
    path("", lists.customers, name="list"),
    path("find", lists.find, name="find"),
    path("export.<str:form>", export.customers, name="export"),
    path("<uuid:customer_id>/", customer.story, name="customer"),
    path("<uuid:customer_id>/traits/", customer.traits, name="traits"),
    path("<uuid:customer_id>/identity/", customer.identity, name="identity"),
    path("<uuid:customer_id>/consent/", customer.consent, name="consent"),
    path("<uuid:customer_id>/export.<str:form>", export.story, name="story_export"),
    path("<uuid:customer_id>/older", parts.older, name="older"),
    path("<uuid:customer_id>/moments/<int:time>/<uuid:key>/", parts.moment, name="moment"),
    path("<uuid:customer_id>/notes/", notes.create, name="notes"),
    path("<uuid:customer_id>/notes/<str:message_id>/", notes.arrival, name="note"),
]
urlpatterns = [path("w/<slug:workspace>/customers/", include(_pages))]
