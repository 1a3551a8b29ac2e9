"""Which rules are on: selectors by code, prefix, name or ALL, in layers, with ruff's precedence.

A more specific selector beats a less specific one, whichever option it stands in, and a layer that says ``select``
replaces the layers before it (ruff 0.17, ``LinterConfiguration::as_rule_table``).
"""

from __future__ import annotations

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from celery_backend_lint.rules.catalogue import CatalogueEntry


@record
class SelectionLayer:
    """What one source (the configuration, the command line) says; ``select`` is None where it does not say."""

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


class UnknownSelectorError(Exception):
    """A selector that names no rule; the text says so, and what is close."""


def matching(selector: str, entries: Sequence[CatalogueEntry]) -> frozenset[str]:
    """The codes that a selector names: ``ALL``, a code or its beginning (``CBL3``), or a rule's name.

    Raises UnknownSelectorError when there is none.
    """
    codes = frozenset(
        entry.code
        for entry in entries
        if selector in {"ALL", entry.name} or (selector.startswith("CBL") and entry.code.startswith(selector))
    )
    if not codes:
        raise UnknownSelectorError(_unknown(selector, entries))
    return codes


def selected(layers: Iterable[SelectionLayer], entries: Sequence[CatalogueEntry]) -> frozenset[str]:
    """The codes that are on after all layers, the first one being the weakest. Raises UnknownSelectorError."""
    on: frozenset[str] = frozenset()
    for layer in layers:
        votes = [(selector, True) for selector in (*(layer.select or ()), *layer.extend_select)]
        votes += [(selector, False) for selector in layer.ignore]
        decided: dict[str, bool] = {}
        for selector, chosen in sorted(votes, key=lambda vote: _specificity(vote[0])):
            decided.update(dict.fromkeys(matching(selector, entries), chosen))
        chosen_codes = frozenset(code for code, chosen in decided.items() if chosen)
        on = chosen_codes if layer.select is not None else (on - decided.keys()) | chosen_codes
    return on


def _specificity(selector: str) -> int:
    if selector == "ALL":
        return 0
    return len(selector) if selector.startswith("CBL") else len("CBL000")


def _unknown(selector: str, entries: Sequence[CatalogueEntry]) -> str:
    from difflib import get_close_matches

    known = ["ALL", *(entry.code for entry in entries), *(entry.name for entry in entries)]
    close = get_close_matches(selector.upper(), known, 1) or get_close_matches(selector.lower(), known, 1)
    hint = f"did you mean {close[0]!r}?" if close else "`celery-backend-lint rule --all` lists them"
    return f"no rule is called {selector!r}; {hint}"
