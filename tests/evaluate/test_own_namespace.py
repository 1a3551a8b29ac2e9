"""A module's own namespace out of sight: what may set its names leaves them unknown, what looks them up does not."""

from __future__ import annotations

import pytest

from tests.evaluate.agreement import MAIN, compare

HEAD = """
A = 1
def f(d): return d
def s(d, **k): d.update(k)
class C:
    def __init__(self, d): d["A"] = 3
    def go(self): pass
    def __enter__(self): pass
    def __exit__(self, *a): pass
"""

SETS = [
    "f(globals()).update(A=3)",
    "f(globals())['A'] = 3",
    "f(globals()).setdefault('A', 3); f(globals()).__setitem__('A',3)",
    "x = f(globals()); x['A'] = 3",
    "x = f(globals())\nx.update(A=3)",
    "x = globals()\nx['A'] = 3",
    "x = globals()\nx.update(A=3)",
    "x = C(globals())",
    "x = s(globals(), A=3)",
    "C(globals()).go()",
    "if s(globals(), A=3): pass",
    "with C(globals()): pass",
    "s(d=globals(), A=3)",
    "s(f(globals()), A=3)",
    "[s(globals(), A=3) for i in (1,)]",
    "(lambda: s(globals(), A=3))()",
    "def g():\n    s(globals(), A=3)\ng()",
    "def g():\n    f(globals())['A'] = 3\ng()",
    "def g():\n    globals()['A'] = 3\ng()",
    "def g():\n    f(globals()).update(A=3)\ng()",
    "def g():\n    x = globals()\n    x['A'] = 3\ng()",
    "def g():\n    x = globals()\n    x.update(A=3)\ng()",
    "def g():\n    return globals()\ng()['A'] = 3",
    "def g():\n    return globals()\ng().update(A=3)",
    "def g():\n    return globals()\nx=g()\nx['A']=3",
    "f(globals())['A'] += 3",
    "f(vars()).update(A=3)",
    "f(locals())['A'] = 3",
    "import sys\nsys.modules[__name__].A = 3",
    "import sys\nsetattr(sys.modules[__name__], 'A', 3)",
    "import sys\nf(sys.modules[__name__]).A = 3",
    "import sys\nm = sys.modules[__name__]\nm.A = 3",
    "import sys\nm = sys.modules[__name__]\nsetattr(m, 'A', 3)",
    "import sys\nvars(sys.modules[__name__])['A'] = 3",
    "import sys\nsys.modules[__name__].__dict__['A'] = 3",
    "import sys\nsys.modules[__name__].__dict__.update(A=3)",
    "globals().__setitem__('A', 3)",
    "x = globals()\nx |= {'A': 3}",
    "for x in [globals()]: x['A'] = 3",
    "x, y = globals(), 1\nx['A'] = 3",
    "s(globals(), **{'A': 3})",
    "s(*[globals()], A=3)",
    "assert not s(globals(), A=3)",
    "{**globals()}\nx={'g': globals()}\nx['g']['A'] = 3",
    "dict.update(globals(), A=3)",
    "dict.__setitem__(globals(), 'A', 3)",
    "try:\n    f(globals())['A'] = 3\nfinally:\n    pass",
    "if 1:\n    f(globals()).update(A=3)",
    "async def z(): pass\nf(globals()).update(A=3)",
    "(globals())['A'] = 3",
    "(globals()).update(A=3)",
    "globals( ).update(A=3)",
    "import builtins\nbuiltins.globals()['A'] = 3",
    "list(map(lambda d: s(d, A=3), [globals()]))",
    "from contextlib import suppress\nwith suppress(KeyError):\n    f(globals()).update(A=3)",
    "x = [f(globals()).update(A=3)]",
    "y = f(globals()).update(A=3)",
    "return_ = lambda: 1\nf(f(globals())).update(A=3)",
    "g = globals\ng()['A'] = 3",
    "(g := globals)().update(A=3)",
    "from builtins import globals as g\nA = 1\ng()['A'] = 3",
    "import builtins\ng = builtins.globals\ng()['A'] = 3",
    "for g in (globals,): g()['A'] = 3",
    "def h(own=globals): own()['A'] = 3\nh()",
    "f(globals)()['A'] = 3",
]

LOOKS = [
    "if 'B' not in globals(): B = 2",
    "x = globals().get('A')",
    "for k in list(globals()): pass",
    "__all__ = [k for k in globals() if k.isupper()]",
    "x = globals()['A']",
    "x = '%(A)s' % globals()",
    "x = '{A}'.format(**globals())",
    "x = dict(globals())",
    "x = {**globals()}",
    "x = f(A)",
    "import sys\nx = getattr(sys.modules[__name__], 'A')",
    "import sys\nx = sys.modules[__name__].A",
    "import sys\nm = sys.modules[__name__]\nx = m.A",
    "import sys\nm = sys.modules[__name__]\nx = dir(m)",
    "import sys\nx = vars(sys.modules[__name__])['A']",
    "g = globals()\nx = g['A']",
    "g = globals()\nif 'A' in g: x = g.get('A')",
    "print(globals())",
    "def h():\n    return globals()['A']\nh()",
    "def h():\n    x = locals()\n    return f(x)\nh()",
    "class Z:\n    vars()['q'] = 1",
    "x = eval('A', globals())",
    "import sys\nsys.modules[__name__].__name__",
    "x = len(vars())",
    "def h(name):\n    return globals().get(name)\nh('A')",
    "x = f'{globals()}'",
    "x = sorted(k for k in globals())",
    "x = [v for k, v in globals().items() if k == 'A']",
    "import sys\ndef h(n):\n    return getattr(sys.modules[__name__], n)\nh('A')",
    "x = {k: v for k, v in vars().items()}",
    "if __name__ == '__main__':\n    f(globals())['A'] = 3",
    "class Q:\n    def t(self):\n        return locals()",
    "globals()['B'] = 5",
    "class E: globals = {}\nE.globals['A'] = 3",
    "x = dict(globals=3)  # globals",
    "globals().update(B=6)",
]


@pytest.mark.parametrize("code", SETS)
def test_what_may_set_a_name_is_not_overlooked(code: str) -> None:
    found = compare({f"{MAIN}.py": f"{HEAD}{code}\n"}, {})
    assert found.wrong == []
    assert found.known.get("A") != 1


@pytest.mark.parametrize("code", LOOKS)
def test_what_looks_names_up_leaves_them_known(code: str) -> None:
    found = compare({f"{MAIN}.py": f"{HEAD}{code}\n"}, {})
    assert found.wrong == []
    assert found.known["A"] == 1
