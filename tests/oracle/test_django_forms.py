"""Django settings in odd forms, one small project each, compared with what real Celery loads.

Nothing claimed may be wrong; the forms of `OPEN` must stay unknown, for the reason that stands there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.evaluate.agreement import write
from tests.oracle.compare import compare, read
from tests.oracle.environments import newest_celery
from tests.oracle.server import CeleryProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOAD = Path(__file__).parent / "load.py"
CELERY = (
    "import os\n"
    "from celery import Celery\n"
    "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'proj.settings')\n"
    "app = Celery('proj')\n"
    "app.config_from_object('django.conf:settings', namespace='CELERY')\n"
)
FORMS: dict[str, dict[str, str]] = {
    "all in settings": {
        "proj/settings.py": ("from .base import *\n"),
        "proj/base.py": (
            "__all__=['SECRET_KEY','CELERY_RESULT_EXPIRES']\n"
            "SECRET_KEY='x'\n"
            "CELERY_RESULT_EXPIRES=5\n"
            "CELERY_RESULT_SERIALIZER='yaml'\n"
        ),
    },
    "all extended": {
        "proj/settings.py": ("from .base import *\n"),
        "proj/base.py": (
            "__all__=['SECRET_KEY']\n"
            "__all__ += ['CELERY_RESULT_EXPIRES']\n"
            "SECRET_KEY='x'\n"
            "CELERY_RESULT_EXPIRES=5\n"
            "CELERY_RESULT_SERIALIZER='yaml'\n"
        ),
    },
    "mutated base list": {
        "proj/settings.py": (
            "from .base import *\n"
            "CELERY_ACCEPT_CONTENT.append('x')\n"
            "CELERY_RESULT_ACCEPT_CONTENT = CELERY_ACCEPT_CONTENT\n"
        ),
        "proj/base.py": ("SECRET_KEY='x'\nCELERY_ACCEPT_CONTENT=['json']\n"),
    },
    "module attribute": {
        "proj/settings.py": ("from . import base\nfrom .base import *\nbase.CELERY_RESULT_EXPIRES = 9\n"),
        "proj/base.py": ("SECRET_KEY='x'\nCELERY_RESULT_EXPIRES=5\n"),
    },
    "star in function-less if": {
        "proj/settings.py": (
            "import os\n"
            "if os.environ.get('A'):\n"
            "    from .one import *\n"
            "else:\n"
            "    from .two import *\n"
            "SECRET_KEY='x'\n"
        ),
        "proj/one.py": ("CELERY_RESULT_EXPIRES=1\n"),
        "proj/two.py": ("CELERY_RESULT_EXPIRES=2\nCELERY_RESULT_SERIALIZER='yaml'\n"),
    },
    "included relative import": {
        "proj/settings/__init__.py": (
            "from split_settings.tools import include\ninclude('parts/a.py')\nSECRET_KEY='x'\n"
        ),
        "proj/settings/parts/a.py": ("from .values import TTL\nCELERY_RESULT_EXPIRES=TTL\n"),
        "proj/settings/values.py": ("TTL=7\n"),
        "proj/settings/parts/values.py": ("TTL=8\n"),
    },
    "included imports settings": {
        "proj/settings.py": (
            "from split_settings.tools import include\nSECRET_KEY='x'\nTTL=3\ninclude('a.py')\nTTL=4\n"
        ),
        "proj/a.py": (
            "from proj.settings import TTL as T\n"
            "import proj.settings as s\n"
            "CELERY_RESULT_EXPIRES=T\n"
            "CELERY_RESULT_CACHE_MAX=s.TTL\n"
        ),
    },
    "function in included": {
        "proj/settings.py": (
            "from split_settings.tools import include\n"
            "SECRET_KEY='x'\n"
            "TTL=3\n"
            "include('a.py')\n"
            "TTL=4\n"
            "CELERY_RESULT_EXPIRES=ttl()\n"
        ),
        "proj/a.py": ("def ttl():\n    return TTL\n"),
    },
    "include in try": {
        "proj/settings.py": (
            "from split_settings.tools import include\n"
            "SECRET_KEY='x'\n"
            "CELERY_RESULT_EXPIRES=1\n"
            "try:\n"
            "    include('gone.py')\n"
            "except OSError:\n"
            "    CELERY_RESULT_EXPIRES=2\n"
        ),
    },
    "include twice by globs": {
        "proj/settings.py": ("from split_settings.tools import include\nSECRET_KEY='x'\ninclude('c/a.py', 'c/*.py')\n"),
        "proj/c/a.py": ("CELERY_RESULT_EXPIRES=1\n"),
        "proj/c/b.py": ("CELERY_RESULT_EXPIRES=CELERY_RESULT_EXPIRES+1\n"),
    },
    "include in for": {
        "proj/settings.py": (
            "from split_settings.tools import include\nSECRET_KEY='x'\nfor f in ('a.py','b.py'):\n    include(f)\n"
        ),
        "proj/a.py": ("CELERY_RESULT_EXPIRES=1\n"),
        "proj/b.py": ("CELERY_RESULT_SERIALIZER='yaml'\n"),
    },
    "include in function": {
        "proj/settings.py": (
            "from split_settings.tools import include\n"
            "SECRET_KEY='x'\n"
            "CELERY_RESULT_EXPIRES=4\n"
            "def load():\n"
            "    include('a.py')\n"
            "load()\n"
        ),
        "proj/a.py": ("CELERY_RESULT_EXPIRES=1\n"),
    },
    "tools.include": {
        "proj/settings.py": ("from split_settings import tools\nSECRET_KEY='x'\ntools.include('a.py')\n"),
        "proj/a.py": ("CELERY_RESULT_EXPIRES=1\n"),
    },
    "include result": {
        "proj/settings.py": ("from split_settings.tools import include\nSECRET_KEY='x'\n_ = include('a.py')\n"),
        "proj/a.py": ("CELERY_RESULT_EXPIRES=1\n"),
    },
    "conditional included": {
        "proj/settings.py": (
            "import os\n"
            "from split_settings.tools import include\n"
            "SECRET_KEY='x'\n"
            "CELERY_RESULT_EXPIRES=0\n"
            "if os.environ.get('A'):\n"
            "    include('a.py')\n"
            "else:\n"
            "    include('b.py')\n"
            "CELERY_RESULT_CACHE_MAX=CELERY_RESULT_EXPIRES\n"
        ),
        "proj/a.py": ("CELERY_RESULT_EXPIRES+=1\n"),
        "proj/b.py": ("CELERY_RESULT_EXPIRES+=2\n"),
    },
    "update loop": {
        "proj/settings.py": ("SECRET_KEY='x'\nfor k,v in {'CELERY_RESULT_EXPIRES':3}.items():\n    globals()[k]=v\n"),
    },
    "comprehension update": {
        "proj/settings.py": (
            "class C:\n"
            "    CELERY_RESULT_EXPIRES=3\n"
            "SECRET_KEY='x'\n"
            "globals().update({k:getattr(C,k) for k in dir(C) if k.isupper()})\n"
        ),
    },
    "handed logging": {
        "proj/settings.py": (
            "import logging\nSECRET_KEY='x'\nCELERY_RESULT_EXPIRES=3\nlogging.getLogger(__name__).info('x')\n"
        ),
    },
    "settings override after": {
        "proj/settings.py": ("SECRET_KEY='x'\nCELERY_RESULT_EXPIRES=3\n"),
        "proj/celery.py": CELERY + "from django.conf import settings\nsettings.CELERY_RESULT_EXPIRES = 9\n",
    },
    "settings written by function": {
        "proj/settings.py": ("SECRET_KEY='x'\nCELERY_RESULT_EXPIRES=3\n"),
        "proj/celery.py": "from django.conf import settings\ndef f():\n    settings.CELERY_RESULT_EXPIRES = 9\n"
        + CELERY
        + "f()\n",
    },
    "settings setattr": {
        "proj/settings.py": ("SECRET_KEY='x'\nCELERY_RESULT_EXPIRES=3\n"),
        "proj/celery.py": CELERY + "from django.conf import settings\nsetattr(settings, 'CELERY_RESULT_EXPIRES', 9)\n"
        "setattr(settings, 'CELERY_RESULT_SERIALIZER', 'yaml')\n",
    },
    "settings dict update": {
        "proj/settings.py": ("SECRET_KEY='x'\nCELERY_BROKER_TRANSPORT_OPTIONS={'a':1}\n"),
        "proj/celery.py": CELERY + "from django.conf import settings\nsettings.CELERY_BROKER_TRANSPORT_OPTIONS['b']=2\n"
        "settings.CELERY_BROKER_TRANSPORT_OPTIONS.update(c=3)\n",
    },
    "settings del": {
        "proj/settings.py": ("SECRET_KEY='x'\nCELERY_RESULT_EXPIRES=3\n"),
        "proj/celery.py": CELERY + "from django.conf import settings\ndel settings.CELERY_RESULT_EXPIRES\n",
    },
    "settings module written": {
        "proj/settings.py": ("SECRET_KEY='x'\nCELERY_RESULT_EXPIRES=3\n"),
        "proj/celery.py": "import proj.settings as s\ns.CELERY_RESULT_EXPIRES = 9\n" + CELERY,
    },
    "configure default": {
        "proj/celery.py": (
            "from celery import Celery\n"
            "from django.conf import settings\n"
            "from proj import defaults\n"
            "settings.configure(defaults, CELERY_RESULT_EXPIRES=5)\n"
            "app=Celery('a')\n"
            "app.config_from_object('django.conf:settings', namespace='CELERY')\n"
        ),
        "proj/defaults.py": ("SECRET_KEY='x'\nCELERY_RESULT_SERIALIZER='yaml'\n"),
    },
    "configure function": {
        "proj/celery.py": (
            "from celery import Celery\n"
            "from django.conf import settings\n"
            "def setup():\n"
            "    settings.configure(SECRET_KEY='x', CELERY_RESULT_EXPIRES=5)\n"
            "setup()\n"
            "app=Celery('a')\n"
            "app.config_from_object('django.conf:settings', namespace='CELERY')\n"
        ),
    },
    "configure never": {
        "proj/settings.py": ("SECRET_KEY='x'\nCELERY_RESULT_EXPIRES=3\n"),
        "proj/celery.py": "from django.conf import settings\n"
        "def setup():\n    settings.configure(SECRET_KEY='x', CELERY_RESULT_EXPIRES=5)\n" + CELERY,
    },
    "two configurations": {
        "proj/settings.py": ("SECRET_KEY='x'\nCELERY_RESULT_EXPIRES=3\n"),
        "manage.py": ("import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE','proj.other')\n"),
        "proj/other.py": ("SECRET_KEY='y'\n"),
    },
    "dynaconf object": {
        "celeryconfig.py": (
            "from dynaconf import Dynaconf\n"
            "s = Dynaconf(envvar_prefix='APP', settings_files=['s.toml'])\n"
            "result_expires = s.get('TTL', 5)\n"
            "result_serializer = s.SER\n"
        ),
        "s.toml": ("SER='yaml'\n"),
        "proj/celery.py": ("from celery import Celery\napp=Celery('a')\napp.config_from_object('celeryconfig')\n"),
    },
    "dj dynaconf": {
        "proj/settings.py": (
            "import dynaconf\nSECRET_KEY='x'\nCELERY_RESULT_EXPIRES=3\nsettings = dynaconf.DjangoDynaconf(__name__)\n"
        ),
        "settings.toml": ("[default]\nCELERY_RESULT_EXPIRES=9\n[development]\nCELERY_RESULT_SERIALIZER='yaml'\n"),
    },
    "caches": {
        "proj/settings.py": (
            "import environ\n"
            "env=environ.Env()\n"
            "SECRET_KEY='x'\n"
            "CACHES={'default': env.cache('CACHE_X', default='redis://c:1/2')}\n"
            "DATABASES={'default': env.db('DB_X', default='postgres://u:p@h:5/n')}\n"
            "CELERY_RESULT_BACKEND=CACHES['default']['LOCATION']\n"
            "CELERY_CACHE_BACKEND='db+postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}'.format(**DATABASES['default'])\n"
            ""
            "CELERY_RESULT_SERIALIZER='%(HOST)s' % DATABASES['default']\n"
        ),
    },
}

OPEN = {
    "include in try": "gone.py is not in the tree",
    "include in function": "a function includes files",
    "comprehension update": "the module's names are updated with what is not known",
    "dj dynaconf": "dynaconf reads Django's settings",
    "configure default": "what settings.configure() is given",
    "configure never": "what settings.configure() is given",
}


@pytest.fixture(scope="module")
def process(celery_python: Callable[[str], Path]) -> Iterator[CeleryProcess]:
    with CeleryProcess(celery_python("newest"), LOAD) as running:
        yield running


@pytest.mark.parametrize("form", FORMS)
def test_nothing_wrong_is_claimed_of(form: str, tmp_path: Path, process: CeleryProcess) -> None:
    write(tmp_path, {"proj/__init__.py": "", "proj/celery.py": CELERY, **FORMS[form]})
    version = newest_celery()
    found = compare(tmp_path, version, process, (), [{}, {"A": "1"}])
    assert found.contradictions == []
    assert found.unloadable == []
    if form in OPEN:
        model = read(tmp_path, version)
        assert model is not None
        assert OPEN[form] in model.apps[0].unread
