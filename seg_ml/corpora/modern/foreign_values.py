"""What the templates of packages ask for: users, sites, orders, lists."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from seg_ml.corpora.modern.messages import PLACE

Value = Callable[[str], str]
_LISTS = ("users", "announce", "dev", "members", "discuss", "board", "news", "help")


class _Named(str):
    """What templates print as it is, and also ask for its parts."""

    name = property(str)
    get_username = property(str)
    get_short_name = property(str)
    domain = ""


def template_values(value: Value, random: Random) -> dict[str, Any]:
    """The context of Django templates."""
    product = {"get_title": value("product"), "get_absolute_url": "article"}
    site = _Named(value("company"))
    site.domain = value("site")
    user = _Named(random.choice([value("first"), value("email").partition("@")[0]]))
    return {
        "current_site": site,
        "site": site,
        "site_name": str(site),
        "protocol": "https",
        "domain": PLACE.split("/")[2],
        "user": user,
        "user_display": user,
        "username": random.choice(["", user]),
        "email": value("email"),
        "new_email": value("email"),
        "from_email": value("email"),
        "to_email": value("email2"),
        "code": random.choice(["", value("code")]),
        "ip": value("ip"),
        "user_agent": value("device"),
        "timestamp": value("stamp"),
        "activate_url": f"{PLACE}confirm",
        "password_reset_url": f"{PLACE}reset",
        "signup_url": f"{PLACE}home",
        "reset_url": "reset",
        "status_url": "order",
        "status_path": "order",
        "hurry": random.random() < 0.5,
        "alert": {"user": user, "product": product, "get_confirm_url": "confirm", "get_cancel_url": "unsubscribe"},
        "order": _order(value, random),
    }


def _order(value: Value, random: Random) -> dict[str, Any]:
    lines = [
        {
            "title": value(f"product{index}"),
            "quantity": random.randint(1, 3),
            "line_price_incl_tax": value(f"amount{index}"),
        }
        for index in range(random.randint(1, 4))
    ]
    return {
        "number": value("order"),
        "currency": "",
        "lines": {"all": lines},
        "basket_total_incl_tax": value("amount7"),
        "shipping_incl_tax": value("fee"),
        "total_incl_tax": value("amount8"),
        "shipping_address": {"active_address_fields": [value("name"), *value("address").split(", ")]},
    }


def mailman_values(value: Value, random: Random) -> dict[str, str]:
    """The places of Mailman templates."""
    name = random.choice(_LISTS)
    address = f"{name}@lists.{value('site')}"
    return {
        "display_name": f"{value('company')} {name}",
        "list_name": name,
        "short_listname": name,
        "listname": address,
        "list_id": address.replace("@", "."),
        "domain": f"lists.{value('site')}",
        "mail_host": f"lists.{value('site')}",
        "request_email": address.replace("@", "-request@"),
        "owner_email": address.replace("@", "-owner@"),
        "sender_email": value("email2"),
        "user_email": value("email"),
        "user_name_or_email": value("name"),
        "member": value("email2"),
        "subject": value("topic"),
        "reasons": f"    {random.choice(['Post by non-member', 'Message too big', 'Too many recipients'])}",
        "token": value("token"),
        "site_email": f"postmaster@{value('site')}",
        "language": "",
        "count": value("few"),
        "data": value("topic2"),
        "keepdays": value("few2"),
        "text": value("topic3"),
        "bounce_count": value("few3"),
    }
