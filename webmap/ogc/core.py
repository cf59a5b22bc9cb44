"""pygeoapi's core, called as a library: one API object for each request, under the request's own host."""

import copy
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import flask
from pygeoapi import l10n
from pygeoapi.api import API, APIRequest

from webmap.ogc import configuration

# Its messages hold parameters of requests. What went wrong on our side is logged by ``webmap.problems``.
logging.getLogger("pygeoapi").addHandler(logging.NullHandler())
logging.getLogger("pygeoapi").propagate = False

LOCALES = {"zh-CN": l10n.str2locale("zh-CN"), "en": l10n.str2locale("en")}


class Request(APIRequest):
    """The request in hand, as pygeoapi reads it. Format and language are decided by us before."""

    def __init__(self, params: dict[str, str], format_: str, language: str) -> None:
        self._chosen = (params, format_, LOCALES[language])
        super().__init__(flask.request, list(LOCALES.values()))

    def _get_params(self, request: flask.Request) -> dict[str, str]:
        return self._chosen[0]

    def _get_locale(self, headers: Any, supported_locales: Any) -> tuple[str, Any]:
        return str(self._chosen[2]), self._chosen[2]

    def _get_format(self, headers: Any) -> str:
        return self._chosen[1]


@dataclass(frozen=True)
class Answer:
    """What pygeoapi answers: status, headers, JSON text or the bytes of a tile."""

    status: int
    headers: dict[str, str]
    body: str | bytes


@lru_cache(maxsize=1)
def _prototype() -> API:
    # The constructor takes over the root logger, which is not its own.
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    api = API(configuration.build("http://localhost/ogc", "en", {}), {})
    root.handlers[:] = handlers
    root.setLevel(level)
    return api


def call(function: Callable[..., tuple[dict[str, str], int, Any]], config: dict[str, Any], request: Request,
         *args: Any, **named: Any) -> Answer:
    """Call one function of ``pygeoapi.api``.

    Args:
        function: e.g. ``pygeoapi.api.itemtypes.get_collection_items``.
        config: of this request, from ``configuration.build``. The API object is a copy of its own, so that
            two requests under two host names at once do not meet.
        request: the request in hand.
        args, named: further arguments of the function.
    """
    api = copy.copy(_prototype())
    api.config = api.tpl_config = config
    api.base_url = config["server"]["url"]
    headers, status, body = function(api, request, *args, **named)
    return Answer(int(status), headers, body)
