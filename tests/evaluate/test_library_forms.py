"""Calls of builtins and of the standard library, run by Python and read by the evaluator: nothing may be claimed wrong."""

# ruff: noqa: E501 -- source text stands in one line
from __future__ import annotations

import pytest

from tests.evaluate.agreement import assert_agrees

HEAD = """
import os, sys, json, math, copy, textwrap, string, platform
from datetime import timedelta
from enum import Enum, IntEnum
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urlencode, urlunparse, urljoin, urlsplit
from typing import Any, Optional, Union, List, Dict
E_ = os.environ.get("STAGE", "dev")
N_ = os.environ.get("TTL", "7")
L_ = [3, 1, 2]
D_ = {"a": 1, "b": 2}
T_ = ("x", "y")
"""

GROUPS = {
    "sequences": "list(range(4))|list(range(1, 9, 3))|tuple(range(3, 0, -1))|list(enumerate(T_))|list(enumerate(T_, 5))|list(zip(L_, T_))|dict(zip(T_, L_))|sorted(L_)|sorted(L_, reverse=True)|sorted(T_, key=len)|list(reversed(L_))|sum(L_)|sum(L_, 10)|min(L_)|max(L_)|min(3, 1)|max(D_)|any(L_)|all(L_)|any([])|len(D_)|len(E_)|list(map(str, L_))|list(map(int, ['1', N_]))|list(filter(None, [0, 1, '']))|list(filter(str.isdigit, ['1', 'a']))|abs(-3)|round(2.567, 1)|round(2.5)|divmod(7, 2)|pow(2, 5)|bool([])|bool(E_)|list('abc')|tuple('ab')|set('a')|frozenset(['b'])|list(D_)|list(D_.keys())|list(D_.values())|list(D_.items())|dict(D_, c=3)|dict([('k', 1)])|dict(a=1)|iter(L_)|next(iter(L_))|next(iter([]), 4)|str(L_)|repr('a')|chr(65)|ord('a')|hex(255)|bin(5)|int('ff', 16)|int(N_)|float(N_)|int(2.9)|isinstance(E_, str)|isinstance(1, (int, float))|isinstance(None, str)|callable(len)|type(1)|hash('a')|id(L_)|sum([1.5, 2])|slice(1)|L_[::-1]|L_[1:]|L_[-1]|T_ + ('z',)|L_ * 2|[*L_, *T_]|{**D_, 'z': E_}|'a' in D_|2 not in L_",
    "texts": "', '.join(T_)|'-'.join(map(str, L_))|E_.upper()|E_.title().lower()|'a,b'.split(',')|'a=b'.partition('=')|'x'.center(5)|'7'.zfill(3)|'abc'.replace('b', E_)|'{}-{}'.format(E_, 1)|'{a}'.format(a=E_)|'{0:>5}'.format('x')|'{a}'.format_map({'a': 1})|'%s:%d' % (E_, 3)|'%(a)s' % {'a': E_}|'%05.2f' % 2.5|'%x' % 255|f'{E_!r}'|f'{3:03d}'|f'{2.5:.2f}'|f'{E_:>6}'|f'{{x}}{E_}'|string.Template('$a').substitute(a=E_)|string.Template('${a}b').safe_substitute({'a': 1})|textwrap.dedent('  a')|'abc'[1]|'abc'[:2]|'a' * 3|'a' 'b'|b'a'.decode()|'a'.encode()|E_.startswith('d')|E_.endswith(('v', 'x'))|'abc'.find('c')|'aXb'.casefold()|'a b'.split()|'ab'.removeprefix('a')|'%s' % E_|'%s %%' % 1|str(1.0)|str(None)|str(True)|E_.strip() or 'none'|E_ == 'dev' and 'y' or 'n'",
    "json and urls": "json.loads('[1, 2]')|json.loads('{\"a\": null}')|json.dumps(D_)|json.dumps({'b': [True]})|quote('a b/c')|quote('a/b', safe='')|urlencode({'a': 1, 'b': 'x y'})|urlunparse(('redis', 'h', '/0', '', '', ''))|urljoin('redis://h/', '1')|urlsplit('redis://u:p@h:6379/1').hostname|urlsplit('redis://h:6379/1').port|urlsplit('redis://h/1').scheme|math.floor(2.5)|math.ceil(2.1)|math.sqrt(4)|math.pi|copy.copy(L_)|copy.deepcopy(D_)|os.path.join('a', 'b')|os.path.basename('/a/b')|os.path.dirname('/a/b')|os.path.splitext('a.py')|os.path.join('/a', E_)|os.path.normpath('a/../b')|os.sep|os.linesep",
    "paths": "str(Path('a') / 'b')|str(PurePosixPath('/a', 'b'))|Path('a/b').name|Path('a/b.py').stem|Path('a/b.py').suffix|str(Path('a/b').parent)|Path('/a/b').as_posix()|str(Path('a').joinpath('b', 'c'))|Path('a/b').parts|Path('/a').is_absolute()|str(Path('a/b').with_suffix('.x'))|str(Path('a/b').with_name('c'))|f\"db+sqlite:///{Path('/r') / 'x.db'}\"|str(Path(E_) / 'x')|'sqlite:///' + str(Path('/a') / 'r.db')|Path('a') == Path('a')|str(Path('.'))|str(Path())|Path('a/b.tar.gz').suffixes|os.fspath(Path('a'))|str(Path('/a').parent.parent)",
    "durations": "timedelta(1).days|timedelta(hours=30).seconds|timedelta(minutes=1).total_seconds()|timedelta(1) + timedelta(hours=1)|timedelta(1) - timedelta(hours=1)|timedelta(1) * 2|2 * timedelta(1)|timedelta(1) / 2|timedelta(1) // 2|timedelta(1) / timedelta(hours=1)|abs(timedelta(-1))|-timedelta(1)|timedelta(1) == timedelta(hours=24)|bool(timedelta(0))|str(timedelta(1))|int(timedelta(hours=1).total_seconds())|timedelta(seconds=int(N_))|max(timedelta(1), timedelta(2))|timedelta(weeks=1) > timedelta(1)",
    "conditions": "sys.version_info >= (3, 8)|sys.version_info < (3,)|sys.version_info[0] == 3|sys.version_info.major >= 3|sys.version_info[:2] > (2, 7)|sys.version_info[0]|'new' if sys.version_info >= (3, 6) else 'old'|sys.platform|platform.system()|sys.argv|len(sys.argv) > 90|E_ is None|E_ is not None|not E_|1 < 2 < 3|1 if E_ == 'dev' else 2|(E_ or 'x') and 3|None or 0 or 'z'|E_ in ('dev', 'prod')|E_ not in D_|{'dev': 1, 'prod': 2}[E_] if E_ in ('dev', 'prod') else 0|{'dev': 1}.get(E_)|{'dev': 1}.get(E_, 9)|bool(int(N_))|int(N_) * 60|int(N_) // 2 + 1|-int(N_)|int(N_) ** 2|~1|5 & 3|5 | 3|5 ^ 1|1 << 3|16 >> 2|7 % 3|2 ** -1|0.1 + 0.2|1 / 4|True + 1",
}


@pytest.mark.parametrize(
    "environment", [{}, {"STAGE": "prod", "TTL": "0"}, {"STAGE": "", "TTL": " 12 "}], ids=["unset", "set", "odd"]
)
@pytest.mark.parametrize("group", GROUPS)
def test_a_call_is_read_as_python_runs_it(group: str, environment: dict[str, str]) -> None:
    forms = GROUPS[group].split("|")
    source = HEAD + "".join(
        f"try:\n    X{number} = {form}\nexcept Exception:\n    X{number} = 'failed'\nY{number} = {form} if True else 0\n"
        for number, form in enumerate(forms)
        if "{'dev': 1, 'prod'" not in form and "iter([])" not in form
    )
    found = assert_agrees(source, environment)
    assert len(found.known) > len(forms)


CHANGES = {
    "lists": "L = [1, 2]\nL.append(3)\nL.extend((4, 5))\nL.insert(0, 0)\nL.insert(9, 9)\nL.remove(2)\nP = L.pop()\nQ = L.pop(0)\nL[0] = 7\nL[-1] = 8\nL += [1]\nL *= 2\nL.reverse()\nL.sort()\nM = L[1:3]\nM[0:1] = [5, 6]\ndel M[0]\nL.clear()\nN = L\n",
    "dicts": "D = {'a': 1, 'n': {'x': []}}\nD['b'] = 2\nD.update(c=3)\nD.update({'d': 4}, e=5)\nD.update([('f', 6)])\nD.setdefault('a', 9)\nD.setdefault('g', 7)\nP = D.pop('b')\nQ = D.pop('zz', None)\nD['n']['x'].append(1)\nD['n']['y'] = 2\nD['n'].update(z=3)\ndel D['c']\nD |= {'h': 8}\nK = list(D)\nR = D.popitem()\nC = D.copy()\nC['only'] = 1\nD.clear()\n",
    "sets": "S = {1, 2}\nS.add(3)\nS.discard(9)\nS.remove(1)\nS.update([4])\nS |= {5}\nS -= {2}\nT = sorted(S)\nU = len(S)\nS.clear()\nV = S\n",
    "nested": "A = [[1], [2]]\nB = A[0]\nB.append(3)\nC = [A, B]\nC[0][1].append(4)\nD = {'k': A}\nD['k'][0] = 'z'\nE = A\nfor one in A:\n    pass\nF = [len(x) for x in A]\n",
    "loops": "out = []\ntotal = 0\nfor n in range(5):\n    if n == 3:\n        continue\n    if n == 4:\n        break\n    out.append(n * 2)\n    total += n\nelse:\n    total = -1\nnames = {}\nfor key, value in {'a': 1, 'b': 2}.items():\n    names[key.upper()] = value\ni = 0\nwhile i < 3:\n    i += 1\nsquares = {x: x * x for x in range(3)}\npairs = [(a, b) for a in (1, 2) for b in 'xy' if a == 1]\nunique = {c for c in 'aab'}\ngen = list(x + 1 for x in (1, 2))\n",
    "failures": "try:\n    A = int('x')\nexcept ValueError:\n    A = 1\ntry:\n    B = {}['k']\nexcept KeyError:\n    B = 2\ntry:\n    C = 1 / 0\nexcept ZeroDivisionError as error:\n    C = 3\nfinally:\n    D = 4\ntry:\n    E = [][0]\nexcept (IndexError, KeyError):\n    E = 5\nelse:\n    E = 6\ntry:\n    import json as F\nexcept ImportError:\n    F = None\nF = F is None\ntry:\n    import no_such_module_here as G\nexcept ImportError:\n    G = None\ntry:\n    H = None.x\nexcept AttributeError:\n    H = 7\n",
    "enums": "from enum import Enum, IntEnum, auto\nclass Stage(str, Enum):\n    DEV = 'dev'\n    PROD = 'prod'\nclass Number(IntEnum):\n    ONE = 1\n    TWO = auto()\nA = Stage.DEV.value\nB = Stage.DEV == 'dev'\nC = Number.ONE + 1\nD = Number.TWO.value\nE = Stage('prod').value\nF = Stage['DEV'].name\nG = [s.value for s in Stage]\nH = isinstance(Stage.DEV, str)\nI = bool(Number.ONE)\nJ = Stage.PROD is Stage.PROD\nK = Stage.DEV in (Stage.DEV, Stage.PROD)\nL = f'{Stage.DEV.value}x'\nM = len(Stage)\n",
}


@pytest.mark.parametrize("source", CHANGES.values(), ids=CHANGES)
def test_what_is_changed_is_what_python_has(source: str) -> None:
    assert_agrees(source)
