"""What an SMTP session says about a message: who hands it over, from whom, for whom, and what was proven."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Envelope:
    """The envelope of one transaction (RFC 5321 §2.3.1) and the session that carries it.

    `reverse_path` is empty for the null reverse-path `<>` and `None` where no envelope is known
    (a file from a corpus). `authenticated_as` is the SMTP AUTH identity, `None` for a stranger.
    """

    client_ip: str | None = None
    helo: str | None = None
    reverse_path: str | None = None
    forward_paths: tuple[str, ...] = ()
    tls: bool = False
    authenticated_as: str | None = None


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """Results per method in the words of RFC 8601 §2.7.

    `None` means that the method was not evaluated, which is not the result `none` ("no record, no
    signature"). `dkim_domains` are the signing domains (`d=`) that passed; `spf_domain` is the domain
    that SPF checked; `dmarc_policy` the published `p=`. `iprev` (§2.7.3) is `pass` where the client's address has
    a name that leads back to it, `fail` where the name does not, `permerror` where there is none; `client_name` is
    that name, led back or not.
    """

    spf: str | None = None
    spf_domain: str | None = None
    dkim: str | None = None
    dkim_domains: tuple[str, ...] = ()
    dmarc: str | None = None
    dmarc_policy: str | None = None
    arc: str | None = None
    iprev: str | None = None
    client_name: str | None = None

    @property
    def evaluated(self) -> bool:
        """Whether any method was evaluated at all."""
        return any(value is not None for value in (self.spf, self.dkim, self.dmarc, self.arc))


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """Everything a verdict may depend on: the untouched bytes and the facts of the session."""

    raw: bytes
    envelope: Envelope = Envelope()
    authentication: AuthenticationResults = AuthenticationResults()
