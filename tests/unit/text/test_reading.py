"""What a model reads: the text as shown, with masks where it would only learn the corpus."""

from seg_ml.mail.parse import parse
from seg_ml.text.reading import clean, mask, reading_text
from seg_ml.text.tokens import tokens


def test_masks() -> None:
    assert mask("See http://a.example/x?y=1 or mail a.b@c.example in 2002, ticket 1234567") == (
        "See  <url>  or mail  <address>  in <year>, ticket <number>"
    )


def test_invisible_characters_and_compatibility_forms() -> None:
    assert clean("pass\u200bword ﬁle \ufeffｆｕｌｌ") == "password file full"


def test_list_marks_and_footers_go() -> None:
    raw = (
        b"From: Ann <a@b.example>\nSubject: Re: [zzz-list] lunch\n\nsee you\n"
        b"_______________________________________________\nzzz-list mailing list\nhttp://l.example/listinfo\n"
    )
    assert reading_text(parse(raw)) == "lunch\nAnn\nsee you\n"


def test_marks_of_an_answer_are_words_and_nothing_a_transformer_reads() -> None:
    for marks in ("Re: ", "RE:FWD: ", "[zzz] Aw: ", "Re[3]: [zzz] ", "Fwd : "):
        message = parse(f"From: Ann <a@b.example>\nSubject: {marks}lunch\n\nsee you\n".encode())
        assert reading_text(message) == "lunch\nAnn\nsee you"
        assert "s:lunch" in tokens(message)
    kept = parse(b"From: Ann <a@b.example>\nSubject: Return: receipt\n\nsee you\n")
    assert reading_text(kept).startswith("Return: receipt\n")
    assert "s:re" in tokens(parse(b"From: a@b.example\nSubject: Re: lunch\n\nx\n"))


def test_what_is_quoted_is_read_where_its_author_says_little() -> None:
    head, own = b"From: Ann <a@b.example>\nSubject: lunch\n\n", " ".join(["word"] * 12)
    quoted = b"\n\nOn Monday, Bob wrote:\n> come to the harbour\n"
    assert "harbour" not in reading_text(parse(head + own.encode() + quoted))
    assert reading_text(parse(head + own[:-5].encode() + quoted)).endswith("come to the harbour")


def test_one_endless_word_takes_no_time() -> None:
    raw = b"From: a@b.example\n\n" + b"x" * 200_000 + b"\n> quoted words\n"
    assert len(reading_text(parse(raw))) < 5_000


def test_tokens_carry_their_place() -> None:
    raw = (
        b"From: Big Bank <news7@mail.bank.example>\nSubject: WINNER now\nX-Mailer: Bulk Blaster 3.1\n"
        b"Message-ID: <abc123@host.example>\nContent-Type: text/html\n\n<p>Win cash <a href='http://10.1.2.3/login'>here</a></p>"
    )
    found = set(tokens(parse(raw)))
    assert {
        "win",
        "win cash",
        "s:winner",
        "s:caps:winner",
        "f:bank",
        "f:domain:bank.example",
        "u:address",
        "u:login",
    } <= found
    assert {"h:mailer:blaster", "h:id:a9", "h:id-host:host.example", "t:text/html"} <= found


def test_names_of_headers_are_no_tokens() -> None:
    base = b"From: a@b.example\nSubject: x\n\nhello\n"
    other = b"References: <1@x.example>\nIn-Reply-To: <1@x.example>\nList-Unsubscribe: <mailto:x@y.example>\n" + base
    assert tokens(parse(base)) == tokens(parse(other))
