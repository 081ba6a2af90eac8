from __future__ import annotations

import pytest

from amity.facts.interaction import Interaction
from amity.workers.pipeline.voice import voice_of


def said(name, properties=None, context=None, *, dialect="segment", kind="track"):
    one = Interaction(workspace=1, source=1, message_id="m", kind=kind, time=1, received_at=1, name=name, dialect=dialect)
    return voice_of(one, properties or {}, context or {})


@pytest.mark.parametrize(
    ("name", "voice"),
    [
        ("Product Viewed", "did"),
        ("Survey Answered", "said"),
        ("Product Reviewed", "said"),
        ("Live Chat Message Sent", "said"),
        ("Survey Sent", "ours"),
        ("survey sent", "ours"),
        ("Email Delivered", "ours"),
        ("Order Shipped", "ours"),
    ],
)
def test_the_name_tells_who_speaks(name, voice):
    assert said(name) == voice


def test_to_posthog_a_survey_is_sent_by_who_answers_it():
    assert said("survey sent", dialect="posthog") == "said"
    assert said("survey sent", {"$survey_id": "1", "$survey_response": "8"}) == "said"
    assert said("survey shown", {"$survey_id": "1"}, dialect="posthog") == "ours"


def test_a_client_that_states_the_voice_is_believed():
    assert said("survey sent", context={"voice": "ours"}, dialect="posthog") == "ours"
    assert said("", kind="identify") == "did"
