"""The pipeline: the steps that every interaction goes through, in this order.

Those of `EACH` work items and may be repeated over parts of a batch, to find the one that breaks them; the first of them,
`AHEAD`, need no engine, so another thread may do them for the next batch meanwhile. Those of `WHOLE` close a batch. All of
it is one transaction with the reader's position.
"""

from __future__ import annotations

from amity.workers.batch import Step
from amity.workers.pipeline.catalogue import catalogue
from amity.workers.pipeline.check import check
from amity.workers.pipeline.count import count
from amity.workers.pipeline.decode import decode
from amity.workers.pipeline.dedupe import dedupe, give_back
from amity.workers.pipeline.describe import describe
from amity.workers.pipeline.place import place
from amity.workers.pipeline.shape import shape
from amity.workers.pipeline.suppress import suppress, suppress_turned
from amity.workers.pipeline.touch import touch
from amity.workers.pipeline.write import write

AHEAD = (
    Step("decode", decode),
    Step("describe", describe),
)
EACH = (
    *AHEAD,
    Step("suppress", suppress),
    Step("dedupe", dedupe),
    Step("check", check),
    Step("place", place),
    Step("shape", shape),
)
WHOLE = (
    Step("give back", give_back),
    Step("suppress turned", suppress_turned),
    Step("write", write),
    Step("touch", touch),
    Step("catalogue", catalogue),
    Step("count", count),
)
