"""What stands in an example of the environment for a value: a placeholder that looks like what belongs there."""

from __future__ import annotations

import re

from celery_backend_lint.findings.masking import TOKENS, is_secret_name, secrets_of_text
from celery_backend_lint.model.celery_variables import URLS
from celery_backend_lint.model.secrets import credentials_in_urls, is_secret

TEMPLATES = {
    "redis": "redis://:your_redis_password_here@localhost:6379/0",
    "rediss": "rediss://:your_redis_password_here@localhost:6379/0?ssl_cert_reqs=required",
    "sentinel": "sentinel://:your_redis_password_here@localhost:26379/0",
    "amqp": "amqp://your_rabbitmq_user_here:your_rabbitmq_password_here@localhost:5672//",
    "amqps": "amqps://your_rabbitmq_user_here:your_rabbitmq_password_here@localhost:5671//",
    "postgresql": "postgresql://your_db_user_here:your_db_password_here@localhost:5432/your_db_name_here",
    "mysql": "mysql://your_db_user_here:your_db_password_here@localhost:3306/your_db_name_here",
    "mongodb": "mongodb://your_mongodb_user_here:your_mongodb_password_here@localhost:27017/your_db_name_here",
    "memcached": "cache+memcached://localhost:11211/",
    "sqs": "sqs://your_aws_access_key_id_here:your_aws_secret_access_key_here@",
}
"""A URL for each product, by its scheme without driver and prefix."""

PRODUCTS = {
    "redis": "redis", "rediss": "redis", "sentinel": "redis", "amqp": "rabbitmq", "amqps": "rabbitmq",
    "pyamqp": "rabbitmq", "librabbitmq": "rabbitmq", "postgresql": "db", "postgres": "db", "mysql": "db",
    "mariadb": "db", "oracle": "db", "mssql": "db", "mongodb": "mongodb",
}  # fmt: skip
"""What a scheme's server is called in placeholders."""

NO_SERVER = frozenset({"rpc", "memory", "cache+memory"})
"""Schemes that are a whole URL."""

PORTS = {
    "redis": "6379",
    "sentinel": "26379",
    "amqp": "5672",
    "postgresql": "5432",
    "mysql": "3306",
    "mongodb": "27017",
}

WORDS = {
    "sentinel": "sentinel", "redis": "redis", "cache": "redis", "valkey": "redis", "rabbitmq": "amqp",
    "rabbit": "amqp", "amqp": "amqp", "mq": "amqp", "rmq": "amqp", "postgres": "postgresql", "postgresql": "postgresql",
    "pg": "postgresql", "mysql": "mysql", "mariadb": "mysql", "mongo": "mongodb", "mongodb": "mongodb",
    "memcached": "memcached", "db": "postgresql", "database": "postgresql", "sql": "postgresql",
    "sqlalchemy": "postgresql",
}  # fmt: skip
"""Which product's URL a word in a variable's name speaks of."""


def placeholder(variable: str, setting: str, example_value: str) -> str:
    """What an example of the environment says for ``variable``.

    ``setting`` is the Celery setting that the variable is the whole value of (new-style name), or ``""`` where it is
    only a part of one. ``example_value`` is what is known of the value as text: a default, the literal that was moved,
    or only a scheme (``"redis://"``); ``""`` for nothing. Its credentials are replaced, the rest is kept. What comes
    back is never a secret by :func:`celery_backend_lint.model.secrets.is_secret`.
    """
    scheme, sign, rest = example_value.partition("://")
    if example_value and (rest or not sign or scheme in NO_SERVER):
        made = without_secrets(variable, example_value)
        if not is_secret(variable, made):
            return made
    return _made_up(variable, setting, scheme if sign else "")


def without_secrets(variable: str, value: str) -> str:
    """The value with placeholders for the credentials in it; one for all of it where it is one itself."""
    parts: list[tuple[int, int, str]] = []
    for url in credentials_in_urls(value):
        if url.user and url.user == value[url.start : url.end]:
            continue  # an account that nobody has to hide, such as guest:guest
        product = _product(value[: url.start])
        colon = ":" if product == "redis" and not value[: url.start].endswith(":") else ""
        parts.append((url.start, url.end, f"{colon}your_{product}_password_here"))
    for start, end in secrets_of_text(value):
        if all(end <= first or last <= start for first, last, _ in parts):
            name = re.search(r"([\w.-]+)=$", value[:start])
            token = re.fullmatch(TOKENS, value[start:end])
            if name is not None or token is not None:
                parts.append((start, end, f"your_{_word(name[1] if name is not None else variable)}_here"))
    for start, end, new in sorted(parts, reverse=True):
        value = value[:start] + new + value[end:]
    if "://" not in value and value and not parts and (is_secret_name(variable) or is_secret(variable, value)):
        return f"your_{_word(variable)}_here"
    return value


def _made_up(variable: str, setting: str, scheme: str) -> str:
    """A placeholder where nothing is known of the value but its scheme, if that."""
    name = variable.lower()
    word = _word(variable)
    product = _product_of_name(name, setting)
    if is_secret_name(variable):
        return f"your_{word}_here"
    if setting in URLS:
        return _url(setting, scheme, product)
    if re.search(r"(?:^|_)(?:host|hostname|server|address)$", name):
        return "localhost"
    if re.search(r"(?:^|_)port$", name):
        of_redis = scheme in ("redis", "rediss")
        if not of_redis and not speaks_of_a_server(variable):
            return f"your_{word}_here"
        return PORTS["redis" if of_redis else product] if of_redis or product in PORTS else f"your_{word}_here"
    if product == "redis" and re.search(r"(?:^|_)(?:db|database|index|db_?(?:num|number|index))$", name):
        return "0"
    if scheme or re.search(r"(?:^|_)(?:url|uri|dsn)$", name):
        return _url(setting, scheme, product)
    return _of_type(setting) or f"your_{word}_here"


def _url(setting: str, scheme: str, product: str) -> str:
    """A URL of a product with placeholders for whoever connects; ``scheme`` as it is known, or empty."""
    inner = scheme.partition("+")[2] if scheme.startswith(("db+", "sqla+", "cache+")) else scheme
    bare = inner.partition("+")[0].removeprefix("py") if inner else product
    bare = "postgresql" if bare == "postgres" else bare
    made = TEMPLATES.get(bare)
    if made is None:
        return f"{scheme}://your_user_here:your_password_here@localhost" if scheme else TEMPLATES["redis"]
    if scheme:
        return f"{scheme}://{made.partition('://')[2]}"
    if product in ("postgresql", "mysql"):
        return {"result_backend": "db+", "broker_url": "sqla+"}.get(setting, "") + made
    return made


def _of_type(setting: str) -> str:
    """Celery's own default where it is one word, number or switch; a switch is off where it has none. Else "": a number
    that nobody chose would be taken for a good one (a time limit of a second).
    """
    from celery_backend_lint.model import facts

    found = facts.setting(setting, facts.celery_versions()[-1]) if setting else None
    if found is None:
        return ""
    if isinstance(found.default, (int, float)) or (found.default and isinstance(found.default, str)):
        return str(found.default)
    return "False" if found.type == "bool" else ""


def _product_of_name(name: str, setting: str) -> str:
    for word in re.split(r"[^a-z0-9]+", name):
        if word in WORDS:
            return WORDS[word]
    return "amqp" if setting.startswith("broker_") or "broker" in name else "redis"


def speaks_of_a_server(variable: str) -> bool:
    """Whether a variable's name has a word by which its URL can be made up: a product's, or Celery's for its own."""
    words = re.split(r"[^a-z0-9]+", variable.lower())
    return any(word in WORDS or word == "celery" for word in words) or "broker" in variable.lower()


def _product(before: str) -> str:
    """What to call the server of the URL that ``before`` ends in."""
    schemes: list[str] = re.findall(r"([A-Za-z][\w+.-]*)://", before)
    scheme = schemes[-1].lower() if schemes else ""
    parts = scheme.removeprefix("db+").removeprefix("sqla+").split("+")
    return PRODUCTS.get(parts[0], _word(parts[0]) or "server")


def _word(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
