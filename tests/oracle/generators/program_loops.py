"""Values that loops, comprehensions and matches make."""

# ruff: noqa: E501 -- source text stands in one line
from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.generators.program_draft import Draft

if TYPE_CHECKING:
    from tests.oracle.generators.program_draft import Module


class Loops(Draft):
    """Draws statements that go round, and the expression that names what comes of them."""

    def goes_through(self, items: list[str]) -> str:
        """Something that gives ``items`` when a loop goes through it."""
        shown = ", ".join(items)
        return str(
            self.pick(
                f"[{shown}]",
                f"({shown},)",
                f"list(({shown},))",
                f"reversed([{shown}])",
                f"iter([{shown}])",
                f"{{'p{self.count}': {items[0]}}}.values()",
                f"[{shown}][:{self.pick(1, 2, 9)}]",
                f"filter(lambda _: True, [{shown}])",
            )
        )

    def looped(self, module: Module, kind: str, depth: int) -> str:
        """A name that a loop sets."""
        name, item = self.fresh("L"), self.fresh("i")
        values = [self.value(module, kind, min(depth, 1)) for _ in range(self.pick(1, 2, 3))]
        through = self.goes_through(values)
        form = self.pick(
            "last", "kept", "break", "continue", "else", "enumerate", "zip", "while", "nested", "dict", "function"
        )
        if form == "last":
            module.add(f"{name} = {self.constant(kind)}", f"for {item} in {through}:", f"    {name} = {item}")
        elif form == "kept":
            module.add(f"for {name} in [{', '.join(values)}]:", "    pass")
        elif form == "break":
            condition = self.condition(module, 0)
            module.add(f"{name} = {self.constant(kind)}", f"for {item} in {through}:", f"    {name} = {item}")
            module.add(
                f"    if {self.pick('True', item, f'{item} == {values[0]}', condition)}:",
                "        break",
            )
        elif form == "continue":
            module.add(f"{name} = {self.constant(kind)}", f"for {item} in {through}:", f"    if not {item}:")
            module.add("        continue", f"    {name} = {item}")
        elif form == "else":
            module.add(f"{name} = {self.constant(kind)}")
            module.add(f"for {item} in {through}:", f"    if {self.pick('False', f'{item} is None')}:", "        break")
            module.add("else:", f"    {name} = {values[0]}")
        elif form == "enumerate":
            module.add(f"{name} = {self.constant(kind)}")
            module.add(
                f"for {item}, {item}x in enumerate({through}):",
                f"    if {item} == {self.pick(0, 1)}:",
                f"        {name} = {item}x",
            )
        elif form == "zip":
            module.add(
                f"{name} = {self.constant(kind)}",
                f"for {item}, {item}x in zip({through}, range(9)):",
                f"    {name} = {item}",
            )
        elif form == "while":
            module.add(f"{item} = 0", f"{name} = {self.constant(kind)}", f"while {item} < {self.pick(0, 1, 2)}:")
            module.add(f"    {name} = {values[0]}", f"    {item} += 1")
        elif form == "nested":
            module.add(
                f"{name} = {self.constant(kind)}",
                f"for {item} in {through}:",
                f"    for {item}x in ({item}, {values[0]}):",
            )
            module.add(f"        {name} = {item}x")
        elif form == "dict":
            module.add(
                f"{name} = {self.constant(kind)}",
                f"for {item}, {item}x in {{'a': {values[0]}}}.items():",
                f"    {name} = {item}x",
            )
        else:
            module.add(
                f"def {name}f(x):",
                f"    for y in {through}:",
                f"        if {self.pick('y', 'y == x', 'x')}:",
                "            return y",
            )
            module.add(f"    return {self.constant(kind)}", f"{name} = {name}f({values[0]})")
        return name

    def comprehended(self, module: Module, kind: str, depth: int) -> str:
        """A value picked from a comprehension."""
        values = [self.value(module, kind, min(depth, 1)) for _ in range(2)]
        through = self.goes_through(values)
        return str(
            self.pick(
                f"[x for x in {through}][0]",
                f"[x for x in {through} if x is not Ellipsis][-1]",
                f"{{k: v for k, v in [('a', {values[0]})]}}['a']",
                f"list(x for x in {through})[0]",
                f"next(x for x in [{', '.join(values)}])",
                f"[y for x in ([{values[0]}], [{values[1]}]) for y in x][{self.pick(0, 1)}]",
                f"dict(zip('ab', [{', '.join(values)}]))[{self.pick('a', 'b')!r}]",
                f"list(map(lambda x: x, {through}))[0]",
                f"tuple({{'k': x for x in [{', '.join(values)}]}}.values())[0]",
                f"[x for _, x in sorted(zip((2, 1), ({values[0]}, {values[1]})), key=lambda p: p[0])][0]",
            )
        )

    def odd(self, module: Module, kind: str, depth: int) -> str:
        """A value written in an unusual way."""
        name = self.fresh("O")
        one, two = self.value(module, kind, depth), self.value(module, kind, min(depth, 1))
        form = self.pick(
            "walrus",
            "star",
            "match",
            "suppress",
            "import",
            "nested",
            "lambda",
            "type",
            "version",
            "main",
            "getattr",
            "del",
        )
        if form == "walrus":
            module.add(f"if ({name} := {one}) is not Ellipsis:", "    pass")
        elif form == "star":
            module.add(
                self.pick(
                    f"*_, {name} = {two}, {one}", f"{name}, *_ = {one}, {two}", f"_, ({name}, _) = 1, ({one}, {two})"
                )
            )
        elif form == "match":
            module.add(
                f"match {self.pick(repr('a'), '3', 'None')}:",
                f"    case {self.pick(repr('a'), '3', 'None', '1 | 3', repr('x'))}:",
                f"        {name} = {one}",
            )
            module.add(f"    case {self.pick('_', 'other')}:", f"        {name} = {two}")
        elif form == "suppress":
            module.need("import contextlib")
            module.add(f"{name} = {one}", "with contextlib.suppress(KeyError):", f"    {name} = {two}")
        elif form == "import":
            wanted = self.pick("json", "os.path", "no_such_module_here", "urllib.parse")
            module.add(
                "try:", f"    import {wanted}", f"    {name} = {one}", "except ImportError:", f"    {name} = {two}"
            )
        elif form == "nested":
            module.add(
                f"def {name}f():",
                f"    v = {one}",
                "    def inner(x=v):",
                "        return x",
                f"    return inner({self.pick('', two)})",
                f"{name} = {name}f()",
            )
        elif form == "lambda":
            module.add(f"{name} = (lambda x, y={two}: {self.pick('x', 'y')})({one})")
        elif form == "type":
            module.add(
                "from typing import TYPE_CHECKING",
                "if TYPE_CHECKING:",
                f"    {name} = {two}",
                "else:",
                f"    {name} = {one}",
            )
        elif form == "version":
            module.need("import sys")
            module.add(
                f"{name} = {one} if sys.version_info {self.pick('>=', '<')} {self.pick('(3,)', '(3, 6)', '(2, 7)', '(3, 99)')} else {two}"
            )
        elif form == "main":
            module.add(f"{name} = {one}", "if __name__ == '__main__':", f"    {name} = {two}")
        elif form == "getattr":
            module.add(
                f"class {name}c:", f"    a = {one}", f"{name} = getattr({name}c, {self.pick('a', 'b')!r}, {two})"
            )
        else:
            module.add(f"{name} = {one}", f"del {name}", f"{name} = {two}")
        return name
