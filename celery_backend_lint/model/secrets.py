"""Whether a value is a secret, or only stands for one: for env examples, URLs in settings, defaults.

A placeholder is known by its form (``<password>``, ``xxx``), by a word that says so in any of some twenty languages
(``changeme``, ``your_redis_password_here``), or by being nothing but everyday words: the name of the user, the
product, the variable. What is none of these and stands behind a secret's name is a secret. Behind another name
detect-secrets' plugins decide, which take 200 ms to import and so are asked about candidates only.
"""

from __future__ import annotations

import re

from celery_backend_lint.findings.masking import TOKENS, is_secret_name, may_hold_token
from celery_backend_lint.findings.url_passwords import filled_in, secrets_of_urls
from celery_backend_lint.model.private_keys import holds_private_key
from celery_backend_lint.model.published_tokens import is_signed_for_everybody
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

TELLING_WORDS = """
    your yours change changeme changethis changeit replace replaceme example examples sample dummy todo
    fixme insert here enter put fill set fake redacted hidden removed insecure unsafe generate generated goes please
    foo bar baz foobar lorem ipsum mock stub template tbd none null nil undefined empty blank optional required
    insertkey ask dein deine deiner ihr ihre passwort geheim geheimnis beispiel hier aendern aendere ersetzen
    ersetze votre ton motdepasse passe changez changer exemple ici remplacer remplacez tu su contrasena contraseña
    clave cambiar cambia cambiame ejemplo aqui aquí secreto reemplazar sua seu senha alterar altere mude troque
    exemplo segredo trocar insira tua tuo esempio qui segreto parola inserisci sostituisci jouw wachtwoord wijzig
    voorbeeld twoje haslo zmien przyklad tajne heslo zmen parol vash vashparol sekret zamenite izmenite sifre
    parolaniz degistir ornek sandi katasandi ganti contoh matkhau losenord andra adgangskode passord salasana jelszo
    mima mimi
"""
"""Words that no secret holds: they say that something is to be put in their place."""

EVERYDAY_WORDS = """
    a the is this that it be to me my our own of for in not so very super really top strong long short some any
    random string text value new old good secure security safe simple password passwords passwd pass pwd passphrase
    psw pw secret secrets key keys token tokens credential credentials auth api access private public shared
    encryption signing jwt hmac hash salt code pin login signin session cookie client server service account db
    database data sql user username users name admin administrator root superuser sa guest test tests testing tester
    demo dev develop development developer local localhost host stage staging prod production default temp tmp
    backend frontend web app application project site docker compose container cluster worker broker queue result
    results cache master sentinel postgres postgresql pg psql pgadmin redis rabbit rabbitmq rmq amqp mq mysql
    mariadb mongo mongodb memcached sqlite minio minioadmin elastic elasticsearch kibana grafana flower celery
    django flask fastapi airflow superset python sentry keycloak vault kafka nats nginx odoo wordpress abc abcd
    abcde abcdef abcdefg abcdefgh xyz qwerty qwertyuiop asdf asdfgh qwe zxc hello world welcome letmein email mail
    smtp hostname port url uri id ssl tls http https and or with by from on at only must need needs least minimum
    characters chars bytes bit base hex something anything thing awesome cool great nice best remote consumer
    producer goeshere one two three first second placeholder exclusively used using use byte encoded
    length
"""
"""Words that make no secret where nothing else is there, on a host that only this machine or network reaches."""

TELLING_TEXTS = ("password", "changeme", "example", "replace", "insert", "dummy", "insecure")
"""What TELLING_PARTS mostly finds, without compiling it."""

TELLING_PARTS = (
    r"(?i)change.?(?:me|this|it)|your\w*(?:pass|secret|token|key|api)|example|replace|insert|dummy|insecure"
    r"|test(?:password|secret|token|\w{0,8}key)|demo[_-]|demo\w{0,8}key|p[a@4]ssw[o0]rd|pa55w[o0]rd|p455w[o0]rd|[a4]dm1n"
)
"""The same, and passwords that are jokes, wherever they stand in a value."""

NAMING_WORDS = {"pass", "password", "passwd", "pwd", "secret", "token", "key", "apikey", "create", "credential"}
"""A value of letters that says what it is, in a word of its own, was made up to be replaced: ``opev_pass``."""

KEY_NAMES = ("key", "salt", "auth", "hash", "signature", "seed", "cert")
"""How names end of values that may be secrets, where the value looks like one."""

PUBLIC_KEY_NAMES = r"(?i)(?:^|_)(?:public|publishable|pub)_?(?:[a-z]+_)?(?:key|salt|auth|hash|signature|seed|cert)"
"""``KEYCLOAK_PUBLIC_KEY``, ``JWT_TOKEN_PUBLIC_KEY_B64``: whoever has it can check or encrypt, and no more."""

PUBLIC_NAMES = r"(?i)_addr(?:ess)?$"
"""``TOKEN_ADDRESS``: where a contract or a server is, whatever else the name speaks of."""

PUBLIC_ALGORITHMS = ("2a864886f70d010101", "2a8648ce3d0201", "2b6570", "2b656e")
"""Object identifiers of RSA, elliptic curves, Ed25519 and X25519 in a SubjectPublicKeyInfo (RFC 5280, 8410)."""

NAMING_VARIABLES = ("user", "login", "db", "database", "name", "host", "project", "bucket", "queue")
"""Variables whose values are names: a password made of them is a dummy."""

NAME_ENDINGS = ("user", "username", "usr", "admin", "owner", "role", "db", "database", "name")
"""What names of accounts and databases end with: ``shopuser`` and ``shopdb`` are called after ``shop``."""

PUBLISHED_KEYS = (
    "4f3edf983ac636a6", "6cbed15c793ce576", "6370fd033278c143", "646f1ce2fdad0e6d", "add53f9a7e588d00",
    "ac0974bec39a17e3", "59c6995e998f97a5", "5de4111afa1a4b94", "7c852118294e51e6", "47e179ec197488593",
)  # fmt: skip
"""How the private keys begin that Ganache (``--deterministic``), Hardhat and Anvil give everybody's test chain."""

PUBLISHED_SECRETS = ("eby8vdm02xnocqfl", "c2y6ydjf5/r+ob0n", "6leixactaaaaagg-")
"""How those begin that everybody has, in small letters: the keys of the emulators of Azure's storage and Cosmos DB,
Google's reCAPTCHA key that accepts whatever it is asked."""

PUBLIC_VALUES = ("phc_", "pk_live_", "pk_test_", "pk.eyJ", "age1", "ssh-rsa ", "ssh-ed25519 ")
"""How keys begin that are made to be shown: PostHog's of a project, Stripe's and Mapbox's for browsers, public ones."""

REFERENCES = (
    "ENC[", "encrypted:", "arn:", "vault:", "ssm:", "awssm:", "aws:", "gcp:", "gcpsm:", "azure:", "keyvault:", "op:",
    "bw:", "bws:", "doppler:", "infisical:", "secretsmanager:", "secretref:", "$ANSIBLE_VAULT", "!vault",
)  # fmt: skip
"""How values begin that are encrypted (SOPS, dotenvx, Ansible), or say where the secret is kept."""

KEPT_ELSEWHERE = r"projects/[^/]+/secrets/"
"""A secret of Google's Secret Manager."""

FOUR_TIMES_FOUR = r"[a-z]{4}(?: [a-z]{4}){3}"
"""An app password as Google shows it, four times four letters; other values with blanks are prose."""

LOCAL_NAMES = (
    r"(?i)(?:[^.]*|.*\.(?:local|localhost|internal|lan|test|invalid|example|example\.(?:com|org|net)|svc|svc\..*)"
    r"|(?:.*[.-])?(?:fake|dummy|your)[.-].*)$"
)
PRIVATE_ADDRESS = r"(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.0\.0\.0|::1|\[|169\.254\.)"


@record
class UrlCredential:
    """Where the password (or a lone token) stands in a URL: offsets in characters; user and host beside it."""

    start: int
    end: int
    user: str
    host: str


def credentials_in_urls(text: str) -> tuple[UrlCredential, ...]:
    """Find the credential of every URL and of every host in ``text``.

    A password that is filled in from elsewhere (``{password}``, ``${PASSWORD}``) is none.
    """
    found = []
    for start, end in secrets_of_urls(text):
        at = end + 1 if text.startswith(":@", end) else end  # a lone token, and an empty password behind it
        if text[at : at + 1] != "@":  # a port that is no number, a URL that breaks off
            continue
        host = re.compile(r"(\[[^\]]*\]|[^:/?#;,@\s]*)").match(text, at + 1)
        before = re.compile(r"(?:.*(?:://|[;,]))?([^:/]*):?$", re.DOTALL).match(text[max(0, start - 200) : start])
        found.append(UrlCredential(start, end, before[1] if before else "", host[1] if host else ""))
    return tuple(found)


def is_local(host: str) -> bool:
    """Whether ``host`` is this machine, a compose service or a private address, or stands for one; "" counts."""
    return (
        not host
        or re.match(LOCAL_NAMES, host) is not None
        or re.match(PRIVATE_ADDRESS, host) is not None
        or filled_in(host)
    )


_CREDENTIAL_WORDS = "SECRET|ACCESS|API|KEY|PASSWORD|PASS|PWD|TOKEN|USER|NAME|ID"
_CREDENTIAL_NAME = rf"(?:AWS|PRIVATE|{_CREDENTIAL_WORDS})(?:_(?:{_CREDENTIAL_WORDS}))+"
"""The name of a variable in the place of its value: ``AWS_SECRET_ACCESS_KEY``."""


def is_variable_name(text: str) -> bool:
    """Whether a text in the place of a secret is only the name that a variable for it would have."""
    return text.isupper() and re.fullmatch(_CREDENTIAL_NAME, text) is not None


def is_placeholder(text: str, user: str = "", host: str = "", name: str = "", others: str = "") -> bool:
    """Whether ``text``, in the place of a secret, is none.

    ``user`` and ``host`` are those of the same URL, ``name`` the variable's, ``others`` further names around it (the
    product's, the database's): their words make no secret either. On a host of the public network only what says that
    it is a placeholder is one.
    """
    text = text.strip().strip("\"'").strip()
    if _stands_for_something(text):
        return True
    if "%" in text:
        from urllib.parse import unquote

        text = unquote(text)
    words = _words(text)
    telling = set(TELLING_WORDS.split())
    lowered = text.lower()
    if telling.intersection(re.split(r"[\W_]+", lowered)) or any(part in lowered for part in TELLING_TEXTS):
        return True
    if re.search(TELLING_PARTS, text):
        return True
    if is_variable_name(text):
        return True
    if any(len(word) >= 5 and word in telling for word in words):  # shorter ones turn up in random text
        return True
    joined = "".join(words)
    if not is_local(host):
        return False
    if text.lower() in (user.lower(), host.lower()) or _is_sequence(text):
        return True
    named = _words(f"{user} {host} {name} {others}")
    known = {*EVERYDAY_WORDS.split(), *named, *_stems(named)}
    if all(word in known for word in words) and _few_others(text):
        return True
    return (joined in known and not _has_a_number(text)) or _made_of(joined, known, text)


def is_secret(name: str, value: str, beside: Mapping[str, str] | None = None) -> bool:
    """Whether ``name=value`` in an env file, or anything like one, gives away a secret.

    ``beside`` holds what else the file sets: a password that equals its user, database or host is none.
    """
    value = value.strip()
    if holds_private_key(value):
        return True
    if value.startswith((*REFERENCES, *PUBLIC_VALUES)) or re.match(KEPT_ELSEWHERE, value):
        return False
    if "://" in value:
        found = [part for part in credentials_in_urls(value) if not _is_public(value, part)]
        if found:
            others = _names_beside(beside)
            return any(
                not is_placeholder(password := value[part.start : part.end], part.user, part.host, name, others)
                and not (is_local(part.host) and _names_itself(password))
                for part in found
            )
    if may_hold_token(value) and re.search(TOKENS, value) and not is_placeholder(value, name=name):
        return _found_by_plugins(name, value)
    if not value or "://" in value:
        return False
    # What is costly comes last: most entries of an env file have neither name nor value of a secret.
    secret_name = is_secret_name(name) and re.search(PUBLIC_NAMES, name) is None
    if not secret_name and not name.lower().endswith(KEY_NAMES):
        return False
    if is_public_key(name, value):
        return False
    others = _names_beside(beside)
    if _is_setting(value) or value in others.split():
        return False
    if secret_name:
        return not is_placeholder(value, name=name, others=others) and not _names_itself(value)
    candidate = re.fullmatch(r"(?=.*\d)[\w+/=.:-]{16,}", value)
    return candidate is not None and not is_placeholder(value, name=name) and _found_by_plugins(name, value)


def is_public_key(name: str, value: str) -> bool:
    """Whether ``name=value`` is the public half of a pair of keys: by its name, or as OpenSSL writes one, in base64."""
    if re.search(PUBLIC_KEY_NAMES, name) and not re.search("(?i)private|secret", name):
        return True
    if not re.match(r"M[\w+/]{31}", value):
        return False
    from base64 import b64decode

    start = b64decode(value[:32])
    inner = 2 + (start[1] & 0x7F if start[1] & 0x80 else 0)  # past the outer length; a private key has a number there
    algorithm = start[inner + 2 :].hex() if start[inner] == start[0] == 0x30 else ""
    return any(algorithm[4:].startswith(one) for one in PUBLIC_ALGORITHMS)


def is_real_secret(name: str, value: str, beside: Mapping[str, str], *, throw_away: bool) -> bool:
    """Whether ``name=value`` in an env file in use gives away a credential that opens something.

    Stricter than :func:`is_secret`: short words that somebody made up are none. In a ``throw_away`` file, one for
    development or tests, only what opens something elsewhere is: a token of a service, the password of a public host.
    """
    token = re.search(TOKENS, value) if may_hold_token(value) else None
    urls = credentials_in_urls(value) if "://" in value else ()
    if throw_away:
        if token is not None:
            opens = re.match(r"[sr]k_test|eyJ", token[0]) is None
        else:
            opens = any(not is_local(url.host) for url in urls)
    elif token is not None or urls:
        opens = True
    else:
        opens = len(value) >= 6 and (len(value) >= 16 or re.search(r"\d", value) is not None)
    return opens and is_secret(name, value, beside)


def _names_beside(beside: Mapping[str, str] | None) -> str:
    """What an env file says of users, databases, hosts: a password made of it is none."""
    return " ".join(other for key, other in (beside or {}).items() if key.lower().endswith(NAMING_VARIABLES))


def _is_public(url: str, part: UrlCredential) -> bool:
    """Whether what stands before the host is a public key, as in the DSN that Sentry hands out for browsers."""
    return url[: part.start] in ("https://", "http://") and re.search(r"@[\w.:-]+/\d+$", url) is not None


def _names_itself(text: str) -> bool:
    if not re.fullmatch(r"[A-Za-z_.=-]+", text):
        return False
    parts = {*re.split(r"[\W_]+", text.lower()), *(word for word in _words(text) if len(word) >= 5)}
    return bool(NAMING_WORDS & parts)


def _stands_for_something(text: str) -> bool:
    """Whether the form alone shows a placeholder."""
    return (
        len(text) <= 3
        or filled_in(text)
        or text.lower().removeprefix("0x").startswith(PUBLISHED_KEYS)
        or text.lower().startswith(PUBLISHED_SECRETS)
        or (text.startswith("eyJ") and is_signed_for_everybody(text))
        or text.isdigit()
        or len(set(text.lower())) <= 2
        or (len(text) <= 128 and re.search(r"(?i)x{3,}", text) is not None)  # a long key may hold three by chance
        or re.search(r"(?i)x{6,}|\*{2,}|\.{3}|…|\?{2,}|_{3,}|-{4,}|0{6,}|#{3,}", text) is not None
        or (
            text[0] in "<[{(%$_@"
            and re.match(r"[<\[{(%$].*[>\]})%]$|\$[A-Za-z_]\w*$|\$\(|\$\{|\{\{|__\w+__$|@\w+@$", text) is not None
        )
        or any(ord(character) > 127 and character.isalpha() for character in text)
        or (" " in text and (re.fullmatch(FOUR_TIMES_FOUR, text) is None or _is_prose(text)))
    )


def _is_prose(text: str) -> bool:
    """Whether words or the alphabet stand in the form of an app password: ``your mail pass word``."""
    words = text.split()
    known = {*TELLING_WORDS.split(), *EVERYDAY_WORDS.split()}
    return any(len(set(word)) == 1 for word in words) or _is_sequence("".join(words)) or bool(known.intersection(words))


def _is_setting(value: str) -> bool:
    """Whether a value is none that a secret can have: a path, a switch, an address."""
    return (
        value.lower() in ("true", "false", "yes", "no", "on", "off", "none", "null", "disabled", "enabled")
        or re.match(
            r"(?:[A-Za-z]:)?[./~]*[/\\]?[\w.-]+(?:/[\w.-]+)*\.(?:pem|key|crt|json|txt|ya?ml|env|p12|pub|toml|ini|asc)$",
            value,
        )
        is not None
        or re.match(r"(?:\.{0,2}|~)/[\w./-]*$", value) is not None
        or re.match(r"[^@\s]+@[^@\s]+\.[a-z]+$", value) is not None
    )


def _words(text: str) -> list[str]:
    """Split into words in lower case: at what is no letter, and where a capital follows a small letter."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+", text)]


def _stems(words: list[str]) -> set[str]:
    """What names of accounts and databases are made from: ``shopdb`` and ``shop`` of ``shopdbuser``."""
    stems: set[str] = set()
    found = words
    while found:
        found = [word[: -len(end)] for word in found for end in NAME_ENDINGS if word.endswith(end)]
        found = [stem for stem in found if len(stem) >= 4]
        stems.update(found)
    return stems


def _few_others(text: str) -> bool:
    """Whether there is little but words in ``text``: four digits at most, and signs only between words."""
    return sum(character.isdigit() for character in text) <= 4 and re.search(r"[^\w\s.-]{2,}", text.rstrip("=")) is None


def _has_a_number(text: str) -> bool:
    """Whether there are more digits in ``text`` than a date has, and not in a row: someone's number, say."""
    digits = "".join(re.findall(r"\d", text))
    return len(digits) > 8 and not _is_sequence(digits)


def _is_sequence(text: str) -> bool:
    """Whether ``text`` counts up: ``12345678``, ``abcdef0123456789``, or repeats a short piece."""
    lowered = text.lower()
    rows = ("01234567890" * 2, "abcdefghijklmnopqrstuvwxyz", "0123456789abcdef" * 5, "qwertyuiop")
    return any(lowered in row for row in rows) or re.fullmatch(r"(.{1,4})\1{2,}.{0,3}", lowered) is not None


def _made_of(joined: str, known: set[str], text: str) -> bool:
    """Whether ``joined`` is everyday words run together: ``mysecretkey``, ``dbpassword123``."""
    if not _few_others(text) or len(joined) > 60:
        return False
    reach = {0}
    for at in range(len(joined)):
        if at in reach:
            reach.update(at + len(word) for word in known if len(word) > 1 and joined.startswith(word, at))
    return len(joined) in reach


def is_two_words(text: str, known: set[str]) -> bool:
    """Whether ``text`` is two known words run together, in small letters: ``redispassword``."""
    return (
        text.islower()
        and text.isalpha()
        and any(text[:at] in known and text[at:] in known for at in range(1, len(text)))
    )


def _found_by_plugins(name: str, value: str) -> bool:
    """Whether one of detect-secrets' plugins, other than that on names, takes the value for a secret."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.filters import heuristic

    plugins: dict[str, Any] = get_mapping_from_secret_type_to_class()
    for plugin in plugins.values():
        if plugin.__name__ in ("KeywordDetector", "IPPublicDetector", "BasicAuthDetector"):
            continue
        for found in plugin().analyze_line(filename="", line=f'{name} = "{value}"', line_number=1):
            secret = found.secret_value or ""
            if not heuristic.is_sequential_string(secret) and not heuristic.is_templated_secret(secret):
                return True
    return False
