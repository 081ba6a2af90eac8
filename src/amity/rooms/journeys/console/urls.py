"""Routes of the journeys' pages, below `/w/<workspace>/journeys/` and `/w/<workspace>/incidents/`, and where the link of a map leads."""

from __future__ import annotations

from django.urls import include, path

from amity.rooms.journeys.console.audit import pages as audits
from amity.rooms.journeys.console.comments import pages as said
from amity.rooms.journeys.console.conformance import pages as conformance
from amity.rooms.journeys.console.freshness import pages as fresh
from amity.rooms.journeys.console.friction import pages as friction
from amity.rooms.journeys.console.funnels import edit, pages
from amity.rooms.journeys.console.incidents import pages as incidents
from amity.rooms.journeys.console.maps import drawing, files, sharing
from amity.rooms.journeys.console.maps import pages as maps
from amity.rooms.journeys.console.moments import pages as moments
from amity.rooms.journeys.console.paths import pages as ways

app_name = "journeys"

_pages = [
    path("", maps.home, name="home"),
    path("new", maps.new, name="new_journey"),
    path("<int:journey_id>/", maps.journey, name="journey"),
    path("<int:journey_id>/cells/<slug:stage>/<slug:lane>", drawing.cell, name="cell"),
    path("<int:journey_id>/stages", drawing.stages, name="stages"),
    path("<int:journey_id>/target", maps.target, name="target"),
    path("<int:journey_id>/name", maps.naming, name="name_journey"),
    path("<int:journey_id>/time", maps.timing, name="time_journey"),
    path("<int:journey_id>/map.svg", files.pictured, name="map_picture"),
    path("<int:journey_id>/map.bpmn", files.modelled, name="map_model"),
    path("<int:journey_id>/bpmn", files.brought_in, name="bring_in_model"),
    path("<int:journey_id>/share", sharing.share, name="share_journey"),
    path("<int:journey_id>/history", maps.history, name="history"),
    path("<int:journey_id>/history/<int:number>", maps.restore, name="bring_back"),
    path("<int:journey_id>/conformance", conformance.conformance, name="conformance"),
    path("<int:journey_id>/conformance/customers", conformance.people, name="conformance_customers"),
    path("<int:journey_id>/allowances", conformance.allowances, name="allowances"),
    path("<int:journey_id>/allowances/<int:allowance_id>/end", conformance.ended, name="end_allowance"),
    path("<int:journey_id>/comments", said.comments, name="comments"),
    path("<int:journey_id>/comments/new", said.new, name="new_comment"),
    path("<int:journey_id>/comments/<int:comment_id>", said.settling, name="settle_comment"),
    path("<int:journey_id>/freshness", fresh.freshness, name="freshness"),
    path("<int:journey_id>/review", fresh.reviewed, name="review_journey"),
    path("<int:journey_id>/moments", moments.moments, name="moments"),
    path("<int:journey_id>/moments/ask", moments.asking, name="ask_moments"),
    path("<int:journey_id>/moments/<int:foretelling_id>/customers", moments.people, name="moment_customers"),
    path("<int:journey_id>/archive", maps.archive, name="archive_journey"),
    path("audit/", audits.audit, name="audit"),
    path("audit/ask", audits.asking, name="ask_audit"),
    path("audit/dismissals", audits.dismissing, name="dismiss_finding"),
    path("audit/dismissals/end", audits.restoring, name="restore_finding"),
    path("paths/", ways.paths, name="paths"),
    path("paths/customers", ways.people, name="path_customers"),
    path("friction/", friction.pains, name="pains"),
    path("friction/new", friction.new, name="new_pain"),
    path("friction/<int:pain_id>/", friction.pain, name="pain"),
    path("friction/<int:pain_id>/edit", friction.edit, name="edit_pain"),
    path("friction/<int:pain_id>/price", friction.price, name="price_pain"),
    path("friction/<int:pain_id>/archive", friction.archive, name="archive_pain"),
    path("friction/<int:pain_id>/customers/<int:pricing_id>", friction.people, name="pain_customers"),
    path("funnels/", pages.funnels, name="funnels"),
    path("funnels/new", edit.new, name="new_funnel"),
    path("funnels/count", edit.count, name="count_funnel"),
    path("funnels/customers", pages.people, name="funnel_customers"),
    path("funnels/<int:funnel_id>/", pages.funnel, name="funnel"),
    path("funnels/<int:funnel_id>/edit", edit.edit, name="edit_funnel"),
    path("funnels/<int:funnel_id>/archive", pages.archive, name="archive_funnel"),
]

_incidents = [
    path("", incidents.incidents, name="incidents"),
    path("new", incidents.new, name="new_incident"),
    path("<int:incident_id>/", incidents.incident, name="incident"),
    path("<int:incident_id>/edit", incidents.edit, name="edit_incident"),
    path("<int:incident_id>/end", incidents.end, name="end_incident"),
    path("<int:incident_id>/notes", incidents.note, name="note_incident"),
    path("<int:incident_id>/lists", incidents.follow_up, name="follow_up_incident"),
    path("<int:incident_id>/customers", incidents.people, name="incident_customers"),
    path("<int:incident_id>/report", incidents.report, name="incident_report"),
]

urlpatterns = [
    path("w/<slug:workspace>/journeys/", include(_pages)),
    path("w/<slug:workspace>/incidents/", include(_incidents)),
    path("shared/maps/<str:secret>/", sharing.shared, name="shared_map"),
]
