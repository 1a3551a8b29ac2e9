"""Which rules are on."""

from __future__ import annotations

import pytest

from celery_backend_lint.findings.selection import SelectionLayer, UnknownSelectorError, matching, selected
from celery_backend_lint.rules.catalogue import CatalogueEntry

ENTRIES = tuple(
    CatalogueEntry(code, name, "unused")
    for code, name in (
        ("CBL002", "unused-suppression"),
        ("CBL301", "hardcoded-credential"),
        ("CBL302", "credential-in-default"),
        ("CBL401", "pickle-serializer"),
    )
)
EVERYTHING = {"CBL002", "CBL301", "CBL302", "CBL401"}
ALL = SelectionLayer(select=("ALL",))


@pytest.mark.parametrize(
    ("selector", "codes"),
    [
        ("ALL", EVERYTHING),
        ("CBL", EVERYTHING),
        ("CBL3", {"CBL301", "CBL302"}),
        ("CBL301", {"CBL301"}),
        ("hardcoded-credential", {"CBL301"}),
    ],
)
def test_a_selector_is_all_a_code_its_beginning_or_a_name(selector: str, codes: set[str]) -> None:
    assert matching(selector, ENTRIES) == codes


@pytest.mark.parametrize(
    ("selector", "hint"),
    [
        ("CBL303", "did you mean 'CBL30"),
        ("cbl301", "did you mean 'CBL301'"),
        ("hardcoded-credentials", "did you mean 'hardcoded-credential'"),
        ("Pickle_Serializer", "did you mean 'pickle-serializer'"),
        ("C", "`celery-backend-lint rule --all` lists them"),
        ("", "`celery-backend-lint rule --all` lists them"),
    ],
)
def test_an_unknown_selector_is_an_error_that_says_what_is_close(selector: str, hint: str) -> None:
    with pytest.raises(UnknownSelectorError, match="no rule is called") as caught:
        matching(selector, ENTRIES)
    assert hint in str(caught.value)


def test_the_more_specific_selector_wins_whatever_the_option() -> None:
    layer = SelectionLayer(select=("CBL301", "CBL4"), ignore=("CBL3", "CBL401"))
    assert selected([layer], ENTRIES) == {"CBL301"}


def test_ignore_wins_over_an_equally_specific_select() -> None:
    assert selected([SelectionLayer(select=("CBL301",), ignore=("hardcoded-credential",))], ENTRIES) == frozenset()


def test_a_later_select_replaces_the_earlier_layers_ignores_included() -> None:
    configuration = SelectionLayer(select=("CBL3", "CBL4"), ignore=("CBL301",))
    assert selected([configuration, SelectionLayer(select=("CBL3",))], ENTRIES) == {"CBL301", "CBL302"}


def test_a_layer_without_select_adds_to_and_takes_from_the_earlier_ones() -> None:
    configuration = SelectionLayer(select=("CBL3",), ignore=("CBL301",))
    line = SelectionLayer(extend_select=("pickle-serializer",), ignore=("CBL302",))
    assert selected([configuration, line], ENTRIES) == {"CBL401"}


def test_an_empty_select_turns_everything_off() -> None:
    assert selected([ALL, SelectionLayer(select=())], ENTRIES) == frozenset()
