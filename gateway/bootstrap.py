"""The composition root: settings in, a running gateway out. Nothing else wires anything."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from gateway.actions.base import CATALOGUE
from gateway.authentication.authenticator import Authenticator
from gateway.authentication.resolver import DnsResolver, Resolver
from gateway.authentication.users import Users
from gateway.http import HealthServer
from gateway.log import get_logger
from gateway.metrics import Metrics
from gateway.parts import bounds, check_known, clamav, guard, memory, signature_settings
from gateway.policy.evaluate import Policy
from gateway.policy.loader import load_policy
from gateway.routing.fetch import HttpsFetch
from gateway.routing.policies import Fetch, Policies
from gateway.routing.routes import Routes
from gateway.scoring.breaker import Breaker
from gateway.scoring.client import ScoringClient
from gateway.scoring.fallback import Inspector
from gateway.scoring.workers import Workers
from gateway.settings import Settings
from gateway.smtp.admission import Admission
from gateway.smtp.context import Context
from gateway.smtp.dnsbl import Blocklists
from gateway.smtp.exchange import Exchange
from gateway.smtp.gate import Budget, Gate
from gateway.smtp.guard import users_of
from gateway.smtp.handover import Handover
from gateway.smtp.hops import Hops
from gateway.smtp.judge import Authors, Judge
from gateway.smtp.releaser import Releaser
from gateway.smtp.rescorer import Rescorer
from gateway.smtp.server import SmtpServer, listeners, server_tls, split_address
from gateway.store import tracing
from gateway.store.blobs import Blobs
from gateway.store.database import Database
from gateway.store.migrate import migrate
from gateway.store.policies import StoredPolicies
from gateway.store.upkeep import DAY, Room, clean
from seg_ml.domain.errors import StoreError
from seg_ml.domain.verdict import Disposition

log = get_logger()


@dataclass(frozen=True, slots=True)
class Store:
    """The database and the blobs beside it."""

    database: Database
    blobs: Blobs


def open_store(settings: Settings, patience: float = 0.0) -> Store:
    """Open the store and bring it to the present schema; `patience` in seconds for a database that starts as well.

    Raises:
        StoreError: it cannot be opened.
    """
    folder = settings.store.folder
    try:
        (folder / "blobs").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}") from error
    database = Database(settings.store.database_url, settings.store.timeout)
    migrate(database, patience)
    return Store(database, Blobs(folder / "blobs"))


@dataclass
class Gateway:
    """A gateway that runs between `start` and `stop`. `addresses` and `http_port` are known after `start`."""

    settings: Settings
    policy: Policy
    store: Store
    metrics: Metrics = field(default_factory=Metrics)
    resolver: Resolver | None = None
    fetch: Fetch | None = None
    users: Users | None = None
    addresses: list[tuple[str, int]] = field(default_factory=list)
    http_port: int = 0

    async def start(self) -> None:
        """Listen.

        Raises:
            SegError: something is missing or cannot be bound; it names what.
        """
        settings, store = self.settings, self.store
        await asyncio.to_thread(store.database.write_now, lambda c: tracing.settle(c, settings.smtp.hostname))
        store.database.start()
        self._build()
        self.addresses = await self._server.start()
        loops = (
            self._releaser.run(),
            self._rescorer.run(settings.outbox.interval),
            self._upkeep(),
            self._watch(),
            self._warm_up(),
        )
        self._background = [asyncio.create_task(loop) for loop in loops]
        if self._memory is not None:
            self._memory.start()
        if settings.http.listen:
            self.http_port = await self._health.start(*split_address(settings.http.listen))
        log.info("started", addresses=[f"{host}:{port}" for host, port in self.addresses], http=self.http_port)

    def _build(self) -> None:
        settings, store = self.settings, self.store
        limits, scoring = settings.workers, settings.scoring
        self._workers = Workers(
            limits.processes, memory=limits.memory, cpu_seconds=limits.cpu_seconds, deadline=limits.deadline
        )
        self._breaker = Breaker(scoring.breaker_failures, scoring.breaker_seconds)
        self._scorer = ScoringClient(
            scoring.url, deadline=scoring.deadline, concurrency=scoring.concurrency, breaker=self._breaker
        )
        limits_of = bounds(settings.limits)
        self._memory = memory(settings, self._workers, limits_of, self.metrics)
        self._inspector = Inspector(self._workers, scoring.signatures, limits_of, signature_settings(settings))
        self._clamav = clamav(settings.clamav)
        wanted = settings.authentication
        self._dns = self.resolver or DnsResolver(wanted.nameservers, wanted.dns_timeout)
        self._authenticator = Authenticator(self._dns, self._workers.run, wanted.deadline) if wanted.enabled else None
        admission = settings.admission
        self._blocklists = Blocklists(admission.blocklists, self._dns, admission.blocklist_deadline)
        self._hops = Hops(settings.downstream, settings.smtp.hostname, self._exchange())
        self._room = Room(settings.store.folder, settings.store.minimum_free)
        self._releaser = Releaser(store.database, store.blobs, self._hops, settings.outbox, self.metrics)
        self._judge = self._new_judge()
        self._rescorer = Rescorer(store.database, store.blobs, self._scorer, self._breaker, self._judge, self.metrics)
        self._server = SmtpServer(self._context())
        self._health = HealthServer(self.metrics, self.ready)

    def _exchange(self) -> Exchange:
        """Mail to the servers of other domains."""
        mx, name, dns = self.settings.downstream.mx, self.settings.smtp.hostname, self._dns
        secure = bool(mx.validating_resolvers)
        if secure and self.resolver is None:
            timeout = self.settings.authentication.dns_timeout
            dns = DnsResolver(mx.validating_resolvers, timeout, validating=True)
        fetch = self.fetch or HttpsFetch(dns, mx.private_networks, seconds=mx.connect_timeout, ca_file=mx.ca_file)
        policies = Policies(dns, fetch, StoredPolicies(self.store.database)) if mx.mta_sts else None
        return Exchange(Routes(dns, policies, mx, name, secure=secure), mx, name, self.metrics)

    def _context(self) -> Context:
        settings = self.settings
        actions = CATALOGUE.resolve(disposition.value for disposition in Disposition)
        return Context(
            settings=settings,
            hops=self._hops,
            judge=self._judge,
            handover=Handover(self.store.database, self.store.blobs, [cls() for cls in actions]),
            gate=Gate(settings.smtp.connections, settings.smtp.connections_per_client, self.metrics),
            budget=Budget(settings.smtp.memory_limit),
            admission=Admission(settings.admission, self._blocklists, self.store.database),
            guard=guard(self.users, settings.submission),
            metrics=self.metrics,
            storage_ready=self._room,
            tls=server_tls(settings.smtp),
            memory=self._memory,
        )

    def _new_judge(self) -> Judge:
        lists = self.settings.admission
        authors = Authors(tuple(lists.allow_senders), tuple(lists.deny_senders))
        mode = self.settings.scoring.mode
        return Judge(self._authenticator, self._scorer, self._inspector, self.policy, mode, authors, self._clamav)

    async def ready(self) -> dict[str, bool]:
        """Each part and whether it works."""
        parts = {"storage": self._room(), "scoring": not self._breaker.open}
        if self._clamav is not None:
            parts["clamav"] = not self._clamav.breaker.open
        parts["downstream"] = await self._hops.probe()
        try:
            await self.store.database.read(lambda c: tracing.list_trace(c, limit=1))
            parts["database"] = True
        except StoreError:
            parts["database"] = False
        return parts

    async def _upkeep(self) -> None:
        """Forget what is too old, now and once a day."""
        keep = self.settings.store
        while True:
            try:
                await asyncio.to_thread(
                    clean,
                    self.store.database,
                    self.store.blobs,
                    trace_days=keep.trace_days,
                    quarantine_days=keep.quarantine_days,
                )
            except StoreError as error:
                log.warning("upkeep", error=str(error))
            await asyncio.sleep(DAY)

    async def _warm_up(self) -> None:
        """Start the workers and their signatures before the first message waits for them."""
        problem = await self._inspector.warm_up(self.settings.workers.processes)
        if problem:
            log.error("signatures", problem=problem)

    async def _watch(self) -> None:
        """Learn what the next hop offers, close idle connections, show the breaker."""
        known = False
        while True:
            known = known or await self._hops.probe()
            await asyncio.sleep(2)
            self._hops.sweep()
            self.metrics.breaker.set(self._breaker.open)

    async def stop(self) -> None:
        """Drain and close."""
        await self._server.drain(self.settings.smtp.drain_deadline)
        for task in self._background:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._memory is not None:
            await self._memory.stop(self.settings.smtp.drain_deadline)
        await self._health.stop()
        await self._hops.close()
        await self._scorer.close()
        self._blocklists.close()
        if self._authenticator is not None:
            self._authenticator.close()
        await asyncio.to_thread(self._workers.stop)
        await asyncio.to_thread(self.store.database.stop)
        log.info("stopped")


def build(settings: Settings) -> Gateway:
    """A gateway of these settings, not yet started.

    Raises:
        SegError: a setting, the policy or the store is wrong; it names what.
    """
    policy = load_policy(settings.policy)
    listeners(settings.smtp)
    server_tls(settings.smtp)
    check_known(settings)
    users = users_of(settings)
    return Gateway(settings, policy, open_store(settings, settings.store.start_patience), users=users)
