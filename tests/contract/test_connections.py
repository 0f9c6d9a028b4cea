"""Connections on real sockets: which are kept, whom they trust, and the way through a proxy."""

from __future__ import annotations

import hashlib
import os
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from provider.api import connections, errors
from provider.api.proxies import is_exempt, proxy_for
from provider.api.transport import Transport
from provider.api.trust import Trust
from tests.contract.scripted import answer, cut, http, raw, settings


@pytest.fixture
def proxied_by(monkeypatch):
    """Sets a proxy for everything, where the environment names no other."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    return lambda url, name="ALL_PROXY": monkeypatch.setenv(name, url)


@pytest.mark.parametrize("encrypted", [False, True], ids=["http", "https"])
def test_a_kept_connection_that_was_closed_meanwhile_is_not_used(
    server, secure, certificate, encrypted
):
    peer = secure if encrypted else server
    transport = Transport(settings(peer.url, ca_file=certificate))
    peer.replies(*[answer(200, {})] * 3)

    transport.exchange("POST", "drives/", None, {})
    peer.hang_up()
    transport.exchange("POST", "drives/", None, {})
    transport.exchange("POST", "drives/", None, {})

    assert peer.connections == 2
    assert len(peer.received) == 3


def test_what_nobody_asked_for_is_no_answer(server, transport):
    server.replies(answer(200, {"n": 1}), answer(200, {"n": 2}))

    transport.exchange("GET", "a/")
    server.say(b'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"n":0}')

    assert transport.exchange("GET", "b/").json == {"n": 2}
    assert server.connections == 2


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, {}, Connection="close"),
        raw(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
        cut(b"HTTP/1.1 200 OK\r\n\r\n{}"),
    ],
    ids=["said", "old", "by its end"],
)
def test_a_connection_that_ends_with_its_answer_is_not_kept(server, transport, reply):
    server.replies(reply, answer(200, {}))

    assert transport.exchange("GET", "a/").json == {}
    assert transport.exchange("GET", "b/").json == {}
    assert server.connections == 2


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize(
    "announced", [b"Transfer-Encoding: chunked", b"Content-Length: 2"], ids=["chunked", "length"]
)
def test_a_body_that_is_announced_where_there_is_none_is_not_waited_for(
    server, transport, status, announced
):
    server.replies(raw(b"HTTP/1.1 %d Status\r\n%b\r\n\r\n" % (status, announced)), answer(200, {}))

    with nullcontext() if status == 204 else pytest.raises(errors.Redirected):
        assert transport.exchange("DELETE", "a/").json is None
    transport.exchange("GET", "b/")

    assert server.connections == 2


def test_a_connection_whose_answer_failed_is_not_kept(server, transport):
    server.replies(http(200, b"no gzip", Content_Encoding="gzip"), answer(200, {}))

    with pytest.raises(errors.Malformed):
        transport.exchange("GET", "a/")
    transport.exchange("GET", "b/")

    assert server.connections == 2


def test_a_transport_that_was_closed_keeps_nothing(server, transport):
    server.replies(answer(200, {}), answer(200, {}))

    transport.exchange("GET", "a/")
    transport.close()
    transport.exchange("GET", "b/")

    assert server.connections == 2


def at_once(transport, threads):
    """So many exchanges, none of which ends before all have begun."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: transport.exchange("GET", "x/"), range(threads)))


def test_no_more_connections_are_kept_than_the_bound(server):
    def together(connection):
        barrier.wait(10)
        answer(200, {})(connection)

    transport = Transport(settings(server.url, pool_size=2))
    barrier = threading.Barrier(3)
    server.replies(*[together] * 6)

    at_once(transport, 3)
    at_once(transport, 3)

    assert server.connections == 3 + 1
    transport.close()


def test_after_a_lost_answer_no_connection_from_before_is_used(server, transport):
    def together(connection):
        barrier.wait(10)
        answer(200, {})(connection)

    barrier = threading.Barrier(3)
    server.replies(*[together] * 3, cut(), answer(200, {"n": 1}))
    at_once(transport, 3)

    with pytest.raises(errors.AnswerLost):
        transport.exchange("GET", "a/")
    assert transport.exchange("GET", "a/").json == {"n": 1}

    assert server.connections == 3 + 1


@pytest.mark.parametrize(("longest", "made"), [(0.0, 2), (60.0, 1)])
def test_a_connection_that_was_idle_for_long_is_not_used(
    server, transport, monkeypatch, longest, made
):
    assert connections.LONGEST_IDLE == 60.0
    monkeypatch.setattr(connections, "LONGEST_IDLE", longest)
    server.replies(answer(200, {}), answer(200, {}))

    transport.exchange("GET", "a/")
    transport.exchange("GET", "b/")

    assert server.connections == made


def test_a_parallel_burst_uses_one_connection_per_thread(server, transport):
    server.replies(*[answer(200, {"n": 1})] * 60)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: transport.exchange("GET", "drives/").json, range(60)))

    assert answers == [{"n": 1}] * 60
    assert server.connections <= 6


def test_a_certificate_of_ones_own_is_trusted_by_ca_file(secure, certificate):
    secure.replies(answer(200, {}))
    trusting = Transport(settings(secure.url, ca_file=certificate))

    assert trusting.exchange("GET", "profile/").json == {}


def test_an_unknown_certificate_is_refused_before_anything_is_sent(
    secure, certificate, monkeypatch
):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)

    with pytest.raises(errors.Untrusted, match="not trusted"):
        Transport(settings(secure.url)).exchange("POST", "drives/", None, {})

    assert secure.received == []


def test_a_certificate_of_another_host_is_refused(secure, certificate):
    url = secure.url.replace("127.0.0.1", "localhost")

    with pytest.raises(errors.Untrusted, match="not trusted"):
        Transport(settings(url, ca_file=certificate)).exchange("POST", "drives/", None, {})

    assert secure.received == []


def test_a_plain_server_behind_https_is_sent_nothing(server):
    server.replies(cut(b"HTTP/1.1 400 Bad Request\r\n\r\n"))

    with pytest.raises(errors.Unreachable, match="SSL"):
        Transport(settings(f"https://127.0.0.1:{server.port}/")).exchange("POST", "x/", None, {})


@pytest.fixture
def system_roots(monkeypatch, tmp_path):
    """A file and a folder of roots, both empty, in the place of the system's."""
    file, folder = tmp_path / "roots.pem", tmp_path / "roots"
    file.touch()
    folder.mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    return file, folder


def name_for_openssl(common_name):
    """What the file of a certificate is called in a folder; see X509_NAME_hash(3)."""
    name = b"\x0c" + bytes([len(common_name)]) + common_name.encode()
    name = b"\x06\x03\x55\x04\x03" + name
    for tag in (b"\x30", b"\x31"):
        name = tag + bytes([len(name)]) + name
    return hashlib.sha1(name).digest()[3::-1].hex() + ".0"


def test_a_root_is_looked_up_in_the_systems_folder(secure, certificate, system_roots):
    (system_roots[1] / name_for_openssl("test")).write_bytes(Path(certificate).read_bytes())
    secure.replies(answer(200, {}))

    assert Transport(settings(secure.url)).exchange("GET", "profile/").json == {}
    assert secure.connections == 1


def test_a_root_that_the_folder_lacks_is_found_in_the_systems_file(
    secure, certificate, system_roots
):
    (system_roots[1] / name_for_openssl("other")).write_bytes(Path(certificate).read_bytes())
    system_roots[0].write_bytes(Path(certificate).read_bytes())
    secure.replies(*[answer(200, {}, Connection="close")] * 2)
    transport = Transport(settings(secure.url))

    assert transport.exchange("GET", "profile/").json == {}
    assert transport.exchange("GET", "profile/").json == {}
    assert secure.connections == 3


def test_certifis_roots_stand_in_for_a_system_without_any(system_roots):
    assert Trust(None).context.cert_store_stats()["x509_ca"] > 50


def test_nobodys_roots_are_added_to_those_in_a_folder(secure, certificate, system_roots):
    (system_roots[1] / name_for_openssl("other")).write_bytes(Path(certificate).read_bytes())
    transport = Transport(settings(secure.url))

    with pytest.raises(errors.Untrusted):
        transport.exchange("GET", "profile/")

    assert transport._connections._trust.context.cert_store_stats()["x509_ca"] == 0


def test_verification_is_on(system_roots, certificate):
    for context in (Trust(None).context, Trust(certificate).context):
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname


@pytest.mark.parametrize("content", [None, b"no certificate"], ids=["missing", "unreadable"])
def test_a_bad_ca_file_is_reported_by_its_name(tmp_path, content):
    file = tmp_path / "own.pem"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ValueError, match=r"own\.pem"):
        Transport(settings("https://api.example.com/", ca_file=str(file)))


def test_a_proxy_of_the_environment_is_used(server, proxied_by):
    proxied_by(f"http://127.0.0.1:{server.port}")
    server.replies(answer(200, {}))
    proxied = Transport(settings("http://api.example.com/api/2.0", allow_http=True))

    proxied.exchange("GET", "profile/")

    assert server.received[0].target == "http://api.example.com/api/2.0/profile/"


def test_a_dead_proxy_means_that_nothing_was_sent(server, proxied_by):
    server.close()
    proxied_by(f"http://127.0.0.1:{server.port}")

    with pytest.raises(errors.Unreachable):
        Transport(settings("https://api.example.com/")).exchange("POST", "drives/", None, {})


def test_the_credentials_for_a_proxy_are_for_it_alone(server, tls, certificate, proxied_by):
    server.replies(server.tunnel(tls), answer(200, {"n": 1}), answer(200, {"n": 2}))
    proxied_by(f"http://me%40corp:p%2Fw@127.0.0.1:{server.port}")
    through = Transport(settings("https://api.example.com:9/api/2.0/", ca_file=certificate))

    assert through.exchange("POST", "drives/", None, {}).json == {"n": 1}
    assert through.exchange("GET", "drives/").json == {"n": 2}

    connect, *inner = server.received
    assert (connect.method, connect.target) == ("CONNECT", "api.example.com:9")
    assert connect.headers["proxy-authorization"] == "Basic bWVAY29ycDpwL3c="
    assert "authorization" not in connect.headers
    assert [r.target for r in inner] == ["/api/2.0/drives/"] * 2
    assert all(r.headers["host"] == "api.example.com:9" for r in inner)
    assert not any("proxy-authorization" in r.headers for r in inner)
    assert server.connections == 1


def test_an_address_of_ipv6_is_reached_through_a_proxy(server, tls, certificate, proxied_by):
    server.replies(server.tunnel(tls), answer(200, {"n": 1}))
    proxied_by(f"http://127.0.0.1:{server.port}")

    through = Transport(settings("https://[fd00::1]:8443/api/2.0/", ca_file=certificate))
    assert through.exchange("GET", "drives/").json == {"n": 1}

    connect, inner = server.received
    assert (connect.target, connect.headers["host"]) == ("[fd00::1]:8443",) * 2
    assert inner.headers["host"] == "[fd00::1]:8443"


@pytest.mark.parametrize("host", ["[fd00::2]", "other.example.com"])
def test_a_server_behind_a_proxy_has_to_prove_who_it_is(server, tls, certificate, proxied_by, host):
    server.replies(*[server.tunnel(tls)] * 2)
    proxied_by(f"http://127.0.0.1:{server.port}")

    with pytest.raises(errors.Untrusted, match="not trusted"):
        Transport(settings(f"https://{host}/", ca_file=certificate)).exchange("GET", "x/")

    assert {request.method for request in server.received} == {"CONNECT"}


def test_a_proxy_may_answer_in_the_meantime(server, tls, certificate, proxied_by):
    def patient(connection):
        connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
        return server.tunnel(tls)(connection)

    server.replies(patient, answer(200, {"n": 1}))
    proxied_by(f"http://127.0.0.1:{server.port}")

    through = Transport(settings("https://api.example.com/", ca_file=certificate))
    assert through.exchange("GET", "drives/").json == {"n": 1}


def test_a_plain_proxy_is_told_who_asks_and_what_for(server, proxied_by):
    server.replies(answer(200, {}))
    proxied_by(f"me:pw@127.0.0.1:{server.port}", "http_proxy")

    Transport(settings("http://api.example.com:9/api", allow_http=True)).exchange("GET", "a/")

    request = server.received[0]
    assert request.target == "http://api.example.com:9/api/a/"
    assert request.headers["host"] == "api.example.com:9"
    assert request.headers["proxy-authorization"] == "Basic bWU6cHc="


def test_a_proxy_that_refuses_is_sent_nothing(server, proxied_by):
    server.replies(http(407, b"Basic bWU6cHc=", Reason="bWU6cHc="))
    proxied_by(f"http://me:pw@127.0.0.1:{server.port}", "HTTPS_PROXY")

    with pytest.raises(errors.Unreachable, match="407") as caught:
        Transport(settings("https://api.example.com/")).exchange("POST", "drives/", None, {})

    assert "bWU6cHc=" not in str(caught.value)
    assert len(server.received) == 1


def test_what_a_proxy_tells_of_its_credentials_is_not_repeated(server, proxied_by):
    server.replies(http(502, b"You sent Basic bWU6cHc="))
    proxied_by(f"http://me:pw@127.0.0.1:{server.port}")

    with pytest.raises(errors.ServerFault, match=r"You sent Basic \*\*\*"):
        Transport(settings("http://api.example.com/", allow_http=True)).exchange("GET", "x/")


@pytest.mark.parametrize(
    "proxy",
    ["https://me:hush@127.0.0.1:1", "socks5://me:hush@h:1", "http://", "http://me:hu/sh@h:1"],
)
def test_a_proxy_of_another_kind_is_refused_without_repeating_it(proxied_by, proxy):
    proxied_by(proxy)

    with pytest.raises(ValueError, match="must be like http://HOST:PORT") as caught:
        Transport(settings("https://api.example.com/"))

    assert "hu" not in str(caught.value)


def test_a_name_in_lower_case_goes_before_one_in_upper_case(proxied_by):
    proxied_by("http://127.0.0.1:1", "HTTPS_PROXY")
    proxied_by("", "https_proxy")

    assert proxy_for(urlsplit("https://api.example.com/")) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "LOCALHOST", "[::1]"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_local_machine_is_reached_straight(proxied_by, scheme, host):
    proxied_by("http://127.0.0.1:1")

    assert proxy_for(urlsplit(f"{scheme}://{host}/")) is None


def test_a_host_named_in_no_proxy_is_reached_straight(proxied_by):
    proxied_by("http://127.0.0.1:1")
    proxied_by("localhost, api.example.com", "NO_PROXY")

    assert proxy_for(urlsplit("https://api.example.com/")) is None
    assert proxy_for(urlsplit("https://other.example.com/")) is not None


@pytest.mark.parametrize(
    ("url", "no_proxy", "exempt"),
    [
        ("https://zrh.cloudsigma.com/", "cloudsigma.com", True),
        ("https://zrh.cloudsigma.com/", ".CloudSigma.com", True),
        ("https://zrh.cloudsigma.com/", "a, zrh.cloudsigma.com", True),
        ("https://zrh.cloudsigma.com/", "*", True),
        ("https://zrh.cloudsigma.com:8443/", "cloudsigma.com:8443", True),
        ("https://zrh.cloudsigma.com/", "cloudsigma.com:8443", False),
        ("https://zrh.cloudsigma.com/", "sigma.com", False),
        ("https://zrh.cloudsigma.com/", "10.0.0.0/8", False),
        ("https://zrh.cloudsigma.com/", "", False),
        ("https://zrh.cloudsigma.com/", ", ,.", False),
        ("https://zrh.cloudsigma.com/", "cloudsigma.com:443", True),
        ("http://zrh.cloudsigma.com/", "zrh.cloudsigma.com:80", True),
        ("http://zrh.cloudsigma.com/", "cloudsigma.com:443", False),
        ("https://zrh.cloudsigma.com/", "*.cloudsigma.com", True),
        ("https://zrh.cloudsigma.com/", "*.cloudsigma.com:8443", False),
        ("https://zrh.cloudsigma.com/", "*:443", True),
        ("https://10.1.2.3/", "10.1.2.3:443", True),
        ("https://10.1.2.3/", "10.1.2.3:8443", False),
        ("https://10.1.2.3/", "2.3, .1.2.3, *.3", False),
        ("https://10.1.2.3/", "*", True),
        ("https://10.1.2.3/", "10.0.0.0/8", True),
        ("https://10.1.2.3/", "10.1.2.3", True),
        ("https://10.1.2.3/", "10.1.2.0/30,10.1.3.0/24", True),
        ("https://10.1.2.4/", "10.1.2.0/30", False),
        ("https://[fd00::1]/", "fd00::/8", True),
        ("https://[fd00::1]/", "10.0.0.0/8", False),
        ("https://[fd00::1]/", "[fd00::1]", True),
        ("https://[fd00::1]/", "fd00::1", True),
        ("https://[fd00::1]/", "FD00:0::1", True),
        ("https://[fd00::1]:8443/", "[fd00::1]:8443", True),
        ("https://[fd00::1]:8443/", "[fd00::1]", True),
        ("https://[fd00::1]/", "[fd00::1]:443", True),
        ("https://[fd00::1]/", "[fd00::1]:8443", False),
        ("https://[fd00::1]/", "[fd00::2], ::1, :1", False),
    ],
)
def test_no_proxy_names_hosts_domains_and_networks(url, no_proxy, exempt):
    assert is_exempt(urlsplit(url), no_proxy) is exempt
