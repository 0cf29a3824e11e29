"""Commands that need no transaction: who speaks, over what, and what is politely declined."""

from __future__ import annotations

import re
from abc import abstractmethod

from gateway.smtp.client import Reply
from gateway.smtp.connection import Connection
from gateway.smtp.context import Context
from gateway.smtp.introduction import is_listed, parse_attributes

_HELO = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")


class Greeting(Connection):
    """What is known of the client; `Session` adds the mail."""

    def __init__(self, context: Context, *, implicit_tls: bool = False) -> None:
        super().__init__(context, implicit_tls=implicit_tls)
        self.helo = ""
        self.extended = False
        self.authenticated_as: str | None = None
        self.user: str | None = None  # who gave his password here; XCLIENT's LOGIN was checked where it comes from
        self.forwarded: dict[str, str] = {}

    @property
    @abstractmethod
    def in_transaction(self) -> bool:
        """Whether MAIL was accepted."""

    @abstractmethod
    async def drop(self) -> None:
        """Forget the transaction, if there is one."""

    async def smtp_HELO(self, argument: str) -> None:
        """HELO: no extensions."""
        await self._hello("HELO", argument, [])

    async def smtp_EHLO(self, argument: str) -> None:
        """EHLO: what we offer."""
        await self._hello("EHLO", argument, self.offers())

    def offers(self) -> list[str]:
        """The extensions. SMTPUTF8 only if the next hop has it: we cannot translate."""
        offers = ["PIPELINING", f"SIZE {self.context.settings.smtp.size_limit}", "8BITMIME", "ENHANCEDSTATUSCODES"]
        if self.context.hops.supports("SMTPUTF8"):
            offers.append("SMTPUTF8")
        if self.context.tls is not None and not self.tls:
            offers.append("STARTTLS")
        if self._speaks_for_others:
            offers += ["XCLIENT NAME ADDR PORT PROTO HELO LOGIN", "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE"]
        return offers

    async def _hello(self, command: str, argument: str, offers: list[str]) -> None:
        if not _HELO.fullmatch(argument):
            await self.refuse(command, Reply(501, f"5.5.4 Syntax: {command} hostname"))
            return
        await self.drop()
        self.helo, self.extended = argument, command == "EHLO"
        lines = [self.context.settings.smtp.hostname, *offers]
        replied = [f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]
        await self.push("\r\n".join(replied))

    async def smtp_STARTTLS(self, argument: str) -> None:
        """STARTTLS: everything known before is forgotten (RFC 3207 §4.2)."""
        if argument or self.context.tls is None or self.tls:
            await self.refuse("STARTTLS", Reply(501 if argument else 502, "5.5.1 STARTTLS not possible"))
            return
        await self.push("220 2.0.0 Go ahead")
        await self.drop()
        await self.secure()
        self.helo, self.authenticated_as = "", None

    async def smtp_XCLIENT(self, argument: str) -> None:
        """XCLIENT: the session begins anew, as if the named client had connected."""
        attributes = await self._introduced("XCLIENT", argument)
        if attributes is None:
            return
        self.client_ip = attributes.get("ADDR", self.client_ip)
        self.authenticated_as = attributes.get("LOGIN")
        self.helo, self.user = "", None
        await self.push(f"220 {self.context.settings.smtp.hostname} ESMTP seg-gateway")

    async def smtp_XFORWARD(self, argument: str) -> None:
        """XFORWARD: whose mail this is; the host keeps its own rights, as it did the checking."""
        attributes = await self._introduced("XFORWARD", argument)
        if attributes is None:
            return
        self.forwarded |= attributes
        await self.push("250 2.0.0 Ok")

    async def _introduced(self, command: str, argument: str) -> dict[str, str] | None:
        """The attributes, or `None` after a refusal."""
        attributes = parse_attributes(argument) if argument else None
        if not self._speaks_for_others:
            await self.refuse(command, Reply(550, "5.7.0 Not allowed"))
            return None
        if self.in_transaction or attributes is None:
            code = 503 if self.in_transaction else 501
            await self.refuse(command, Reply(code, f"5.5.4 Bad {command}"))
            return None
        return attributes

    @property
    def _speaks_for_others(self) -> bool:
        return is_listed(self._peer, self.context.settings.smtp.xclient_from)

    async def smtp_NOOP(self, argument: str) -> None:
        """NOOP."""
        await self.push("250 2.0.0 Ok")

    async def smtp_QUIT(self, argument: str) -> None:
        """QUIT."""
        self.closing = True
        await self.push("221 2.0.0 Bye")

    async def smtp_VRFY(self, argument: str) -> None:
        """VRFY: we will not say (RFC 5321 §7.3)."""
        await self.push("252 2.1.5 Cannot verify, send some mail")

    async def smtp_EXPN(self, argument: str) -> None:
        """EXPN: not offered."""
        await self.refuse("EXPN", Reply(502, "5.5.1 Not implemented"))

    async def smtp_HELP(self, argument: str) -> None:
        """HELP."""
        await self.push("214 2.0.0 See RFC 5321")
