"""Who the message says it is from, and what of that was proven."""

from __future__ import annotations

from math import log1p

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.features.catalogue import feature


@feature(
    "identity",
    version=1,
    names=(
        "has_author",
        "has_display_name",
        "name_is_address",
        "local_digits",
        "reply_to_elsewhere",
        "addressed",
        "recipients",
        "message_id_matches",
        "dmarc_pass",
        "dmarc_fail",
        "aligned_dkim",
    ),
    rising="name_is_address local_digits reply_to_elsewhere dmarc_fail",
    falling="dmarc_pass aligned_dkim",
)
class Identity:
    """Flags 0 or 1, counts as log1p. What was not evaluated is 0 in both `dmarc_pass` and `dmarc_fail`."""

    def extract(self, request: ScoreRequest, message: Message) -> dict[str, float]:
        """One value per name."""
        author, proven = message.author, request.authentication
        site = ".".join(author.domain.split(".")[-2:])
        elsewhere = any(box.domain and not box.domain.endswith(site) for box in message.reply_to)
        return {
            "has_author": float(bool(author.addr_spec)),
            "has_display_name": float(bool(author.display_name)),
            "name_is_address": float("@" in author.display_name),
            "local_digits": log1p(sum(map(str.isdigit, author.addr_spec.partition("@")[0]))),
            "reply_to_elsewhere": float(bool(site) and elsewhere),
            "addressed": float(bool(message.to)),
            "recipients": log1p(len(message.to) + len(message.cc)),
            "message_id_matches": float(bool(site) and site in message.message_id.lower()),
            "dmarc_pass": float(proven.dmarc == "pass"),
            "dmarc_fail": float(proven.dmarc == "fail"),
            "aligned_dkim": float(bool(site) and any(domain.endswith(site) for domain in proven.dkim_domains)),
        }
