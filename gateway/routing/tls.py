"""What TLS with a next hop has to prove."""

from __future__ import annotations

import _ssl
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gateway.routing import dane
from gateway.routing.dane import Tlsa

Level = Literal["none", "opportunistic", "encrypted", "required", "dane"]
MANDATORY = frozenset({"encrypted", "required", "dane"})


@dataclass(frozen=True, slots=True)
class Tls:
    """`opportunistic`: if offered. `encrypted`: whoever it is. `required`: an authority vouches for `host`.

    `dane`: `tlsa` vouches for it; `names` are those that a certificate under DANE-TA may bear.
    """

    level: Level
    host: str
    ca_file: Path | None = None
    tlsa: tuple[Tlsa, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def mandatory(self) -> bool:
        """Whether nothing goes in the clear."""
        return self.level in MANDATORY

    def context(self) -> ssl.SSLContext:
        """For the handshake; TLS 1.2 at least."""
        context = ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.level != "required":
            # Opportunistic TLS helps against who listens, not against who stands in between (RFC 7435); DANE
            # looks at the certificates itself, after the handshake.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def check(self, connection: Any) -> None:
        """After the handshake.

        Raises:
            Mismatch: the certificates are not those of the TLSA records.
        """
        if self.level == "dane":
            dane.check(self.tlsa, presented(connection), self.names)


def presented(connection: Any) -> list[bytes]:
    """The certificates that the peer sent, in DER. Python 3.13 has a method for it, before it is an inner one."""
    inner = connection if hasattr(connection, "get_unverified_chain") else connection._sslobj
    chain = inner.get_unverified_chain() or []
    return [item if isinstance(item, bytes) else item.public_bytes(_ssl.ENCODING_DER) for item in chain]
