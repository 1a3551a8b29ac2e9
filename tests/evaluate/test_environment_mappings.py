"""Dicts over the environment, compared with Python."""

from __future__ import annotations

import pytest

from tests.evaluate.agreement import assert_agrees, assert_unknown

READS = {
    "a copy": "env = os.environ.copy()\nX = env.get('A', 'd')\nY = env['B']\n",
    "dict of it": "env = dict(os.environ)\nX = env.get('A')\nY = env.get('B', 1)\n",
    "over defaults": "env = {'A': 'd', 'C': 'c', **os.environ}\nX = env['A']\nY = env.get('C')\nZ = env.get('G', 5)\n",
    "under overrides": "env = {**os.environ, 'A': 'over'}\nX = env['A']\nY = env['B']\n",
    "a chain": "from collections import ChainMap\nenv = ChainMap(os.environ, {'A': 'd'})\nX = env['A']\n",
    "a chain of chains": (
        "from collections import ChainMap\nenv = ChainMap({'A': 'a'}, ChainMap(os.environ, {'C': 'c'}))\n"
        "X = env['A']\nY = env['C']\nZ = env['B']\n"
    ),
    "a copy of a copy": "env = dict(os.environ.copy())\nX = env.copy()['B']\n",
}


@pytest.mark.parametrize("environment", [{"B": "b"}, {"A": "1", "B": "2", "C": "3"}], ids=["few", "all"])
@pytest.mark.parametrize("source", READS.values(), ids=READS)
def test_a_dict_over_the_environment_is_read(source: str, environment: dict[str, str]) -> None:
    assert set(assert_agrees(f"import os\n{source}", environment).unknown) <= {"env"}


OPEN = {
    "a copy that is changed": "env = os.environ.copy()\nenv['A'] = 'x'\nX = env.get('A')\n",
    "a copy that is updated": "env = dict(os.environ)\nenv.update(A='x')\nX = env.get('A')\n",
    "a copy with a default set": "env = os.environ.copy()\nenv.setdefault('A', 'x')\nX = env['A']\n",
    "what a file holds": "from dotenv import dotenv_values\nX = dotenv_values('.env').get('A')\n",
    "what a file holds over nothing": "from dotenv import dotenv_values\nX = {**dotenv_values('.env')}.get('A')\n",
    "a dict that is not known": "env = {**os.environ, **vars(os)}\nX = env.get('A', 'd')\n",
}


@pytest.mark.parametrize("source", OPEN.values(), ids=OPEN)
def test_a_dict_over_the_environment_that_is_not_known_whole_stays_open(source: str) -> None:
    assert_unknown(f"import os\n{source}", "X", environment={})


def test_the_environment_beats_what_a_file_holds() -> None:
    source = (
        "import os\nfrom dotenv import dotenv_values\nenv = {**dotenv_values('.env'), **os.environ}\nX = env.get('A')\n"
    )
    assert assert_agrees(source, {"A": "1"}).known["X"] == "1"
    assert "X" in assert_agrees(source, {}).unknown
