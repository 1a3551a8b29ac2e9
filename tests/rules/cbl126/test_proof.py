"""CBL126 is true: what was read before the env file is loaded stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.proofs.real import write_files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

FILES = {
    "shop/__init__.py": "",
    "shop/config.py": 'import os\n\nRESULTS_URL = os.environ.get("RESULTS_URL", "redis://default")\n',
    ".env": "RESULTS_URL=redis://dotenv\n",
}
IMPORT = "from shop.config import RESULTS_URL\n"
APP = "app = Celery('shop', backend=RESULTS_URL)\n"
HOST = "app.backend.connparams['host']"


def used(celery: RealCelery, root: Path, *lines: str) -> object:
    write_files(root, FILES)
    return celery.evaluate(HOST, "".join(lines), root=root).value


def test_loaded_after_the_import_the_default_is_used(celery: RealCelery, tmp_path: Path) -> None:
    load = f"from dotenv import load_dotenv\nload_dotenv({str(tmp_path / '.env')!r})\n"
    assert used(celery, tmp_path, IMPORT, load, APP) == "default"
    assert used(celery, tmp_path, load, IMPORT, APP) == "dotenv"


def test_read_env_is_no_different(celery: RealCelery, tmp_path: Path) -> None:
    load = f"import environ\nenviron.Env.read_env({str(tmp_path / '.env')!r})\n"
    assert used(celery, tmp_path, IMPORT, load, APP) == "default"
    assert used(celery, tmp_path, load, IMPORT, APP) == "dotenv"


def test_a_configuration_named_by_text_is_imported_later(celery: RealCelery, tmp_path: Path) -> None:
    files = {"celeryconfig.py": "from shop.config import RESULTS_URL\n\nresult_backend = RESULTS_URL\n"}
    write_files(tmp_path, files)
    load = f"from dotenv import load_dotenv\nload_dotenv({str(tmp_path / '.env')!r})\n"
    named = "app = Celery('shop')\napp.config_from_object('celeryconfig')\n"
    assert used(celery, tmp_path, named, load) == "dotenv"


def test_flasks_own_command_loads_it_before_the_app(celery: RealCelery, tmp_path: Path) -> None:
    web = "from dotenv import load_dotenv\nload_dotenv()\nfrom flask import Flask\nweb = Flask('shop')\n"
    made = "from celery import Celery\nresults = Celery('shop', backend=RESULTS_URL)\n"
    root = tmp_path / "shop"
    write_files(root, {**FILES, "app.py": IMPORT + web + made, "below/notes.txt": ""})
    source = "import os\nfrom flask.cli import FlaskGroup\nos.chdir({!r})\n"
    source += "FlaskGroup().main(['--app', 'app', 'routes'], standalone_mode=False)\nimport app as shop\n"
    host = "shop.results.backend.connparams['host']"
    assert celery.evaluate(host, source.format(str(root)), root=root).value == "dotenv"
    assert celery.evaluate(host, source.format(str(root / "below")), root=root).value == "dotenv"
    assert celery.evaluate(host, source.format(str(tmp_path)), root=root).value == "default"
    assert celery.evaluate(host, "import app as shop\n", root=root).value == "default"
