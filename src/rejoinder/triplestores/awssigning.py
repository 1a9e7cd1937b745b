"""Requests signed as Amazon Neptune wants them where IAM guards it; botocore signs, and finds the credentials.

They are AWS's own: from the environment, the shared files, or the role of the machine. botocore is an extra, since few
have a use for it: `pip install 'rejoinder[neptune]'`.

Standards: AWS Signature Version 4.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx

from rejoinder.errors import UsageError

if TYPE_CHECKING:
    from botocore.credentials import Credentials

_SERVICE: Final = "neptune-db"
_HEADERS: Final = ("Authorization", "X-Amz-Date", "X-Amz-Security-Token")


@dataclass(frozen=True)
class Signature(httpx.Auth):
    """A signature in the headers of each request, over its method, address and body."""

    credentials: Credentials = field(repr=False)
    region: str
    service: str = _SERVICE
    requires_request_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """See `httpx.Auth.auth_flow`."""
        request.headers.update(self._headers(request))
        yield request

    def _headers(self, request: httpx.Request) -> dict[str, str]:
        from botocore.auth import SigV4Auth  # noqa: PLC0415  # an extra that may be missing
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415  # as above

        bare = str(request.url.copy_with(query=None))
        # Parameters apart: AWS decodes and encodes them anew, whichever way they are written on the wire.
        given = request.url.params.multi_items()  # one name may stand there several times
        signed = AWSRequest(request.method, bare, params=given, data=request.content)  # type: ignore[arg-type]  # the signer takes pairs, too
        SigV4Auth(self.credentials.get_frozen_credentials(), self.service, self.region).add_auth(signed)
        return {name: signed.headers[name] for name in _HEADERS if name in signed.headers}


def signature(url: str) -> httpx.Auth:
    """How requests to the cluster at `url` are signed: not at all without botocore or credentials, nor need they be.

    Raises:
        UsageError: there are credentials, but the region is not known.
    """
    with suppress(ImportError):
        from botocore.session import Session  # noqa: PLC0415  # an extra that may be missing

        session = Session()
        credentials = session.get_credentials()
        if credentials is not None:
            region = region_of(url) or session.get_config_variable("region")
            if not region:
                raise UsageError(f"{url}: this address names no region of AWS; set AWS_DEFAULT_REGION")
            return Signature(credentials, region)
    return httpx.Auth()  # which adds nothing


def region_of(url: str) -> str | None:
    """The region that the address of a cluster names.

    >>> region_of("https://upr.cluster-x.eu-west-1.neptune.amazonaws.com:8182/sparql")
    'eu-west-1'
    >>> region_of("https://localhost:8182") is None
    True
    """
    before, found, _ = (urlsplit(url).hostname or "").partition(".neptune.amazonaws.com")
    return before.rpartition(".")[2] if found else None
