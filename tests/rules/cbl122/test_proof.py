"""CBL122 is true: what a node of a Redis Cluster answers to Celery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.redis_servers import free_port, redis_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

TRY = """
def tried(action, url):
    app = Celery()
    app.conf.update(result_backend=url, result_backend_always_retry=False)
    try:
        return action(app)
    except Exception as error:
        return type(error).__name__

def read(url):
    # the identifiers are spread over all nodes
    return sorted({tried(lambda app: app.AsyncResult(f"task-{n}").state, url) for n in range(12)})

def read_two(url):
    return tried(lambda app: app.backend.mget(["a", "b"]), url)
"""


def test_a_node_sends_celery_elsewhere(celery_at: Callable[[str], RealCelery], tmp_path: Path) -> None:
    bus = free_port()
    here, there = "a" * 40, "b" * 40
    nodes = (
        f"{here} 127.0.0.1:1@{bus} myself,master - 0 0 1 connected 0-8191\n"
        f"{there} 127.0.0.1:2@3 master - 0 0 2 connected 8192-16383\nvars currentEpoch 2 lastVoteEpoch 0\n"
    )
    (tmp_path / "nodes.conf").write_text(nodes, encoding="utf-8")
    # a node that has just started reads at once, and writes after two seconds
    options = ("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port", str(bus))
    down = ("--cluster-require-full-coverage", "no", "--cluster-allow-reads-when-down", "yes")
    with redis_server(tmp_path, *options, *down) as port:
        url = f"redis://127.0.0.1:{port}"
        for version in ("5.3.6", "newest"):
            told = celery_at(version).evaluate(f"[read('{url}/0'), read('{url}/1'), read_two('{url}/0')]", TRY)
            assert told.value == [["MovedError", "PENDING"], ["ResponseError"], "ClusterCrossSlotError"], told


def test_a_parameter_or_scheme_makes_no_client_of_a_cluster(celery: RealCelery, tmp_path: Path) -> None:
    made = celery.evaluate("type(app.backend.client).__name__", result_backend="redis+cluster://cache/0")
    assert made.value == "Redis"
    with redis_server(tmp_path) as port:
        told = celery.evaluate(f"read('redis://127.0.0.1:{port}/0?cluster=true')", TRY)
    assert told.value == ["TypeError"], told
