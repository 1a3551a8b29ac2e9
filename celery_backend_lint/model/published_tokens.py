"""Tokens that look like secrets and are none: everybody has the key that they are signed with."""

from __future__ import annotations

PUBLISHED_SIGNING_KEY = b"super-secret-jwt-token-with-at-least-32-characters-long"
"""What every Supabase that is started on a developer's machine signs its keys with."""


def is_signed_for_everybody(token: str) -> bool:
    """Whether a JWT is signed with a published key: anybody can make the same."""
    import hmac
    from base64 import urlsafe_b64encode

    signed, _, signature = token.rpartition(".")
    made = urlsafe_b64encode(hmac.digest(PUBLISHED_SIGNING_KEY, signed.encode(), "sha256")).rstrip(b"=")
    return made.decode() == signature
