"""Routes of the customers' pages, below `/w/<workspace>/customers/`."""

from __future__ import annotations

from django.urls import include, path

from amity.rooms.customers.console import accounts, centre, customer, export, joins, lists, notes, parts, sensitive
from amity.rooms.customers.console.audiences import combine, edit, pages
from amity.rooms.customers.console.audiences import lists as named
from amity.rooms.customers.console.clustering import pages as clustering
from amity.rooms.customers.console.computed import edit as computed_edit
from amity.rooms.customers.console.computed import pages as computed
from amity.rooms.customers.console.computed import rfm
from amity.rooms.customers.console.consent import settings, tab
from amity.rooms.customers.console.matching import candidate, queue
from amity.rooms.customers.console.personas import edit as persona_edit
from amity.rooms.customers.console.personas import pages as personas
from amity.rooms.customers.console.ruleset import joins as taken_back
from amity.rooms.customers.console.ruleset import rules, runs
from amity.rooms.customers.console.sync import pages as destinations
from amity.rooms.customers.console.sync import subscribing

app_name = "customers"
_pages = [
    path("", lists.customers, name="list"),
    path("find", lists.find, name="find"),
    path("export", export.choose_customers, name="take_out"),
    path("export.<str:form>", export.customers, name="export"),
    path("<uuid:customer_id>/", customer.story, name="customer"),
    path("<uuid:customer_id>/traits/", customer.traits, name="traits"),
    path("<uuid:customer_id>/identity/", customer.identity, name="identity"),
    path("<uuid:customer_id>/joins/<int:merge_id>/", joins.take_back, name="take_back"),
    path("<uuid:customer_id>/consent/", tab.consent, name="consent"),
    path("<uuid:customer_id>/consent/note", tab.note, name="note_choice"),
    path("<uuid:customer_id>/consent/link", tab.link, name="choices_link"),
    path("<uuid:customer_id>/sensitive/", sensitive.sensitive, name="sensitive"),
    path("<uuid:customer_id>/export", export.choose_story, name="take_story_out"),
    path("<uuid:customer_id>/export.<str:form>", export.story, name="story_export"),
    path("<uuid:customer_id>/older", parts.older, name="older"),
    path("<uuid:customer_id>/moments/<int:time>/<uuid:key>/", parts.moment, name="moment"),
    path("<uuid:customer_id>/notes/", notes.create, name="notes"),
    path("<uuid:customer_id>/notes/<str:message_id>/", notes.arrival, name="note"),
]
_matches = [
    path("", queue.queue, name="matches"),
    path("progress", queue.progress, name="matching_progress"),
    path("ask", queue.ask, name="ask_matching"),
    path("stop", queue.stop, name="stop_matching"),
    path("choose", queue.choose, name="choose_matching"),
    path("<int:pair_id>/", candidate.candidate, name="match"),
    path("<int:pair_id>/accept", candidate.accept, name="accept_match"),
    path("<int:pair_id>/reject", candidate.reject, name="reject_match"),
    path("<int:pair_id>/block", candidate.block, name="block_match"),
]
_audiences = [
    path("", pages.audiences, name="audiences"),
    path("new", edit.new, name="new_audience"),
    path("count", edit.count, name="count_audience"),
    path("combine", combine.combine, name="combine_audiences"),
    path("lists/new", named.new, name="new_list"),
    path("lists/files/<int:upload_id>", named.use, name="use_list_file"),
    path("<int:audience_id>/", pages.audience, name="audience"),
    path("<int:audience_id>/edit", edit.edit, name="edit_audience"),
    path("<int:audience_id>/file", named.change, name="change_list"),
    path("<int:audience_id>/files/<int:upload_id>.csv", named.report, name="list_report"),
    path("<int:audience_id>/export", export.audience, name="export_audience"),
    path("<int:audience_id>/export.<str:form>", export.audience_file, name="audience_file"),
    path("<int:audience_id>/archive", pages.archive, name="archive_audience"),
    path("<int:audience_id>/recompute", pages.recompute, name="recompute_audience"),
    path("<int:audience_id>/duplicate", pages.duplicate, name="duplicate_audience"),
    path("<int:audience_id>/why/<uuid:customer_id>", pages.reasons, name="why_audience"),
]
_computed = [
    path("", computed.traits, name="computed_traits"),
    path("new", computed_edit.new, name="new_computed_trait"),
    path("count", computed_edit.count, name="count_computed_trait"),
    path("<int:trait_id>/", computed.trait, name="computed_trait"),
    path("<int:trait_id>/edit", computed_edit.edit, name="edit_computed_trait"),
    path("<int:trait_id>/archive", computed.archive, name="archive_computed_trait"),
    path("<int:trait_id>/recompute", computed.recompute, name="recompute_computed_trait"),
    path("<int:trait_id>/why/<uuid:customer_id>", computed.reasons, name="why_computed_trait"),
]
_segments = [
    path("", clustering.segments, name="segments"),
    path("progress", clustering.progress, name="clustering_progress"),
    path("ask", clustering.ask, name="ask_clustering"),
    path("stop", clustering.stop, name="stop_clustering"),
    path("<int:run_id>/<int:segment>/keep", clustering.keep, name="keep_segment"),
]
_personas = [
    path("", personas.personas, name="personas"),
    path("new", persona_edit.new, name="new_persona"),
    path("<int:persona_id>/", personas.persona, name="persona"),
    path("<int:persona_id>/edit", persona_edit.edit, name="edit_persona"),
    path("<int:persona_id>/voices", personas.voices, name="persona_voices"),
    path("<int:persona_id>/history", personas.history, name="persona_history"),
    path("<int:persona_id>/versions/<int:number>/restore", personas.restore, name="restore_persona"),
    path("<int:persona_id>/review", personas.review, name="review_persona"),
    path("<int:persona_id>/archive", personas.archive, name="archive_persona"),
    path("<int:persona_id>/return", personas.bring_back, name="return_persona"),
    path("<int:persona_id>/quotes", personas.quote, name="quote_persona"),
    path("<int:persona_id>/quotes/<int:quote_id>/remove", personas.unquote, name="unquote_persona"),
]
_identity = [
    path("", rules.rules, name="identity_rules"),
    path("kinds/new", rules.new_kind, name="new_identity_kind"),
    path("kinds/<str:kind>/", rules.kind, name="identity_kind"),
    path("kinds/<str:kind>/default", rules.default, name="identity_default"),
    path("region", rules.region, name="identity_region"),
    path("draft/discard", rules.discard, name="discard_identity"),
    path("versions/<int:number>/draft", rules.take_version, name="take_identity_version"),
    path("runs/", runs.try_draft, name="try_identity"),
    path("apply", runs.apply, name="apply_identity"),
    path("runs/<int:run_id>/", runs.run, name="identity_run"),
    path("runs/<int:run_id>/stop", runs.stop, name="stop_identity_run"),
    path("joins/", taken_back.joins, name="identity_joins"),
    path("joins/<int:run_id>/", taken_back.unmerge, name="identity_unmerge"),
    path("joins/<int:run_id>/stop", taken_back.stop, name="stop_identity_unmerge"),
]
_destinations = [
    path("", destinations.destinations, name="destinations"),
    path("new", destinations.new, name="new_destination"),
    path("<int:destination_id>/", destinations.destination, name="destination"),
    path("<int:destination_id>/change", destinations.change, name="change_destination"),
    path("<int:destination_id>/test", destinations.try_out, name="try_destination"),
    path("<int:destination_id>/pause", destinations.pause, name="pause_destination"),
    path("<int:destination_id>/resume", destinations.resume, name="resume_destination"),
    path("<int:destination_id>/replay", destinations.replay, name="replay_destination"),
    path("<int:destination_id>/archive", destinations.archive, name="archive_destination"),
    path("<int:destination_id>/secret", destinations.secret, name="destination_secret"),
    path("<int:destination_id>/send", subscribing.subscribe, name="subscribe"),
    path("sent/<int:subscription_id>", subscribing.act, name="act_on_subscription"),
]
_rfm = [
    path("", rfm.rfm, name="rfm"),
    path("set-up", rfm.set_up, name="set_up_rfm"),
    path("save", rfm.save, name="save_rfm"),
    path("<int:recency>-<int:frequency>/", rfm.rfm_cell, name="rfm_cell"),
]
_accounts = [
    path("", accounts.accounts, name="accounts"),
    path("one/", accounts.account, name="account"),
]
_consent = [
    path("", settings.overview, name="consent_settings"),
    path("regions", settings.regions, name="consent_regions"),
    path("centre", settings.centre, name="consent_centre"),
    path("links/end", settings.links_end, name="consent_links_end"),
    path("policies/<slug:key>/", settings.policy, name="consent_policy"),
    path("purposes/new/", settings.new_purpose, name="new_consent_purpose"),
    path("purposes/<slug:key>/edit", settings.purpose, name="consent_purpose"),
    path("purposes/<slug:key>/end", settings.purpose_end, name="consent_purpose_end"),
    path("topics/new/", settings.new_topic, name="new_consent_topic"),
    path("topics/<slug:key>/edit", settings.topic, name="consent_topic"),
    path("topics/<slug:key>/end", settings.topic_end, name="consent_topic_end"),
]
urlpatterns = [
    path("choices/<str:token>", centre.choices, name="choices"),
    path("choices/<str:token>/unsubscribe", centre.unsubscribe, name="unsubscribe"),
    path("w/<slug:workspace>/audiences/", include(_audiences)),
    path("w/<slug:workspace>/computed-traits/", include(_computed)),
    path("w/<slug:workspace>/personas/segments/", include(_segments)),
    path("w/<slug:workspace>/personas/", include(_personas)),
    path("w/<slug:workspace>/rfm/", include(_rfm)),
    path("w/<slug:workspace>/customers/matches/", include(_matches)),
    path("w/<slug:workspace>/destinations/", include(_destinations)),
    path("w/<slug:workspace>/customers/", include(_pages)),
    path("w/<slug:workspace>/accounts/", include(_accounts)),
    path("w/<slug:workspace>/identity/", include(_identity)),
    path("w/<slug:workspace>/consent/", include(_consent)),
]
