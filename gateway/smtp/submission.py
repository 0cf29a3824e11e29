"""AUTH (RFC 4954): who proves to be a user may send anywhere. Only over TLS; PLAIN (RFC 4616) and LOGIN."""

from __future__ import annotations

import asyncio
import base64
import binascii

from gateway.log import get_logger
from gateway.smtp.client import Reply
from gateway.smtp.connection import COMMAND_LIMIT
from gateway.smtp.greeting import Greeting
from gateway.smtp.wire import LineRefused
from seg_ml.domain.errors import ConfigError

MECHANISMS = "PLAIN LOGIN"
NOT_OFFERED = Reply(502, "5.5.1 Not implemented")
NEEDS_TLS = Reply(538, "5.7.11 Encryption required")
OUT_OF_ORDER = Reply(503, "5.5.1 Not now")
UNKNOWN_MECHANISM = Reply(504, "5.5.4 Unknown mechanism")
CANCELLED = Reply(501, "5.0.0 Authentication cancelled")
MALFORMED = Reply(501, "5.5.2 Malformed answer")
TOO_MANY_FAILURES = Reply(454, "4.7.0 Too many failures, try again later")
UNREADABLE = Reply(454, "4.7.0 Temporary failure, try again later")
WRONG = Reply(535, "5.7.8 Name or password is wrong")
DONE = Reply(235, "2.7.0 Welcome")
log = get_logger()


class _Stopped(Exception):
    """The exchange ends with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


class Submission(Greeting):
    """`Greeting` with AUTH; `Session` adds the mail."""

    def offers(self) -> list[str]:
        """What EHLO says, AUTH included where it may be used."""
        usable = self.context.guard.users is not None and self.tls and self.authenticated_as is None
        return [*super().offers(), *([f"AUTH {MECHANISMS}"] if usable else [])]

    async def smtp_AUTH(self, argument: str) -> None:
        """AUTH: names the user that this connection speaks for from now on."""
        try:
            self._check_order()
            name, password = await self._credentials(argument)
            await self._check(name, password)
        except _Stopped as stopped:
            await self.refuse("AUTH", stopped.reply)
            return
        self.authenticated_as = self.user = name
        await self.push(DONE)

    def _check_order(self) -> None:
        if self.context.guard.users is None:
            raise _Stopped(NOT_OFFERED)
        if not self.tls:
            raise _Stopped(NEEDS_TLS)
        if self.authenticated_as is not None or self.in_transaction or not self.extended:
            raise _Stopped(OUT_OF_ORDER)

    async def _credentials(self, argument: str) -> tuple[str, str]:
        mechanism, _, initial = argument.partition(" ")
        if mechanism.upper() == "PLAIN":
            answer = _decoded(initial) if initial else await self._ask("")
            identity, name, password = [*answer.split("\0"), "", ""][:3]
            if answer.count("\0") != 2 or identity not in ("", name):
                raise _Stopped(MALFORMED)
            return name, password
        if mechanism.upper() == "LOGIN":
            name = _decoded(initial) if initial else await self._ask("Username:")
            return name, await self._ask("Password:")
        raise _Stopped(UNKNOWN_MECHANISM)

    async def _ask(self, prompt: str) -> str:
        await self.push(f"334 {base64.b64encode(prompt.encode()).decode()}")
        try:
            line = await self.source.line(COMMAND_LIMIT, self.context.settings.smtp.command_timeout)
        except LineRefused as refused:
            self.closing = refused.fatal
            raise _Stopped(Reply(refused.code, refused.text)) from refused
        if line == b"*":
            raise _Stopped(CANCELLED)
        return _decoded(line.decode("ascii", "replace"))

    async def _check(self, name: str, password: str) -> None:
        """Whether the password is the user's. Who guesses runs out of tries, right ones included."""
        guard = self.context.guard
        if not guard.failures.left(self.client_ip):
            raise _Stopped(TOO_MANY_FAILURES)
        try:
            async with guard.slots:
                fits = guard.users is not None and await asyncio.to_thread(guard.users.check, name, password)
        except ConfigError as error:
            log.error("users", problem=str(error))
            raise _Stopped(UNREADABLE) from error
        if not fits:
            guard.failures.allow(self.client_ip)
            log.warning("login_failed")
            raise _Stopped(WRONG)


def _decoded(text: str) -> str:
    """Base64; a lone `=` is an empty answer (RFC 4954 §4)."""
    try:
        return base64.b64decode("" if text == "=" else text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise _Stopped(MALFORMED) from error
