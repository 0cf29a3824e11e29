"""Django's template engine without Django's project: templates of a folder, catalogues of a folder, stand-in tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.template import Context, Engine
from django.utils import translation
from django.utils.translation import trans_real

_TAGS = "seg_ml.corpora.modern.django_tags"
_LIBRARIES = {"i18n": "django.templatetags.i18n", "account": _TAGS, "url_tags": _TAGS, "currency_filters": _TAGS}


class Renderer:
    """Renders templates of `folders` in any language that `catalogues` know, English otherwise."""

    def __init__(self, folders: Sequence[Path], catalogues: Sequence[Path]) -> None:
        if not settings.configured:
            settings.configure(USE_I18N=True, USE_TZ=False, INSTALLED_APPS=[])
        django.setup(set_prefix=False)
        # Catalogues are read once in a process and kept by language: those of other folders have to go.
        settings.LOCALE_PATHS = [str(path) for path in catalogues]
        trans_real._translations = {}
        trans_real._default = None
        self._engine = Engine(dirs=[str(path) for path in folders], libraries=_LIBRARIES, builtins=[_TAGS])

    def render(self, template: str, language: str, values: Mapping[str, Any]) -> str:
        """A template as text. `language` is as Django writes it, such as `pt-br`."""
        with translation.override(language):
            return str(self._engine.get_template(template).render(Context(dict(values))))
