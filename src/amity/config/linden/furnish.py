"""Makes Linden's audiences, personas, metrics, dashboard, funnels, journeys, pain points and incident, by what people themselves do in the console."""

from __future__ import annotations

from amity.config.linden.audiences import make_audiences, make_traits
from amity.config.linden.dashboard import make_dashboard
from amity.config.linden.incidents import make_incident
from amity.config.linden.journeys import make_funnels, make_journeys, make_pains
from amity.config.linden.personas import make_personas
from amity.rooms.trust.api import ROLES, get_workspace
from amity.rooms.trust.contracts import Access, Actor

COLLEAGUES = Actor(kind="system", id="demo", name="Linden’s team")


def furnish() -> int:
    """Make what is missing in the workspace `linden`; return how many things were made.

    What is there under its name, archived or not, is left as it is, so people can change it and begin the demo again. Metrics are
    those that what has arrived can answer. Raises NotFound without the workspace, NotRunning where an engine doesn't answer.
    """
    access = Access(workspace=get_workspace("linden"), actor=COLLEAGUES, role="owner", permissions=ROLES["owner"])
    makers = (make_audiences, make_traits, make_personas, make_dashboard, make_funnels, make_journeys, make_pains, make_incident)
    return sum(make(access) for make in makers)
