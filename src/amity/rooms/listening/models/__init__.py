"""Surveys and what people answered, as the present holds them."""

from __future__ import annotations

from amity.rooms.listening.models.surveys import Response, Shown, Survey, Version

__all__ = ["Response", "Shown", "Survey", "Version"]
