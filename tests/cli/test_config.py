"""``config``: every app's settings and where they come from, and what another Celery changes in them."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celery_backend_lint.cli import main
from celery_backend_lint.report.html_page import STYLE
from tests.cases import Case, git, rule_cases

FORMATS = ("text", "json", "html")
WITH_SECRETS = [case for case in rule_cases() if "secret" in case.head]

DJANGO = {
    "requirements.txt": "celery>=5.3\n",
    "shop/__init__.py": "",
    "shop/settings.py": (
        "import os\nCELERY_RESULT_BACKEND = 'redis://:s3cret-pw@cache/0'\nCELERYD_CONCURRENCY = 4\n"
        "CELERY_TASK_SERIALIZER = 'json' if os.environ.get('JSON') else 'yaml'\n"
    ),
    "shop/celery.py": (
        "import os\nfrom celery import Celery\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
        "app = Celery('shop', backend='rpc://')\napp.config_from_object('django.conf:settings', namespace='CELERY')\n"
    ),
}


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def django(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Django project whose result backend hangs on the release of Celery, as the working directory."""
    write(tmp_path, DJANGO)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# text


def test_each_setting_stands_with_its_origin(project: Path, lint: Any) -> None:
    text = "result_backend = 'redis://:s3cret-pw@h/0'\nredis_password = 's3cret-pw'\nbroker_url = 'amqp://'\n"
    (project / "celeryconfig.py").write_text(text)
    (project / "requirements.txt").write_text("celery>=5.4\n")
    run = lint("config")
    assert run.code == 0
    assert run.out.startswith(
        "shop (tasks.py:3:7), Celery >=5.4\n"
        "  read for Celery 5.7.0, the newest that >=5.4 admits; 5.4.0 is the oldest\n"
        "  result backend: Redis (redis://:***@h/0), at celeryconfig.py:1:18\n"
        "  result_backend = 'redis://:***@h/0'\n    celeryconfig.py:1:1, the configuration module\n"
    )
    assert "  broker_url = 'amqp://'\n    celeryconfig.py:3:1, the configuration module\n" in run.out
    assert "broker_read_url" not in run.out, "it only follows broker_url"
    assert "s3cret-pw" not in run.out


def test_a_name_of_another_form_is_told(project: Path, lint: Any) -> None:
    (project / "celeryconfig.py").write_text("BROKER_URL = 'amqp://'\n")
    assert "celeryconfig.py:1:1, the configuration module, as BROKER_URL\n" in lint("config").out


def test_what_celery_refuses_is_told(project: Path, lint: Any) -> None:
    (project / "celeryconfig.py").write_text("BROKER_URL = 'amqp://'\nresult_backend = 'rpc://'\ntask_acks_late = 1\n")
    refused = "Celery refuses this mix of old and new names: BROKER_URL must be broker_url"
    assert f"  error: {refused}\n" in lint("config").out
    assert refused in assert_is_a_page(lint("config", "--format", "html").out).text
    (app,) = json.loads(lint("config", "--format", "json").out)["apps"]
    assert app["refused"] == [{"written": "BROKER_URL", "must_be": "broker_url", "path": "celeryconfig.py", "line": 1}]


def test_what_loses_is_shown_with_its_value(project: Path, lint: Any) -> None:
    (project / "tasks.py").write_text(
        "from celery import Celery\napp = Celery('a', backend='redis://')\napp.conf.result_backend = 'rpc://'\n"
        "other = Celery('b')\n"
    )
    out = lint("config").out
    assert "result_backend = 'rpc://'\n    tasks.py:3:10, written to app.conf\n    overridden: tasks.py:2:" in out
    assert ", an argument of Celery(), as backend: 'redis://'\n" in out
    assert "\n\nb (tasks.py:4:9), no version of Celery\n" in out
    assert "  result backend: none is set: Celery discards every result\n" in out


def test_what_an_env_file_gives_to_celerys_own_variable_stands_with_its_line(project: Path, lint: Any) -> None:
    write(
        project,
        {
            ".env": "CELERY_RESULT_BACKEND=redis://:s3cret-pw@h/1\n",
            "tasks.py": "from celery import Celery\nfrom dotenv import load_dotenv\n\nload_dotenv()\n"
            "app = Celery('shop', backend='rpc://')\n",
        },
    )
    git(project, "init", "-q")
    git(project, "add", ".")
    assert (
        "  result_backend = 'redis://:***@h/1'\n"
        "    .env:1:23, an env file that the code loads, as CELERY_RESULT_BACKEND\n"
        "    overridden: tasks.py:5:22, an argument of Celery(), as backend: 'rpc://'\n"
    ) in lint("config").out
    [app] = json.loads(lint("config", "--format", "json").out)["apps"]
    [told] = [one for one in app["settings"] if one["name"] == "result_backend"]
    assert told["value"] == "'redis://:***@h/1'"
    assert [one["used"] for one in told["assignments"]] == [False]


def test_each_outcome_stands_with_when_it_holds(project: Path, lint: Any) -> None:
    (project / "celeryconfig.py").write_text(
        "import os\nfrom elsewhere import made\nif os.environ.get('DEBUG'):\n    result_backend = 'rpc://'\n"
        "else:\n    result_backend = os.environ['RESULTS']\nif made():\n    task_acks_late = True\n"
    )
    (project / "requirements.txt").write_text("celery==5.6.3\n")
    out = lint("config").out
    assert "  read for Celery 5.6.3, which is locked\n" in out
    assert "  result_backend = 'rpc://' when DEBUG is set\n    or ${RESULTS:?} when DEBUG is not set\n" in out
    assert "  result backend: unknown, from the variable RESULTS, at celeryconfig.py:6:22\n    or RPC" in out
    assert "  task_acks_late = True depending on " in out
    assert "\n    or False (Celery's default) otherwise\n" in out


def test_a_name_that_this_celery_does_not_read_is_without_effect(django: Path, lint: Any) -> None:
    (django / "requirements.txt").write_text("celery==5.6.3\n")
    assert (
        "  worker_concurrency = None (Celery's default)\n"
        "    without effect: shop/settings.py:3:1, Django's settings, as CELERYD_CONCURRENCY: 4\n"
    ) in lint("config").out
    page = assert_is_a_page(lint("config", "--format", "html").out)
    assert "without effect" in page.text


def test_an_unknown_value_says_why(project: Path, lint: Any) -> None:
    (project / "celeryconfig.py").write_text("from elsewhere import made\nresult_backend = made()\n")
    out = lint("config").out
    assert "  result backend: unknown (" in out
    assert "  result_backend = unknown (" in out
    assert "\x1b[1;93m  result_backend" not in lint("config", "--color", "always").out


def test_what_the_repository_says_of_a_variable(project: Path, lint: Any) -> None:
    (project / "celeryconfig.py").write_text(
        "import os\nresult_backend = os.environ['RESULTS_URL']\nredis_password = os.environ['WORD']\n"
    )
    (project / "docker-compose.yml").write_text(
        "services:\n  worker:\n    build: .\n    command: celery -A tasks worker\n    environment:\n"
        "      RESULTS_URL: redis://:s3cret-pw@cache:6379/1\n      WORD: s3cret-pw\n"
    )
    run = lint("config")
    assert "    docker-compose.yml:6:" in run.out
    assert " says RESULTS_URL=redis://:***@cache:6379/1\n" in run.out
    assert " says WORD=***\n" in run.out
    page = assert_is_a_page(lint("config", "--format", "html").out)
    assert "docker-compose.yml:6 says RESULTS_URL=redis://:***@cache:6379/1" in page.text
    document = lint("config", "--format", "json").out
    (backend,) = [one for one in json.loads(document)["apps"][0]["settings"] if one["name"] == "result_backend"]
    assert [(one["name"], one["path"], one["line"], one["example"]) for one in backend["variables"]] == [
        ("RESULTS_URL", "docker-compose.yml", 6, False)
    ]
    assert "s3cret-pw" not in run.out + document


def test_what_an_example_says_is_called_so(project: Path, lint: Any) -> None:
    (project / "celeryconfig.py").write_text("import os\nresult_backend = os.environ['RESULTS_URL']\n")
    (project / ".env.example").write_text("RESULTS_URL=redis://cache:6379/1\n")
    said = "RESULTS_URL=redis://cache:6379/1, which may be an example"
    assert said in lint("config").out
    assert said in assert_is_a_page(lint("config", "--format", "html").out).text


def test_lines_are_not_longer_than_a_terminal_where_they_can_be_broken(project: Path, lint: Any) -> None:
    names = ", ".join(f"'module_number_{number}'" for number in range(40))
    (project / "celeryconfig.py").write_text(f"imports = [{names}]\n")
    out = lint("config", "--all").out
    assert max(map(len, out.splitlines())) <= 100
    assert all(f"'module_number_{number}'" in out for number in range(40))


def test_celerys_own_defaults_are_shown_when_asked_for(project: Path, lint: Any) -> None:
    assert "result_expires" not in lint("config").out
    out = lint("config", "--all").out
    assert "  not set, so at the default of Celery:\n" in out
    assert "    result_expires " in out
    assert " 86400 seconds (default)\n" in out
    assert "redis_max_connections" not in out, "another backend's"


def test_without_an_app(project: Path, lint: Any) -> None:
    for name in ("tasks.py", "celeryconfig.py"):
        (project / name).unlink()
    assert lint("config").out == "No Celery app was found.\n"
    assert lint("config", "--compare", "5.6", "5.7").out == "No Celery app was found.\n"
    for more in ((), ("--compare", "5.6", "5.7")):
        assert "<p>No Celery app was found.</p>" in lint("config", "--format", "html", *more).out
        assert json.loads(lint("config", "--format", "json", *more).out)["apps"] == []


def test_of_nothing_ends_with_2(project: Path, lint: Any) -> None:
    assert lint("config", "nowhere").code == 2


def test_into_a_file(project: Path, lint: Any) -> None:
    run = lint("config", "--output-file", "settings.txt")
    assert (run.code, run.out) == (0, "")
    assert (project / "settings.txt").read_text() == lint("config").out
    failed = lint("config", "--output-file", "nowhere/settings.txt")
    assert failed.code == 2
    assert "nowhere/settings.txt: cannot be written: No such file or directory" in failed.err


# JSON


def test_as_json(django: Path, lint: Any) -> None:
    document = json.loads(lint("config", "--format", "json").out)
    (app,) = document["apps"]
    assert (app["release"], app["oldest_release"], app["locked"]) == ("5.7.0", "5.3.0", False)
    found = {setting["name"]: setting for setting in app["settings"]}
    assert list(found) == sorted(found)
    backend = found["result_backend"]
    assert backend["value"] == "'rpc://'"
    assert backend["outcomes"] == [{"value": "'rpc://'", "when": "", "default": False, "unknown": ""}]
    assert [(one["path"], one["used"], one["value"]) for one in backend["assignments"]] == [
        ("shop/celery.py", True, "'rpc://'"),
        ("shop/settings.py", False, "'redis://:***@cache/0'"),
    ]
    assert [one["when"] for one in found["task_serializer"]["outcomes"]] == ["when JSON is set", "when JSON is not set"]
    assert {"name": "result_expires", "value": "86400 seconds"} in app["defaults"]


# HTML

VOID = {"br", "meta", "input", "wbr", "link", "hr", "img"}


class Page(HTMLParser):
    """A parsed page: what is not balanced, its tags, the text of its cells, its tables' columns."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.rows: list[list[int]] = []
        self.feed(text)
        self.close()
        self.faults += [f"{tag} is not closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if len(told) != len(attrs):
            self.faults.append(f"{tag} has an attribute twice")
        self.tags.append((tag, told))
        if tag == "table":
            self.rows.append([])
        if tag == "tr":
            self.rows[-1].append(0)
        if tag in ("td", "th"):
            self.rows[-1][-1] += int(told.get("colspan") or 1)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"{tag} is closed where another is open")

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [told for name, told in self.tags if name == tag]


def assert_is_a_page(text: str) -> Page:
    """Balanced, with even tables, ids that are there and unique, nothing loaded, heads with scope, captions."""
    assert text.startswith("<!DOCTYPE html>\n")
    page = Page(text)
    assert page.faults == []
    assert all(len(set(rows)) == 1 for rows in page.rows), "every row of a table has as many columns"
    ids = [told["id"] for _, told in page.tags if "id" in told]
    assert len(ids) == len(set(ids))
    named = [told[key] for _, told in page.tags for key in ("aria-labelledby",) if key in told]
    named += [(told["href"] or "").removeprefix("#") for told in page.all("a")]
    assert set(named) <= set(ids)
    assert all((told["href"] or "").startswith("#") for told in page.all("a"))
    assert not any("src" in told or "style" in told for _, told in page.tags)
    assert not page.all("link")
    assert "@import" not in text
    assert "url(" not in text
    assert all(told.get("scope") in ("col", "row", "rowgroup") for told in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert page.all("html")[0] == {"lang": "en"}
    assert [told.get("charset") for told in page.all("meta")].count("utf-8") == 1
    assert len(page.all("title")) == len(page.all("h1")) == len(page.all("main")) == 1
    return page


def test_as_a_page(django: Path, lint: Any) -> None:
    page = assert_is_a_page(lint("config", "--format", "html").out)
    for words in (
        "1 app",
        "RPC: replies over the broker (rpc://)",
        "Celery >=5.3",
        "read for Celery 5.7.0, the newest that >=5.3 admits; 5.3.0 is the oldest",
        "shop/settings.py:2",
        "Django's settings, as CELERY_RESULT_BACKEND",
        "'redis://:***@cache/0'",
        "when JSON is not set",
        "namespace CELERY",
        "more that this result backend reads, at Celery's defaults",
    ):
        assert words in page.text


def test_the_page_of_a_comparison(django: Path, lint: Any) -> None:
    page = assert_is_a_page(lint("config", "--format", "html", "--compare", "5.6.3", "5.7.0").out)
    for words in ("Celery 5.6.3 → 5.7.0: 2 changes in 1 of 1 app", "worker_concurrency", "takes effect", "Packages"):
        assert words in page.text


def test_the_page_says_what_is_unknown_and_why(project: Path, lint: Any) -> None:
    (project / "tasks.py").write_text(
        "from celery import Celery\nfrom elsewhere import made, more\napp = Celery()\napp.conf.update(more())\n"
        "app.conf.task_routes = made()\n\ndef late():\n    app.conf.result_expires = 5\n"
    )
    page = assert_is_a_page(lint("config", "--format", "html").out)
    assert "more may be set: " in page.text
    assert "More may be set than could be read: " in page.text
    assert "task_routes: " in page.text
    assert "in a function that nothing was seen to call" in page.text
    assert "app without a name" in page.text


def test_an_app_that_sets_nothing_has_its_place_on_the_page(project: Path, lint: Any) -> None:
    (project / "tasks.py").write_text("from celery import Celery\napp = Celery('bare')\n")
    (project / "celeryconfig.py").unlink()
    page = assert_is_a_page(lint("config", "--format", "html").out)
    assert "Nothing is set." in page.text
    assert not any(told.get("class") == "settings" for told in page.all("table"))


def luminance(color: str) -> float:
    """The relative luminance of WCAG 2.2."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("start", [":root { color-scheme", "@media (prefers-color-scheme: dark)"])
def test_every_colour_of_text_can_be_read(start: str) -> None:
    block = STYLE[STYLE.index(start) :].partition("}")[0]
    colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for text in ("text", "quiet", "accent", "warn", "code"):
        for back in ("back", "panel", "warn-back") if text == "text" else ("back", "panel"):
            light, dark = sorted((luminance(colors[text]), luminance(colors[back])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{text} on {back}"


HOSTILE = "</code></td><script>alert(1)</script><b>&amp;\x1b[31m\u202e\"'`"


def test_nothing_of_a_project_becomes_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Any) -> None:
    root = tmp_path / "<i>folder"
    write(
        root,
        {
            "tasks.py": (
                f"from celery import Celery\nfrom elsewhere import made\napp = Celery({HOSTILE!r}, "
                f"backend={'redis://' + HOSTILE!r}, namespace={HOSTILE!r})\napp.conf.task_default_queue = {HOSTILE!r}\n"
                f"app.conf.task_routes = made[{HOSTILE!r}]\n"
            ),
            "requirements.txt": "celery>=5.3\n",
        },
    )
    monkeypatch.chdir(root)
    for more in ((), ("--compare", "5.3.6", "5.7.0")):
        out = lint("config", "--format", "html", *more).out
        page = assert_is_a_page(out)
        assert not page.all("b")
        assert not page.all("i")
        assert out.count("<script>") <= 1
        assert "\x1b" not in out
        assert "\u202e" not in out


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(value=st.text(), key=st.text(max_size=8))
def test_any_text_makes_a_page(value: str, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    escaped = ascii({key: [value]})
    source = (
        f"from celery import Celery\napp = Celery({value!a}, backend={value!a})\napp.conf.task_routes = {escaped}\n"
    )
    (tmp_path / "tasks.py").write_text(source, encoding="utf-8")
    assert main(["config", "--isolated", "--format", "html", str(tmp_path)]) == 0
    assert_is_a_page(capsys.readouterr().out)


# comparing releases


def test_what_an_upgrade_changes(django: Path, lint: Any) -> None:
    run = lint("config", "--compare", "5.6", "5.7")
    assert run.code == 0
    assert run.out.startswith(
        "Celery 5.6.3 → 5.7.0: 2 changes in 1 of 1 app\n\nshop (shop/celery.py:4:7)\n"
        "  result backend: Redis (redis://:***@cache/0); then RPC: replies over the broker (rpc://)\n"
        "  result_backend changes\n    5.6.3: 'redis://:***@cache/0'\n"
        "           shop/settings.py:2:1, Django's settings, as CELERY_RESULT_BACKEND\n"
        "    5.7.0: 'rpc://'\n           shop/celery.py:4:22, an argument of Celery(), as backend\n"
        "    why: from Celery 5.7.0 on the argument of Celery() wins over a namespaced setting; before, the\n"
    )
    assert "  worker_concurrency takes effect\n    5.6.3: None (Celery's default)\n    5.7.0: 4\n" in run.out
    assert "packages\n  Python other versions\n    5.6.3: >=3.9\n    5.7.0: >=3.10\n" in run.out


def test_a_comparison_as_json(django: Path, lint: Any) -> None:
    document = json.loads(lint("config", "--compare", "5.7.0", "5.5.3", "--format", "json").out)
    assert (document["before"], document["after"]) == ("5.7.0", "5.5.3")
    (app,) = document["apps"]
    assert app["result_backend"] == {"before": "rpc", "after": "redis"}
    changes = {(change["kind"], change["name"]): change for change in app["changes"]}
    assert ("dead", "worker_concurrency") in changes
    assert changes["value", "result_backend"]["after"] == {
        "value": "'redis://:***@cache/0'",
        "set": True,
        "written": "CELERY_RESULT_BACKEND",
        "place": "django",
        "path": "shop/settings.py",
        "line": 2,
    }
    assert {"Python", "kombu"} <= {change["name"] for change in document["packages"]}


def test_nothing_changes_between_a_release_and_itself(django: Path, lint: Any) -> None:
    out = lint("config", "--compare", "5.7", "5.7.0").out
    assert out.startswith("Celery 5.7.0 → 5.7.0: no change in 1 app\n")
    assert out.endswith("  nothing changes\n")


@pytest.mark.parametrize(
    ("release", "hint"),
    [("5.8", "did you mean '5.7'?"), ("5.6.9", "did you mean '5.6"), ("x", "called 'x'"), ("5.6.*", "did you mean")],
)
def test_an_unknown_release_is_an_error(django: Path, lint: Any, release: str, hint: str) -> None:
    run = lint("config", "--compare", "5.6", release)
    assert (run.code, run.out) == (2, "")
    assert f"--compare: no release of Celery from 4.4.0 to 5.7.0 is called {release!r}" in run.err
    assert hint in run.err


# secrets


@pytest.mark.parametrize("case", WITH_SECRETS, ids=lambda case: f"{case.path.parent.name}/{case.path.stem}")
def test_no_secret_of_a_case_in_any_format(case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case.build(tmp_path)
    for output_format in FORMATS:
        for more in ((), ("--all",), ("--compare", "5.3.6", "5.7.0")):
            assert main(["config", "--isolated", "--format", output_format, *more, str(tmp_path)]) == 0
            shown = capsys.readouterr()
            for secret in case.head["secret"]:
                assert secret not in shown.out + shown.err


PLACES = (
    "app = Celery('p', backend='redis://:{0}@h/0')\napp.conf.result_backend = 'rpc://'\n",
    "app = Celery('p', backend='redis://user:{0}@h/0', broker='amqp://u:{0}@h//')\n",
    "app = Celery('p', backend='redis://:' + '{0}' + '@h')\n",
    "app = Celery('p', backend=f\"redis://:{{os.getenv('WORD', '{0}')}}@{{os.getenv('HOST', 'h')}}/0\")\n",
    "app = Celery('p', backend=os.getenv('RESULTS') or 'redis://:{0}@h/0')\n",
    "app = Celery('p', backend='redis://%s:%s@h/0' % (os.getenv('USER_NAME', 'me'), os.environ.get('WORD', '{0}')))\n",
    "app = Celery('p')\napp.conf.redis_password = '{0}'\n",
    "app = Celery('p')\napp.conf.redis_password = os.getenv('ANYTHING', '{0}')\n",
    "app = Celery('p')\napp.conf.s3_secret_access_key = '{0}' if os.getenv('X') else None\n",
    "app = Celery('p')\napp.conf.database_engine_options = {{'connect_args': {{'password': '{0}'}}}}\n",
    "app = Celery('p')\napp.conf.update(mongodb_backend_settings=dict(user='u', password='{0}'))\n",
    "app = Celery('p')\napp.conf.task_routes = {{'t': {{'url': 'https://u:{0}@h/x'}}}}\n",
    "app = Celery('redis://:{0}@h')\n",
    "from elsewhere import made\napp = Celery('p', backend=made('redis://:{0}@h'))\n",
)


READS = (
    "backend=os.environ['WORD']",
    "backend=f\"redis://:{os.environ['WORD']}@h/0\"",
    "backend=f\"redis://:{os.getenv('WORD', 'x')}@{os.getenv('HOST', 'h')}/0\"",
    "backend='redis://' + (':' + os.environ['WORD'] + '@' if os.getenv('WORD') else '') + 'h/0'",
    "backend=f\"redis://:{quote(os.environ['WORD'])}@h/0\"",
    "backend=os.getenv('URL') or 'redis://:%s@h' % os.environ['WORD']",
    "backend='redis://h/0?password={}'.format(os.environ['WORD'])",
    "redis_password=os.environ['WORD']",
    "database_engine_options={'connect_args': {'password': os.environ['WORD']}}",
)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    read=st.sampled_from(READS),
    held=st.sampled_from(["{0}", "redis://:{0}@h/0", "amqp://u:{0}@h"]),
    file=st.sampled_from(["docker-compose.yml", ".env", ".env.example"]),
    secret=st.from_regex(r"[A-Za-z][A-Za-z0-9_+.-]{7,20}", fullmatch=True),
    output_format=st.sampled_from(FORMATS),
)
def test_no_secret_that_the_repository_gives_to_a_variable(
    read: str, held: str, file: str, secret: str, output_format: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if read == READS[0] and held == "{0}":
        held = "redis://:{0}@h/0"  # a word for a whole URL is none
    for name in ("docker-compose.yml", ".env", ".env.example"):
        (tmp_path / name).unlink(missing_ok=True)
    said = f"WORD={held.format(secret)}\n"
    if file.endswith("yml"):
        said = (
            f"services:\n  worker:\n    build: .\n    command: celery -A tasks worker\n    environment:\n      - {said}"
        )
    (tmp_path / file).write_text(said)
    source = f"import os\nfrom urllib.parse import quote\nfrom celery import Celery\napp = Celery('p', {read})\n"
    (tmp_path / "tasks.py").write_text(source, encoding="utf-8")
    assert main(["config", "--isolated", "--format", output_format, str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert secret not in shown.out + shown.err


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    place=st.sampled_from(PLACES),
    secret=st.from_regex(r"[A-Za-z][A-Za-z0-9_!$+.-]{7,20}", fullmatch=True).filter(lambda text: text[0] != "{"),
    output_format=st.sampled_from(FORMATS),
    more=st.sampled_from([(), ("--all",), ("--compare", "5.6.3", "5.7.0"), ("--compare", "5.2.7", "5.6.3")]),
)
def test_no_secret_wherever_it_stands(
    place: str, secret: str, output_format: str, more: tuple[str, ...], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    source = "import os\nfrom celery import Celery\n" + place.format(secret)
    (tmp_path / "tasks.py").write_text(source, encoding="utf-8")
    assert main(["config", "--isolated", "--format", output_format, *more, str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert secret not in shown.out + shown.err
