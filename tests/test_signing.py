"""Amazon Neptune's sign-in: signatures as AWS documents them, over what goes over the wire.

No cluster was asked. Expected: two cases of the test suite of AWS itself, and the same algorithm written out
here from its documentation, which is first held against those cases.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import importlib
import os
import sys
from collections.abc import Callable, Mapping
from urllib.parse import quote

import botocore.auth
import httpx
import pytest
from botocore.credentials import Credentials

from rejoinder.errors import RemoteError, UsageError
from rejoinder.rdf.terms import NamedNode, Triple
from rejoinder.triplestores import client as triplestore_client
from rejoinder.triplestores import stores
from rejoinder.triplestores.client import Remote, Signature
from rejoinder.triplestores.push import TripleStore

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
CLUSTER = "https://upr.cluster-x.eu-west-1.neptune.amazonaws.com:8182"
MOMENT = "20150830T123600Z"
SUITE = {  # get-vanilla and post-vanilla, service "service", region us-east-1
    "GET": "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    "POST": "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
}
GRAPH = "https://example.org/report/a b~c?x=1&y=é#z"


def by_hand(request: httpx.Request, region: str, service: str) -> str:
    """The signature of a request as it arrived: canonical request, string to sign, derived key."""
    headers = {
        name: request.headers[name]
        for name in ("host", "x-amz-date", "x-amz-security-token")
        if name in request.headers
    }
    query = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in request.url.params.multi_items())
    canonical = "\n".join(
        [
            request.method,
            request.url.path,
            "&".join(f"{key}={value}" for key, value in query),
            *(f"{name}:{value}" for name, value in headers.items()),
            "",
            ";".join(headers),
            hashlib.sha256(request.content).hexdigest(),
        ]
    )
    moment = headers["x-amz-date"]
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={';'.join(headers)}, Signature={signature}"


@pytest.mark.parametrize("method", SUITE)
def test_requests_are_signed_as_in_the_suite_of_aws(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime.datetime.strptime(MOMENT, "%Y%m%dT%H%M%S%z")
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: moment)
    request = httpx.Request(method, "https://example.amazonaws.com/")
    (signed,) = Signature(Credentials(KEY, SECRET), "us-east-1", "service").auth_flow(request)
    assert signed.headers["x-amz-date"] == MOMENT
    assert signed.headers["authorization"].endswith(f"Signature={SUITE[method]}")
    assert signed.headers["authorization"] == by_hand(signed, "us-east-1", "service")


def test_a_parameter_that_is_given_twice_is_signed_twice() -> None:
    request = httpx.Request("GET", f"{CLUSTER}/sparql?named-graph-uri=x:b&named-graph-uri=x:a")
    (signed,) = Signature(Credentials(KEY, SECRET), "eu-west-1").auth_flow(request)
    assert signed.headers["authorization"] == by_hand(signed, "eu-west-1", "neptune-db")


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """Credentials of AWS in the environment, as its own programs take them, and nowhere else."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    given = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "a/token=="}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    for name, value in {**given, **nowhere, "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)
    return given


def cluster(answer: Callable[[httpx.Request], httpx.Response], url: str = CLUSTER) -> TripleStore:
    place = stores.endpoint(url, stores.NEPTUNE)
    client = httpx.Client(auth=triplestore_client.sign_in(place), transport=httpx.MockTransport(answer))
    return TripleStore(Remote(place, client, sleep=lambda _: None), "https://example.org/push-staging")


@pytest.mark.usefixtures("credentials")
def test_every_request_to_a_cluster_is_signed() -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, headers={"Content-Type": "application/n-triples"})

    store = cluster(answer)
    store.replace(GRAPH, [Triple(NamedNode("x:a"), NamedNode("x:b"), NamedNode("x:é"))])
    store.read("https://example.org/a")
    store.drop("https://example.org/a")
    paths = [(request.method, request.url.path) for request in requests]
    assert paths == [("PUT", "/sparql/gsp/"), ("POST", "/sparql"), ("POST", "/sparql")]
    for request in requests:
        assert request.headers["authorization"] == by_hand(request, "eu-west-1", "neptune-db")
        assert request.headers["x-amz-security-token"] == "a/token=="
        assert request.headers["host"] == CLUSTER.removeprefix("https://")
    assert SECRET not in repr(store.remote.client.auth)


@pytest.mark.usefixtures("credentials")
def test_the_region_of_another_address_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="set AWS_DEFAULT_REGION"):
        triplestore_client.signature("https://localhost:8182")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    signature = triplestore_client.signature("https://localhost:8182")
    assert isinstance(signature, Signature)
    assert signature.region == "sa-east-1"


def refused(request: httpx.Request) -> httpx.Response:
    assert "authorization" not in request.headers
    return httpx.Response(
        403, text='{"code": "AccessDeniedException", "detailedMessage": "Missing Authentication Token"}'
    )


def test_without_credentials_nothing_is_signed(credentials: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in credentials:
        monkeypatch.delenv(name)
    with pytest.raises(RemoteError, match=r"Missing Authentication Token.*pip install 'rejoinder\[neptune\]'"):
        cluster(refused).drop("https://example.org/a")


@pytest.mark.usefixtures("credentials")
def test_without_botocore_nothing_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("botocore")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "botocore", None)
    with pytest.raises(ImportError):
        importlib.import_module("botocore.session")
    with pytest.raises(RemoteError, match=r"pip install 'rejoinder\[neptune\]'"):
        cluster(refused).drop("https://example.org/a")
