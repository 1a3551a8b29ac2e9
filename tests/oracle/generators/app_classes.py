"""Projects whose app is made by a class: singletons by ``__new__``, a metaclass or a classmethod, objects that keep it.

What is done to the app goes through such a class, in its own module or in the worker's. Of some forms it cannot be said
which object that is: what they write must stay unknown, and nothing else may be claimed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.generators.project import GeneratedProject

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_UNKNOWN = 0.25
"""More than elsewhere: where it is not known what an object is given, all of the app's settings are unknown."""

VALUES = {
    "result_backend": ("'rpc://'", "'cache+memory://'", "'db+sqlite:///r.db'", "None"),
    "result_expires": ("60", "70", "None"),
    "result_extended": ("True", "False"),
    "task_track_started": ("True", "False"),
    "task_serializer": ("'json'", "'pickle'", "'yaml'"),
    "worker_concurrency": ("2", "3"),
}

FORMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "kept": (
        (
            "class Jobs:\n    _instance = None\n\n    def __new__(cls):\n        if cls._instance is None:\n"
            "            cls._instance = {made}\n            {inner}cls._instance\n        return cls._instance\n"
        ),
        ("Jobs()",),
    ),
    "named": (
        (
            "class Jobs:\n    _instance = None\n\n    def __new__(cls):\n        if cls._instance is None:\n"
            "            app = {made}\n            {inner}app\n            cls._instance = app\n"
            "        return cls._instance\n"
        ),
        ("Jobs()",),
    ),
    "local": (
        (
            "class Jobs:\n    _instance = None\n\n    def __new__(cls):\n        app = cls._instance\n"
            "        if app is None:\n            app = cls._instance = {made}\n            {inner}app\n"
            "        return app\n"
        ),
        ("Jobs()",),
    ),
    "object": (
        (
            "class Jobs:\n    _instance = None\n\n    def __new__(cls):\n        if cls._instance is None:\n"
            "            cls._instance = super().__new__(cls)\n            cls._instance.celery = {made}\n"
            "            {inner}cls._instance.celery\n        return cls._instance\n"
        ),
        ("Jobs().celery",),
    ),
    "either": (
        (
            "class Jobs:\n    _instance = None\n\n    def __new__(cls, bare=False):\n"
            "        if cls._instance is None:\n            cls._instance = super().__new__(cls)\n"
            "            cls._instance.celery = {made}\n"
            "        if bare:\n            return cls._instance.celery\n        return cls._instance\n"
        ),
        ("Jobs().celery", "Jobs(bare=True)", "Jobs(True)"),
    ),
    "mapping": (
        (
            "class Jobs:\n    made = {{}}\n\n    def __new__(cls, name='shop'):\n        if name not in cls.made:\n"
            "            cls.made[name] = {made}\n        return cls.made[name]\n"
        ),
        ("Jobs()", "Jobs('shop')", "Jobs.made['shop']"),
    ),
    "another": ("app = {made}\n\n\nclass Jobs:\n    def __new__(cls):\n        return app\n", ("Jobs()", "app")),
    "metaclass": (
        (
            "class Only(type):\n    made = {{}}\n\n    def __call__(cls):\n        if cls not in cls.made:\n"
            "            cls.made[cls] = {made}\n        return cls.made[cls]\n\n\n"
            "class Jobs(metaclass=Only):\n    pass\n"
        ),
        ("Jobs()",),
    ),
    "asked": (
        (
            "class Jobs:\n    _app = None\n\n    @classmethod\n    def get(cls):\n        if cls._app is None:\n"
            "            cls._app = {made}\n            {inner}cls._app\n        return cls._app\n"
        ),
        ("Jobs.get()",),
    ),
    "property": (
        (
            "class Jobs:\n    _instance = None\n\n    def __new__(cls):\n        if cls._instance is None:\n"
            "            cls._instance = super().__new__(cls)\n            cls._instance._app = {made}\n"
            "        return cls._instance\n\n    @property\n    def conf(self):\n        return self._app.conf\n"
        ),
        ("Jobs()", "Jobs()._app"),
    ),
    "handing": (
        (
            "class Maker:\n    def __init__(self):\n        self.celery = {made}\n\n    def __getattr__(self, name):\n"
            "        return getattr(self.celery, name)\n\n\nkept = Maker()\n"
        ),
        ("kept", "kept.celery"),
    ),
}
"""The code that makes the app, and the expressions that give it; ``{inner}`` is where its ``conf`` may be written."""


class Writer:
    """Writes what is done to the app."""

    def __init__(self, integer: Callable[[int, int], int]) -> None:
        self.integer = integer
        self.count = 0

    def pick(self, *choices: str) -> str:
        return choices[self.integer(0, len(choices) - 1)]

    def pair(self) -> tuple[str, str]:
        name = self.pick(*VALUES)
        return name, self.pick(*VALUES[name])

    def act(self, accessors: tuple[str, ...]) -> list[str]:
        """The lines of one thing that is done."""
        app = self.pick(*accessors)
        name, value = self.pair()
        self.count += 1
        new = f"n{self.count}"
        form = self.pick(
            "attribute", "item", "update", "mapping", "setattr", "alias", "named", "function", "if", "object", "read"
        )
        return {
            "attribute": [f"{app}.conf.{name} = {value}"],
            "item": [f"{app}.conf[{name!r}] = {value}"],
            "update": [f"{app}.conf.update({name}={value})"],
            "mapping": [f"{app}.conf.update({{{name!r}: {value}}})"],
            "setattr": [f"setattr({app}.conf, {name!r}, {value})"],
            "alias": [f"{new} = {app}.conf", f"{new}.{name} = {value}"],
            "named": [f"{new} = {app}", f"{new}.conf.{name} = {value}"],
            "function": [f"def {new}(given):", f"    given.conf.{name} = {value}", f"{new}({app})"],
            "if": ["if os.environ.get('FLAG'):", f"    {app}.conf.{name} = {value}"],
            "object": [f"{app}.config_from_object({{{name!r}: {value}}})"],
            "read": [f"print({app}.conf.{name})"],
        }[form]


def make_project(integer: Callable[[int, int], int]) -> GeneratedProject:
    """A project; ``integer(low, high)`` draws each of its numbers, both ends included."""
    writer = Writer(integer)
    form = writer.pick(*FORMS)
    code, accessors = FORMS[form]
    given = "".join(f", {name}={value}" for name, value in [writer.pair()] if integer(0, 1))
    name, value = writer.pair()
    made = f"Celery('shop', broker='amqp://mq'{given})"
    lines = code.format(made=made, inner="").splitlines()
    if integer(0, 1) and "{inner}" in code:
        lines = code.format(made=made, inner="\0").splitlines()
        lines = [f"{one.replace(chr(0), '')}.conf.{name} = {value}" if "\0" in one else one for one in lines]
    files = {"shop.py": ["import os", "from celery import Celery", "", *lines, ""]}
    for _ in range(integer(1, 4)):
        files["shop.py"] += writer.act(accessors)
    entry = None
    if integer(0, 2) == 2:
        entry = "worker"
        names = "app, Jobs" if form == "another" else "kept" if form == "handing" else "Jobs"
        # Of a file that neither names Celery nor writes ``.conf.`` it is not asked what it does.
        files["worker.py"] = ["import os, celery", f"from shop import {names}"]
        for _ in range(integer(1, 2)):
            files["worker.py"] += writer.act(accessors)
    texts = {path: "\n".join(one) + "\n" for path, one in files.items()}
    return GeneratedProject(texts, [{}, {"FLAG": "1"}], form, entry)
