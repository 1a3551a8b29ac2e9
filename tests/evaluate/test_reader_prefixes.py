"""What a reader puts before its names, and what else is set on it: known where it is plain to see, else unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.values import Unknown
from tests.evaluate.agreement import MAIN, assert_agrees, assert_knows, evaluate, write

if TYPE_CHECKING:
    from pathlib import Path

SET = {"X": "x", "P_X": "px", "P_Q_X": "pqx", "Q_X": "qx", "PX": "px?"}

ENVIRONS = "from environs import Env\nenv = Env()\n"
DJANGO = "import environ\nenv = environ.Env()\n"
KNOWN = {
    "a with block": f"{ENVIRONS}with env.prefixed('P_'):\n    A = env.str('X')\nB = env.str('X')\n",
    "one in another": (
        f"{ENVIRONS}with env.prefixed('P_'):\n    with env.prefixed('Q_'):\n        A = env('X')\n    B = env('X')\n"
    ),
    "two in one": f"{ENVIRONS}with env.prefixed('P_'), env.prefixed('Q_'):\n    A = env('X')\n",
    "inside a class": f"{ENVIRONS}with env.prefixed('P_'):\n    class C:\n        x = env('X')\nA = C.x\n",
    "inside an if": f"{ENVIRONS}with env.prefixed('P_'):\n    if env('X') == 'px':\n        A = env('X')\n",
    "beside that of the reader": (
        "from environs import Env\nenv = Env(prefix='P_')\n"
        "with env.prefixed('Q_'):\n    A = env.str('X')\nB = env('X')\n"
    ),
    "of another reader": (
        f"{ENVIRONS}other = Env(prefix=None)\nwith env.prefixed('P_'):\n    A = other.str('X')\n    B = env('X')\n"
    ),
    "a name that is known": f"{ENVIRONS}P = 'P'\nwith env.prefixed(P + '_'):\n    A = env('X')\n",
    "set on the reader": f"{DJANGO}A = env('X')\nenv.prefix = 'P_'\nB = env('X')\nenv.prefix = 'Q_'\nC = env('X')\n",
    "set to nothing": f"{DJANGO}env.prefix = 'P_'\nenv.prefix = ''\nA = env('X')\n",
    "of Starlette": "from starlette.config import Config\nenv = Config(env_prefix='P_')\nA = env('X')\n",
}


@pytest.mark.parametrize("source", KNOWN.values(), ids=KNOWN)
def test_the_prefix_is_known_for(source: str) -> None:
    assert_knows(source, SET)


OPEN = {
    "a function called in a with block": (
        f"{ENVIRONS}def read():\n    return env.str('X')\nwith env.prefixed('P_'):\n    A = read()\n"
    ),
    "a function called outside": (
        f"{ENVIRONS}def read():\n    return env.str('X')\nA = read()\nwith env.prefixed('P_'):\n    pass\n"
    ),
    "a prefix that the environment decides": (
        f"import os\n{ENVIRONS}with env.prefixed(os.getenv('P', 'P_')):\n    A = env('X')\n"
    ),
    "the name of the block": f"{ENVIRONS}with env.prefixed('P_') as inner:\n    A = inner.str('X')\n",
    "a prefix set under a condition": f"{DJANGO}if env('X'):\n    env.prefix = 'P_'\nA = env('X')\n",
    "a reader that is changed": f"{DJANGO}env.escape_proxy = True\nA = env('X')\n",
    "a parser of its own": (
        f"{ENVIRONS}@env.parser_for('words')\ndef words(text):\n    return text + '!'\nA = env.words('X')\n"
    ),
    "a reader made by a function": (
        "import environ\ndef make(*args):\n    return environ.Env(**dict(args))\nA = make(('X', str))('X')\n"
    ),
}


@pytest.mark.parametrize("source", OPEN.values(), ids=OPEN)
def test_nothing_is_claimed_for(source: str) -> None:
    found = assert_agrees(source, SET)
    assert "A" in found.unknown or found.known.get("A") == "x"


FILES = {
    "settings.ini beside": ({"settings.ini": "[settings]\nX = file\n"}, "", "settings.ini sets X"),
    "settings.ini without it": ({"settings.ini": "[settings]\nY = file\n"}, "", ""),
    "a file that is named": (
        {"live.env": "X=file\n"},
        "from decouple import Config, RepositoryEnv\nconfig = Config(RepositoryEnv('live.env'))\n",
        "live.env sets X"),
    "a file by a path that is not known": (
        {}, "import socket\nfrom decouple import Config, RepositoryEnv\nconfig = Config(RepositoryEnv(socket.x()))\n",
        "what a file of decouple's sets"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "head", "why"), FILES.values(), ids=FILES)
def test_what_only_decouple_reads_beats_the_default(tmp_path: Path, files: dict[str, str], head: str, why: str) -> None:
    write(tmp_path, {f"{MAIN}.py": f"from decouple import config\n{head}A = config('X', default='d')\n", **files})
    _, values = evaluate(tmp_path, f"{MAIN}.py")
    default = getattr(values["A"], "default", None)
    assert (default.why if isinstance(default, Unknown) else "") == why
