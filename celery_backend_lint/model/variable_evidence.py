"""What the repository says that a variable holds: deployment files, env files in use, examples, in this order.

Evidence is never a claim: a value that comes from it is one of the environment, whoever says it.
"""

from __future__ import annotations

import operator
import re

from celery_backend_lint.model.env_files import common_folders
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.deployment.reading import Deployment
    from celery_backend_lint.model.deployment.records import Service, Variable
    from celery_backend_lint.model.env_files import EnvFiles

DEPLOYMENT, SCRIPT, ENV_FILE, EXAMPLE, TEST = range(5)
"""How near to the process something is said, the nearest first. Pipelines are asked where nothing else says any."""

_SERVERS = frozenset(
    {
        "redis", "valkey", "keydb", "dragonfly", "postgres", "postgresql", "postgis", "timescaledb", "pgvector",
        "mysql", "mariadb", "percona", "mongo", "mongodb", "rabbitmq", "memcached", "nginx", "traefik", "caddy",
        "haproxy", "elasticsearch", "opensearch", "kibana", "grafana", "prometheus", "minio", "mc", "adminer",
        "pgadmin", "pgadmin4", "phpmyadmin", "mailhog", "mailpit", "maildev", "localstack", "influxdb",
        "clickhouse", "kafka", "zookeeper", "consul", "vault", "etcd", "nats", "node", "jaeger", "flower",
        "busybox", "keycloak", "sentry", "solr", "neo4j", "cassandra",
    }
)  # fmt: skip
"""Words in the names of images that hold a server of somebody else's: what they are given reaches no Python of the
project."""

_TESTS = r"(?i)(?:^|[/._-])(?:tests?|testing|ci|e2e|circleci|travis)(?=$|[/._-])"
_SCRIPTS = ("script", "makefile", "tasks")


@record
class Said:
    """What one file says of a variable: ``rank`` as above, ``value`` never empty.

    ``value`` may hold ``{NAME}`` for a part that another variable fills in, never at its beginning. Of two
    with the same ``nearness`` none is the better evidence.
    """

    variable: str
    value: str
    location: Location
    rank: int
    nearness: tuple[object, ...] = ()

    @property
    def strong(self) -> bool:
        """Whether a process gets this: it is no example, and not for tests only."""
        return self.rank in (DEPLOYMENT, SCRIPT, ENV_FILE)

    @property
    def words(self) -> str:
        """Who says it: ``docker-compose.yml sets REDIS_URL``."""
        return f"{self.location.path} sets {self.variable}"

    def __repr__(self) -> str:
        """Leave out the value, which may be a secret."""
        return f"Said({self.variable!r}, {self.location!r})"


class VariableEvidence:
    """Answers what variables hold, by env files and deployment files."""

    __slots__ = ("_answers", "_deployment", "_env_files", "_given")

    def __init__(self, env_files: EnvFiles, deployment: Deployment) -> None:
        self._env_files = env_files
        self._deployment = deployment
        self._answers: dict[tuple[str, bool, str], tuple[Said, ...]] = {}
        self._given: tuple[tuple[str, str], ...] | None = None

    def best(self, read: Environment, near: str) -> Said | None:
        """The best evidence for what a read gives in the process that runs the code at ``near``.

        None also where two services that are equally near get what differs from the scheme on.
        """
        found = self.of(read, near)
        if any(one.nearness == found[0].nearness and _scheme(one) != _scheme(found[0]) for one in found[1:]):
            return None
        return found[0] if found else None

    def of(self, read: Environment, near: str) -> tuple[Said, ...]:
        """All evidence for a read, the best first: of the first of its variables for which there is any.

        What reaches the process comes before what stands in env files, these before examples; among equals the
        service nearest to ``near``. What another service of the repository is given says nothing.
        """
        for variable in read.variables:
            found = self._about(variable, read.case_sensitive, near)
            if found:
                return found
        return ()

    def _about(self, variable: str, case_sensitive: bool, near: str) -> tuple[Said, ...]:
        key = (variable, case_sensitive, near)
        if key not in self._answers:
            ranked = self._from_deployment(variable, case_sensitive, near, pipelines=False)
            ranked += self._from_env_files(variable, case_sensitive, near)
            if not ranked:
                ranked = self._from_deployment(variable, case_sensitive, near, pipelines=True)
            ranked.sort(key=operator.itemgetter(0))
            self._answers[key] = tuple({said.location: said for _, said in ranked}.values())
        return self._answers[key]

    def _from_env_files(self, variable: str, case_sensitive: bool, near: str) -> list[tuple[tuple[object, ...], Said]]:
        values = self._env_files.value_of(variable, near, case_sensitive=case_sensitive)
        found: list[tuple[tuple[object, ...], Said]] = []
        for order, one in enumerate(values):
            if not one.value or (one.colon and not self._is_given(one.location.path, near, example=one.example)):
                continue
            rank = EXAMPLE if one.example else ENV_FILE
            group = ENV_FILE
            if one.foreign:
                group = TEST + 1
            elif not one.example and len(values) > 1 and one.location.path in self._given_files(near):
                rank = group = DEPLOYMENT
            found.append(((group, 1, order), Said(variable, one.value, one.location, rank, (group, 1, order))))
        return found

    def _is_given(self, path: str, near: str, *, example: bool) -> bool:
        """Whether compose reads an env file, or one that an example may be for, to run the code at ``near``."""
        given = self._given_files(near)
        return bool(given) if example else path in given

    def _given_files(self, near: str) -> set[str]:
        """The env files that services are given that may run the code at ``near``."""
        if self._given is None:
            self._given = tuple((use.path, service.folder) for service, use in self._deployment.env_files())
        return {path for path, folder in self._given if not self._env_files.is_foreign(_in(folder), near)}

    def _from_deployment(
        self, variable: str, case_sensitive: bool, near: str, *, pipelines: bool
    ) -> list[tuple[tuple[object, ...], Said]]:
        found: list[tuple[tuple[object, ...], Said]] = []
        setting = self._deployment.setting(variable, case_sensitive=case_sensitive, pipelines=pipelines)
        for service, one in setting:
            if not one.text or not self.reaches(service, near):
                continue
            text, rank = self._completed(service, one)
            if not text or text.startswith("{"):
                continue
            if pipelines or re.search(_TESTS, one.location.path):
                rank = TEST
            elif service.form in _SCRIPTS:
                rank = max(rank, SCRIPT)
            # examples of values that are put together rank with the examples, after all env files in use
            group = ENV_FILE + 0.5 if rank == EXAMPLE else rank
            nearness = (
                group, 0, not any(_names(command.app, near) for command in service.commands),
                not _is_named_after(service, near), -common_folders(service.folder, near.rpartition("/")[0]),
                service.form == "dockerfile", _is_variant(one.location.path), one.location.path,
            )  # fmt: skip
            said = Said(variable, text, one.location, rank, nearness)
            found.append(((*nearness, one.location.line, one.location.span.column), said))
        return found

    def reaches(self, service: Service, near: str) -> bool:
        """Whether what a service is given may reach the code at ``near``."""
        if service.image and not service.built:
            name = service.image.rpartition("/")[2].partition(":")[0].partition("@")[0].lower()
            if not _SERVERS.isdisjoint(name.replace("_", "-").split("-")):
                return False
        return not self._env_files.is_foreign(_in(service.folder), near)

    def _completed(self, service: Service, variable: Variable) -> tuple[str, int]:
        """A value with what env files say of the variables that it waits for, and how near that is said."""
        text, rank = variable.text or "", DEPLOYMENT
        for name in variable.unknown:
            if name == variable.name:  # ``X: ${X}``: env files are asked for X itself
                return "", rank
            for one in self._env_files.value_of(name, service.path):
                if one.value and not one.foreign and not one.colon:  # compose's own file is read with the deployment
                    text = text.replace(f"{{{name}}}", one.value)
                    rank = max(rank, EXAMPLE if one.example else ENV_FILE)
                    break
        return text, rank


def _names(app: str, near: str) -> bool:
    from celery_backend_lint.model.deployment.commands import module_files

    return bool(app) and any(near == file or near.endswith("/" + file) for file in module_files(app))


def _is_named_after(service: Service, near: str) -> bool:
    """Whether the service has the name of a folder that the code at ``near`` lies in, or of its file."""
    return service.name in near.removesuffix(".py").split("/")


def _is_variant(path: str) -> bool:
    """Whether a file is one of several for other occasions: ``compose.prod.yml``, not ``compose.yml``."""
    return path.rpartition("/")[2].count(".") > 1


def _scheme(said: Said) -> str:
    return said.value.partition("://")[0]


def _in(folder: str) -> str:
    """A path directly in a folder."""
    return f"{folder}/." if folder else "."
