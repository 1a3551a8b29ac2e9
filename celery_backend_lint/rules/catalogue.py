"""Which rules there are. The folder is the registry: code and name come from a file's name, nothing is imported."""

from __future__ import annotations

import os
import sys

from celery_backend_lint import rules
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from celery_backend_lint.findings.finding import Finding
    from celery_backend_lint.model import Model
    from celery_backend_lint.rules.rule import Rule

    Check: TypeAlias = Callable[[Model], Iterator[Finding]]


@record
class CatalogueEntry:
    """A rule that is there: its code (``CBL301``), its name (``hardcoded-credential``) and the module that holds it."""

    code: str
    name: str
    module: str


@record
class LoadedRule:
    """A rule's imported parts: the declared facts, the check."""

    rule: Rule
    check: Check

    @property
    def documentation(self) -> str:
        """The check's docstring, dedented."""
        return _dedented(self.check.__doc__ or "")


def available() -> tuple[CatalogueEntry, ...]:
    """Every rule in the folder, sorted by code."""
    entries = []
    for folder in rules.__path__:
        for file in os.listdir(folder):
            code, _, name = file.removesuffix(".py").partition("_")
            if file.endswith(".py") and code.startswith("cbl") and code[3:].isdecimal() and name:
                module = f"{rules.__name__}.{code}_{name}"
                entries.append(CatalogueEntry(code.upper(), name.replace("_", "-"), module))
    return tuple(sorted(entries, key=lambda entry: entry.code))


def load(entry: CatalogueEntry) -> LoadedRule:
    """Import a rule. Raises whatever importing the module raises, and AttributeError when it lacks its parts."""
    __import__(entry.module)  # importlib.import_module would import warnings too
    module = sys.modules[entry.module]
    check: Check = getattr(module, f"check_{entry.name.replace('-', '_')}")
    return LoadedRule(module.RULE, check)


def _dedented(docstring: str) -> str:
    """A docstring without its indentation: what ``inspect.cleandoc`` does, whose import takes 20 ms (3.11)."""
    if sys.version_info >= (3, 13):  # the compiler does it
        return docstring.strip()
    lines = docstring.expandtabs().strip().split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(indents, default=0)
    return "\n".join([lines[0], *(line[margin:].rstrip() for line in lines[1:])])
