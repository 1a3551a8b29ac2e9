"""Which env files there are, which are examples, and what they say of a variable."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celery_backend_lint.model.env_files import EnvFiles, read_env_files
from celery_backend_lint.model.env_names import in_use_name, is_env_file, is_example
from celery_backend_lint.project.discovery import open_project
from tests.project.repositories import commit, run_git, write

WORKER = """\
services:
  worker:
    image: shop
    command: celery -A app worker
    env_file: .env
"""


def read(root: Path, *near: str) -> EnvFiles:
    return read_env_files(open_project([], str(root)), near)


@pytest.mark.parametrize(
    "path",
    [
        ".env.example",
        "example.env",
        "sample.env",
        "env.sample",
        "env.template",
        ".env.dist",
        ".env.template",
        ".env_sample",
        ".env-example",
        ".envs/.env.example",
        "docker/.env.example",
        ".env.dev.example",
        "env.d/development/common.dist",
        "backend.secrets.env.template",
        "etc/example-libreforms.env",
        "conf/production.env.example",
        ".example.env",
        "env.tmpl",
        "env.d/local.sh.dist",
        ".ENV.EXAMPLE",
        "dotenv.sample",
    ],
)
def test_examples(path: str) -> None:
    assert is_example(path)
    assert is_env_file(path)


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".env.local",
        ".env.prod",
        "prod.env",
        ".docker.env",
        "variables.env",
        ".flaskenv",
        ".envs/.local/.django",
        ".envs/.env.local",
        "env.d/development/postgresql",
        "dev/.env.docker-compose",
        ".env_circleci",
        "docker/test.env",
        ".env/dev",
        "prod.env.local",
        "env.production",
    ],
)
def test_files_in_use(path: str) -> None:
    assert is_env_file(path)
    assert not is_example(path)


@pytest.mark.parametrize(
    "path",
    [
        "env.py",
        "environment.yml",
        "env.yaml",
        ".env.js",
        "settings.py",
        "config.example.yaml",
        "example.py",
        "envoy.template",
        "Makefile.env",
        "environment.template.json",
        ".envs/README.md",
        ".envs/.gitignore",
        "env.d.ts",
        "venv/x.cfg",
        "src/environments/environment.prod.ts",
        ".env.vault",
        "alembic/env.py",
        "docs/env.example.md",
        ".env.j2",
        "setup.cfg",
        "env",
        "envelope.sample",
        "a/inventory.example",
        "iac/envs/sample.tfvars.template",
        "iac/envs/alpha.tfvars",
        "envs/local.json.example",
        "iac/prod.env.tfvars.example",
    ],
)
def test_other_files(path: str) -> None:
    assert not is_env_file(path)
    assert not is_example(path)


@pytest.mark.parametrize(
    ("example", "in_use"),
    [
        (".env.example", ".env"),
        ("a/.env.dev.example", "a/.env.dev"),
        ("example.env", ".env"),
        ("env.sample", ".env"),
        (".env_sample", ".env"),
        (".env-example", ".env"),
        ("conf/prod.env.example", "conf/prod.env"),
        ("env.d/development/common.dist", "env.d/development/common"),
        ("backend.secrets.env.template", "backend.secrets.env"),
        ("env.template", ".env"),
        (".env.example.local", ".env.local"),
        ("etc/example-shop.env", "etc/shop.env"),
    ],
)
def test_an_example_tells_the_name_of_the_file_in_use(example: str, in_use: str) -> None:
    assert in_use_name(example) == in_use


def test_files_are_found_with_what_git_makes_of_them(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".env.example": "A=1\n# B=2\n",
            ".env": "A=s3cret\n",
            ".env.tracked": "A=2\n",
            ".gitignore": ".env\nhidden.env\n.envs/\n",
            "sub/requirements.txt": "",
            "sub/hidden.env": "A=3\n",
            ".envs/.local/.django": "A=4\n",
            "deep/er/x.py": "",
            "deep/er/hidden.env": "A=5\n",
            "new.env": "",
        },
    )
    run_git(tmp_path, "init", "-q")
    run_git(tmp_path, "add", "-A", ":!new.env")
    run_git(tmp_path, "commit", "-qm", "x")
    found = read(tmp_path)
    assert [(file.path, file.example, file.tracked, file.ignored) for file in found.files] == [
        (".env", False, False, True),
        (".env.example", True, True, False),
        (".env.tracked", False, True, False),
        (".envs/.local/.django", False, False, True),
        ("new.env", False, False, False),
        ("sub/hidden.env", False, False, True),
    ]
    assert [file.path for file in found.examples] == [".env.example"]
    pattern = found.files[0].pattern
    assert pattern is not None
    assert (pattern.file, pattern.line) == (".gitignore", 1)
    assert [(entry.key, entry.commented) for entry in found.examples[0].entries] == [("A", False), ("B", True)]
    assert found.examples[0].values() == {"A": "1"}
    assert "deep/er/hidden.env" in {file.path for file in read(tmp_path, "deep/er/x.py").files}


def test_no_value_is_in_a_repr(tmp_path: Path) -> None:
    found = read(write(tmp_path, {".env": "PASSWORD=s3cret"}))
    (value,) = found.value_of("PASSWORD", "a.py")
    assert value.value == "s3cret"
    assert "s3cret" not in repr((found.files, value, found.files[0].entries))


def test_a_virtual_environment_named_env_is_none(tmp_path: Path) -> None:
    write(tmp_path, {".env/pyvenv.cfg": "", ".env/lib/x": "", ".envs/a": "A=1"})
    assert [file.path for file in read(tmp_path).files] == [".envs/a"]


def test_links_out_of_the_project_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"outside": "PASSWORD=s3cret", "root/a.py": ""})
    (tmp_path / "root/.env").symlink_to("../outside")
    (tmp_path / "root/folder.env").mkdir()
    assert read(tmp_path / "root").files == ()


def test_bad_lines_and_unreadable_files_are_told(tmp_path: Path) -> None:
    found = read(
        write(
            tmp_path, {".env.example": "A=1\nno sense\n", "bad.env": b"A=\xe9\n", "utf16.env": "A=1\n".encode("utf-16")}
        )
    )
    by_path = {file.path: file for file in found.files}
    assert by_path[".env.example"].bad_lines == ((2, "is neither NAME=value nor a comment"),)
    assert by_path[".env.example"].problem is None
    problem = by_path["bad.env"].problem
    assert problem is not None
    assert problem.line == 1
    assert by_path["bad.env"].entries == ()
    assert by_path["utf16.env"].values() == {"A": "1"}


def test_values_come_from_the_nearest_service_and_from_files_in_use_first(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".env": "URL=root",
            ".env.example": "URL=root-example\n",
            "api/requirements.txt": "",
            "api/.env.example": "URL=api-example\n",
            "api/.envs/.local": "URL='api'\n",
            "web/package.json": "",
            "web/.env": "URL=web\n#URL=no\nURL\n",
        },
    )
    found = read(tmp_path)
    values = found.value_of("URL", "api/app/celery.py")
    assert [value.value for value in values] == ["api", "api-example", "root", "root-example", "web"]
    assert [value.example for value in values] == [False, True, False, True, False]
    assert (values[0].location.path, values[0].location.span.column) == ("api/.envs/.local", 6)
    assert [value.value for value in found.value_of("URL", "worker.py")][:2] == ["root", "root-example"]
    assert found.value_of("NONE", "worker.py") == []


def test_the_example_of_another_service_does_not_count(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "backend/pyproject.toml": "",
            "backend/app/celery.py": "",
            "frontend/package.json": "",
            "frontend/.env.example": "A=1",
            "docker/.env.example": "B=1",
            "docker/compose.yml": WORKER,
            "monitoring/.env.example": "C=1",
        },
    )
    found = read(tmp_path)
    assert [file.path for file in found.examples_for("backend/app/celery.py")] == ["docker/.env.example"]
    assert [file.path for file in found.examples_for("frontend/x.py")] == ["frontend/.env.example"]
    assert found.service_of("backend/app/celery.py") == "backend"
    assert found.service_of("docker/x") == "docker"
    assert found.service_of("x.py") == ""


@pytest.mark.parametrize(
    ("example", "files", "counts"),
    [
        ("frontend/.env.example", {}, False),
        (".env.example", {}, False),
        (".env.example", {"app/web.py": "os.environ['PORT']"}, True),
        (".env.example", {"app/web.py": "IMPORT, REPORT, PORTS = 1, 2, 3"}, False),
        (".env.example", {"tests/test_web.py": "os.environ['PORT']"}, False),
        (".env.example", {"app/conf.py": "class S(BaseSettings):\n    port: int\n"}, True),
        (".env.example", {"app/conf.py": "from dotenv import load_dotenv\n\nload_dotenv()\n"}, True),
        (
            ".env.example",
            {"compose.yml": WORKER},
            True,
        ),
    ],
)
def test_an_example_that_a_front_end_begins_is_its_own_unless_python_reads_of_it(
    example: str, files: dict[str, str], counts: bool, tmp_path: Path
) -> None:
    found = read(write(tmp_path, {example: "VITE_API_URL=/api\nPORT=3000", "app/tasks.py": "", **files}))
    assert [file.path for file in found.examples_for("app/tasks.py")] == [example] * counts


def test_a_nearer_example_hides_one_further_up(tmp_path: Path) -> None:
    found = read(write(tmp_path, {".env.example": "A=1", "api/docker/env.sample": "", "api/app/x.py": ""}))
    assert [file.path for file in found.examples_for("api/app/x.py")] == ["api/docker/env.sample"]
    assert {file.path for file in found.examples_for("x.py")} == {".env.example", "api/docker/env.sample"}


@pytest.mark.parametrize(
    ("path", "content", "expected", "line"),
    [
        ("app/x.py", "\nfrom dotenv import load_dotenv\n\nload_dotenv()\n", ".env", 4),
        ("app/x.py", "env.read_env(BASE / '.env')", ".env", 1),
        ("app/x.py", "from decouple import config\nX = config('X')", ".env", 1),
        ("app/x.py", "x = 1\nmodel_config = SettingsConfigDict(env_file='.env')", ".env", 2),
        ("app/x.py", "class Config:\n    # of both\n    env_file = 'x.env'", "x.env", 3),
        ("app/x.py", "c = SettingsConfigDict(\n    env_file='x.env',\n)", "x.env", 2),
        ("app/x.py", "env_file = 'x.env'", "", 0),
        ("app/x.py", "def f():\n    if X:  # prod\n        env_file = 'x.env'", "", 0),
        ("a/x.py", "env_file = 'x.env'\nload_dotenv(env_file)", "x.env", 2),
        ("a/x.py", "import environ\nenviron.Env.read_env()", "a/.env", 2),
        ("a/x.py", "from environ import Env\nEnv.read_env(overwrite=True)", "a/.env", 2),
        ("a/x.py", "from environs import Env\nEnv().read_env()", ".env", 2),
        ("app/x.py", 'x = {"env_file": ".env"}', ".env", 1),
        ("app/x.py", "load_dotenv(os.path.join(os.path.dirname(f(x)), 'conf/.env.prod'), True)", "conf/.env.prod", 1),
        ("app/x.py", "class C:\n    env_file = [\n    '.env.prod']", ".env", 2),
        ("a/b/x.py", "load_dotenv(Path(__file__).resolve().parent.parent / '.env')", "a/.env", 1),
        ("a/b/x.py", "load_dotenv(Path(__file__).parents[2] / 'conf' / '.env')", "conf/.env", 1),
        ("a/b/x.py", "HERE = dirname(__file__)\nload_dotenv(join(HERE, '.env'))", "a/b/.env", 2),
        ("a/b/x.py", "HERE = Path(__file__).parent\nP = HERE.parent / '.env'\nload_dotenv(P)", "a/.env", 3),
        ("a/x.py", "load_dotenv(Path(__file__).parent.parent.parent / '.env')", "", 0),
        ("app/x.py", "load_dotenv(path, 'utf-8')\nload_dotenv('.env.example')", ".env", 1),
        ("app/x.py", "load_dotenv('../.env')", "", 0),
        ("app/x.py", "def read_env(path):\n    pass", "", 0),
        ("compose.yml", "services:\n  a:\n    env_file: .env.prod\n", ".env.prod", 3),
        ("deploy/local.yml", "a:\n  env_file:\n    # c\n    - ../.envs/.django\n    - ${X}\n", ".envs/.django", 2),
        ("compose.yml", "a:\n  env_file:\n    - path: ./x.env\n      required: false\n", "x.env", 2),
        ("compose.yml", "a:\n  env_file: ['a.env']\n", "a.env", 2),
        (".env.example", "A=1", ".env", 1),
        ("svc/pyproject.toml", "", "", 0),
        ("app/x.py", "# load_dotenv()\nload_dotenv = 1\nenv_file: str | None", "", 0),
        ("compose.yml", "a:\n  env_file: ../../outside.env\n", "", 0),
        ("compose.yml", "a:\n  env_file: /etc/x.env\n  b: 1\n", "", 0),
    ],
)
def test_what_says_that_the_project_works_with_an_env_file(
    tmp_path: Path, path: str, content: str, expected: str, line: int
) -> None:
    found = read(write(tmp_path, {path: content})).expected
    assert [(file.path, file.location.path, file.location.line) for file in found] == (
        [(expected, path, line)] if expected else []
    )


def test_python_reads_the_file_of_its_service(tmp_path: Path) -> None:
    found = read(write(tmp_path, {"api/requirements.txt": "", "api/app/x.py": "load_dotenv()"}))
    assert [file.path for file in found.expected] == ["api/.env"]
    assert found.expected is found.expected


def test_code_is_a_better_witness_than_its_tests(tmp_path: Path) -> None:
    found = read(write(tmp_path, {"conftest.py": "load_dotenv()", "shop/settings.py": "load_dotenv()"}))
    assert [file.location.path for file in found.expected] == ["shop/settings.py"]


def test_all_files_that_readers_name_are_expected(tmp_path: Path) -> None:
    found = read(write(tmp_path, {"x.py": "C(env_file=('.env', '.env.local'))\nload_dotenv('prod.env')\n"}))
    assert [file.path for file in found.expected] == [".env", ".env.local", "prod.env"]


def test_files_of_other_services_do_not_concern_an_app(tmp_path: Path) -> None:
    found = read(write(tmp_path, {"web/package.json": "", "web/.env": "", "api/x.py": "", ".env": ""}))
    assert [file.path for file in found.files if found.concerns(file.path, ["api/x.py"])] == [".env"]


def test_a_file_that_is_there_says_it_itself(tmp_path: Path) -> None:
    found = read(write(tmp_path, {".env": "", ".env.example": "", "x.py": "load_dotenv()"}))
    assert [(file.path, file.reason, file.location.path) for file in found.expected] == [(".env", "it exists", ".env")]


def test_the_nearest_gitignore(tmp_path: Path) -> None:
    found = read(commit(write(tmp_path, {".gitignore": "", "a/.gitignore": "", "a/b/c.py": ""})))
    assert found.nearest_gitignore("a/b/.env") == "a/.gitignore"
    assert found.nearest_gitignore(".env") == ".gitignore"
    assert read(write(tmp_path / "a/b", {})).nearest_gitignore(".env") is None


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(
    st.binary(max_size=300), st.sampled_from([".env", ".env.example", "compose.yml", "x.py", ".gitignore", ".envs/a"])
)
def test_any_bytes_in_any_role_are_read_without_an_error(tmp_path: Path, content: bytes, name: str) -> None:
    root = write(tmp_path / str(len(list(tmp_path.iterdir()))), {name: content + b"\nenv_file: load_dotenv(\n"})
    found = read(root, "x.py")
    assert found.expected is not None
    for file in found.files:
        assert file.entries is not None
        assert file.problem is None or not file.entries
        found.value_of("A", "x.py")
