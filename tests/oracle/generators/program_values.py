"""Expressions of each kind: text, numbers, truth values, durations, lists, dicts."""

# ruff: noqa: E501 -- source text stands in one line
from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.generators.program_draft import Draft

if TYPE_CHECKING:
    from tests.oracle.generators.program_draft import Module


class Values(Draft):
    """Draws an expression of a kind; the methods are named for the kinds."""

    def text(self, module: Module, kind: str, depth: int) -> str:
        form = self.pick(
            "read", "read", "f", "percent", "format", "plus", "join", "method", "str", "item", "reader", "rare"
        )
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
        if form == "rare":
            return self.rare_text(module, part, number)
        method = self.pick(
            "lower()", "upper()", "strip()", "replace('redis', 'rediss')", "title()", "rstrip('/0')", "split(':')[0]",
            "partition('/')[2]", "removeprefix('red')", "zfill(3)", "split('/')[-1]", "encode().decode()",
        )  # fmt: skip
        return f"({part}).{method}"

    def rare_text(self, module: Module, part: str, number: str) -> str:
        """Text made by a library function or an unusual format."""
        form = self.pick(
            "slice",
            "template",
            "dedent",
            "map",
            "path",
            "os.path",
            "quote",
            "spec",
            "generator",
            "nested",
            "repr",
            "percent",
        )
        if form == "slice":
            return f"({part})[{self.pick('1:', ':3', '::2', '-2:', '1:-1')}]"
        if form == "template":
            module.need("import string")
            return f"string.Template('$a-${{b}}$$').substitute(a={part}, b={number})"
        if form == "dedent":
            module.need("import textwrap")
            return f"textwrap.dedent('  a\\n    b') + ({part})"
        if form == "map":
            return f"'{{a}}:{{b:>3}}'.format_map({{'a': {part}, 'b': {number}}})"
        if form == "path":
            module.need("from pathlib import Path")
            return str(
                self.pick(
                    f"str(Path('a') / ('x' + {part}))",
                    "Path('a', 'b.txt').stem",
                    f"(Path('q') / str({number})).as_posix()",
                    "str(Path('a/b').parent)",
                )
            )
        if form == "os.path":
            module.need("import os.path")
            return str(
                self.pick(
                    f"os.path.join('a', 'x' + ({part}))",
                    f"os.path.basename('a/' + ({part}))",
                    "os.path.splitext('a.b')[0]",
                    f"os.path.dirname('a/b/' + ({part}))",
                )
            )
        if form == "quote":
            module.need("from urllib.parse import quote, quote_plus, urlencode")
            return str(
                self.pick(
                    f"quote({part})", f"quote_plus({part})", f"quote({part}, safe='')", f"urlencode({{'a': {number}}})"
                )
            )
        name = self.fresh("s")
        if form == "spec":
            module.add(f"{name} = {part}", f"{name}n = {number}")
            return str(
                self.pick(
                    f"f'{{{name}!r:>12}}'",
                    f"f'{{{name}n:+,d}}'",
                    f"f'{{{name}n:0{{4}}d}}'",
                    f"f'{{{name}=}}'",
                    f"f'{{{name}n:x}}|{{{name}:_^8}}'",
                )
            )
        if form == "generator":
            return f"','.join(str(x) for x in ({part}, {number}))"
        if form == "nested":
            module.add(f"{name} = {{'a': {part}}}")
            return (
                f"f\"{{{name}['a']}}:{{{number}}}\""
                if "'" not in number and '"' not in number and "\\" not in number
                else f"'{{0[a]}}'.format({name})"
            )
        if form == "repr":
            return str(
                self.pick(f"repr([{part}])", f"str({{'a': {number}}})", f"format({number}, '>5')", f"str(({number},))")
            )
        return str(
            self.pick(
                f"'%-6s|' % ({part},)",
                f"'%(a)5d%%' % {{'a': {number}}}",
                f"'%r %x' % ({part}, abs({number}))",
                f"'%.2f' % {number}",
            )
        )

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
        form = self.pick("cast", "cast", "binary", "minus", "len", "max", "reader", "bool", "round", "rare")
        if form == "cast":
            return f"int({self.read(module, 'int')})"
        if form == "reader":
            return self.reader(module, "int")
        if form == "len":
            return f"len({self.value(module, self.pick('text', 'list', 'dict'), depth)})"
        one, two = self.value(module, "int", depth), self.value(module, "int", min(depth, 1))
        if form == "rare":
            module.need("from datetime import timedelta")
            return str(
                self.pick(
                    f"sum([{one}, {two}])",
                    f"divmod({one}, 7)[{self.pick(0, 1)}]",
                    f"len(range({two}))",
                    f"int(timedelta(hours={one}).total_seconds())",
                    f"timedelta(minutes={one}).seconds",
                    f"max([{one}, {two}, 3])",
                    f"sum(x for x in ({one}, {two}) if x)",
                    f"[{one}, {two}].index({one})",
                    f"pow({two}, 2)",
                    f"int(round({one} / 3, 1))",
                    f"ord(chr(60 + {two} % 20))",
                    f"int('{{}}'.format({one}))",
                )
            )
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
            "words",
            "in",
            "set",
            "equal",
            "compare",
            "not",
            "and",
            "bool",
            "reader",
            "none",
            "chain",
            "isinstance",
            "any",
            "durations",
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
        if form == "any":
            return f"{self.pick('any', 'all')}({self.pick('x', 'not x')} for x in ({self.value(module, 'int', depth)}, {self.value(module, 'bool', 0)}))"
        if form == "durations":
            module.need("from datetime import timedelta")
            return f"(timedelta(hours={self.value(module, 'int', 0)}) {self.pick('<', '>=', '==')} timedelta({self.value(module, 'int', 0)}))"
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
            self.pick(
                made,
                made,
                f"({made} * 2)",
                f"({made} + timedelta(seconds=30))",
                f"{made}.total_seconds()",
                f"({made} / 3)",
                f"(-{made})",
                f"abs({made} - timedelta(days=9))",
                f"({made} // 7)",
                f"(0.3 * {made})",
                f"max({made}, timedelta(1))",
                f"sum([{made}, timedelta(microseconds=1.5)], timedelta())",
            )
        )

    def list(self, module: Module, kind: str, depth: int) -> str:
        one, two = self.value(module, "text", depth), self.value(module, "text", min(depth, 1))
        form = self.pick(
            "list", "tuple", "plus", "splat", "append", "set", "split", "comprehension", "sorted", "slice", "rare"
        )
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
        if form == "rare":
            return str(
                self.pick(
                    f"[x + 'y' for x in [{one}, {two}] for _ in range(2)]",
                    f"sorted([{one}, {two}], key=len, reverse={self.pick(True, False)})",
                    f"list(map(str.upper, [{one}, {two}]))",
                    f"list(filter(None, ({one}, {two})))",
                    f"list(enumerate([{one}], start=3))",
                    f"list({{'a': {one}, 'b': {two}}})",
                    f"list({{'a': {one}}}.items())",
                    f"list(reversed(({one}, {two})))",
                    f"[*{{'k': {one}}}, *range(2)]",
                    f"sorted({{{one}, {two}}})",
                    "list('abc')[::-1]",
                    f"[{one}] * 2",
                    f"[i for i, x in enumerate(({one}, {two})) if x]",
                    f"({one}, {two})[::-1]",
                )
            )
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
        form = self.pick(
            "literal", "dict", "splat", "merge", "item", "update", "setdefault", "key", "pop", "rare", "filled"
        )
        if form == "literal":
            return f"{{'a': {one}, 'b': {two}}}"
        if form == "dict":
            return f"dict({self.value(module, 'dict', 0)}, a={one}, b={two})"
        if form == "splat":
            return f"{{**{self.value(module, 'dict', 0)}, 'a': {one}}}"
        if form == "merge":
            return f"({self.value(module, 'dict', 0)} | {{'a': {two}}})"
        if form == "rare":
            return str(
                self.pick(
                    f"{{k: v for k, v in zip('ab', ({one}, {two}))}}",
                    f"dict([('a', {one}), ('b', {two})])",
                    f"{{x: {two} for x in ('p', 'q')}}",
                    f"{{k.upper(): v for k, v in {{'a': {one}}}.items()}}",
                    f"dict(a={{'b': [{one}]}}, **{{'c': {two}}})",
                    f"{{i: x for i, x in enumerate([{one}])}}",
                    f"dict.fromkeys(['a'], {two})",
                )
            )
        if form == "filled":
            module.add(f"{name} = {{}}", f"for {name}k in ('a', 'b'):", f"    {name}[{name}k] = {two}")
            if self.pick(True, False):
                module.add(f"{name}.setdefault('l', []).append({one})")
            return name
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
