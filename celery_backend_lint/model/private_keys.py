"""Whether a text holds a whole private key in PEM (RFC 7468): a real one, and none that only shows the form."""

from __future__ import annotations

import re

BEGIN = "PRIVATE KEY-----"
"""What stands in every such text: without it nothing here is asked."""

_PEM = r"-----BEGIN (?P<kind>(?:[A-Z0-9]+ )?)PRIVATE KEY-----(?P<body>[^-]+)-----END (?P=kind)PRIVATE KEY-----"
_BREAKS = r"\\+[nr]|\s"
"""What divides the lines of a body: line feeds, or their escapes where a value keeps them as written."""

_SHORTEST = 46
"""Bytes of the shortest key: Ed25519 in PKCS #8 has 48, some elliptic curves without their public half a few less."""

_OPENSSH = b"openssh-key-v1\0"

_PUBLISHED = ("AQC7VJTUt9Us8cKjMzEfYyjiWA4R4", "evZzL1gdAFr88hb2OF/2NxApJCzGCEDdfSp6VQO30hy")
"""Pieces of the keys for RS256 and ES256 that jwt.io showed everybody."""


def holds_private_key(text: str) -> bool:
    """Whether ``text`` holds a private key that opens something: complete, not encrypted, not everybody's.

    Its lines may be divided by escapes as written. What is cut off, or has words in the place of the key, is none: DER
    says itself how long it is. An encrypted one is as secret as its passphrase, which is not known here.
    """
    return BEGIN in text and any(
        found["kind"] != "ENCRYPTED " and _is_key(re.sub(_BREAKS, "", found["body"]))
        for found in re.finditer(_PEM, text)
    )


def _is_key(body: str) -> bool:
    if any(piece in body for piece in _PUBLISHED) or not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", body):
        return False
    from base64 import b64decode

    if len(body) % 4:
        return False
    key = b64decode(body)
    if key.startswith(_OPENSSH):
        return key[len(_OPENSSH) :].startswith(b"\0\0\0\4none")  # its cipher
    return len(key) >= _SHORTEST and _is_whole_sequence(key) and len(set(key)) > _SHORTEST // 3


def _is_whole_sequence(der: bytes) -> bool:
    """Whether the bytes are one SEQUENCE of DER and nothing else (X.690, 8.1.3)."""
    if der[0] != 0x30:
        return False
    if der[1] < 0x80:
        return len(der) == 2 + der[1]
    octets = der[1] & 0x7F
    return len(der) == 2 + octets + int.from_bytes(der[2 : 2 + octets], "big")
