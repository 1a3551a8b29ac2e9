"""Projects that do many things to one app, in many ways and orders: what is tried is whether each is followed.

The values are simple here; `celery_objects` writes every shape of value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.generators.celery_objects import AppWriter
from tests.oracle.generators.project import SETTINGS, GeneratedProject

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.generators.program import Module

OWN = ("CELERY_RESULT_BACKEND", "CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL")


MOST_UNKNOWN = 0.1
"""Much is drawn on purpose that must leave an app open: its configuration under another name or given away, functions
that nothing calls, namespaces and sources under conditions."""


class StepWriter(AppWriter):
    """Writes the module of an app to which much is done."""

    def expression(self, module: Module, setting: str) -> str:
        kind = str(self.pick(*SETTINGS[setting][1].split()))
        if kind == "url":
            return repr(f"redis://h/{self.pick(1, 2, 3, 4, 5)}")
        if self.chance(5):
            return self.program.read(module, "text") if kind == "text" else self.program.constant(kind)
        return self.program.constant(kind)

    def pair(self, style: str = "new") -> tuple[str, str]:
        """A setting's name as it is written, and a value for it."""
        name = str(self.pick("result_expires", "result_backend", "task_serializer", *SETTINGS))
        return self.spelled(name, style), self.expression(self.main, name)

    # How the app is made ---------------------------------------------------------------------------------------------

    def make(self) -> None:
        form = self.pick("plain", "plain", "subclass", "factory", "attribute", "two names", "conditional", "partial")
        self.style.append(form)
        main = self.main
        if form == "plain":
            self.construct()
            return
        name, value = self.pair()
        other, others = self.pair()
        given = f"backend={self.expression(main, 'result_backend')}" if self.chance(2) else ""
        if form == "subclass":
            self.write_subclass(given)
        elif form == "factory":
            arguments = ", ".join(part for part in ("name", given) if part)
            main.add(
                "def make(name, **options):", f"    made = Celery({arguments})", f"    made.conf.{name} = {value}",
                "    made.conf.update(options)", "    return made", f"app = make('a', {other}={others})",
            )  # fmt: skip
        elif form == "attribute":
            main.add(
                "class Holder:", "    pass", "holder = Holder()", f"holder.app = Celery('a', {given})",
                f"holder.app.conf.{name} = {value}", "app = holder.app",
            )  # fmt: skip
        elif form == "two names":
            main.add(f"app = celery_app = Celery('a', {given})", f"celery_app.conf[{name!r}] = {value}")
        elif form == "partial":
            main.add("from functools import partial", f"make = partial(Celery, {given})", "app = make('a')")
        else:
            condition = self.program.condition(main, 1)
            main.add(f"if {condition}:", f"    app = Celery('a', {given})", f"    app.conf.{name} = {value}")
            main.add("else:", f"    app = Celery('b', {other}={others})")

    def write_subclass(self, given: str) -> None:
        main = self.main
        name, value = self.pair()
        other, others = self.pair()
        hook, hooked = self.pair()
        above = self.pick("super().__init__", "super(Made, self).__init__", "Celery.__init__")
        first = "self, " if above.startswith("Celery") else ""
        lines = ["class Made(Celery):"]
        if self.chance(3):
            lines += ["    def on_init(self):", f"        self.conf.{hook} = {hooked}"]
        if self.chance(3):
            lines += ["    def extra(self, **given):", "        self.conf.update(given)"]
        body = [f"        {above}({first}*args, **kwargs)"]
        if self.chance(2):
            body.insert(0, f"        kwargs.setdefault({other!r}, {others})")
        if self.chance(2):
            body.append(f"        self.conf.{name} = {value}")
        if self.chance(4):
            body.append(f"        self.config_from_object({{{hook!r}: {hooked}}})")
        if self.chance(2):
            lines += ["    def __init__(self, *args, **kwargs):", *body]
        elif len(lines) == 1:
            lines.append("    pass")
        main.add(*lines, f"app = Made('a', {given})")
        if "    def extra(self, **given):" in lines:
            name, value = self.pair()
            main.add(f"app.extra({name}={value})")

    # What is done to it ----------------------------------------------------------------------------------------------

    def act(self) -> None:
        forms = [
            self.simple, self.taken_away, self.aliased, self.called, self.looped, self.handled, self.source_again,
            self.lazily, self.under_condition, self.elsewhere, self.current, self.variables, self.read,
        ]  # fmt: skip
        form = self.pick(self.simple, *forms)
        self.style.append(form.__name__)
        form()

    def simple(self) -> None:
        style = self.pick("new", "new", "new", "old")
        name, value = self.pair(style)
        other, others = self.pair(style)
        line = self.pick(
            f"app.conf.{name} = {value}",
            f"app.conf[{name!r}] = {value}",
            f"app.conf.update({{{name!r}: {value}}}, {other}={others})",
            f"app.conf.update([({name!r}, {value}), ({other!r}, {others})])",
            f"app.conf.update(dict({name}={value}))",
            f"app.conf.{name}, app.conf.{other} = {value}, {others}",
            f"(app.conf[{name!r}], unused) = ({value}, 1)",
            f"unused = app.conf.{name} = {value}",
            f"app.conf.__setitem__({name!r}, {value})",
            f"setattr(app.conf, {name!r}, {value})",
            f"app.conf.setdefault({name!r}, {value})",
            f"app.add_defaults({{{name!r}: {value}}})",
        )
        self.main.add(line)

    def taken_away(self) -> None:
        name, _ = self.pair()
        self.main.add(
            self.pick(f"app.conf.pop({name!r}, None)", "app.conf.clear()"),
            *([f"app.conf.{name} = 1", f"del app.conf[{name!r}]"] if self.chance(2) else []),
        )

    def aliased(self) -> None:
        name, value = self.pair()
        alias = self.fresh("conf")
        self.main.add(f"{alias} = app.conf", f"{alias}.{name} = {value}")
        if self.chance(2):
            name, value = self.pair()
            self.main.add(self.pick(f"{alias}[{name!r}] = {value}", f"{alias}.update({name}={value})"))

    def called(self) -> None:
        name, value = self.pair()
        function = self.fresh("configure")
        holder = self.pick("app", "conf", "nothing", "nested", "class", "early")
        lines = {
            "app": [f"def {function}(made, given=None):", f"    made.conf.{name} = {value}"],
            "conf": [f"def {function}(conf, given=None):", f"    conf[{name!r}] = {value}"],
            "nothing": [f"def {function}():", f"    app.conf.{name} = {value}"],
            "nested": [
                f"def {function}(made):", "    def inner():", f"        made.conf.{name} = {value}", "    inner()",
            ],
            "class": [f"class {function}:", "    def __init__(self, made):", f"        made.conf.{name} = {value}"],
            "early": [
                f"def {function}(made):", f"    if {self.program.condition(self.main, 1)}:", "        return",
                f"    made.conf.{name} = {value}",
            ],
        }[str(holder)]  # fmt: skip
        if holder in ("app", "conf") and self.chance(2):
            other, others = self.pair()
            target = "made.conf" if holder == "app" else "conf"
            lines += ["    if given is not None:", f"        {target}[{other!r}] = given"]
            given = f", {others}"
        else:
            given = ""
        self.main.add(*lines)
        argument = {"conf": "app.conf", "nothing": ""}.get(str(holder), "app")
        for _ in range(self.pick(0, 1, 1, 2)):
            self.main.add(f"{function}({argument}{given})")
            if self.chance(3):
                self.simple()

    def looped(self) -> None:
        pairs = dict(self.pair() for _ in range(self.pick(1, 2, 3)))
        mapping = "{" + ", ".join(f"{name!r}: {value}" for name, value in pairs.items()) + "}"
        name = self.fresh("TABLE")
        form = self.pick("items", "keys", "pairs", "inline", "names", "guarded")
        if form == "items":
            self.main.add(f"{name} = {mapping}", f"for key, value in {name}.items():", "    app.conf[key] = value")
        elif form == "keys":
            self.main.add(f"{name} = {mapping}", f"for key in {name}:", f"    setattr(app.conf, key, {name}[key])")
        elif form == "pairs":
            listed = ", ".join(f"({name!r}, {value})" for name, value in pairs.items())
            self.main.add(f"for key, value in [{listed}]:", "    app.conf[key] = value")
        elif form == "inline":
            self.main.add(f"for key, value in {mapping}.items():", "    app.conf.update({key: value})")
        elif form == "guarded":
            self.main.add(f"{name} = {mapping}", f"for key, value in {name}.items():")
            self.main.add("    if key.startswith('result'):", "        app.conf[key] = value")
        else:
            self.main.add(f"for key in ({', '.join(map(repr, pairs))},):", "    app.conf[key] = 7")

    def handled(self) -> None:
        name, value = self.pair()
        signal = self.pick("on_configure", "on_after_configure", "on_after_finalize")
        function = self.fresh("handle")
        body = [f"def {function}(sender, **kwargs):", f"    {self.pick('sender', 'app')}.conf.{name} = {value}"]
        if self.chance(3):
            name, value = self.pair()
            body.append(f"    sender.conf.update({name}={value})")
        if self.chance(2):
            self.main.add(f"@app.{signal}.connect", *body)
        else:
            self.main.add(*body, f"app.{signal}.connect({function})")

    def source_again(self) -> None:
        name, value = self.pair(self.pick("new", "new", "prefixed"))
        source = self.pick(f"{{{name!r}: {value}}}", f"dict({name}={value})")
        options = self.pick("", "", ", force=True", ", namespace='CELERY'", ", True")
        self.main.add(f"app.config_from_object({source}{options})")

    def lazily(self) -> None:
        name, value = self.pair()
        function = self.fresh("defaults")
        form = self.pick(f"lambda: {{{name!r}: {value}}}", function)
        if form == function:
            self.main.add(f"def {function}():", f"    return {{{name!r}: {value}}}")
        self.main.add(f"app.add_defaults({form})")

    def under_condition(self) -> None:
        condition = self.program.condition(self.main, 1)
        name, value = self.pair()
        self.main.add(f"if {condition}:")
        self.main.add(
            self.pick(
                f"    app.conf.{name} = {value}",
                f"    app.config_from_object({{{name!r}: {value}}})",
                "    app.namespace = 'CELERY'",
                f"    app.conf.update({name}={value})",
                f"    app.add_defaults({{{name!r}: {value}}})",
                f"    app.conf.pop({name!r}, None)",
                f"    app.config_from_object({{{name!r}: {value}}}, force=True)",
                f"    app.config_from_object({{{name!r}: {value}}}, namespace='CELERY')",
                "    print(app.conf.task_serializer)",
                "    app.conf.clear()",
            )
        )
        if self.chance(2):
            name, value = self.pair()
            self.main.add("else:", f"    app.conf.{name} = {value}")

    def elsewhere(self) -> None:
        other = self.program.module(self.fresh("more"))
        name, value = self.pair()
        own = self.program.dotted(self.main)
        form = self.pick("imports", "function", "unread")
        if form == "function":
            other.add("def configure(made):", f"    made.conf.{name} = {value}")
            self.main.add(f"from {self.program.dotted(other)} import configure", "configure(app)")
            return
        other.add(f"from {own} import app", f"app.conf.{name} = {value}")
        if self.chance(2):
            other.add("# Celery")
        if form == "imports":
            self.main.add(f"import {self.program.dotted(other)}")

    def current(self) -> None:
        name, value = self.pair()
        self.main.need("from celery import current_app")
        self.main.add(f"current_app.conf.{name} = {value}")

    def variables(self) -> None:
        self.main.need("import os")
        form = self.pick("own", "envvar", "module")
        if form == "own":
            text = self.pick("redis://own/1", "redis://own/2", "")
            self.main.add(f"os.environ[{self.pick(*OWN)!r}] = {text!r}")
            return
        module = self.config_module()
        name, _ = self.pair()
        module.add(f"{name} = {self.expression(module, name)}")
        variable = "CELERY_CONFIG_MODULE" if form == "module" else self.fresh("WHERE").upper()
        self.main.add(f"os.environ[{variable!r}] = {self.program.dotted(module)!r}")
        if form == "envvar":
            self.main.add(f"app.config_from_envvar({variable!r})")

    def read(self) -> None:
        self.main.add(self.pick("print(app.conf.task_serializer)", "len(app.conf)", "app.conf.get('timezone')"))


def make_project(integer: Callable[[int, int], int]) -> GeneratedProject:
    """A project; ``integer(low, high)`` draws each of its numbers, both ends included."""
    writer = StepWriter(integer)
    program = writer.program
    writer.make()
    for _ in range(integer(1, 5)):
        writer.act()
    writer.main.lines.insert(0, "from celery import Celery")
    environment = program.environment()
    if writer.chance(3):
        environment[str(writer.pick(*OWN))] = "redis://environment/9"
    return GeneratedProject(program.files(), [{}, environment], ", ".join(writer.style))
