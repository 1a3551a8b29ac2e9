"""Placeholders: what they look like, that they are no secrets, that they hold none."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from kombu.utils.url import parse_url, url_to_parts

from celery_backend_lint.fixes.placeholders import TEMPLATES, WORDS, placeholder, without_secrets
from celery_backend_lint.model.secrets import is_secret

RABBITMQ = "amqp://your_rabbitmq_user_here:your_rabbitmq_password_here@localhost:5672//"
REDIS = "redis://:your_redis_password_here@localhost:6379/0"
DATABASE = "postgresql://your_db_user_here:your_db_password_here@localhost:5432/your_db_name_here"


@pytest.mark.parametrize(
    ("variable", "setting", "known", "expected"),
    [
        ("REDIS_PASSWORD", "redis_password", "", "your_redis_password_here"),
        ("CELERY_RESULT_BACKEND", "result_backend", "", REDIS),
        ("CELERY_BROKER_URL", "broker_url", "", RABBITMQ),
        ("BROKER_ADDRESS", "broker_url", "", RABBITMQ),
        ("REDIS_URL", "broker_url", "", REDIS),
        ("DATABASE_URL", "result_backend", "", f"db+{DATABASE}"),
        ("DATABASE_URL", "", "", DATABASE),
        ("RESULTS", "result_backend", "db+mysql+pymysql://", "db+mysql+pymysql://your_db_user_here:your_db_password_here@localhost:3306/your_db_name_here"),
        ("RESULTS", "result_backend", "rediss://", "rediss://:your_redis_password_here@localhost:6379/0?ssl_cert_reqs=required"),
        ("RESULTS", "result_backend", "rpc://", "rpc://"),
        ("RESULTS", "result_backend", "redis://localhost:6379/3", "redis://localhost:6379/3"),
        ("RESULTS", "result_backend", "redis://:Qr7xV2mPz@cache.example.com:6379/1", "redis://:your_redis_password_here@cache.example.com:6379/1"),
        ("RESULTS", "result_backend", "redis://Qr7xV2mPz@cache/1", "redis://:your_redis_password_here@cache/1"),
        ("RESULTS", "result_backend", "db+postgresql+psycopg://shop:Qr7xV2mPz@db/shop?sslmode=require", "db+postgresql+psycopg://shop:your_db_password_here@db/shop?sslmode=require"),
        ("BROKER", "broker_url", "amqp://guest:guest@localhost//", "amqp://guest:guest@localhost//"),
        ("BROKER", "broker_url", "amqp://a:Qr7xV2mPz@one;amqp://a:Zz8kQ2mLp@two", "amqp://a:your_rabbitmq_password_here@one;amqp://a:your_rabbitmq_password_here@two"),
        ("STORE", "", "azureblockblob://AccountName=x;AccountKey=Qr7xV2mPzQr7xV2mPz==", "azureblockblob://AccountName=x;AccountKey=your_accountkey_here"),
        ("REDIS_HOST", "", "", "localhost"),
        ("REDIS_PORT", "", "", "6379"),
        ("RABBITMQ_PORT", "", "", "5672"),
        ("CELERY_BROKER_PORT", "", "", "5672"),
        ("CELERY_BROKER_PORT", "", "redis://", "6379"),
        ("MAIL_PORT", "", "", "your_mail_port_here"),
        ("MEMCACHED_PORT", "", "", "your_memcached_port_here"),
        ("REDIS_DB", "", "", "0"),
        ("REDIS_INDEX", "", "", "0"),
        ("RABBITMQ_USER", "", "", "your_rabbitmq_user_here"),
        ("QUEUE", "task_default_queue", "", "celery"),
        ("PREFETCH", "worker_prefetch_multiplier", "", "4"),
        ("EXPIRES", "result_expires", "3600", "3600"),
        ("EAGER", "task_always_eager", "False", "False"),
        ("APP_NAME", "", "", "your_app_name_here"),
        ("REDIS_PASSWORD", "", "guest", "your_redis_password_here"),
        ("AWS_KEY", "", "AKIAQ3EXR7Y2MZP4KL5V", "your_aws_key_here"),
    ],
)  # fmt: skip
def test_what_they_look_like(variable: str, setting: str, known: str, expected: str) -> None:
    assert placeholder(variable, setting, known) == expected


@pytest.mark.parametrize("setting", ["", "result_backend", "broker_url", "redis_password"])
def test_no_placeholder_is_a_secret(setting: str) -> None:
    schemes = ["", *(f"{scheme}://" for scheme in TEMPLATES), "db+postgresql://", "db+mysql://", "sqs://", "kafka://"]
    for variable in [*(f"{word.upper()}_URL" for word in WORDS), "RESULT_PASSWORD", "API_KEY", "X"]:
        for scheme in schemes:
            made = placeholder(variable, setting, scheme)
            assert made
            assert not is_secret(variable, made)


@pytest.mark.parametrize("template", [TEMPLATES[scheme] for scheme in ("redis", "rediss", "amqp", "amqps", "mongodb")])
def test_kombu_reads_the_urls(template: str) -> None:
    parts = url_to_parts(template)
    assert parts.hostname == "localhost"
    assert (parts.password or "").endswith("_password_here")
    assert parse_url(template)["port"] == int(template.rpartition(":")[2].partition("/")[0])


SECRET = st.text("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=8, max_size=24)


@given(SECRET, st.sampled_from(["redis://:{}@h:1/0", "amqp://user:{}@h//", "rediss://{}@h", "db+mysql://u:{}@h/n?a=1",
                                "{}", "sentinel://:{}@a:1;sentinel://:{}@b:1", "https://h/?token={}&b=1"]))  # fmt: skip
def test_no_secret_is_left(secret: str, form: str) -> None:
    assume(secret not in form)
    value = form.replace("{}", secret)
    made = placeholder("REDIS_PASSWORD" if form == "{}" else "REDIS_URL", "", value)
    assert secret not in made
    assert not is_secret("REDIS_URL", made)
    assert without_secrets("REDIS_URL", made) == made, "once is enough"
