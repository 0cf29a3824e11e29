"""Fetches MTA-STS policies: verified TLS, no redirects, small and soon (RFC 8461 §3.3)."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Sequence
from pathlib import Path

import httpx

from gateway.authentication.resolver import DnsFailure, Resolver
from gateway.routing.exchangers import addresses
from gateway.routing.policies import FetchFailed
from gateway.settings import Network

LARGEST_POLICY = 65_536
PATH = "/.well-known/mta-sts.txt"


class HttpsFetch:
    """Looks the policy host up with our resolver, so that it cannot lead into our own network."""

    def __init__(
        self, resolver: Resolver, private: Sequence[Network], *, seconds: float, port: int = 443, ca_file: Path | None
    ) -> None:
        self._resolver = resolver
        self._private = private
        self._seconds = seconds
        self._port = port
        self._tls = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)

    async def __call__(self, domain: str) -> str:
        """The text of the policy.

        Raises:
            FetchFailed: there is none to be had.
        """
        host = f"mta-sts.{domain}"
        try:
            async with asyncio.timeout(self._seconds):
                found, _ = await asyncio.to_thread(addresses, self._resolver, host, self._private)
                return await self._get(host, found)
        except (DnsFailure, TimeoutError, httpx.HTTPError) as error:
            raise FetchFailed(type(error).__name__) from error

    async def _get(self, host: str, found: Sequence[str]) -> str:
        if not found:
            raise FetchFailed("the policy host has no address")
        address = f"[{found[0]}]" if ipaddress.ip_address(found[0]).version == 6 else found[0]
        url = f"https://{address}:{self._port}{PATH}"
        extensions = {"sni_hostname": host}  # the name that the certificate must bear
        async with (
            httpx.AsyncClient(verify=self._tls, trust_env=False, follow_redirects=False) as client,
            client.stream("GET", url, headers={"Host": host}, extensions=extensions) as response,
        ):
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if response.status_code != 200 or kind != "text/plain":
                raise FetchFailed(f"the policy host answers {response.status_code} {kind}")
            return await _read(response)


async def _read(response: httpx.Response) -> str:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_POLICY:
            raise FetchFailed("the policy is too large")
    return body.decode("utf-8", "replace")
