"""MAIL, RCPT and DATA of RFC 5321 as we answer them."""

from __future__ import annotations

from gateway.policy.table import Direction
from gateway.smtp import replies
from gateway.smtp.addresses import BadPath, Path, is_utf8, parse_path, routes_elsewhere
from gateway.smtp.client import Reply
from gateway.smtp.context import Context
from gateway.smtp.data import read_message
from gateway.smtp.introduction import is_listed
from gateway.smtp.receiver import receive
from gateway.smtp.submission import Submission
from gateway.smtp.transaction import Recipient, Transaction


class Session(Submission):
    """One client's session; at most one transaction at a time."""

    def __init__(self, context: Context, *, implicit_tls: bool = False) -> None:
        super().__init__(context, implicit_tls=implicit_tls)
        self.messages = 0
        self.transaction: Transaction | None = None

    @property
    def in_transaction(self) -> bool:
        """Whether MAIL was accepted."""
        return self.transaction is not None

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
        if self.user is not None and not self.context.guard.senders.may_send(self.user, path.address):
            await self.refuse("MAIL", replies.NOT_YOUR_PATH)
            return
        refusal = self.context.admission.sender(self.client_ip, path, self.authenticated_as)
        if refusal is not None:
            await self.refuse("MAIL", refusal)
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
        if self.context.guard.users is not None:
            given.pop("AUTH", None)  # RFC 4954 §5: taken, and not believed
        if given.pop("SMTPUTF8", "") or (utf8 and not self.context.hops.supports("SMTPUTF8")):
            raise BadPath(501, "5.5.4 SMTPUTF8 not possible")
        if given or (not self.extended and path.parameters):
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
        sender, ip = self.transaction.reverse_path, self.client_ip
        refusal = await self.context.admission.recipient(ip, sender, path, trusted=self.trusted)
        reply = refusal or await self.transaction.offer(recipient)
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

    async def smtp_DATA(self, argument: str) -> None:
        """DATA: 250 only after the message is with the next hop, or held durably."""
        transaction = self.transaction
        if argument or transaction is None or not transaction.recipients:
            reply = Reply(501, "5.5.4 Syntax: DATA") if argument else Reply(503, "5.5.1 Need RCPT command")
            await self.refuse("DATA", reply)
            return
        share = self.context.budget.open()
        if not share.grow(transaction.size):
            self.closing = True
            await self.refuse("DATA", replies.OVERLOADED)
            return
        try:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            limits = self.context.settings.smtp
            incoming = await read_message(
                self.source,
                size_limit=limits.size_limit,
                patience=limits.data_timeout,
                deadline=limits.data_deadline,
                fits=share.grow,
            )
            self.messages += 1
            reply = await receive(self, transaction, incoming)
        finally:
            share.close()
            await self.drop()
        self.context.metrics.replies.labels(str(reply.code)).inc()
        await self.push(reply)

    async def smtp_RSET(self, argument: str) -> None:
        """RSET: forget the transaction."""
        await self.drop()
        await self.push("250 2.0.0 Ok")

    async def drop(self) -> None:
        """Let the next hops of the transaction go."""
        transaction, self.transaction = self.transaction, None
        if transaction is not None:
            await transaction.close()

    async def cleanup(self) -> None:
        """Let the next hops go."""
        await self.drop()
