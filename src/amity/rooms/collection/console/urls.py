"""The room's pages, below their workspace."""

from __future__ import annotations

from django.urls import include, path

from amity.rooms.collection.console import home, live, quarantine, source, sources, stream, welcome
from amity.rooms.collection.console.imports import listing, mapping, one, uploads
from amity.rooms.collection.console.plan import catalogue, drift, violations
from amity.rooms.collection.console.plan import one as planned

app_name = "collection"

_pages = [
    path("", home.home, name="home"),
    path("welcome/", welcome.welcome, name="welcome"),
    path("welcome/heard/", welcome.heard, name="heard"),
    path("welcome/trial/", welcome.trial, name="trial"),
    path("live/", live.live, name="live"),
    path("live/stream/", stream.stream, name="stream"),
    path("live/<uuid:key>/", live.live_one, name="live_one"),
    path("sources/", sources.sources, name="sources"),
    path("sources/new/", sources.new_source, name="new_source"),
    path("sources/<int:source_id>/", source.source, name="source"),
    path("sources/<int:source_id>/settings/", source.source_settings, name="source_settings"),
    path("sources/<int:source_id>/enablement/", source.enable_source, name="enable_source"),
    path("sources/<int:source_id>/keys/", source.new_key, name="new_key"),
    path("sources/<int:source_id>/keys/<int:key_id>/revocation/", source.revoke_key, name="revoke_key"),
    path("sources/<int:source_id>/quarantine/", quarantine.quarantine, name="quarantine"),
    path("sources/<int:source_id>/quarantine/replay/", quarantine.replay, name="replay"),
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("catalogue/interaction/", planned.planned, name="planned"),
    path("catalogue/interaction/plan/", planned.edit_planned, name="edit_planned"),
    path("catalogue/interaction/removal/", planned.remove, name="remove_planned"),
    path("catalogue/from-seen/", planned.from_seen, name="plan_from_seen"),
    path("catalogue/violations/", violations.violations, name="violations"),
    path("catalogue/drift/", drift.drift, name="drift"),
    path("catalogue/drift/<int:alert_id>/acceptance/", drift.accept, name="accept_drift"),
    path("catalogue/consequences/", violations.consequences, name="consequences"),
    path("imports/", listing.imports, name="imports"),
    path("imports/new/", uploads.new_import, name="new_import"),
    path("imports/uploads/", uploads.begin, name="begin_upload"),
    path("imports/uploads/<uuid:upload_id>/", uploads.piece, name="upload_piece"),
    path("imports/uploads/<uuid:upload_id>/end/", uploads.end, name="end_upload"),
    path("imports/<uuid:import_id>/", one.one_import, name="import"),
    path("imports/<uuid:import_id>/map/", mapping.map_import, name="map_import"),
    path("imports/<uuid:import_id>/cancellation/", one.cancel, name="cancel_import"),
    path("imports/<uuid:import_id>/resumption/", one.resume, name="resume_import"),
    path("imports/<uuid:import_id>/removal/", one.forget, name="forget_import"),
    path("imports/<uuid:import_id>/rejected/", one.rejected, name="rejected_rows"),
]
urlpatterns = [path("w/<slug:workspace>/", include(_pages))]
