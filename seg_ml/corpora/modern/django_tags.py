"""Stand-ins for the tags and filters that mail templates of Django packages load.

Every address becomes `https://link.invalid/ROLE`, in place of which a sender later puts its own.
"""

from __future__ import annotations

from django import template

from seg_ml.corpora.modern.messages import PLACE


def url(name: str, *args: object, **kwargs: object) -> str:
    """The path of a view."""
    return "/reset" if "reset" in name else "/login"


def absolute_url(domain: str, path: object = "") -> str:
    """A whole address."""
    return PLACE + (str(path or "login").strip("/") or "login")


def user_display(user: object) -> str:
    """What a user is called."""
    return str(user)


def currency(value: object, code: object = "") -> str:
    """An amount of money; it comes with its currency."""
    return str(value)


register = template.Library()
for tag in (url, absolute_url, user_display):
    register.simple_tag(tag)
register.filter(currency)
