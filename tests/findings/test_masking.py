"""No secret survives masking; schemes and hosts do."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from celery_backend_lint.findings.masking import (
    is_secret_name,
    mask,
    mask_line,
    mask_lines,
    mask_spans,
    secrets_of_line,
)

SCHEMES = (
    "redis",
    "rediss",
    "sentinel",
    "db+postgresql",
    "db+mysql+pymysql",
    "amqp",
    "mongodb",
    "rpc",
    "cache+memcached",
    "sqs",
)
PASSWORD = st.text(
    st.characters(
        codec="utf-8",
        exclude_characters="\"'`\\*<>{}$%",
        exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"),
    ),
    min_size=4,
    max_size=20,
)

LINE = "MHcCAQEEIBt2kq3Yd0Zl5nN8wQeXvTfR1uJ7mKpAoLsHcGbEiU4zoAoGCCqGSM49"
"""As long as a line of PEM."""


def survives(secret: str, rest: str, output: str) -> str:
    """The first part of ``secret``, four characters long, that ``output`` shows and ``rest`` does not explain."""
    for at in range(len(secret) - 3):
        part = secret[at : at + 4]
        if part in output and part not in rest:
            return part
    return ""


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("redis://:s3cret@h:6379/0", "redis://:***@h:6379/0"),
        ("redis://user:s3cret@h/0", "redis://user:***@h/0"),
        ("redis://:s3@cret@h:6379/0", "redis://:***@h:6379/0"),
        ("redis://user:p#w/x?y@h/0", "redis://user:***@h/0"),
        ("redis://u:1234/abc@host:6379/0", "redis://u:***@host:6379/0"),
        ("redis://SECRET@h", "redis://***@h"),
        ("redis://SECRET:@h", "redis://***:@h"),
        ("${URL:-redis://SECRET@h}", "${URL:-redis://***@h}"),
        ("https://ghtoken@github.com/a/b", "https://***@github.com/a/b"),
        ("db+postgresql://u:p%40x@h:5432/d?sslmode=a@b", "db+postgresql://u:***@h:5432/d?sslmode=a@b"),
        ("postgresql://u@server:pw@server.example.org/d", "postgresql://u@server:***@server.example.org/d"),
        ("redis://:pw@[::1]:6379/0", "redis://:***@[::1]:6379/0"),
        ("redis://[::1]:6379/0", "redis://[::1]:6379/0"),
        ("sentinel://:p1@h1:26379;sentinel://:p2@h2:26379/0", "sentinel://:***@h1:26379;sentinel://:***@h2:26379/0"),
        ("sentinel://:p1@h1:26379;:p2@h2:26379/0", "sentinel://:***@h1:26379;:***@h2:26379/0"),
        ("sentinel://:p1@h1;:p2@h2/0", "sentinel://:***@h1;:***@h2/0"),
        ("mongodb://u:pw@h1:27017,h2:27017/d", "mongodb://u:***@h1:27017,h2:27017/d"),
        ("amqp://u:pw@h1//;amqp://u:pw@h2//", "amqp://u:***@h1//;amqp://u:***@h2//"),
        ("redis://h/0?password=s3cret&db=1", "redis://h/0?password=***&db=1"),
        ("blob?sv=1&sig=abc%2Fdef=&se=2", "blob?sv=1&sig=***&se=2"),
        (
            "azureblockblob://DefaultEndpointsProtocol=https;AccountName=n;AccountKey=S3+/==;EndpointSuffix=core",
            "azureblockblob://DefaultEndpointsProtocol=https;AccountName=n;AccountKey=***;EndpointSuffix=core",
        ),
        ("Endpoint=sb://x/;SharedAccessKey=abc=", "Endpoint=sb://x/;SharedAccessKey=***"),
        ("host=db password=s3cret user=u", "host=db password=*** user=u"),
        (":pw@host", ":***@host"),
        ("user:pw@host:6379", "user:***@host:6379"),
        ("id AKIAABCDEFGHIJKLMNOP, done", "id ***, done"),
        ("url is redis://:my pass@h/0 here", "url is redis://:***@h/0 here"),
        ("`redis://:pw@h/0` leaks", "`redis://:***@h/0` leaks"),
        ("redis://:${REDIS_PASSWORD:-s3cret}@h", "redis://:***@h"),
        ("redis://:${P:-s3cret}@${H:-h}:6379/0", "redis://:***@${H:-h}:6379/0"),
        ("redis://${REDIS_PASSWORD:-s3cret}", "redis://${REDIS_PASSWORD:***"),
        ("redis://${H:-h}:s3cret", "redis://${H:-h}:***"),
        ("redis://:brokenoff", "redis://:***"),
    ],
)
def test_masks_the_secret_and_keeps_the_rest(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "redis://h:6379/0",
        "redis://localhost",
        "amqp://guest@h//",
        "https://medium.com/@someone/title",
        "http://localhost:8080/a@b",
        "git+https://github.com/a/b.git@v1#egg=x",
        "git+ssh://git@github.com/a/b.git",
        "sqla+sqlite:///results.db",
        "redis://host:port/db, or ask me@example.org",
        "rediss://:{password}@{host}:6379/0",
        'redis://:{os.environ["REDIS_PASSWORD"]}@h/0',
        "redis://:{quote(settings.password)}@h",
        "redis://:${REDIS_PASSWORD}@h/0",
        "redis://:${REDIS_PASSWORD:?}@${REDIS_HOST}:${REDIS_PORT:?}/0",
        "redis://${REDIS_HOST:-localhost}:6379/0",
        "redis://${REDIS_HOST:-127.0.0.1}/${REDIS_DB:-0}",
        "redis://:%(password)s@h/0",
        "redis://:<password>@h/0",
        "redis://:{{ redis_password }}@h/0",
        "redis://{host}:{port}/0",
        "http://localhost:$PORT/",
        "# https://docs.example.org/en/latest/configuration.html#std:setting-broker_url",
        "# https://docs.example.org/page#:~:text=broker",
        "Celery discards every result: result_backend is None",
        "PASSWORD_RESET_URL=/reset",
        "",
    ],
)
def test_leaves_alone_what_holds_no_secret(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("path", "line", "masked"),
    [
        ("a.py", 'redis_password = "s3cret"', 'redis_password = "***"'),
        ("a.py", "redis_password: str = 's3cret'  # why", "redis_password: str = '***'  # why"),
        ("a.py", 'Redis(host="cache", password="s3cret", db=0)', 'Redis(host="cache", password="***", db=0)'),
        ("a.py", 'password: SecretStr = SecretStr("s3cret")', 'password: SecretStr = SecretStr("***")'),
        ("a.py", 'os.getenv("REDIS_PASSWORD", "s3cret")', 'os.getenv("REDIS_PASSWORD", "***")'),
        ("a.py", 'env("REDIS_PASSWORD", default="HUNTER2")', 'env("REDIS_PASSWORD", default="***")'),
        ("a.py", 'conf["redis_password"] = "s3cret"', 'conf["redis_password"] = "***"'),
        ("a.py", '{"password": "s3cret", "host": "h"}', '{"password": "***", "host": "h"}'),
        ("a.py", 'os.environ.setdefault("API_TOKEN", "s3cret")', 'os.environ.setdefault("API_TOKEN", "***")'),
        ("a.py", 'password = """s3cret"""', 'password = """***"""'),
        ("a.py", 'password = "s3cret', 'password = "***'),
        ("a.py", 'password = b"s3\\"cret"', 'password = b"***"'),
        ("a.py", 'url = "redis://:" + "s3cret" + "@host"', 'url = "redis://:" + "***" + "@host"'),
        ("a.py", 'url = "redis://:" "s3cret@host/0"', 'url = "redis://:" "***@host/0"'),
        ("a.py", 'conf.update(redis_password="a1b2", x="y")', 'conf.update(redis_password="***", x="y")'),
        (
            "a.py",
            '"URL=redis://:p4ss@h:1/0\\nREDIS_PASSWORD=s3cret\\n", x',
            '"URL=redis://:***@h:1/0\\nREDIS_PASSWORD=***", x',
        ),
        ("a.py", """data = '{"password": "s3cret", "x": "y"}'""", """data = '{"password": "***", "x": "y"}'"""),
        ("a.py", r'data = "{\"password\": \"s3cret\"}"', r'data = "{\"password\": \"***\"}"'),
        ("a.py", 'assert "REDIS_PASSWORD=s3cret" in output', 'assert "REDIS_PASSWORD=***" in output'),
        (".env", "REDIS_PASSWORD=s3cret", "REDIS_PASSWORD=***"),
        (".env", "export REDIS_PASSWORD='s3cret x'", "export REDIS_PASSWORD='***'"),
        (".env", "# REDIS_PASSWORD=s3cret", "# REDIS_PASSWORD=***"),
        (".env", "DB_PASS=s3 cret", "DB_PASS=***"),
        ("a.yml", "  REDIS_PASSWORD: s3cret", "  REDIS_PASSWORD: ***"),
        ("a.yml", "  - REDIS_PASSWORD=s3cret", "  - REDIS_PASSWORD=***"),
        ("a.yml", "  {password: s3cret, host: h}", "  {password: ***, host: h}"),
        ("a.yml", "    command: redis-server --requirepass s3cret", "    command: redis-server --requirepass ***"),
        ("a.ini", "password = s3cret", "password = ***"),
        ("a.toml", 'redis_password = "s3cret"', 'redis_password = "***"'),
        ("Dockerfile", "ENV REDIS_PASSWORD s3cret", "ENV REDIS_PASSWORD ***"),
        ("", "password = s3cret", "password = ***"),
        ("", 'env("REDIS_PASSWORD", default="HUNTER2")', 'env("REDIS_PASSWORD", default="***")'),
    ],
)
def test_masks_what_is_assigned_to_a_secret_name(path: str, line: str, masked: str) -> None:
    assert mask_line(line, path) == masked
    assert mask_line(masked, path) == masked


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.py", "result_backend = None"),
        ("a.py", 'password=os.environ["REDIS_PASSWORD"], host="y"'),
        ("a.py", 'password = config("REDIS_PASSWORD")'),
        ("a.py", "password = settings.redis_password"),
        ("a.py", "password = redis_password"),
        ("a.py", "def connect(password: str, token=None):"),
        ("a.py", "from x import password, token"),
        ("a.py", 'result_backend = "redis://cache:6379/0"'),
        ("a.py", "ACCESS_TOKEN_EXPIRE_MINUTES = 30"),
        ("a.py", "passwords: the plural in prose"),
        (".env", "REDIS_PASSWORD=${REDIS_PASSWORD}"),
        (".env", "REDIS_PASSWORD="),
        (".env", "CELERY_RESULT_BACKEND=redis://cache:6379/0"),
        ("a.yml", "  REDIS_PASSWORD: ${REDIS_PASSWORD:?}"),
    ],
)
def test_leaves_alone_lines_that_only_name_a_secret(path: str, line: str) -> None:
    assert mask_line(line, path) == line


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(SCHEMES),
    st.sampled_from(["", "user", "a.b-c"]),
    PASSWORD,
    st.sampled_from(["{}", '"{}"', "URL='{}'", 'x=f"{}"', "see {} or", "- {}"]),
)
@example("redis", "", "1234/abc", "{}")
@example("redis", "user", "6379", "{}")
@example("redis", "", "p@h:1;q", "{}")
@example("redis", "", "a]@[b", "{}")
def test_no_password_of_a_url_survives(scheme: str, user: str, password: str, around: str) -> None:
    assume("://" not in password)
    assume(not re.search(r"@[\w.-]+(:\d+)?[;,][^:@]*:", password))  # several hosts, by all that can be seen
    text = around.format(f"{scheme}://{user}:\0@cache.example.org:6379/0")
    whole = text.replace("\0", password)
    for output in (mask(whole), mask_line(whole), mask_line(whole, "a.py"), mask_line(whole, ".env")):
        assert not survives(password, text, output)
        assert mask(output) == output
    if "@" not in password:
        assert f"{scheme}://" in mask(whole)
        assert "cache.example.org" in mask(whole)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["redis_password", "DB_PASSWORD", "api_key", "SECRET_KEY", "token"]),
    PASSWORD,
    st.sampled_from(
        [
            ("a.py", '{} = "\0"'),
            ("a.py", "conf['{}'] = '\0'"),
            ("a.py", 'f(x=1, {}="\0", y=2)'),
            (".env", "{}='\0'"),
            (".env", '{}="\0"'),
            ("a.yml", '  {}: "\0"'),
            ("a.toml", '{} = "\0"'),
            ("", '{} = "\0"'),
        ]
    ),
)
def test_no_secret_assigned_to_a_name_survives(name: str, secret: str, where: tuple[str, str]) -> None:
    path, pattern = where
    text = pattern.format(name)
    output = mask_line(text.replace("\0", secret), path)
    assert not survives(secret, text, output)
    assert mask_line(output, path) == output


@settings(deadline=None)
@given(st.text(), st.sampled_from(["", "a.py", ".env"]))
def test_any_text_is_masked_without_an_error_and_only_once(text: str, path: str) -> None:
    once = mask_line(text, path)
    assert mask_line(once, path) == once
    assert mask(mask(text)) == mask(text)


@settings(deadline=None)
@given(st.text(alphabet=":/@redis;,?#=\"' {}[]a1$*", max_size=40))
def test_pieces_of_urls_are_masked_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    ("path", "text", "masked"),
    [
        ("a.py", 'redis_password = (\n    "s3cret"\n)\nx = "y"', 'redis_password = (\n    "***"\n)\nx = "y"'),
        (
            "a.py",
            'd = {\n  "password":\n    "s3cret",  # c\n  "x": "y"}',
            'd = {\n  "password":\n    "***",  # c\n  "x": "y"}',
        ),
        ("a.py", 'f(password="s3"\n  "cret")\nx = "y"', 'f(password="***"\n  "***")\nx = "y"'),
        ("a.py", 'os.getenv(\n  "REDIS_PASSWORD",\n  "s3cret",\n)', 'os.getenv(\n  "REDIS_PASSWORD",\n  "***",\n)'),
        ("a.py", 'u = (\n  "redis://:"\n  "s3cret@host/0"\n)', 'u = (\n  "redis://:"\n  "***@host/0"\n)'),
        ("a.py", 'u = "redis://:"\ny = "abc"', 'u = "redis://:"\ny = "abc"'),
        ("a.py", 'password = None\nx = "y"', 'password = None\nx = "y"'),
        ("a.py", 'token = """s3\ncret"""\nx = "y"', 'token = """***\n***"""\nx = "y"'),
        (
            "a.yaml",
            "- name: REDIS_PASSWORD\n  value: s3cret\n- name: X\n  value: y",
            "- name: REDIS_PASSWORD\n  value: ***\n- name: X\n  value: y",
        ),
        ("a.ini", "password = s3cret\nx = y", "password = ***\nx = y"),
        # a private key in PEM, the whole, what is shown of its end, and a line of its middle
        (
            ".env",
            f'K="-----BEGIN PRIVATE KEY-----\n{LINE}\nMx0=\n-----END PRIVATE KEY-----"\nx=y',
            'K="***\n***\n***\n***"\nx=y',
        ),
        (".env", 'Mx0=\n-----END EC PRIVATE KEY-----"\nx=y', '***\n***"\nx=y'),
        (".env", f"{LINE}\n{LINE}", "***\n***"),
        (".env", f"X=1\nK=-----BEGIN RSA PRIVATE KEY-----\\n{LINE}\\nMx0=", "X=1\nK=***"),
        (
            "a.json",
            f'{{"k": "-----BEGIN PRIVATE KEY-----\\n{LINE}\\n-----END PRIVATE KEY-----\\n"}}',
            '{"k": "***\\n"}',
        ),
        (".env", 'K="-----BEGIN PUBLIC KEY-----\nMx0="\nx=y', 'K="-----BEGIN PUBLIC KEY-----\nMx0="\nx=y'),
        # what fills in a URL ends with its bracket
        (
            "s.py",
            'u = "{}://{}:{}@{}".format(\n    t, u, p, h\n)\nb = "rpc"',
            'u = "{}://{}:{}@{}".format(\n    t, u, p, h\n)\nb = "rpc"',
        ),
        ("s.py", 'u = "redis://:%s@h" % p\nb = "rpc"', 'u = "redis://:%s@h" % p\nb = "rpc"'),
        # a port before the path
        (
            "s.py",
            'u = "redis://{host}:{port}/0".format(\n    host=get("HOST", "redis"),\n    port=get("PORT", "6379"),\n)',
            'u = "redis://{host}:{port}/0".format(\n    host=get("HOST", "redis"),\n    port=get("PORT", "6379"),\n)',
        ),
        ("s.py", 'u = "redis://%s:%s/0" % ("redis", "6379")', 'u = "redis://%s:%s/0" % ("redis", "6379")'),
        (
            "s.py",
            'u = "redis://:{p}/s@{h}/0".format(\n    p="s3cret",\n    h="redis",\n)',
            'u = "redis://:***@{h}/0".format(\n    p="***",\n    h="***",\n)',
        ),
        ("s.py", 'u = "redis://:%s@h" % \\\n  "s3"\nb = "rpc"', 'u = "redis://:%s@h" % \\\n  "***"\nb = "rpc"'),
    ],
)
def test_lines_that_belong_together_are_masked_together(path: str, text: str, masked: str) -> None:
    assert mask_lines(text.split("\n"), path) == masked.split("\n")
    assert mask_lines(masked.split("\n"), path) == masked.split("\n")


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ('"redis://:%s@h" % "s3cret"', '"redis://:%s@h" % "***"'),
        ('"redis://:{}@h".format("s3cret")', '"redis://:{}@h".format("***")'),
        ('"redis://:{p}@{h}".format(h=host, p="s3cret")', '"redis://:{p}@{h}".format(h=host, p="***")'),
        ('"redis://:%(p)s@h" % {"p": "s3cret"}', '"redis://:%(p)s@h" % {"***": "***"}'),
        ('"redis://:" + quote("s3cret") + "@h"', '"redis://:" + quote("***") + "@h"'),
        ('"redis://:%s@h" % os.environ["REDIS_PW"]', '"redis://:%s@h" % os.environ["REDIS_PW"]'),
        ('"redis://:%s@h" % password', '"redis://:%s@h" % password'),
        ('x("redis://:%s@h" % ("s3cret",), "rpc")', 'x("redis://:%s@h" % ("***",), "rpc")'),
        ('x("redis://:%s@h" % password, kind="rpc")', 'x("redis://:%s@h" % password, kind="rpc")'),
        ('x("redis://:{}@h".format(quote("s3cret")), "rpc")', 'x("redis://:{}@h".format(quote("***")), "rpc")'),
    ],
)
def test_a_password_put_into_a_url_is_masked(line: str, masked: str) -> None:
    assert mask_line(line, "a.py") == masked
    assert mask_line(masked, "a.py") == masked


def test_a_column_inside_the_mask_stays_inside() -> None:
    line = 'password = "s3cret-s3cret"'
    masked, columns = mask_spans(line, secrets_of_line(line, "a.py"), (13, 14, 20, 25, 26))
    assert masked == 'password = "***"'
    assert columns == (13, 14, 16, 16, 16)


def test_what_is_too_long_to_be_shown_is_masked_whole() -> None:
    line = "a" * 6000 + "s3cret"
    assert mask(line) == "a" * 5000 + "***"
    assert mask_line(line) == "a" * 5000 + "***"
    assert mask(mask(line)) == mask(line)
    split = "a " * 2490 + "redis://:" + "s3cret" * 10 + "@host/0" + " b" * 100
    assert "s3cret" not in mask(split)


def test_columns_move_with_the_mask() -> None:
    line = 'backend = "redis://:s3cret-s3cret@h/0", x'
    masked, columns = mask_spans(line, secrets_of_line(line, "a.py"), (11, 21, 34, 35, len(line)))
    assert masked == 'backend = "redis://:***@h/0", x'
    assert [masked[column - 1] for column in columns] == ['"', "*", "@", "h", "x"]


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "REDIS_PASSWORD",
        "redisPassword",
        "apiKey",
        "AWS_ACCESS_KEY_ID",
        "SECRET_KEY",
        "DB_PASS",
        "AUTH_TOKEN",
        "MYSQL_PWD",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD_RESET_URL",
        "TOKEN_EXPIRE_MINUTES",
        "passenger",
        "compass",
        "AUTH_PASSWORD_VALIDATORS",
        "SECRET_FILE",
        "host",
        "KEY",
    ],
)
def test_names_of_no_secrets(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.no_cover  # the bound is for the tool, not for the tool while it is traced
@pytest.mark.parametrize(
    "piece", ["redis://:p@h;", "a:b@", "password=", "://", "'", '"password": ', "redis://:", "x" * 10, "{"]
)
def test_a_line_of_two_mebibytes_is_masked_in_seconds(piece: str) -> None:
    line = piece * (2 * 1024 * 1024 // len(piece))
    started = time.monotonic()
    mask_line(line)
    assert time.monotonic() - started < 10


def test_a_line_without_anything_is_quick() -> None:
    assert re.sub("x", "", mask_line("def f(): return 1")) == "def f(): return 1"
