"""Routes of surveys, below `/w/<workspace>/surveys/`, and the public page that their links lead to."""

from __future__ import annotations

from django.urls import include, path

from amity.rooms.listening.console import bringing, builder, links, pages, public, rest, results

app_name = "listening"

_pages = [
    path("", pages.surveys, name="surveys"),
    path("new", pages.new, name="new"),
    path("import", bringing.bringing, name="bring_in"),
    path("rest", rest.rest, name="rest"),
    path("<int:survey_id>/", results.results, name="survey"),
    path("<int:survey_id>/said/<slug:key>", results.said, name="said"),
    path("<int:survey_id>/customers", results.people, name="people"),
    path("<int:survey_id>/answers.csv", results.answers, name="answers"),
    path("<int:survey_id>/edit", builder.edit, name="edit"),
    path("<int:survey_id>/preview", builder.preview, name="preview"),
    path("<int:survey_id>/theme.css", builder.theme, name="draft_theme"),
    path("<int:survey_id>/order", builder.order, name="order"),
    path("<int:survey_id>/json", builder.as_json, name="as_json"),
    path("<int:survey_id>/questions/new", builder.new_question, name="new_question"),
    path("<int:survey_id>/questions/<slug:key>", builder.question, name="question"),
    path("<int:survey_id>/publish", pages.publishing, name="publish"),
    path("<int:survey_id>/closed", pages.closing, name="close"),
    path("<int:survey_id>/archive", pages.archiving, name="archive"),
    path("<int:survey_id>/links", links.links, name="links"),
]

urlpatterns = [
    path("w/<slug:workspace>/surveys/", include(_pages)),
    path("s/<str:token>", public.ask, name="ask"),
    path("s/<str:token>/theme.css", public.theme, name="theme"),
]
