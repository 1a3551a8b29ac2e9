"""An exception and what it came of: libraries wrap what a server or a socket said."""

from typing import Iterator, List, Optional


def chain_of(error: Optional[BaseException]) -> Iterator[BaseException]:
    """An exception, and those it was raised from or in handling; each once, for a chain may be a ring."""
    seen: List[BaseException] = []
    while error is not None and not any(error is one for one in seen):
        seen.append(error)
        yield error
        error = error.__cause__ or error.__context__
