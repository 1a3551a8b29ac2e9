"""Forms of Python that configuration is written in, each run by Python and read by the evaluator.

What the evaluator claims must be what Python has; of the names listed, and of those only, nothing may be claimed.
"""

# ruff: noqa: E501 -- source text stands in one line
from __future__ import annotations

import pytest

from tests.evaluate.agreement import assert_agrees

FORMS: dict[str, tuple[str, str, dict[str, str]]] = {
    "alias": (
        r"""
D={'a':1}
E=D
E['b']=2
X=D
""",
        "D E X",
        {},
    ),
    "tuple targets": (
        r"""
A, (B, C) = 1, (2, 3)
F, *G = 1, 2, 3
*H, I = [1,2]
[J, K] = 'xy'
L = M = [1]
""",
        "",
        {},
    ),
    "set list": (
        r"""
X = list({'a','b','c'})
Y=len({'a','b'})
Z=sorted({'b','a'})
W='a' in {'a'}
V=tuple({1})
""",
        "X",
        {},
    ),
    "timedelta": (
        r"""
from datetime import timedelta
import datetime
A = timedelta(days=1)*2
B = timedelta(days=1).total_seconds()
C = int(timedelta(hours=1).total_seconds())
D = timedelta(days=1) > timedelta(hours=3)
E = timedelta(microseconds=1)*0.3
F = timedelta(days=1)//2
G = timedelta(days=1)/timedelta(hours=1)
H = timedelta(days=1)//timedelta(hours=5)
I = timedelta(days=1)%timedelta(hours=5)
J = timedelta(days=1, seconds=5).seconds
K = -timedelta(1)
L = abs(-timedelta(1))
M = timedelta(days=1).days
N = datetime.timedelta(1) == timedelta(hours=24)
O = str(timedelta(1))
P = timedelta(seconds=1.1)
Q = timedelta(seconds=0.1)*3
R = bool(timedelta())
S = timedelta(0) or 5
T = 60 * 60 * timedelta(seconds=1)
U = timedelta(days=1) - timedelta(hours=1)
V = timedelta(days=1)+timedelta(hours=1)
W = sum([timedelta(1), timedelta(2)], timedelta())
X = max(timedelta(1), timedelta(2))
Y = timedelta(milliseconds=1.5)
Z = timedelta(weeks=1, days=-1)
AA = f"{timedelta(1)}"
""",
        "",
        {},
    ),
    "loops": (
        r"""
X = 0
for i in (1,2,3):
    X = X + i
Y = []
for name in ['a','b']:
    Y.append(name)
Z = {}
for k, v in {'a': 1, 'b': 2}.items():
    Z[k] = v
W = {}
for i in range(3):
    W['k%d' % i] = i
for i, n in enumerate(['x', 'y']):
    V = (i, n)
for a, b in zip([1,2],[3,4]):
    U = a+b
T = None
for q in (1,2,3):
    if q == 2:
        T = q
        break
else:
    T = 9
S = 0
for q in (1,2,3):
    if q == 2:
        continue
    S += q
""",
        "",
        {},
    ),
    "while": (
        r"""
i=0
while i<3:
    i+=1
X=i
""",
        "",
        {},
    ),
    "comprehension": (
        r"""
A = [x for x in (1,2,3)]
B = {k: v for k, v in [('a',1),('b',2)]}
C = {x for x in (1,2)}
D = dict((k, 1) for k in 'ab')
E = list(x*2 for x in (1,2))
F = tuple(x for x in (1,2) if x > 1)
G = ','.join(str(x) for x in (1,2))
H = any(x for x in (0,1))
I = all(x for x in (0,1))
J = sum(x for x in (1,2))
K = [x+y for x in (1,2) for y in (3,4)]
L = [[y for y in range(x)] for x in range(3)]
M = {k.upper(): v for k, v in {'a': 1}.items()}
N = [f'{h}:6379' for h in 'a,b'.split(',')]
O = max(x for x in (1,5,2))
P = ';'.join('sentinel://%s' % h for h in ['a','b'])
""",
        "",
        {},
    ),
    "builtins": (
        r"""
A = list(enumerate(['a']))
B = list(zip((1,2),(3,4)))
C = sorted([3,1,2])
D = list(reversed([1,2]))
E = list(range(3))
F = list(map(str, [1,2]))
G = list(filter(None, [0,1]))
H = sum([1,2,3])
I = any([0,1])
J = all([1,1])
K = dict(zip(['a'],[1]))
L = list({'a':1}.items())
M = list({'a':1}.keys())
N = list({'a':1}.values())
O = sorted(['b','a'], reverse=True)
P = max([1,2]); Q = min(3,1)
R = list(map(lambda x: x+1, [1,2]))
S = divmod(7,2)
T = pow(2,3)
U = chr(65); V = ord('A'); W = hex(255); X = bin(3); Y = oct(8)
Z = isinstance('a', str)
AA = isinstance(1, (int, str))
AB = list(map(int, '1,2'.split(',')))
AC = sorted(['bb','a'], key=len)
AD = list('ab')
AE = repr('x')
AF = format(3.14159, '.2f')
AG = callable(len)
AH = round(2.567, 2)
AI = round(2.5)
AJ = dict([('a', 1)])
AK = int('0x1f', 16)
AL = hasattr(object, '__init__')
AM = bool([]); AN = bool('x')
AO = str(b'x', 'utf-8')
AP = bytes('x', 'utf-8')
AQ = type('x').__name__
AR = float('1.5')
AS = abs(-3)
AT = list(map(str.strip, ['a ', ' b']))
AU = next(iter([1,2]))
AV = frozenset([1,2])
AW = str([1, 'a'])
AX = str({'a': 1})
AY = tuple(['a'])
AZ = min([1], default=3)
""",
        "AG AL AO AP AQ",
        {},
    ),
    "fstring": (
        r"""
port = 6379
x = 'a'
A = f'{port:d}'
B = f'{x!r}'
C = f'{port:05d}'
D = f'{x:>5}'
E = f'{port=}'
F = f'{x.upper()}'
G = f'{{}}{x}'
H = f'{port:,}'
I = f'{1.5:.2f}'
J = f"{'a' if port else 'b'}"
K = f'{port:{x and 6}d}'
L = f"{ {'a': 1}['a'] }"
M = f'{x!s:>4}'
N = f'''{x}
{port}'''
O = f'{None}{True}'
P = f'{[1,2]}'
Q = rf'\n{x}'
R = f'{x!a}'
S = f'{port:>{5}}'
""",
        "",
        {},
    ),
    "percent": (
        r"""
A = '%(a)s-%(b)d' % {'a': 'x', 'b': 3}
B = '%r' % ('x',)
C = '%5d' % 3
D = '%.2f' % 1.5
E = '%s' % None
F = '%%'
G = '%x' % 255
H = '%-5s|' % 'a'
I = '%s' % [1]
J = '%s:%s' % ('a', 1)
K = 'a%sb' % 'x' % ()
L = '%c' % 'x'
""",
        "",
        {},
    ),
    "format": (
        r"""
A = '{a}'.format_map({'a': 1})
B = '{0!r}'.format('x')
C = '{:>4}'.format(3)
D = '{a[b]}'.format(a={'b': 1})
E = '{a}{b}'.format(**{'a': 1, 'b': 2})
F = '{}{}'.format(*['a','b'])
G = '{:.2f}'.format(1.5)
H = '{:,}'.format(1000)
I = '{0[0]}'.format(['x'])
J = '{x:{w}}'.format(x='a', w=3)
""",
        "",
        {},
    ),
    "template": (
        r"""
from string import Template
A = Template('$a-${b}').substitute(a=1, b='x')
B = Template('$a').safe_substitute(a=1)
C = Template('$a').substitute({'a': 2})
import textwrap
D = textwrap.dedent('''
   a
     b
''')
from textwrap import dedent
E = dedent('  x').strip()
""",
        "",
        {},
    ),
    "slices": (
        r"""
A = 'abcdef'[1:3]; B = [1,2,3][:2]; C = (1,2,3)[::-1]; D = [1,2,3][-2:]
E = 'redis://h'[8:]
F = [1,2,3][1:][0]
G = (1,2)[-1]
""",
        "",
        {},
    ),
    "starred": (
        r"""
A=[*(1,2),3]
B={**{'a':1},'b':2}
C=(*[1],)
D={*[1],2}
E=[*'ab']
F=[*{'a':1}]
G=[*range(2)]
""",
        "G",
        {},
    ),
    "walrus": (
        r"""
X=(Y:=5)+1
if (N:=3)>2:
    Z=N
W=[(q:=i) for i in (1,2)]
V=q
""",
        "V q",
        {},
    ),
    "chained": (
        r"""
X=1<2<3
Y=3>2>2
Z=1 in [1]==True
import os
W=0<int(os.getenv('HOST','1'))<9
""",
        "",
        {},
    ),
    "typechecking": (
        r"""
from typing import TYPE_CHECKING
import typing
if TYPE_CHECKING:
    X=1
else:
    X=2
Y = 1 if typing.TYPE_CHECKING else 2
""",
        "",
        {},
    ),
    "paths": (
        r"""
import os
from pathlib import Path
BASE = Path(__file__).resolve().parent
A = 'db+sqlite:///' + str(BASE / 'r.db')
B = f"db+sqlite:///{BASE / 'r.db'}"
C = 'db+sqlite:///' + os.path.join(os.path.dirname(os.path.abspath(__file__)), 'r.db')
D = str(Path('a') / 'b')
E = (Path('a') / 'b').as_posix()
F = os.path.join('a', 'b')
G = os.path.basename('a/b')
H = os.path.dirname('a/b')
I = Path('a/b.txt').name
J = Path('a/b.txt').stem
K = str(Path('a/b.txt').parent)
L = os.path.splitext('a.b')[1]
M = '%s' % Path('x')
N = 'db+sqlite:///%s' % os.path.join(BASE, 'x')
O = Path('a', 'b').joinpath('c').as_posix()
P = 'filesystem://' + str(BASE.parent)
Q = os.sep
R = os.path.normpath('a/../b')
S = str(Path('a').with_suffix('.x'))
T = Path('/a/b').is_absolute()
U = os.path.expanduser('a')
V = os.path.exists('/definitely/not')
""",
        "A B C N P V",
        {},
    ),
    "arith": (
        r"""
A=7//2
B=int(7/2)
C=round(2.5)
D=60*60*24
E=2**10
F=7%3
G=-7//2
H=1e3
I=int(1e3)
J=float(3)
K=0.1+0.2
L=5*1024*1024
M=10_000
N=~5
O=5^3
P=True+1
""",
        "",
        {},
    ),
    "urls": (
        r"""
from urllib.parse import quote, quote_plus, urlencode, urlunparse, urlsplit, urlparse, urljoin, unquote
import urllib.parse
A = quote('p@ss'); B = quote_plus('a b'); C = urlencode({'a': 1, 'b': 'x y'})
D = urlunparse(('redis', 'h:1', '/0', '', '', ''))
E = urlsplit('redis://h/0')._replace(path='/1').geturl()
F = urlparse('redis://h:1/2').hostname
G = urljoin('redis://h/', '1')
H = quote('a/b', safe='')
I = urllib.parse.quote('@')
J = urlparse('redis://h:1/2').port
K = unquote('%40')
L = urlparse('redis://h:1/2').scheme
M = urlsplit('redis://u:p@h:1/2').netloc
N = urllib.parse.urlparse('redis://h/2')._replace(scheme='rediss').geturl()
O = urlencode([('a', 1)])
""",
        "E N",
        {},
    ),
    "json": (
        r"""
import json
A = json.loads('{"a": [1, null]}')
B = json.dumps({'a': 1})
import ast
C=ast.literal_eval('[1]')
""",
        "",
        {},
    ),
    "reduce": (
        r"""
from functools import reduce, partial
A=reduce(lambda a,b:a+b,[1,2])
B=partial(int,'5')()
""",
        "A",
        {},
    ),
    "match": (
        r"""
match 5:
    case 5 | 6:
        X = 1
    case _:
        X = 2
match 'a':
    case 'b':
        Y = 1
    case 'a':
        Y = 2
match ('x', 1):
    case ('x', n):
        Z = n
match 3:
    case n if n > 2:
        W = n
    case _:
        W = 0
match {'a': 1}:
    case {'a': v}:
        V = v
match 1.5:
    case float():
        U = 1
match 'q':
    case other:
        T = other
""",
        "U V W Z n v",
        {},
    ),
    "with": (
        r"""
from contextlib import suppress
import contextlib
X = 1
with suppress(ImportError):
    import nothing_xx
    X = 2
with contextlib.suppress(KeyError):
    Y = 3
with open('/dev/null') as f:
    Z = 4
W = 0
with suppress(KeyError):
    W = {}['a']
""",
        "W X",
        {},
    ),
    "misc statements": (
        r"""
assert True
X = 1
del X
X = 2
def f():
    global G
    G = 5
G = 1
f()
H = G
def outer():
    v = 1
    def inner():
        return v + 1
    return inner()
A = outer()
def gen():
    yield 1
    yield 2
B = list(gen())
def deco(fn):
    def w(*a):
        return 'w' + fn(*a)
    return w
@deco
def g():
    return 'x'
C = g()
""",
        "B C G H",
        {},
    ),
    "module getattr": (
        r"""
import other
A = other.FOO
from other import BAR
B=BAR
""",
        "",
        {"other": "def __getattr__(name):\n    return 'x' + name\n"},
    ),
    "module getattr2": (
        r"""
import other
A = other.FOO
B = other.Q
""",
        "",
        {
            "other": "Q=1\n_D={'FOO': 3}\ndef __getattr__(name):\n    if name in _D:\n        return _D[name]\n    raise AttributeError(name)\n"
        },
    ),
    "module set": (
        r"""
import other
other.X = 2
A = other.X
""",
        "A",
        {"other": "X=1\n"},
    ),
    "module setattr": (
        r"""
import other
setattr(other, 'X', 2)
A = other.X
""",
        "A",
        {"other": "X=1\n"},
    ),
    "module setattr self": (
        r"""
import sys
setattr(sys.modules[__name__], 'X', 2)
X2 = 1
""",
        "",
        {},
    ),
    "module self set": (
        r"""
X = 1
import sys
setattr(sys.modules[__name__], 'X', 2)
Y=X
""",
        "X Y",
        {},
    ),
    "vars": (
        r"""
X=1
vars()['X']=2
Y=X
""",
        "X Y",
        {},
    ),
    "globals update": (
        r"""
X=1
globals().update(X=2)
Y=X
""",
        "",
        {},
    ),
    "globals update2": (
        r"""
X=1
globals().update({'X': 2})
""",
        "",
        {},
    ),
    "locals update": (
        r"""
X=1
locals().update({'X': 2})
""",
        "",
        {},
    ),
    "exec": (
        r"""
X=1
exec('X=2')
Y=X
""",
        "X Y",
        {},
    ),
    "exec file": (
        r"""
X=1
exec(compile('X=2','a','exec'))
Y=X
""",
        "X Y",
        {},
    ),
    "execfn": (
        r"""
X=1
def f():
    exec('X=2', globals())
f()
Y=X
""",
        "X Y",
        {},
    ),
    "globals loop": (
        r"""
X=1
for k, v in {'X': 5}.items():
    globals()[k] = v
Y=X
""",
        "X Y k v",
        {},
    ),
    "setitem": (
        r"""
X={'a':1}
X.__setitem__('a', 2)
Y=X['a']
""",
        "",
        {},
    ),
    "mutating getattr": (
        r"""
X={'a':1}
f=X.update
f(a=2)
Y=X['a']
""",
        "X Y",
        {},
    ),
    "update in call arg": (
        r"""
X={'a':1}
print(X.pop('a'))
Y=len(X)
""",
        "X Y",
        {},
    ),
    "assigned pop": (
        r"""
X={'a':1}
Z=X.pop('a')
Y=len(X)
W=X
""",
        "",
        {},
    ),
    "assigned pop list": (
        r"""
X=[1,2]
Z=X.pop()
Y=len(X)
W=X
""",
        "Z",
        {},
    ),
    "setdefault value": (
        r"""
X={}
X.setdefault('a', []).append(1)
W=X
""",
        "W",
        {},
    ),
    "setdefault assigned": (
        r"""
X={}
V=X.setdefault('a', [])
V.append(1)
W=X
""",
        "V W X",
        {},
    ),
    "import_module": (
        r"""
import importlib
m = importlib.import_module('other')
A = m.X
n = __import__('other')
B = n.X
C = getattr(m, 'X')
D = getattr(m, 'NOPE', 4)
E = hasattr(m, 'X')
""",
        "B",
        {"other": "X=1\n"},
    ),
    "func arg mutated": (
        r"""
def f(d):
    d['k']=1
    return d
X=f({})
E={}
f(E)
Y=E.get('k',0)
""",
        "E Y",
        {},
    ),
    "late": (
        r"""
A=1
def f():
    return A
B=f()
A=2
""",
        "",
        {},
    ),
    "late2": (
        r"""
import other
B=other.f()
""",
        "",
        {"other": "A=1\ndef f():\n    return A\nA=2\n"},
    ),
    "default mut": (
        r"""
def f(a=[]):
    a.append(1)
    return a
X=f()
Y=f()
""",
        "X Y",
        {},
    ),
    "ctor": (
        r"""
class A:
    def __init__(self):
        self.v=1
        self.set()
    def set(self):
        self.v=2
X=A().v
""",
        "X",
        {},
    ),
    "fill": (
        r"""
D={}
def fill():
    D['x']=1
fill()
""",
        "D",
        {},
    ),
    "fill loop": (
        r"""
D={}
def fill(d):
    for k in ('a','b'):
        d[k]=1
fill(D)
""",
        "D",
        {},
    ),
    "list in dict": (
        r"""
D={'a': []}
L=D['a']
L.append(1)
X=D
""",
        "D L X",
        {},
    ),
    "nested alias": (
        r"""
L=[]
D={'a': L}
L.append(1)
X=D
""",
        "D X",
        {},
    ),
    "nested alias2": (
        r"""
L={}
D=dict(a=L)
L['k']=1
X=D
Y=D['a']
""",
        "D X Y",
        {},
    ),
    "alias across modules": (
        r"""
from other import D
D['b']=2
import other
X=other.D
""",
        "X",
        {"other": "D={'a':1}\n"},
    ),
    "alias across modules2": (
        r"""
import other
other.D['b']=2
X=other.D
""",
        "X",
        {"other": "D={'a':1}\n"},
    ),
    "copy is copy": (
        r"""
A={'a':1}
B=A.copy()
B['b']=2
C=dict(A)
C['c']=1
E=[1]
F=E[:]
F.append(2)
G=list(E)
G.append(3)
import copy
H=copy.deepcopy(A)
H['z']=1
""",
        "",
        {},
    ),
    "augmented alias": (
        r"""
A=[1]
B=A
B+=[2]
X=A
""",
        "A B X",
        {},
    ),
    "augmented copy": (
        r"""
A=[1]
B=A
B=B+[2]
X=A
T=(1,)
U=T
U+=(2,)
""",
        "",
        {},
    ),
    "class attr alias": (
        r"""
class C:
    D={}
C.D['a']=1
X=C.D
""",
        "X",
        {},
    ),
    "class attr alias2": (
        r"""
class C:
    D={}
E=C.D
E['a']=1
X=C.D
""",
        "E X",
        {},
    ),
    "attr mutate": (
        r"""
class C:
    L=[]
C.L.append(1)
X=C.L
""",
        "X",
        {},
    ),
    "for alias": (
        r"""
A={'x':1}
B={'y':1}
for d in (A,B):
    d['k']=2
X=A
Y=B
""",
        "A B X Y d",
        {},
    ),
    "cond alias": (
        r"""
import os
A={'x':1}
B={'y':1}
C=A if os.getenv('HOST') else B
C['k']=1
X=A
""",
        "A B C X",
        {},
    ),
    "return alias": (
        r"""
A={'x':1}
def f():
    return A
f()['k']=1
B=f()
B['z']=2
X=A
""",
        "A B X",
        {},
    ),
    "or alias": (
        r"""
A={}
B=None or A
B['k']=1
X=A
""",
        "A B X",
        {},
    ),
    "del item": (
        r"""
X=[1,2,3]
del X[0]
Y=X[0]
Z={'a':1,'b':2}
del Z['a']
W=Z
""",
        "",
        {},
    ),
    "rebound import": (
        r"""
from other import X
X=2
import other
Y=other.X
""",
        "",
        {"other": "X=1\n"},
    ),
    "pkg and module": (
        r"""
import dup
X=dup.A
""",
        "",
        {"dup": "A=1\n", "dup____init__": "A=2\n"},
    ),
    "circular": (
        r"""
import other
X=1
Y=other.Z
""",
        "",
        {"other": "Z=5\nimport main_of_test\nW=getattr(main_of_test,'X',0)\n"},
    ),
    "namespace pkg": (
        r"""
import ns.a.mod
X=ns.a.mod.A
from ns.a import mod
Y=mod.A
""",
        "",
        {"ns__a__mod": "A=3\n"},
    ),
    "relative deep": (
        r"""
from pkg.a.b.c import X
""",
        "",
        {
            "pkg____init__": "",
            "pkg__a____init__": "",
            "pkg__a__b____init__": "",
            "pkg__a__b__c": "from ...base import X\n",
            "pkg__base": "X=4\n",
        },
    ),
    "syspath": (
        r"""
import sys, os
sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'apps'))
import shop_x
X=shop_x.A
""",
        "",
        {"apps__shop_x": "A=3\n"},
    ),
    "syspath of a package": (
        r"""
import sys, os
sys.path.append(os.path.join(os.path.dirname(__file__), 'apps'))
import shop_y
X=shop_y.A
""",
        "",
        {"apps____init__": "", "apps__shop_y": "A=3\n"},
    ),
    "a folder with a module of its own name": (
        r"""
from config import celery_values
X=celery_values.A
""",
        "",
        {"config__celery_values": "A=3\n", "config__config": "B=1\n"},
    ),
    "builtin shadow": (
        r"""
def len(x):
    return 9
X=len('a')
str=int
Y=str('5')
""",
        "",
        {},
    ),
    "conditional decided": (
        r"""
D=False
if D:
    X=1
elif not D:
    X=2
else:
    X=3
Y = 1 if D is None else 2
Z='a' if 'b'=='b' else 'c'
""",
        "",
        {},
    ),
    "except decided": (
        r"""
try:
    X=undefined
except NameError:
    X=5
try:
    Y={}['a']
except KeyError:
    Y=5
try:
    Z=int('x')
except KeyError:
    Z=5
except ValueError:
    Z=6
try:
    W=1/0
except (TypeError, ZeroDivisionError):
    W=1
""",
        "W X Y Z",
        {},
    ),
    "funcs": (
        r"""
def f(*a, **k): return a, k
X=f(1,b=2)
def g(n):
    r=[]
    for i in range(n):
        r.append(i)
    return r
Y=g(3)
def h(x):
    d={'a':1}
    d.update(x)
    return d
Z=h({'b':2})
def k(a, b=2, *, c=3): return a+b+c
W=k(1)+k(1,c=1)
def fact(n): return 1 if n<2 else n*fact(n-1)
V=fact(5)
def early(x):
    if not x:
        return 'none'
    for i in (1,2):
        if i==x:
            return 'found'
    return 'no'
U=early(2)
T=early(5)
""",
        "",
        {},
    ),
    "a method reads a name that is bound again": (
        r"""
A = 1
class C:
    def m(self):
        return A
X = C().m()
A = 2
def g():
    return f()
def f():
    return A
Y = g()
A = 3
class D:
    B = A
A = 4
Z = D.B
""",
        "",
        {},
    ),
    "an object that is imported again after it was changed": (
        r"""
from other import D
D['a'] = 2
from other import *
X = D['a']
""",
        "",
        {"other": "D = {'a': 1}\n"},
    ),
    "a set of what is the same": ("A = 'x'\nX = sorted({A, A})\nY = list({A, A})\nZ = sum({1, 1})\n", "", {}),
    "a function called before and after": (
        r"""
A = 1
f = lambda: A
X = f()
A = 2
Y = f()
""",
        "",
        {},
    ),
}
"""Name: the source, the names that stay unknown, other modules."""


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize(("source", "unknown", "others"), FORMS.values(), ids=FORMS)
def test_a_form_is_read_as_python_runs_it(source: str, unknown: str, others: dict[str, str]) -> None:
    found = assert_agrees(source, {"HOST": "2"}, **others)
    assert sorted(found.unknown) == unknown.split(), found.unknown
