"""Python modules as hypothesis draws them: values written in every way that configuration writes them.

A `Program` holds modules; `Program.value` draws an expression for one of them, and adds what the expression needs:
names, branches, functions, classes, names of other modules with their imports. Whatever it draws is valid Python;
whether it raises depends on the environment.
"""

# ruff: noqa: E501 -- source text stands in one line
from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLES = {
    "text": ("HOST", "REDIS_DSN", "STAGE"),
    "int": ("REDIS_PORT", "TTL", "RETRIES"),
    "bool": ("DEBUG", "TRACK"),
}
"""The environment variables that programs read, by what their text is good for."""

TEXTS = ("", "json", "redis://h/0", "amqp://u:p@h//", "a b%s", "{x}", "True", "é", "db+sqlite:///x.db", "12")
VALUES = {
    "text": ("", "fromenv", "redis://e/1", "prod", "dev"),
    "int": ("7", "0", "-3"),
    "bool": ("1", "true", "False", "off", "0"),
}


class Module:
    """One module while it is written; ``indent`` is put before each line."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []
        self.names: dict[str, list[str]] = {}

    def add(self, *lines: str) -> None:
        self.lines.extend(lines)

    def need(self, line: str) -> None:
        """Add an import once."""
        if line not in self.lines:
            self.lines.append(line)

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


class Program:
    """Modules of one project. ``layout`` is the folder of the package: ``""``, ``"proj"`` or ``"src/proj"``.

    ``integer(low, high)`` draws a number, both ends included: hypothesis's, or a random generator's in a campaign.
    """

    def __init__(self, integer: Callable[[int, int], int], layout: str = "") -> None:
        self.integer = integer
        self.layout = layout
        self.modules: list[Module] = []
        self.count = 0

    # What is drawn ---------------------------------------------------------------------------------------------------

    def pick(self, *options: Any) -> Any:
        return options[0] if len(options) == 1 else options[self.integer(0, len(options) - 1)]

    def chance(self, one_in: int) -> bool:
        return self.integer(0, one_in - 1) == one_in - 1

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def variable(self, kind: str) -> str:
        return str(self.pick(*VARIABLES[kind]))

    def environment(self) -> dict[str, str]:
        """Which variables are set, and to what."""
        found = {}
        for kind, names in VARIABLES.items():
            for name in names:
                if self.pick(False, True):
                    found[name] = self.pick(*VALUES[kind])
        return found

    # Modules ---------------------------------------------------------------------------------------------------------

    def module(self, name: str) -> Module:
        made = Module(name)
        self.modules.append(made)
        return made

    @property
    def package(self) -> str:
        return self.layout.rpartition("/")[2]

    def dotted(self, module: Module) -> str:
        return f"{self.package}.{module.name}" if self.package else module.name

    def files(self) -> dict[str, str]:
        found = {f"{self.layout}/__init__.py": ""} if self.layout else {}
        for module in self.modules:
            found[f"{self.layout}/{module.name}.py".lstrip("/")] = module.text
        return found

    def later(self, module: Module) -> list[Module]:
        """The modules that ``module`` may import: those after it."""
        return self.modules[self.modules.index(module) + 1 :]

    def imported(self, module: Module, other: Module, name: str) -> str:
        """Import ``name`` of ``other`` into ``module`` in one of the ways there are; the expression that means it."""
        dotted = self.dotted(other)
        ways = ["from", "import", "as"]
        if self.package:
            ways += ["relative", "package", "relative package"]
        if not name.startswith("_"):
            ways.append("star")
        way = self.pick(*ways)
        if way == "from":
            module.add(f"from {dotted} import {name}")
            return name
        if way == "relative":
            alias = self.fresh("n")
            module.add(f"from .{other.name} import {name} as {alias}")
            return alias
        if way == "star":
            module.add(f"from {dotted} import *")
            return name
        if way == "import":
            module.need(f"import {dotted}")
            return f"{dotted}.{name}"
        if way == "as":
            alias = self.fresh("m")
            module.add(f"import {dotted} as {alias}")
            return f"{alias}.{name}"
        if way == "package":
            module.need(f"from {self.package} import {other.name}")
            return f"{other.name}.{name}"
        module.need(f"from . import {other.name}")
        return f"{other.name}.{name}"

    # Values ----------------------------------------------------------------------------------------------------------

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
        ]
        return self.pick(*shapes)(module, kind, depth - 1)

    def constant(self, kind: str) -> str:
        if kind == "text":
            text = self.pick(*TEXTS)
            return str(
                self.pick(repr(text), f'"{text}"', f"r'{text}'", f"'''{text}'''", f"('{text[:3]}' \"{text[3:]}\")")
            )
        if kind == "int":
            return str(self.pick("0", "1", "30", "6_379", "0x1F", "0o17", "-1", "3600"))
        if kind == "float":
            return str(self.pick("0.5", "1e3", "3.", "-2.25"))
        if kind == "bool":
            return str(self.pick("True", "False"))
        if kind == "list":
            return str(self.pick("[]", "['json']", "('json', 'yaml')", "['a', 1, None]"))
        if kind == "dict":
            return str(self.pick("{}", "{'a': 1}", "dict(b='x')", "{'a': {'b': [1]}, 'c': None}"))
        return "None"

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

    # Kinds -----------------------------------------------------------------------------------------------------------

    def text(self, module: Module, kind: str, depth: int) -> str:
        form = self.pick("read", "read", "f", "percent", "format", "plus", "join", "method", "str", "item", "reader")
        if form in ("read", "item"):
            return self.read(module, "text")
        if form == "reader":
            return self.reader(module, "text")
        if form == "str":
            other = self.pick("int", "bool", "float")
            return f"str({self.value(module, other, depth)})"
        part, number = self.value(module, "text", depth), self.value(module, "int", min(depth, 1))
        if form == "f":
            one, two = self.fresh("p"), self.fresh("q")
            module.add(f"{one}, {two} = {part}, {number}")
            return str(
                self.pick(
                    f'f"redis://{{{one}}}:{{{two}}}/0"',
                    f"f'{{{one}!s}}{{{two}}}'",
                    f"f'{{{{x}}}}{{{one}}}' 'tail'",
                    f"f'{{{one}!r}}'",
                    f"f'{{{two}:05d}}'",
                    f"f'{{{one}:>6}}{{{two}:d}}'",
                    f"f'{{{two} + 1}}'",
                )
            )
        if form == "percent":
            return str(
                self.pick(
                    f'"redis://%s:%d/%%" % ({part}, {number})',
                    f"'%s' % {number}",
                    f"'%(a)s-%(b)s' % {{'a': {part}, 'b': {number}}}",
                    f"'%r' % ({part},)",
                    f"'%5d' % {number}",
                )
            )
        if form == "format":
            return str(
                self.pick(
                    f'"redis://{{}}:{{}}".format({part}, {number})',
                    f"'{{0}}{{1}}{{0}}{{{{}}}}'.format({part}, {number})",
                    f"'{{a}}{{b!s}}'.format(a={part}, b={number})",
                    f"'{{0!r}}'.format({part})",
                    f"'{{:>4}}'.format({number})",
                )
            )
        if form == "plus":
            return f"({part} + {self.value(module, 'text', min(depth, 1))})"
        if form == "join":
            return f"'/'.join([{part}, {self.value(module, 'text', min(depth, 1))}])"
        method = self.pick(
            "lower()", "upper()", "strip()", "replace('redis', 'rediss')", "title()", "rstrip('/0')", "split(':')[0]",
            "partition('/')[2]", "removeprefix('red')", "zfill(3)", "split('/')[-1]", "encode().decode()",
        )  # fmt: skip
        return f"({part}).{method}"

    def read(self, module: Module, kind: str) -> str:
        """A read of a variable of the environment as text."""
        name = self.variable(kind)
        default = {"text": self.constant("text"), "int": "'5'", "bool": "'0'"}[kind]
        form = self.pick("get", "getenv", "environ", "or", "alias", "keyword", "item")
        if form == "alias":
            module.need("from os import environ as held, getenv as read")
            return str(self.pick(f"held.get({name!r}, {default})", f"read({name!r}, {default})"))
        module.need("import os")
        if form == "keyword":
            return f"os.getenv({name!r}, default={default})"
        if form == "or":
            return f"(os.getenv({name!r}) or {default})"
        if form == "environ":
            return f"(os.environ[{name!r}] if {name!r} in os.environ else {default})"
        if form == "item" and self.chance(3):
            return f"os.environ[{name!r}]"
        return f"os.{'getenv' if form == 'getenv' else 'environ.get'}({name!r}, {default})"

    def reader(self, module: Module, kind: str) -> str:
        """A read through django-environ or decouple."""
        name = self.variable(kind)
        default = self.constant(kind)
        form = self.pick("environ", "environ method", "decouple", "scheme", "attribute")
        if form == "decouple":
            module.need("from decouple import config")
            cast = "" if kind == "text" else f", cast={kind}"
            return f"config({name!r}, default={default}{cast})"
        module.need("import environ")
        if form == "scheme":
            env = self.fresh("env")
            module.add(f"{env} = environ.Env({name}=({kind.replace('text', 'str')}, {default}))")
            return f"{env}({name!r})"
        module.need("env = environ.Env()")
        if form == "environ":
            return f"env({name!r}, default={default})"
        method = kind.replace("text", "str")
        return f"env.{method}({name!r}, {'default=' if form == 'attribute' else ''}{default})"

    def int(self, module: Module, kind: str, depth: int) -> str:
        form = self.pick("cast", "cast", "binary", "minus", "len", "max", "reader", "bool", "round")
        if form == "cast":
            return f"int({self.read(module, 'int')})"
        if form == "reader":
            return self.reader(module, "int")
        if form == "len":
            return f"len({self.value(module, self.pick('text', 'list', 'dict'), depth)})"
        one, two = self.value(module, "int", depth), self.value(module, "int", min(depth, 1))
        if form == "minus":
            return f"({self.pick('-', '+', '~')}({one}))"
        if form == "max":
            return f"{self.pick('max', 'min')}({one}, {two})"
        if form == "bool":
            return f"int({self.value(module, 'bool', depth)})"
        if form == "round":
            return f"{self.pick('round', 'int', 'abs')}({self.value(module, self.pick('float', 'int'), depth)})"
        return f"({one} {self.pick('+', '-', '*', '//', '%', '|', '&', '^')} {two})"

    def float(self, module: Module, kind: str, depth: int) -> str:
        one = self.value(module, self.pick("int", "float"), depth)
        form = self.pick("cast", "of", "divide", "times")
        if form == "cast":
            return f"float({self.read(module, 'int')})"
        if form == "of":
            return f"float({one})"
        return f"({one} {'/' if form == 'divide' else '*'} {self.pick('2', '0.25', '3')})"

    def bool(self, module: Module, kind: str, depth: int) -> str:
        form = self.pick(
            "words", "in", "set", "equal", "compare", "not", "and", "bool", "reader", "none", "chain", "isinstance"
        )
        name = self.variable("bool")
        module.need("import os")
        if form == "words":
            return f"os.getenv({name!r}, 'false').lower() in ('1', 'true', 'yes')"
        if form == "in":
            return f"({name!r} {self.pick('in', 'not in')} os.environ)"
        if form == "set":
            return f"bool(os.getenv({name!r}))"
        if form == "equal":
            return f"(os.getenv({self.variable('text')!r}, 'dev') {self.pick('==', '!=')} 'dev')"
        if form == "compare":
            return f"({self.value(module, 'int', depth)} {self.pick('<', '<=', '==', '>', '!=')} {self.value(module, 'int', 0)})"
        if form == "not":
            return f"(not {self.value(module, self.pick('bool', 'text', 'list', 'int'), depth)})"
        if form == "bool":
            return f"bool({self.value(module, self.pick('text', 'int', 'dict'), depth)})"
        if form == "reader":
            return self.reader(module, "bool")
        if form == "none":
            return f"(os.getenv({name!r}) is {self.pick('None', 'not None')})"
        if form == "chain":
            return f"(0 <= {self.value(module, 'int', depth)} < 9)"
        if form == "isinstance":
            return f"isinstance({self.value(module, 'text', depth)}, str)"
        return f"({self.value(module, 'bool', depth)} {self.pick('and', 'or')} {self.value(module, 'bool', 0)})"

    def duration(self, module: Module, kind: str, depth: int) -> str:
        module.need("from datetime import timedelta")
        number = self.value(module, "int", depth)
        made = self.pick(
            f"timedelta(hours={number})", f"timedelta({number}, 5)", f"timedelta(days=1, minutes={number})"
        )
        return str(
            self.pick(made, made, f"({made} * 2)", f"({made} + timedelta(seconds=30))", f"{made}.total_seconds()")
        )

    def list(self, module: Module, kind: str, depth: int) -> str:
        one, two = self.value(module, "text", depth), self.value(module, "text", min(depth, 1))
        form = self.pick("list", "tuple", "plus", "splat", "append", "set", "split", "comprehension", "sorted", "slice")
        if form == "list":
            return f"[{one}, {two}]"
        if form == "tuple":
            return f"tuple([{one}])"
        if form == "plus":
            return f"([{one}] + [{two}])"
        if form == "splat":
            return f"[*{self.value(module, 'list', 0)}, {one}]"
        if form == "set":
            return f"{{{one}}}"
        if form == "split":
            return f"({one}).split(',')"
        if form == "comprehension":
            return f"[x for x in ({one}, {two}) if x]"
        if form == "sorted":
            return f"sorted([{one}, {two}])"
        if form == "slice":
            return f"[{one}, {two}][{self.pick(':1', '1:')}]"
        name = self.fresh("L")
        method = self.pick(f"append({two})", f"extend([{two}])", f"insert(0, {two})", "clear()")
        module.add(f"{name} = [{one}]", f"{name}.{method}")
        return name

    def dict(self, module: Module, kind: str, depth: int) -> str:
        one, two = self.value(module, "text", depth), self.value(module, "int", min(depth, 1))
        name = self.fresh("D")
        form = self.pick("literal", "dict", "splat", "merge", "item", "update", "setdefault", "key", "pop")
        if form == "literal":
            return f"{{'a': {one}, 'b': {two}}}"
        if form == "dict":
            return f"dict({self.value(module, 'dict', 0)}, a={one}, b={two})"
        if form == "splat":
            return f"{{**{self.value(module, 'dict', 0)}, 'a': {one}}}"
        if form == "merge":
            return f"({self.value(module, 'dict', 0)} | {{'a': {two}}})"
        if form == "key":
            return f"{{{one}: {two}}}"
        module.add(f"{name} = {{'a': {one}}}")
        if form == "item":
            module.add(f"{name}['b'] = {two}", f"{name}['a'] = {two}")
        elif form == "update":
            module.add(self.pick(f"{name}.update(b={two})", f"{name}.update({{'a': {two}}}, c=1)"))
        elif form == "setdefault":
            module.add(f"{name}.setdefault({self.pick('a', 'b')!r}, {two})")
        else:
            module.add(f"{name}.pop('a', None)")
        return name

    def none(self, module: Module, kind: str, depth: int) -> str:
        return str(self.pick("None", f"os.getenv({self.variable('text')!r})")) if self._os(module) else "None"

    def _os(self, module: Module) -> bool:
        module.need("import os")
        return True
