"""What the address of a sending host is called in DNS, in the forms in which receiving programs write it down."""

from __future__ import annotations

from random import Random

from seg_ml.corpora.modern.senders import Sender, hexadecimal, served

# (no name, a provider's name for a rented host or a customer's line), in shares; who is not here has a name of its own.
_UNNAMED = {
    "bot": (0.36, 0.62),
    "spoofed": (0.22, 0.40),
    "throwaway": (0.10, 0.25),
    "compromised": (0.05, 0.20),
    "lookalike": (0.06, 0.25),
    "company": (0.02, 0.10),
    "script": (0.06, 0.30),
    "colleague": (0.02, 0.10),
    "daemon": (0.01, 0.03),
}
_RENTED = ("own", "webhost", "mailbox", "")
"""Services whose hosts have whatever name their provider gave them; those of the large ones are well kept."""

_LINES = (
    "static.{dashed}.clients.{{hoster}}",
    "vps-{short}.vps.{{hoster}}",
    "{dashed}.ip.{{hoster}}",
    "vm{short}.{{hoster}}",
)
HOUSEHOLD = (
    "{dashed}.dyn.{{hoster}}",
    "p{short}.dip0.{{hoster}}",
    "host-{dashed}.cable.{{hoster}}",
    "dsl-{dashed}.{{hoster}}",
)
"""Names that providers give the lines of households."""


def client_name(sender: Sender, address: str, random: Random) -> str:
    """The name of the host's address; empty where it has none."""
    none, provider = _UNNAMED.get(sender.kind, (0.0, 0.0)) if sender.service in _RENTED else (0.0, 0.0)
    roll = random.random()
    if roll < none:
        return ""
    if roll < none + provider:
        forms = HOUSEHOLD if sender.kind == "bot" else _LINES
        form = random.choice(forms).format(dashed=address.replace(".", "-"), short=hexadecimal(random, 6))
        return served(form, random, sender.domain, "")
    return sender.host


def written_client(helo: str, name: str, address: str) -> dict[str, str]:
    """Fields of a trace: the client as Postfix and its like, a large provider, and Exim write it."""
    return {
        "client": name or "unknown",
        "client_dotted": f"({name}. [{address}])" if name else f"([{address}])",
        "client_first": _exim(helo, name, address),
    }


def _exim(helo: str, name: str, address: str) -> str:
    if not name:
        return f"[{address}] (helo={helo})"
    return f"{name} ([{address}])" if name == helo else f"{name} ([{address}] helo={helo})"
