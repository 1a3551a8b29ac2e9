"""Forms at the edge of what is followed: whatever is claimed of them must be what Python has."""

# ruff: noqa: E501 -- source text stands in one line
from __future__ import annotations

import pytest

from tests.evaluate.agreement import assert_agrees

ENVIRONMENTS: tuple[dict[str, str], ...] = ({}, {"X": "1", "HOST": "h"}, {"X": "", "HOST": ""})

FORMS = {
    "containers of two outcomes": "import os\nif os.environ.get('X'):\n    D = {'a': 1, 'n': {'b': 1}}\n    L = [1]\n    S = {1}\nelse:\n    D = {'a': 2, 'n': {'b': 2}}\n    L = [2, 3]\n    S = {2}\nD['k'] = 1\nD['n']['c'] = 2\nD.update(z=3)\nD.setdefault('a', 9)\nD.setdefault('q', 9)\ndel D['k']\nL.append(4)\nL[0] = 0\nL += [5]\nL.insert(0, 9)\nL.sort()\nS.add(7)\nP = D.pop('a')\nQ = L.pop()\nM = list(L)\n",
    "entries of two outcomes": "import os\nD = {'a': 1}\nif os.environ.get('X'):\n    D['b'] = 2\n    D.setdefault('c', 3)\nD.setdefault('b', 5)\nD.setdefault('c', 6)\nL = [1]\nif os.environ.get('X'):\n    L.append(2)\nelse:\n    L.extend([3, 4])\nN = len(L)\nE = D.get('b')\nF = D.get('zz', 'none')\nG = {**D, 'y': 1}\nH = [*L, 5]\n",
    "changes that are not known": "import os\nkeys = os.environ.get('HOST', 'k')\nD = {'a': 1}\nD[keys] = 2\nA = D['a']\nL = [1, 2, 3]\nL[len(keys) % 2] = 9\nL.remove(3)\ndel L[0]\nM = [3, 1]\nM.sort(key=lambda x: -x)\nT = (1, [2])\nT[1].append(3)\nD2 = dict.fromkeys(['a', 'b'], 0)\nD2.update(zip('cd', (1, 2)))\nD3 = {}\nD3.update(os.environ.get('NONE_SUCH') or {})\nE = D3\n",
    "where the project stands": "import os\nfrom pathlib import Path\nBASE = Path(__file__).resolve().parent\nHERE = os.path.dirname(os.path.abspath(__file__))\nA = str(BASE / 'x.db')\nB = os.path.join(HERE, 'x')\nC = os.path.basename(os.path.join(HERE, 'x.py'))\nD = (BASE / 'a' / 'b.py').name\nE = (BASE / 'b.py').stem\nF = f'db+sqlite:///{BASE}/x.db'\nG = BASE.name\nH = os.path.exists(A)\nI = BASE.exists()\nJ = (BASE / 'b.py').suffix\nK = os.path.splitext(B)[1]\nL = str(BASE.parent)\nM = os.path.realpath('.')\nN = Path.cwd()\nO = Path('~').expanduser()\nP = os.getcwd()\nQ = BASE.is_dir()\nR = Path(os.environ.get('HOST', 'h')) / 'x'\nS = str(R)\nT = Path(BASE, 'q').name\nU = os.path.abspath('/a/b')\nV = os.path.basename(HERE)\nW = 'x' in str(BASE)\n",
    "calls that fail": "def attempt(make):\n    try:\n        return make()\n    except Exception:\n        return 'failed'\nA = attempt(lambda: list(map(int, ['x'])))\ntry:\n    B = min([])\nexcept ValueError:\n    B = 1\ntry:\n    C = sorted([1, 'a'])\nexcept TypeError:\n    C = 2\nD = max([], default=3)\nE = min([], default=None)\ntry:\n    F = sum(['a'])\nexcept TypeError:\n    F = 4\ntry:\n    G = list(range('a'))\nexcept TypeError:\n    G = 5\ntry:\n    H = int('0x1f', 16) + int('z')\nexcept ValueError:\n    H = 6\nimport string\ntry:\n    I = string.Template('$a $b').substitute(a=1)\nexcept KeyError:\n    I = 7\nJ = string.Template('$$ $a $b').safe_substitute(a=1)\ntry:\n    K = '{a}'.format(b=1)\nexcept KeyError:\n    K = 8\ntry:\n    L = '%d' % 'x'\nexcept TypeError:\n    L = 9\ntry:\n    M = dict([1])\nexcept TypeError:\n    M = 10\ntry:\n    N = chr(-1)\nexcept ValueError:\n    N = 11\n",
    "classes asked for": "class Base:\n    x = 1\nclass Child(Base):\n    def __init__(self, y=2):\n        self.y = y\nclass Other:\n    pass\nc = Child()\nA = isinstance(c, Base)\nB = isinstance(c, Other)\nC = isinstance(c, (Other, Child))\nD = isinstance(1, (str, bytes))\nE = isinstance(c, (str, Base))\nF = issubclass(Child, Base)\nG = c.y\nH = Child(5).y\nI = hasattr(c, 'y')\nJ = hasattr(c, 'nope')\nK = getattr(c, 'nope', 7)\nL = type(c) is Child\nM = c.__class__.__name__\nN = bool(c)\nO = [o.y for o in (Child(1), Child(2))]\nP = Child.x\nQ = vars(c)\nR = isinstance(None, type(None))\nS = isinstance(True, int)\nT = isinstance({}, dict) and isinstance([], list)\n",
    "pydantic annotations": "from typing import Annotated, Any, ClassVar, Dict, List, Literal, Optional, Set, Tuple, Type, Union\nfrom pydantic import Field, PositiveInt, SecretStr, conint, constr\nfrom pydantic_settings import BaseSettings\nAlias = Optional[int]\nclass S(BaseSettings):\n    a: constr(min_length=1) = 'x'\n    b: conint(gt=0) = 3\n    c: Alias = None\n    d: 'int' = 4\n    e: 'Optional[str]' = None\n    f: Annotated[int, Field(ge=0)] = 5\n    g: List[int] = [1]\n    h: Dict[str, Any] = {}\n    i: Union[int, str] = 'z'\n    j: Literal['a', 'b'] = 'a'\n    k: Tuple[int, ...] = (1, 2)\n    l: Set[str] = set()\n    m: PositiveInt = 6\n    n: int | None = None\n    o: ClassVar[int] = 9\n    p: bool = False\n    q: float = 1\n    r: Any = None\n    s: SecretStr = SecretStr('w')\n    t: Optional[List[str]] = None\n    u: Type[int] = int\ns = S()\nA, B, C, D, E, F = s.a, s.b, s.c, s.d, s.e, s.f\nG, H, I, J, K, L = s.g, s.h, s.i, s.j, s.k, len(s.l)\nM, N, O, P, Q, R = s.m, s.n, s.o, s.p, s.q, s.r\nT = s.s.get_secret_value()\nU = s.t\nV = S(b='7').b\nW = S(n='8').n\nX = S(p='yes').p\n",
    "names put together": "import os\nclass Dev:\n    url = 'a'\nclass Prod(Dev):\n    url = 'b'\nclass Holder:\n    dev = 1\n    prod = 2\nname = 'prod' if os.environ.get('X') else 'dev'\nA = getattr(Holder, name)\nB = getattr(Holder, name, 0)\nC = getattr(Holder(), 'nope', 5)\nD = {'dev': Dev, 'prod': Prod}[name].url\nE = {'dev': 1}.get(name)\nF = {'dev': 1}.get(name, 'other')\nG = globals()[name.title()].url\nH = [Dev, Prod][len(name) - 3].url\nI = ('x', 'y')[bool(os.environ.get('X'))]\nJ = {True: 1, False: 2}[name == 'dev']\nK = {1: 'a', None: 'b'}[None]\nL = getattr(os, 'se' + 'p')\n",
    "loops of many kinds": "import os\nA = []\nfor i in range(3):\n    for j in range(2):\n        if i == j:\n            continue\n        A.append((i, j))\nB = 0\nwhile True:\n    B += 1\n    if B > 4:\n        break\nC = None\nfor C in ('x', 'y'):\n    pass\nD = []\nfor k, (a, b) in {'p': (1, 2)}.items():\n    D.append(k * a + str(b))\nE = {}\nfor word in os.environ.get('HOST', 'k=v').split(','):\n    E[word] = 1\nF = 0\nfor n in []:\n    F = 1\nelse:\n    F = 2\nG = [x for x in range(9) if x % 2 if x > 2]\nH = {k: v for k, v in zip('ab', range(2))}\nI = [y for x in ([1], [2, 3]) for y in x]\nJ = sum(x for x in range(4))\nK = [i for i, c in enumerate('abc') if c != 'b']\nL = any(x > 2 for x in (1, 2, 3))\nM = [[0] * 2 for _ in range(2)]\nM[0][0] = 1\nN = next((x for x in (5, 6) if x > 5), None)\nO = dict((k, len(k)) for k in ('a', 'bb'))\nP = 0\ni = 10\nwhile i > 0:\n    i -= 3\n    P += i\nelse:\n    P = -P\nQ = []\nfor x in {'s': 1}:\n    Q += [x]\nR = [z for z in (w for w in 'ab')]\n",
    "texts of many kinds": "import os\nh = os.environ.get('HOST', 'local')\nA = f'{h:>8}|{h!r}|{h:.2}'\nB = f'{1234567:,}|{0.5:%}|{255:x}|{3:+}'\nC = '%-5s|%5s|%r' % (h, 'b', 'c')\nD = '{0}{1}{0}'.format(h, 2)\nE = '{:<4}{:^4}'.format('a', 'b')\nF = '{d[k]}{o.real}'.format(d={'k': 1}, o=3)\nG = '%(a)s-%(b)d' % {'a': h, 'b': 4}\nH = 'a' + h + str(1) + f'{2}'\nI = ('x' 'y'\n     f'{h}')\nJ = '{}'.format(None)\nK = f'{h if h else 1}'\nL = f'{{{h}}}'\nM = '%s' % (h,)\nN = '%s' % [1]\nO = f'{h=}'\nP = '{!r}'.format(h)\nQ = h.join(['a', 'b'])\nR = ','.join([h, 'x']).split(',')\nS = 'redis://' + (h or 'none') + ':6379'\nT = (h + '/').rstrip('/')\nU = h[:1] + h[1:]\nV = h * 2\nW = '\\x41\\u00e9\\n' + r'\\n'\n",
}

IMPORTS = {
    "a name that is there": ("try:\n    from other import A\nexcept ImportError:\n    A = 0\n", "A = 5\n"),
    "a name that is not there": ("try:\n    from other import B\nexcept ImportError:\n    B = 0\n", "A = 5\n"),
    "a name of a loop": (
        "try:\n    from other import n\nexcept ImportError:\n    n = 0\n",
        "for n in (1, 2):\n    pass\n",
    ),
    "several names": ("try:\n    from other import A, B as C\nexcept ImportError:\n    A = C = 0\n", "A = 1\nB = 2\n"),
    "a chain of assignments": ("try:\n    X = Y = int('3')\nexcept ValueError:\n    X = Y = 0\n", ""),
}


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=["unset", "set", "empty"])
@pytest.mark.parametrize("source", FORMS.values(), ids=FORMS)
def test_nothing_wrong_is_claimed(source: str, environment: dict[str, str]) -> None:
    assert assert_agrees(source, environment).known


@pytest.mark.parametrize(("source", "other"), IMPORTS.values(), ids=IMPORTS)
def test_attempts_to_import_end_as_in_python(source: str, other: str) -> None:
    assert_agrees(source, other=other)
