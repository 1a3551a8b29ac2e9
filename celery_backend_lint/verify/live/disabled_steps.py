"""An app without a result backend: nothing to try."""

from typing import List, Optional

from .protocol import Facts, Failure, Live, Step

KIND = "disabled"


def where(live: Live) -> Facts:
    """Nowhere."""
    return {"label": "no result backend"}


def steps(live: Live) -> List[Step]:
    """One that says so."""
    return [Step("results", lambda: live.note("disabled"))]


def explain(error: BaseException, live: Live) -> Optional[Failure]:
    """Nothing that fails here is known."""
    return None
