"""Python modules as hypothesis draws them: values written in every way that configuration writes them.

A `Program` holds modules; `Program.value` draws an expression for one of them, and adds what the expression needs:
names, branches, functions, classes, names of other modules with their imports. Whatever it draws is valid Python;
whether it raises depends on the environment.
"""

# ruff: noqa: E501 -- source text stands in one line
from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.generators.program_changes import Changes
from tests.oracle.generators.program_draft import Module
from tests.oracle.generators.program_loops import Loops
from tests.oracle.generators.program_shapes import Shapes
from tests.oracle.generators.program_values import Values

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Module", "Program"]


class Program(Loops, Changes, Shapes, Values):
    """Modules of one project, whose values are drawn in every shape."""

    def value(self, module: Module, kind: str, depth: int = 3) -> str:
        """An expression of a kind (``text``, ``int``, ``bool``, ``float``, ``duration``, ``list``, ``dict``, ``none``)."""
        known = module.names.get(kind, [])
        if known and self.chance(4):
            return str(self.pick(*known))
        if depth <= 0:
            return self.constant(kind)
        shapes: list[Callable[[Module, str, int], str]] = [
            lambda module, kind, depth: self.constant(kind),
            getattr(self, kind),
            getattr(self, kind),
            self.named,
            self.elsewhere,
            self.conditional,
            self.either,
            self.branched,
            self.looked_up,
            self.function,
            self.of_class,
            self.unpacked,
            self.attempted,
            self.looped,
            self.comprehended,
            self.mutated,
            self.aliased,
            self.rebound,
            self.odd,
        ]
        return self.pick(*shapes)(module, kind, depth - 1)
