"""The picture that an authenticator app reads, as one path for the template's drawing."""

from typing import Any

from rapport.platform import lazy
from rapport.platform.identity import totp
from rapport.platform.identity.organisation import stored_name

segno = lazy("segno")
QUIET = 4


def drawing(secret: str, account: str) -> dict[str, Any]:
    """``{path, size, secret, address}``: a module is one unit; the secret in groups of four for typing."""
    address = totp.address(secret, account, f"Rapport {stored_name()}".strip())
    rows = segno.make(address, error="m", micro=False).matrix
    dots = [f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark]
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {"path": "".join(dots), "size": len(rows) + 2 * QUIET, "secret": groups, "address": address}
