"""Which distributions a broker's transport imports, for each kombu (``redis_choice``: which redis-py it takes).

Seen with kombu 5.0.2 to 5.7.0: each transport in a process without the package.
"""

from __future__ import annotations

from celery_backend_lint.model.packages import Need
from celery_backend_lint.model.redis_choice import REDIS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.data import Version

_CURL = "no worker can poll the queues (ImportError: The curl client requires the pycurl library)"
_NEEDS = {
    **dict.fromkeys(REDIS, ((Need(("redis",), "redis"), "no process can open the broker (AttributeError)"),)),
    "sqs": (
        (Need(("boto3",), "sqs"), "no process can open the broker (ModuleNotFoundError: botocore)"),
        (Need(("pycurl",), "sqs"), _CURL),
    ),
    "mongodb": ((Need(("pymongo",), "mongodb"), "no process can open the broker (ModuleNotFoundError: pymongo)"),),
    "sqla": ((Need(("sqlalchemy",), "sqlalchemy"), "no process can open the broker (ModuleNotFoundError)"),),
    "zookeeper": ((Need(("kazoo",), "zookeeper"), "no process can open the broker (ImportError)"),),
}
_NEEDS["SQS"], _NEEDS["sqlalchemy"] = _NEEDS["sqs"], _NEEDS["sqla"]


def broker_needs(transport: str, kombu: Version) -> tuple[tuple[Need, str], ...]:
    """What a transport needs beside kombu, each with what happens without it; empty where nothing is known."""
    needs = _NEEDS.get(transport, ())
    if (5, 5) <= kombu < (5, 6):  # asks with urllib3 instead of pycurl
        needs = tuple(one for one in needs if one[1] != _CURL)
    return needs
