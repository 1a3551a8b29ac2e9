"""What holds for every rule there is."""

from __future__ import annotations

import re

import pytest

from celery_backend_lint import __version__
from celery_backend_lint.rules.catalogue import CatalogueEntry, available, load

ENTRIES = available()
SECTIONS = [
    "What it does",
    "Why is this bad?",
    "Example",
    "Use instead",
    "Fix safety",
    "Known limits",
    "References",
]
OPTIONAL = {"Fix safety"}

every_rule = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)


def test_codes_and_names_are_each_given_once() -> None:
    assert len({entry.code for entry in ENTRIES}) == len({entry.name for entry in ENTRIES}) == len(ENTRIES) > 0


@every_rule
def test_the_declared_facts_are_those_of_the_file_name(entry: CatalogueEntry) -> None:
    rule = load(entry).rule
    assert (rule.code, rule.name) == (entry.code, entry.name)
    assert rule.since <= __version__


@every_rule
def test_the_documentation_has_the_fixed_sections_in_order(entry: CatalogueEntry) -> None:
    documentation = load(entry).documentation
    found = re.findall(r"^## (.+)$", documentation, re.MULTILINE)
    assert found == [section for section in SECTIONS if section in found]
    about_the_analysis = {"References"} if entry.code.startswith("CBL0") else set()
    assert set(SECTIONS) - set(found) <= OPTIONAL | about_the_analysis


@every_rule
def test_the_documentation_is_filled_in(entry: CatalogueEntry) -> None:
    documentation = load(entry).documentation
    summary, *sections = re.split(r"^## .+$", documentation, flags=re.MULTILINE)
    assert re.fullmatch(r"\S.*\.", summary.strip(), re.DOTALL)
    assert "\n\n" not in summary.strip(), "the summary is one sentence"
    assert all(section.strip() for section in sections)
    assert "TODO" not in documentation
    assert documentation.count("```") % 2 == 0
    assert not re.search(r"^ {4}\S", documentation.split("```")[0], re.MULTILINE), "the docstring is dedented"
