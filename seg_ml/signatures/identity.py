"""Who a message is proven to be from: the domains that SPF, DKIM and DMARC vouch for."""

from __future__ import annotations

from seg_ml.domain.envelope import AuthenticationResults, ScoreRequest
from seg_ml.domain.message import Mailbox, Message
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.lists import bundled


def proven_domains(authentication: AuthenticationResults) -> frozenset[str]:
    """Organizational domains that passed SPF or DKIM."""
    proven = set(authentication.dkim_domains) if authentication.dkim == "pass" else set()
    if authentication.spf == "pass" and authentication.spf_domain:
        proven.add(authentication.spf_domain)
    return frozenset(organizational_domain(domain) for domain in proven)


def is_author_proven(request: ScoreRequest, message: Message) -> bool:
    """Whether the domain of From is authenticated and aligned (RFC 9989 §4.4), by DMARC or by what it rests on."""
    domain = message.author.domain
    if not domain or len(message.header_from) != 1:
        return False
    if request.authentication.dmarc is not None:
        return request.authentication.dmarc == "pass"
    return organizational_domain(domain) in proven_domains(request.authentication)


def shown_sender(message: Message) -> Mailbox:
    """The sender as a client shows it: the name that comes first, with the first address that there is.

    `From: Some Bank, _ <x@evil.example>` is two mailboxes to the grammar and one sender to a reader.
    """
    author = message.author
    if author.domain or len(message.header_from) < 2:
        return author
    addressed = next((box for box in message.header_from[:20] if box.domain), author)
    return Mailbox(author.display_name or author.addr_spec, addressed.addr_spec)


def recipient_domains(request: ScoreRequest) -> tuple[str, ...]:
    """The domains of the envelope's recipients, each once, the first ones of many."""
    domains = (path.rpartition("@")[2].lower() for path in request.envelope.forward_paths if "@" in path)
    return tuple(dict.fromkeys(domains))[:10]


def is_role(mailbox: Mailbox) -> bool:
    """Whether a local part is one that a provider keeps for itself (`noreply`)."""
    return mailbox.addr_spec.partition("@")[0].replace("_", "-") in bundled("role_mailboxes.txt")


def list_domain(message: Message) -> str:
    """The organizational domain of List-Id (RFC 2919), empty without. Written by the sender: prove it first."""
    value = message.header("List-Id") or ""
    _, bracket, rest = value.rpartition("<")
    host = rest.partition(">")[0].strip().lower() if bracket else value.strip().lower()
    return organizational_domain(host) if "." in host else ""
