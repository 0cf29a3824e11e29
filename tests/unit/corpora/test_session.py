import pytest

from seg_ml.corpora.hops import border, hops, organization
from seg_ml.corpora.session import SessionFacts, recover
from seg_ml.mail.parse import parse


def _facts(*fields):
    return recover(parse("\n".join([*fields, "From: a@b.example", "Subject: x", "", "words", ""]).encode()))


EDGE = (
    "Received: from mail.sender.example (out.sender.example [192.0.2.9]) by mx.site.example (Postfix); Mon, 1 Jan 2024"
)
PUBLIC = EDGE.replace("192.0.2.9", "8.8.4.4")


def test_client_and_greeting_come_from_the_border():
    inner = "Received: from mx.site.example (mx.site.example [8.8.8.8]) by store.site.example; Mon, 1 Jan 2024"
    local = "Received: from localhost (localhost [127.0.0.1]) by store.site.example; Mon, 1 Jan 2024"
    facts = _facts(local, inner, PUBLIC, "Received: from pc ([9.9.9.9]) by mail.sender.example")
    assert (facts.client_ip, facts.helo) == ("8.8.4.4", "mail.sender.example")


def test_hosts_that_are_the_recipients_are_no_border():
    forwarder = "Received: from box.forwarder.example ([8.8.8.8]) by mx.site.example; Mon, 1 Jan 2024"
    message = parse("\n".join([forwarder, PUBLIC.replace("mx.site", "box.forwarder"), "", "words"]).encode())
    assert recover(message).helo == "box.forwarder.example"
    assert recover(message, frozenset({"forwarder.example"})).helo == "mail.sender.example"


def test_address_that_is_not_public_is_no_border():
    assert _facts(EDGE).client_ip is None


@pytest.mark.parametrize(
    ("field", "helo", "client_ip"),
    [
        ("from unknown (HELO mx.a.example) (8.8.4.4) by mail.b.example with SMTP", "mx.a.example", "8.8.4.4"),
        ("from [8.8.4.4] (helo=pc.a.example) by mail.b.example with esmtp", "pc.a.example", "8.8.4.4"),
        ("from mx.a.example (IPv6:2001:4860:4860::8888) by mail.b.example", "mx.a.example", "2001:4860:4860::8888"),
        ("from mx.a.example ([IPv6:2001:4860:4860::8888]) by mail.b.example", "mx.a.example", "2001:4860:4860::8888"),
        ("from mx.a.example (8.8.4.4) by mail.b.example (10.0.0.1) with SMTP", "mx.a.example", "8.8.4.4"),
    ],
)
def test_styles_of_received(field, helo, client_ip):
    facts = _facts(f"Received: {field}; Mon, 1 Jan 2024")
    assert (facts.helo, facts.client_ip) == (helo, client_ip)


@pytest.mark.parametrize(
    ("field", "iprev", "name"),
    [
        ("from helo.example (mx.a.example [8.8.4.4]) by mail.b.example (Postfix)", "pass", "mx.a.example"),
        ("from helo.example (unknown [8.8.4.4]) by mail.b.example (Postfix)", "permerror", None),
        ("from helo.example (mx.a.example [8.8.4.4] (may be forged)) by mail.b.example", "fail", "mx.a.example"),
        ("from helo.example ([8.8.4.4]) by mail.b.example (8.12.8/8.12.5) with SMTP", "permerror", None),
        ("from helo.example (mx.a.example. [8.8.4.4]) by mail.b.example with ESMTPS", "pass", "mx.a.example"),
        ("from mx.a.example (HELO helo.example) (8.8.4.4) by mail.b.example with SMTP", "pass", "mx.a.example"),
        ("from unknown (HELO helo.example) (8.8.4.4) by mail.b.example with SMTP", "permerror", None),
        ("from mx.a.example ([8.8.4.4]) by mail.b.example with esmtp (Exim 4.96)", "pass", "mx.a.example"),
        ("from mx.a.example ([8.8.4.4] helo=helo.example) by mail.b.example", "pass", "mx.a.example"),
        ("from [8.8.4.4] (helo=helo.example) by mail.b.example", "permerror", None),
        ("from helo.example (8.8.4.4) by mail.b.example with Microsoft SMTP Server", None, None),
    ],
)
def test_what_the_receiving_host_found_the_address_to_be_called(field, iprev, name):
    facts = _facts(f"Received: {field}; Mon, 1 Jan 2024")
    assert (facts.iprev, facts.client_name) == (iprev, name)


@pytest.mark.parametrize(
    "field", ["", "by mx.site.example", "from", "from x ([999.1.1.1]) by y", "(qmail 17 invoked by uid 0)"]
)
def test_received_without_a_client_gives_no_border(field):
    assert border(hops(parse(f"Received: {field}\n\n".encode()).headers)) is None


def test_authentication_results_of_the_receiving_site():
    results = (
        "Authentication-Results: mx.site.example; spf=pass (sender 8.8.4.4) smtp.mailfrom=bounce@news.sender.example;\n"
        " dkim=fail header.d=old.example; dkim=pass header.i=@sender.example;\n dmarc=pass (p=reject) header.from=b.example"
    )
    assert _facts("Return-Path: <bounce@news.sender.example>", results, PUBLIC) == SessionFacts(
        spf="pass",
        spf_domain="news.sender.example",
        dkim="pass",
        dkim_domains=("sender.example",),
        dmarc="pass",
        dmarc_policy="reject",
        client_ip="8.8.4.4",
        helo="mail.sender.example",
        reverse_path="bounce@news.sender.example",
        iprev="pass",
        client_name="out.sender.example",
    )


def test_results_below_the_border_are_the_senders_own():
    facts = _facts(PUBLIC, "Authentication-Results: mx.site.example; spf=pass; dkim=pass header.d=sender.example")
    assert (facts.spf, facts.dkim, facts.dkim_domains) == (None, None, None)


def test_results_of_another_site_are_not_believed():
    facts = _facts("Authentication-Results: mx.elsewhere.example; dmarc=pass", PUBLIC)
    assert facts.dmarc is None


def test_results_without_any_received_are_not_believed():
    assert _facts("Authentication-Results: mx.site.example; dmarc=pass").dmarc is None


def test_provider_that_leaves_the_identifier_out():
    results = (
        "Authentication-Results: spf=softfail (sender IP is 8.8.4.4) smtp.mailfrom=s.example; dkim=none (message not\n"
        " signed) header.d=none;dmarc=bestguesspass action=none header.from=s.example;compauth=pass reason=100"
    )
    fields = [
        "Received: from A.prod.outlook.com (::1) by B.prod.outlook.com with HTTPS; Mon, 1 Jan 2024",
        "Received: from C.prod.exchangelabs.com (2603:10a6::1) by A.prod.outlook.com with SMTP; Mon, 1 Jan 2024",
        "Received: from D.prod.outlook.com (2603:10a6::2) by C.outlook.office365.com with SMTP; Mon, 1 Jan 2024",
        results,
        "Received-SPF: SoftFail (protection.outlook.com: domain of transitioning s.example discourages use of 8.8.4.4)",
        "Received: from mail.s.example (8.8.4.4) by D.mail.protection.outlook.com (10.0.0.1); Mon, 1 Jan 2024",
    ]
    facts = _facts(*fields)
    assert (facts.spf, facts.spf_domain, facts.dkim, facts.dkim_domains, facts.dmarc) == (
        "softfail",
        "s.example",
        "none",
        (),
        "none",
    )
    assert (facts.client_ip, facts.helo) == ("8.8.4.4", "mail.s.example")


def test_received_spf_fills_in():
    spf = "Received-SPF: Pass (site: domain of a@s.example designates 8.8.8.8) client-ip=8.8.8.8; helo=mx.s.example;"
    facts = _facts(spf, PUBLIC)
    assert (facts.spf, facts.spf_domain, facts.client_ip, facts.helo) == (
        "pass",
        "s.example",
        "8.8.8.8",
        "mx.s.example",
    )


def test_sealed_results_of_the_site_come_last():
    sealed = "ARC-Authentication-Results: i=2; mx.site.example; spf=fail; dmarc=fail (p=none)"
    assert _facts(sealed, PUBLIC).spf == "fail"
    assert _facts(sealed, "Authentication-Results: mx.site.example; spf=pass", PUBLIC).spf == "pass"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Return-Path: <a@b.example>", "a@b.example"),
        ("Return-Path: <>", ""),
        ("From c@d.example Thu Jan  1 00:00:00 2004", "c@d.example"),
        ("From MAILER-DAEMON Thu Jan  1 00:00:00 2004", ""),
        ("Subject: nothing of it", None),
    ],
)
def test_reverse_path(field, expected):
    assert _facts(field).reverse_path == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("mx.a.example.com", "example.com"),
        ("mx.example.co.uk", "example.co.uk"),
        ("eur01.outbound.protection.outlook.com", "outbound.protection.outlook.com"),
        ("x.exchangelabs.com", "outlook.com"),
        ("192.0.2.1", None),
        ("localhost", None),
        (None, None),
    ],
)
def test_organization(host, expected):
    assert organization(host) == expected
