"""Ways to write a value of any kind: names, branches, functions, classes, other modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.generators.program_draft import Draft

if TYPE_CHECKING:
    from tests.oracle.generators.program_draft import Module


class Shapes(Draft):
    """Draws statements that give a value, and the expression that names it."""

    def named(self, module: Module, kind: str, depth: int) -> str:
        value = self.value(module, kind, depth)
        name = self.fresh("N")
        forms = [f"{name} = {value}", f"{name}: object = {value}", f"{name} = other_{name} = ({value})"]
        module.add(self.pick(*forms))
        if self.chance(6):
            kept = self.fresh("K")
            module.add(f"{kept} = {name}", f"{name} = {self.constant(kind)}")
            name = self.pick(kept, name)
        elif kind in ("text", "int", "list") and self.chance(5):
            again = self.value(module, kind, 0)
            if kind != "list" or again.startswith("["):
                module.add(f"{name} += {again}" if kind != "list" else f"{name} = [*{name}, *{again}]")
        module.names.setdefault(kind, []).append(name)
        return name

    def elsewhere(self, module: Module, kind: str, depth: int) -> str:
        others = self.later(module)
        if not others:
            return self.value(module, kind, depth)
        other = self.pick(*others)
        value = self.value(other, kind, depth)
        name = self.fresh("E")
        other.add(f"{name} = {value}")
        return self.imported(module, other, name)

    def condition(self, module: Module, depth: int) -> str:
        return self.value(module, "bool", min(depth, 1)) if self.chance(3) else self.bool(module, "bool", min(depth, 1))

    def conditional(self, module: Module, kind: str, depth: int) -> str:
        condition = self.condition(module, depth)
        return f"({self.value(module, kind, depth)} if {condition} else {self.value(module, kind, depth)})"

    def either(self, module: Module, kind: str, depth: int) -> str:
        operator = self.pick("or", "or", "and")
        return f"({self.value(module, kind, depth)} {operator} {self.value(module, kind, depth)})"

    def branched(self, module: Module, kind: str, depth: int) -> str:
        name = self.fresh("B")
        before = self.value(module, kind, depth)
        conditions = [self.condition(module, depth) for _ in range(self.pick(1, 1, 2))]
        values = [self.value(module, kind, min(depth, 1)) for _ in range(3)]
        form = self.pick("if", "else", "elif", "match", "nested")
        if form == "match" and kind != "dict":
            subject = f"os.getenv({self.variable('text')!r}, 'dev')"
            module.need("import os")
            module.add(f"match {subject}:", "    case 'dev':", f"        {name} = {values[0]}", "    case _:")
            module.add(f"        {name} = {values[1]}")
            return name
        module.add(f"{name} = {before}", f"if {conditions[0]}:", f"    {name} = {values[0]}")
        if form == "elif":
            module.add(f"elif {conditions[-1]}:", f"    {name} = {values[2]}")
        if form == "nested":
            module.add(f"    if {conditions[-1]}:", f"        {name} = {values[2]}")
        if form in ("else", "elif"):
            module.add("else:", f"    {name} = {values[1]}")
        module.names.setdefault(kind, []).append(name)
        return name

    def attempted(self, module: Module, kind: str, depth: int) -> str:
        """A try around a read that may fail."""
        name = self.fresh("T")
        fallback = self.value(module, kind, depth)
        if kind == "text":
            read = f"os.environ[{self.variable('text')!r}]"
        elif kind in ("int", "float"):
            read = f"{kind}(os.environ[{self.variable('int')!r}])"
        else:
            read = self.value(module, kind, depth)
        module.need("import os")
        caught = self.pick("KeyError", "(KeyError, ValueError)", "Exception")
        module.add("try:", f"    {name} = {read}", f"except {caught}:", f"    {name} = {fallback}")
        return name

    def looked_up(self, module: Module, kind: str, depth: int) -> str:
        key = f"os.getenv({self.variable('text')!r}, 'dev')"
        module.need("import os")
        first, second = self.value(module, kind, depth), self.value(module, kind, depth)
        form = self.pick("get", "item", "constant", "index")
        if form == "get":
            return f"{{'dev': {first}, 'prod': {second}}}.get({key}, {self.constant(kind)})"
        if form == "item":
            return f"{{'dev': {first}, 'prod': {second}}}[{key} if {key} in ('dev', 'prod') else 'dev']"
        name = self.fresh("D")
        if form == "constant":
            module.add(f"{name} = {{'a': {first}}}", f"{name}['b'] = {second}")
            return f"{name}[{self.pick('a', 'b')!r}]"
        return f"[{first}, {second}][{self.pick('0', '1', '-1')}]"

    def function(self, module: Module, kind: str, depth: int) -> str:
        name = self.fresh("f")
        inside = self.value(module, kind, depth)
        argument = self.value(module, kind, min(depth, 1))
        condition = self.condition(module, depth)
        form = self.pick("plain", "argument", "default", "branches", "early", "lambda", "local", "kwargs", "closure")
        if form == "plain":
            module.add(f"def {name}():", f"    return {inside}")
            return f"{name}()"
        if form == "argument":
            module.add(f"def {name}(x, y={self.constant(kind)}):", f"    return {self.pick('x', 'y')}")
            return f"{name}({argument})" if self.pick(0, 1) else f"{name}(y={argument}, x={inside})"
        if form == "default":
            module.add(f"def {name}(x={argument}):", "    '''Says it.'''", "    return x")
            return f"{name}()"
        if form == "branches":
            module.add(f"def {name}():", f"    if {condition}:", f"        return {inside}", "    else:")
            module.add(f"        return {argument}")
            return f"{name}()"
        if form == "early":
            module.add(f"def {name}():", f"    if {condition}:", f"        return {inside}", f"    return {argument}")
            return f"{name}()"
        if form == "lambda":
            module.add(f"{name} = lambda x: {self.pick('x', inside)}")
            return f"{name}({argument})"
        if form == "kwargs":
            module.add(f"def {name}(*args, **kw):", f"    return {self.pick('args[0]', 'kw[' + repr('k') + ']')}")
            return f"{name}({argument}, k={inside})"
        if form == "closure":
            module.add(f"def {name}(x):", "    def inner():", "        return x", "    return inner()")
            return f"{name}({argument})"
        module.add(
            f"def {name}():", f"    v = {inside}", f"    if {condition}:", f"        v = {argument}", "    return v"
        )
        return f"{name}()"

    def of_class(self, module: Module, kind: str, depth: int) -> str:
        base, name = self.fresh("Base"), self.fresh("C")
        value, other = self.value(module, kind, depth), self.value(module, kind, min(depth, 1))
        form = self.pick("attribute", "inherited", "init", "property", "method", "static", "default")
        module.add(f"class {base}:", f"    a = {value}", f"    b = {other}", "")
        if form == "attribute":
            return f"{base}.{self.pick('a', 'b')}"
        module.add(f"class {name}({base}):")
        if form == "inherited":
            module.add(f"    {self.pick('a', 'c')} = {other}")
            return f"{name}.{self.pick('a', 'b')}"
        if form == "init":
            module.add(
                "    def __init__(self, c, d=None):", "        self.c = c", "        self.a = c if d else d or c"
            )
            return f"{name}({other}).{self.pick('a', 'b', 'c')}"
        if form == "property":
            module.add("    @property", "    def c(self):", f"        return self.{self.pick('a', 'b')}")
            return f"{name}().c"
        if form == "method":
            module.add("    def c(self, x):", f"        return {self.pick('x', 'self.a', 'self.b')}")
            return f"{name}().c({other})"
        if form == "static":
            module.add("    @staticmethod", "    def c(x):", f"        return {self.pick('x', base + '.a')}")
            return f"{name}.c({other})"
        module.add("    pass")
        return f"{name}().{self.pick('a', 'b')}"

    def unpacked(self, module: Module, kind: str, depth: int) -> str:
        one, two = self.fresh("U"), self.fresh("V")
        module.add(f"{one}, {two} = {self.value(module, kind, depth)}, {self.value(module, kind, min(depth, 1))}")
        return str(self.pick(one, two))
