"""The commands of RFC 5321 as we answer them."""

from __future__ import annotations

import re

from gateway.policy.table import Direction
from gateway.smtp import replies
from gateway.smtp.addresses import BadPath, Path, is_utf8, parse_path, routes_elsewhere
from gateway.smtp.client import Reply
from gateway.smtp.connection import Connection, is_listed
from gateway.smtp.context import Context
from gateway.smtp.data import read_message
from gateway.smtp.receiver import receive
from gateway.smtp.transaction import Recipient, Transaction

_HELO = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")


class Session(Connection):
    """One client's session; at most one transaction at a time."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.helo = ""
        self.extended = False
        self.tls = False
        self.authenticated_as: str | None = None
        self.messages = 0
        self.transaction: Transaction | None = None

    # -- greeting ------------------------------------------------------------------------------------

    async def smtp_HELO(self, argument: str) -> None:
        """HELO: no extensions."""
        await self._hello("HELO", argument, [])

    async def smtp_EHLO(self, argument: str) -> None:
        """EHLO: what we offer. SMTPUTF8 only if the next hop has it: we cannot translate."""
        offers = ["PIPELINING", f"SIZE {self.context.settings.smtp.size_limit}", "8BITMIME", "ENHANCEDSTATUSCODES"]
        if self.context.hops.supports("SMTPUTF8"):
            offers.append("SMTPUTF8")
        if self.context.tls is not None and not self.tls:
            offers.append("STARTTLS")
        await self._hello("EHLO", argument, offers)

    async def _hello(self, command: str, argument: str, offers: list[str]) -> None:
        if not _HELO.fullmatch(argument):
            await self.refuse(command, Reply(501, f"5.5.4 Syntax: {command} hostname"))
            return
        await self._drop()
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
        await self._drop()
        self.source.discard()
        await self._writer.start_tls(self.context.tls, ssl_handshake_timeout=30)
        # Python 3.11 leaves the reader with the transport of before, which it pauses when it is full.
        self._reader._transport = self._writer.transport  # type: ignore[attr-defined]
        self.transport = self._writer.transport
        self.helo, self.tls = "", True

    # -- envelope ------------------------------------------------------------------------------------

    async def smtp_MAIL(self, argument: str) -> None:
        """MAIL: begins a transaction."""
        refusal = self._mail_refusal()
        if refusal is not None:
            await self.refuse("MAIL", refusal)
            return
        try:
            path = parse_path(argument, "FROM:")
            size, utf8 = self._mail_parameters(path)
        except BadPath as bad:
            await self.refuse("MAIL", Reply(bad.code, bad.text))
            return
        self.transaction = Transaction(self.context, path.address, size=size, utf8=utf8)
        await self.push("250 2.1.0 Ok")

    def _mail_refusal(self) -> Reply | None:
        if not self.helo:
            return Reply(503, "5.5.1 Send HELO or EHLO first")
        if self.transaction is not None:
            return Reply(503, "5.5.1 Nested MAIL command")
        if self.messages >= self.context.settings.smtp.messages_per_connection:
            self.closing = True
            return replies.TOO_MANY_MESSAGES
        return None if self.context.storage_ready() else replies.NO_SPACE

    def _mail_parameters(self, path: Path) -> tuple[int, bool]:
        """Declared size and SMTPUTF8; anything unknown is refused."""
        given = dict(path.parameters)
        size, body = given.pop("SIZE", "0"), given.pop("BODY", "7BIT").upper()
        utf8 = "SMTPUTF8" in given
        if given.pop("SMTPUTF8", "") or (utf8 and not self.context.hops.supports("SMTPUTF8")):
            raise BadPath(501, "5.5.4 SMTPUTF8 not possible")
        if given or not self.extended and path.parameters:
            raise BadPath(555, "5.5.4 Unknown parameter")
        if not size.isdigit() or len(size) > 20 or body not in ("7BIT", "8BITMIME"):
            raise BadPath(501, "5.5.4 Malformed parameter")
        if int(size) > self.context.settings.smtp.size_limit:
            raise BadPath(552, "5.3.4 Message is larger than SIZE")
        if is_utf8(path.address) and not utf8:
            raise BadPath(553, "5.6.7 Address needs SMTPUTF8")
        return int(size), utf8

    async def smtp_RCPT(self, argument: str) -> None:
        """RCPT: the next hop says what it thinks of the recipient."""
        if self.transaction is None:
            await self.refuse("RCPT", Reply(503, "5.5.1 Need MAIL command"))
            return
        try:
            path = parse_path(argument, "TO:")
            recipient = self._recipient(path, self.transaction)
        except BadPath as bad:
            await self.refuse("RCPT", Reply(bad.code, bad.text))
            return
        reply = await self.transaction.offer(recipient)
        if reply.positive:
            await self.push(Reply(250, "2.1.5 Ok"))
        else:
            await self.refuse("RCPT", reply)

    def _recipient(self, path: Path, transaction: Transaction) -> Recipient:
        """Whether we are asked to take mail for this recipient at all."""
        if path.parameters:
            raise BadPath(555, "5.5.4 Unknown parameter")
        if is_utf8(path.address) and not transaction.utf8:
            raise BadPath(553, "5.6.7 Address needs SMTPUTF8")
        if len(transaction.recipients) >= self.context.settings.smtp.recipient_limit:
            raise BadPath(452, "4.5.3 Too many recipients")
        if not path.domain or self._is_ours(path.domain):
            direction = Direction.INBOUND
        elif self.trusted:
            direction = Direction.OUTBOUND
        else:
            raise BadPath(550, "5.7.1 Relaying denied")
        if routes_elsewhere(path) and not self.trusted:
            raise BadPath(550, "5.7.1 Relaying denied")
        return Recipient(path.address, path.domain, direction)

    def _is_ours(self, domain: str) -> bool:
        listed = self.context.settings.relay.domains
        parents = domain.split(".")
        return domain in listed or any("." + ".".join(parents[n:]) in listed for n in range(1, len(parents)))

    @property
    def trusted(self) -> bool:
        """Whether this client may send anywhere."""
        networks = self.context.settings.relay.trusted_networks
        return self.authenticated_as is not None or is_listed(self.client_ip, networks)

    # -- message -------------------------------------------------------------------------------------

    async def smtp_DATA(self, argument: str) -> None:
        """DATA: 250 only after the message is with the next hop, or held durably."""
        transaction = self.transaction
        if argument or transaction is None or not transaction.recipients:
            reply = Reply(501, "5.5.4 Syntax: DATA") if argument else Reply(503, "5.5.1 Need RCPT command")
            await self.refuse("DATA", reply)
            return
        give_back = self.context.budget.reserve(transaction.size)
        if give_back is None:
            self.closing = True
            await self.refuse("DATA", replies.OVERLOADED)
            return
        try:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            limits = self.context.settings.smtp
            incoming = await read_message(
                self.source, size_limit=limits.size_limit, timeout=limits.data_timeout, deadline=limits.data_deadline
            )
            self.messages += 1
            reply = await receive(self, transaction, incoming)
        finally:
            give_back()
            await self._drop()
        self.context.metrics.replies.labels(str(reply.code)).inc()
        await self.push(reply)

    async def smtp_RSET(self, argument: str) -> None:
        """RSET: forget the transaction."""
        await self._drop()
        await self.push("250 2.0.0 Ok")

    async def _drop(self) -> None:
        transaction, self.transaction = self.transaction, None
        if transaction is not None:
            await transaction.close()

    async def cleanup(self) -> None:
        """Let the next hops go."""
        await self._drop()

    # -- the rest ------------------------------------------------------------------------------------

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

    async def smtp_AUTH(self, argument: str) -> None:
        """AUTH: submission is another server's work."""
        await self.refuse("AUTH", Reply(502, "5.5.1 Not implemented"))

    async def smtp_HELP(self, argument: str) -> None:
        """HELP."""
        await self.push("214 2.0.0 See RFC 5321")
