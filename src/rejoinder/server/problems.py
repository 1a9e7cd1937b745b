"""What the server refuses, said in a sentence: to programs as problem details, to people as a page.

Standard: RFC 9457, Problem Details for HTTP APIs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from jinja2 import Environment
from starlette.responses import Response

from rejoinder.server.http import choose

PROBLEM: Final = "application/problem+json"
HTML: Final = "text/html; charset=utf-8"

_PAGE: Final = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{{ refusal.title }}</title>
</head>
<body>
<main>
<h1>{{ refusal.title }}</h1>
<p>{{ refusal.detail }}</p>
{% if refusal.choices %}
<ul>
{% for link, media_type in refusal.choices.items() %}
<li><a href="{{ link }}" type="{{ media_type }}">{{ link }}</a> ({{ media_type }})</li>
{% endfor %}
</ul>
{% endif %}
</main>
</body>
</html>
""")


class HTTPProblem(Exception):  # noqa: N818  # an answer like any other, not a failure of ours
    """A request that is answered with an error.

    `detail` is a sentence that says what is wrong and what to do; `choices` are links to what there is instead, each
    with its media type; `extra` are further members of the problem details, such as `line` and `column`.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        choices: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        self.status, self.detail = status, detail
        self.choices, self.headers, self.extra = choices or {}, headers or {}, extra or {}
        super().__init__(detail)

    @property
    def title(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status).phrase

    def response(self, accept: str | None) -> Response:
        """The answer in the form that the client would rather have; it has none to refuse."""
        headers = {"Vary": "Accept", "Cache-Control": "no-store", **self.headers}
        if choose(accept, (PROBLEM, HTML)) == 1:
            return Response(_PAGE.render(refusal=self), self.status, headers, HTML)
        return Response(self._details(), self.status, headers, PROBLEM)

    def _details(self) -> str:
        details: dict[str, object] = {"type": "about:blank", "title": self.title, "status": self.status}
        choices = [{"href": link, "type": media_type} for link, media_type in self.choices.items()]
        more = {"choices": choices} if choices else {}
        return json.dumps(details | {"detail": self.detail} | more | dict(self.extra), ensure_ascii=False) + "\n"
