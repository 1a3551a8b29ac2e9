"""Placeholders are told from secrets."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celery_backend_lint.findings.masking import mask
from celery_backend_lint.model.secrets import (
    credentials_in_urls,
    is_local,
    is_placeholder,
    is_public_key,
    is_real_secret,
    is_secret,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CELERY_RESULT_BACKEND", "redis://:s3cret@cache:6379/0"),
        ("CELERY_RESULT_BACKEND", "redis://:n0t-A-placeholder@cache.internal:6379/1"),
        ("CELERY_RESULT_BACKEND", "redis://s3cret-of-mine@cache:6379/0"),
        ("DATABASE_URL", "postgres://postgres:postgres@db.prod.acme.com/x"),
        ("BROKER", "amqp://guest:guest@mq.acme.com//"),
        ("JWT_SECRET_KEY", "MIIEogIBAAKCAQEAw4HchqPaDMR/6zD8JHYMowIW3vtVSXt" * 3 + "XxXakcGY97KY4jeuZKxLHDiffnm7=="),
        ("ADDRESS_API_TOKEN", "n9Tz4wQ8rLx2vKc7pJd5hGs3fYb6mAe1"),
        ("BROKER", "amqp://tomouser:tomopass1@mq.acme.com//"),
        ("BROKER", "amqp://tomouser:tomqpasz1@localhost//"),
        ("URLS", "sentinel://:changeme@h1:1;sentinel://:Tr0ub4dor@h2:2"),
        ("DB_PASSWORD", "hunter2hunter2"),
        ("DB_PASSWORD", "1qaz2wsx"),
        ("REDIS_PASSWORD", "Str0ng!Pass"),
        ("EMAIL_HOST_PASSWORD", "lzzwpngxyagcjwfa"),
        ("JWT_SECRET_KEY", "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"),
        ("FERNET_KEY", "81HqDtbqAywKSOumSha3BhWNOdQ26slT6K0YaZeZyPs="),
        ("ANYTHING", "AKIAJ3QX7ZK2LM4NPQ5R"),
        ("STRIPE_KEY", "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"),
        ("BOT_TOKEN", "1234567890:" + "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawx"),
    ],
)
def test_secrets(name: str, value: str) -> None:
    assert is_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "redis://:your_redis_password_here@localhost:6379/0"),
        ("REDIS_URL", "redis://:yourredispassword@localhost:6379/0"),
        ("REDIS_URL", "redis://:${REDIS_PASSWORD}@localhost:6379/0"),
        ("REDIS_URL", "redis://:<password>@redis.acme.com:6379/0"),
        ("REDIS_URL", "redis://:xxx@redis.acme.com:6379/0"),
        ("REDIS_URL", "redis://localhost:6379/0"),
        ("DATABASE_URL", "db+postgresql://your_user:your_password@host/db"),
        ("DATABASE_URL", "postgres://postgres:postgres@db/x"),
        ("DATABASE_URL", "postgres://shop:shop@db/x"),
        ("DATABASE_URL", "postgres://app_user:app_pass@localhost/x"),
        ("DATABASE_URL", "postgres://tomouser:tomopass1@localhost/x"),
        ("SECRET_KEY", "THISISEXCLUSIVELYUSEDFORDEVELOPMENT!"),
        ("PAYLOAD_ENCRYPTION_KEY", "base64-encoded-32-byte-key"),
        ("SHOPTOKEN_ADDRESS", "0x3bD1C1e2A94f7b08c65D9e0F12aB34cD56eF7890"),
        ("BROKER", "amqp://guest:guest@rabbitmq:5672//"),
        ("BROKER", "amqp://admin:mypass@rabbitmq:5672//"),
        ("SENTRY_DSN", "https://425b9a012300493d867e97785fae7b88@o30.ingest.sentry.io/51"),
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "changeme"),
        ("DB_PASSWORD", "ChangeMe123!"),
        ("DB_PASSWORD", "<password>"),
        ("DB_PASSWORD", "[your-password]"),
        ("DB_PASSWORD", "{{ db_password }}"),
        ("DB_PASSWORD", "$DB_PASSWORD"),
        ("DB_PASSWORD", "xxxxxxxx"),
        ("DB_PASSWORD", "********"),
        ("DB_PASSWORD", "..."),
        ("DB_PASSWORD", "password"),
        ("DB_PASSWORD", "P@ssw0rd"),
        ("DB_PASSWORD", "postgres"),
        ("DB_PASSWORD", "123456"),
        ("DB_PASSWORD", "opev_pass"),
        ("DB_PASSWORD", "myawesomedb"),
        ("PAPERLESS_DBPASS", "paperless"),
        ("SECRET_KEY", "django-insecure-8#fk2l$9d8f7sd6f5"),
        ("SECRET_KEY", "supersecretkey123"),
        ("SECRET_KEY", "generate-me-with-openssl-rand"),
        ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
        ("SECRET_KEY", "any long random text"),
        ("API_TOKEN", "secretTokenForRemoteAPIConsumer"),
        ("API_KEY", "abc123"),
        ("API_KEY", "sk-..."),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_ACCESS_KEY_ID", "AKIAXXXXXXXXXXXXXXXX"),
        ("TLS_PRIVATE_KEY", "/run/secrets/tls.key"),
        ("GOOGLE_CREDENTIALS", "service-account.json"),
        ("USE_TOKEN", "true"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "30"),
        ("STRIPE_PUBLIC_KEY", "pk-81HqDtbqAywKSOumSha3BhWNOdQ26slT6K0"),
        ("JWT_TOKEN_PUBLIC_KEY", "n9Tz4wQ8rLx2vKc7pJd5hGs3fYb6mAe1"),
        ("KEYCLOAK_PUBLIC_KEY_B64", "n9Tz4wQ8rLx2vKc7pJd5hGs3fYb6mAe1"),
        ("CELERY_RESULT_BACKEND", "rpc://"),
        ("GIT_SHA", "09d25e094faa6ca2556c818166b7a9563b93f709"),
        ("SORT_KEY", "created"),
    ],
)
def test_no_secrets(name: str, value: str) -> None:
    assert not is_secret(name, value)


@pytest.mark.parametrize(
    "value",
    [
        "dein_passwort_hier",
        "votre-mot-de-passe",
        "tu_contraseña_aqui",
        "sua_senha",
        "cambiami-parola",
        "jouw_wachtwoord",
        "twoje_haslo",
        "вашпароль",
        "vash_parol",
        "你的密码",
        "パスワード",
        "비밀번호",
        "sifre_degistir",
        "ganti_kata_sandi",
        "mật_khẩu",
        "كلمة_السر",
    ],
)
def test_placeholders_of_other_languages(value: str) -> None:
    assert not is_secret("DB_PASSWORD", value)


def test_a_password_that_the_file_gives_to_the_user_or_the_database_too_is_a_dummy() -> None:
    assert is_secret("MINIO_ROOT_PASSWORD", "detonatedev")
    assert not is_secret("MINIO_ROOT_PASSWORD", "detonatedev", {"MINIO_ROOT_USER": "detonate"})
    assert not is_secret("POSTGRES_PASSWORD", "kestrel", {"POSTGRES_DB": "kestrel"})
    assert is_secret("POSTGRES_PASSWORD", "kestrel", {"OTHER_PASSWORD": "kestrel"})


@pytest.mark.parametrize(
    ("text", "user", "host", "expected"),
    [
        ("guest", "guest", "localhost", True),
        ("guest", "guest", "mq.acme.com", False),
        ("changeme", "", "mq.acme.com", True),
        ("shop", "shop", "10.0.0.5", True),
        ("p%40ssw0rd", "", "db", True),
        ("celery123", "", "redis", True),
        ("tu9x2kQ7", "", "redis", False),
        ("n0t-A-placeholder", "", "cache.internal", False),
        ("correct-horse-battery-staple", "", "db", False),
    ],
)
def test_weak_words_are_placeholders_on_local_hosts_only(text: str, user: str, host: str, expected: bool) -> None:
    assert is_placeholder(text, user, host) is expected


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "127.0.0.1",
        "redis",
        "cache.internal",
        "db.local",
        "[::1]",
        "192.168.1.4",
        "host.docker.internal",
        "{host}",
        "${HOST}",
        "redis.example.com",
    ],
)
def test_local_hosts(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["acme.com", "8.8.8.8", "redis.acme.io", "x.rds.amazonaws.com"])
def test_hosts_of_the_public_network(host: str) -> None:
    assert not is_local(host)


def test_the_credential_of_a_url_is_located_in_characters() -> None:
    url = "redis://üser:pä:ss@host:6379/0"
    [found] = credentials_in_urls(url)
    assert url[found.start : found.end] == "pä:ss"
    assert credentials_in_urls("redis://host:6379/0") == ()
    assert credentials_in_urls("redis://:{password}@host/0") == ()
    assert credentials_in_urls("redis://host:notaport/0") == ()


def test_each_host_has_its_credential() -> None:
    found = credentials_in_urls("sentinel://:p1@h1:1;sentinel://u:p2@h2:2")
    assert [(part.user, part.host) for part in found] == [("", "h1"), ("u", "h2")]


def test_a_lone_user_of_redis_is_its_credential() -> None:
    (found,) = credentials_in_urls("redis://s3cret@host/0")
    assert (found.user, found.host) == ("", "host")


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_text_is_judged_without_an_error(name: str, value: str) -> None:
    is_secret(name, value)
    is_placeholder(value, name, value)


def test_placeholders_are_told_without_importing_detect_secrets() -> None:
    code = (
        "import sys; from celery_backend_lint.model.secrets import is_secret;"
        "is_secret('A_PASSWORD', 'changeme'); is_secret('DATABASE_URL', 'postgres://u:hunter2hunter2@h/d');"
        "is_secret('GIT_SHA', '09d25e094faa6ca2556c818166b7a9563b93f709');"
        "sys.exit('detect_secrets' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("name", "value", "everywhere", "throw_away"),
    [
        ("REDIS_PASSWORD", "Zt9kW4nLc", True, False),
        ("REDIS_PASSWORD", "decinablesprocket", True, False),
        ("REDIS_PASSWORD", "huub_shop", False, False),
        ("REDIS_PASSWORD", "changeme", False, False),
        ("RESULTS_URL", "redis://:Zt9kW4nLc@cache:6379", True, False),
        ("RESULTS_URL", "redis://:Zt9kW4nLc@cache.shop.io:6379", True, True),
        ("AWS_ACCESS_KEY_ID", "AKIAQ3EXR7Y2MZP4KL5V", True, True),
        ("STRIPE_SECRET_KEY", "sk_test_4eC39HqLyjWDarjtT1zdp7dc", True, False),
    ],
)
def test_real_secrets_open_something(name: str, value: str, everywhere: bool, throw_away: bool) -> None:
    assert is_real_secret(name, value, {}, throw_away=False) is everywhere
    assert is_real_secret(name, value, {}, throw_away=True) is throw_away


@pytest.mark.parametrize("kind", ["RSA", "EC -pkeyopt ec_paramgen_curve:P-256", "ED25519", "X25519"])
def test_the_public_half_of_a_pair_of_keys_is_no_secret(kind: str) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl")
    pair = subprocess.run([openssl, "genpkey", "-algorithm", *kind.split()], capture_output=True, check=True).stdout

    def written(*options: str) -> str:
        command = [openssl, "pkey", "-outform", "DER", *options]
        der = subprocess.run(command, input=pair, capture_output=True, check=True).stdout
        return base64.b64encode(der).decode()

    assert is_public_key("REALM_KEY", written("-pubout"))
    assert not is_secret("REALM_KEY", written("-pubout"))
    assert not is_public_key("REALM_KEY", written())
    assert is_secret("JWT_SECRET_KEY", written())


@pytest.mark.parametrize(
    "kind", ["RSA", "RSA -pkeyopt rsa_keygen_bits:4096", "EC -pkeyopt ec_paramgen_curve:P-256", "ED25519", "X25519"]
)
def test_a_private_key_in_pem_is_a_secret_while_it_is_whole(kind: str) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl")
    command = [openssl, "genpkey", "-algorithm", *kind.split()]
    pair = subprocess.run(command, capture_output=True, check=True, text=True).stdout

    def written(*options: str) -> str:
        command = [openssl, *options]
        return subprocess.run(command, input=pair, capture_output=True, check=True, text=True).stdout

    older = [written("pkey", "-traditional")] if "25519" not in kind else []
    for text in (pair, pair.replace("\n", "\\n"), pair.replace("\n", "\r\n"), *older):
        assert is_secret("SIGNER", text)
        assert is_real_secret("SIGNER", text, {}, throw_away=False)
        assert not is_real_secret("SIGNER", text, {}, throw_away=True)
        assert mask(f"of {text} it") in ("of *** it", "of ***\n it", "of ***\\n it", "of ***\r\n it")
    lines = pair.splitlines()
    for text in (
        "\n".join((lines[0], *lines[2:])),
        "\n".join((lines[0], lines[1][:40], lines[-1])),
        "\n".join((lines[0], "YOUR_KEY", lines[-1])),
        "\n".join(lines[:-1]),
        written("pkcs8", "-topk8", "-passout", "pass:abc"),
        written("pkey", "-pubout"),
    ):
        assert not is_secret("PRIVATE_KEY", text)
