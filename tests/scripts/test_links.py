"""Links of the documentation: files and headings that they name are there, so are pages of Celery's documentation."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from celery_backend_lint.rules.catalogue import available, load
from tests.oracle.environments import ROOT, newest_celery, oracle_home
from tests.services import unavailable

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
CELERY = re.compile(r"https://docs\.celeryq\.dev/en/stable/([\w/-]+)\.html(?:#([\w-]+))?")


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.+?)\s*$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_links_to_is_there(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in target:
            assert target.startswith("https://"), target
            continue
        path, _, anchor = target.partition("#")
        other = (page.parent / path).resolve() if path else page
        assert other.exists(), target
        assert not anchor or anchor in anchors(other), target


@pytest.fixture(scope="module")
def celery_documentation() -> Path:
    """The folder ``docs`` of Celery's own source distribution."""
    version = newest_celery()
    home = oracle_home() / "sources"
    folder = home / f"celery-{version}" / "docs"
    if not folder.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--no-binary",
            "celery",
            f"celery=={version}",
        ]
        done = subprocess.run([*command, "-d", str(home)], capture_output=True, text=True)
        if done.returncode:
            unavailable("this test", f"Celery's source distribution from a package index: {done.stderr.strip()[-300:]}")
        with tarfile.open(next(home.glob(f"celery-{version}.tar.gz"))) as archive:
            for member in archive.getmembers():
                if re.match(rf"celery-{re.escape(version)}/docs/", member.name) and member.isfile():
                    content = archive.extractfile(member)
                    assert content is not None
                    path = home / member.name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content.read())
    return folder


def test_pages_of_celerys_documentation_are_there(celery_documentation: Path) -> None:
    linked = {(entry.code, *link) for entry in available() for link in CELERY.findall(load(entry).documentation)}
    assert linked
    missing = []
    for code, page, anchor in sorted(linked):
        source = celery_documentation / f"{page}.rst"
        if not source.is_file() or (anchor and anchor not in sphinx_anchors(source)):
            missing.append(f"{code}: {page}.html#{anchor}")
    assert missing == []


def sphinx_anchors(page: Path) -> set[str]:
    """The anchors of a page and what it includes: its labels, settings and headings, spelled as docutils does."""
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"^\.\. (?:_|setting:: )([\w.-]+):?\s*$", text, re.MULTILINE)
    titles = re.findall(r"^(\S.*)\n(?:=+|-+|~+|\^+|\*+)\s*$", text, re.MULTILINE)
    plain = (re.sub(r"[`*]|:\w+:", "", title) for title in titles)
    found = {re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") for name in (*named, *plain)}
    included = re.findall(r"^\.\. include:: (\S+)\s*$", text, re.MULTILINE)
    return found.union(*(sphinx_anchors(page.parent / path) for path in included))
