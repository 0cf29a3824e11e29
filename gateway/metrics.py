"""What is counted, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """One set per process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.messages = Counter(
            "seg_messages", "Recipients' copies by outcome and rule", ["outcome", "rule"], registry=registry
        )
        self.replies = Counter("seg_replies", "Replies to the final dot by code", ["code"], registry=registry)
        self.refusals = Counter(
            "seg_refusals", "Commands refused, by command and code", ["command", "code"], registry=registry
        )
        self.connections = Gauge("seg_connections", "Connections at this moment", registry=registry)
        self.turned_away = Counter("seg_connections_refused", "Connections answered 421", ["reason"], registry=registry)
        self.unscored = Counter("seg_unscored", "Messages without a model's verdict", ["reason"], registry=registry)
        self.seconds = Histogram("seg_step_seconds", "Seconds by step", ["step"], buckets=SECONDS, registry=registry)
        self.exchanges = Counter(
            "seg_exchanges",
            "Connections to other domains' servers by TLS and result",
            ["tls", "result"],
            registry=registry,
        )
        self.clamav = Counter(
            "seg_clamav", "Messages by what ClamAV said: found, clean, unreachable", ["outcome"], registry=registry
        )
        self.outbox = Counter("seg_outbox", "Outbox attempts by result", ["result"], registry=registry)
        self.forgotten = Counter(
            "seg_correspondence_unnoted", "Delivered messages that were not remembered", ["reason"], registry=registry
        )
        self.late = Counter(
            "seg_late_verdicts", "Verdicts after delivery, by disposition", ["disposition"], registry=registry
        )
        self.breaker = Gauge("seg_breaker_open", "1 while the model service is not asked", registry=registry)
