"""Fields of forms as the look has them: `{% load fields %}{% field form.name %}`, and `{% form_errors form %}` on top."""

from __future__ import annotations

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def field(bound: BoundField, label: str = "", hint: str = "", autofocus: str = "") -> SafeString:
    """Draw label, control, hint and errors, tied together by `aria-describedby`; the value is kept."""
    if bound.is_hidden:
        return SafeString(bound.as_widget())
    name, said, box = bound.id_for_label, hint or bound.help_text or "", isinstance(bound.field.widget, CheckboxInput)
    described = [f"{name}-hint"] * bool(said) + [f"{name}-error"] * bool(bound.errors)
    attrs: dict[str, str | bool] = {"placeholder": False} | ({} if box else {"class": "in"})
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if autofocus:
        attrs["autofocus"] = True
    control, words = bound.as_widget(attrs=attrs), label or bound.label or ""
    hint_html = format_html('<p class="hint" id="{}-hint">{}</p>', name, said) if said else ""
    errors = format_html_join(" ", "{}", ((e,) for e in bound.errors))
    error_html = format_html('<p class="error" id="{}-error">{}</p>', name, errors) if bound.errors else ""
    if box:
        row = format_html('<label class="check" for="{}">{}{}</label>', name, control, words)
    else:
        row = format_html('<label for="{}">{}</label>{}', name, words, control)
    return format_html('<div class="field">{}{}{}</div>', row, hint_html, error_html)


@register.simple_tag
def form_errors(form: BaseForm) -> SafeString | str:
    """Draw what is wrong with a form as a whole; nothing if nothing is."""
    found = form.non_field_errors()
    if not found:
        return ""
    return format_html('<p class="notice" role="alert"><span>{}</span></p>', format_html_join(" ", "{}", ((e,) for e in found)))
