"""Masking: no part of a secret gets through in any covered form, and innocent text does."""

from __future__ import annotations

import base64
import json
import re
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismq_nb.capture.masking.masker import MASK, Masker
from prismq_nb.common.base.terminal.frames import frames
from prismq_nb.common.base.terminal.text import plain, visible_lines

SECRET = 'p/ss "wör\\d+1%41 x'
"""Has all that some encoding writes in another way."""


def test_every_occurrence_is_replaced_longest_secret_first():
    masker = Masker(["hunter2", "hunter2-and-more"])
    assert masker.apply(b"a hunter2 b hunter2-and-more c") == b"a %b b %b c" % (MASK, MASK)


def test_a_secret_of_several_lines_is_masked_line_by_line():
    assert Masker(["-----BEGIN\nMIIabcdef\nx\n"]).apply(b"MIIabcdef\n") == MASK + b"\n"


def test_without_secrets_nothing_changes():
    assert not Masker([])
    assert Masker([]).apply(b"x") == b"x"


def in_json(text, **options):
    return json.dumps(text, **options)[1:-1]


FORMS = {
    "as it is": SECRET,
    "JSON": in_json(SECRET),
    "JSON, not ASCII only": in_json(SECRET, ensure_ascii=False),
    "JSON with slashes escaped": in_json(SECRET).replace("/", "\\/"),
    "JSON with all characters as numbers": "".join(
        f"\\u{ord(character):04X}" for character in SECRET
    ),
    "JSON in JSON": in_json(in_json(SECRET)),
    "JSON in JSON in JSON": in_json(in_json(in_json(SECRET, ensure_ascii=False))),
    "JSON for HTML": in_json(SECRET).replace("+", "\\u002b").replace('\\"', "\\u0022"),
    "Python": repr(SECRET)[1:-1],
    "Python bytes": repr(SECRET.encode())[2:-1],
    "URL": quote(SECRET, safe=""),
    "URL path": quote(SECRET),
    "URL form": quote_plus(SECRET),
    "URL in lower case": re.sub("%..", lambda code: code[0].lower(), quote(SECRET)),
    "URL with everything encoded": "".join(f"%{byte:02x}" for byte in SECRET.encode()),
    "URL with blanks alone encoded": SECRET.replace("%", "%25").replace(" ", "%20"),
    "URL with few encoded and + for blanks": quote(SECRET, safe='"\\/ö').replace("%20", "+"),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 without padding": base64.b64encode(SECRET.encode()).decode().rstrip("="),
    "base64 for URLs": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "base64 of what echo prints": base64.b64encode(f"{SECRET}\n".encode()).decode(),
    "base64 in JSON in a URL": quote(base64.b64encode(SECRET.encode()).decode(), safe=""),
    "coloured": "".join(
        f"\x1b[3{number % 8}m{character}\x1b[0m" for number, character in enumerate(SECRET)
    ),
    "coloured JSON": "".join(f"\x1b[1;36m{character}" for character in in_json(SECRET)),
    "with a link inside": f"{SECRET[:5]}\x1b]8;;https://example.org/\x1b\\{SECRET[5:]}",
    "with a title, a charset and short escapes inside": (
        f"{SECRET[:3]}\x1b]0;t\x07\x1b(B\x1b7{SECRET[3:]}"
    ),
    "in the address of a link": f"\x1b]8;;{quote(SECRET)}\x1b\\here\x1b]8;;\x1b\\",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("others", [0, 99], ids=["alone", "one of 100"])
def test_each_form_is_masked_and_the_text_around_it_is_not(form, others):
    masker = Masker([SECRET, *(f"other-{number:03}" for number in range(others))])
    masked = masker.apply(f"before {form} after\n".encode())
    if "]8;;" in form and "here" in form:
        assert masked == b"before \x1b]8;;******\x1b\\here\x1b]8;;\x1b\\ after\n"
    else:
        colour = re.compile(rb"\x1b\[[\d;]*m")
        assert colour.sub(b"", masked) == b"before ****** after\n"


@pytest.mark.parametrize("name", [name for name in FORMS if "address" not in name])
def test_no_form_is_shown_in_part_or_cut_in_two(name):
    masker = Masker([SECRET])
    whole = f"before {FORMS[name]}".encode()
    for length in range(8, len(whole)):
        end = masker.safe_end(whole[:length])
        assert plain(masker.apply(whole[:end]).decode()) in ("before ", "before ******")
        assert MASK in masker.apply(whole[:end]) + masker.apply(whole[end:] + b" after\n")


def test_colours_that_change_within_a_secret_continue_behind_it():
    masked = Masker(["secret-1234"]).apply(b"\x1b[36msecret-\x1b[0m12\x1b[1m34 x")
    assert masked == b"\x1b[36m******\x1b[0m\x1b[1m x"


@pytest.mark.parametrize("wrap", [64, 76])
def test_long_base64_in_lines_is_masked(wrap):
    secret = "".join(chr(33 + number % 90) for number in range(300))
    encoded = base64.b64encode(secret.encode()).decode()
    lines = [encoded[at : at + wrap] for at in range(0, len(encoded), wrap)]
    assert Masker([secret]).apply("\n".join(lines).encode()) == b"\n".join([MASK] * len(lines))


def test_a_key_of_several_lines_is_masked_in_json_in_a_url_and_in_base64():
    key = "-----BEGIN KEY-----\nMIIabc/defg+hi\nMIIjkl==\n-----END KEY-----\n"
    masker = Masker([key])
    for text in (json.dumps({"key": key}), quote(key), base64.b64encode(key.encode()).decode()):
        masked = masker.apply(text.encode())
        assert not re.search(rb"BEGIN|MII|END KEY|LS0t", masked)


INNOCENT = [
    b"passw\\ord",
    b"50%",
    b"100%25",
    b"\x1b[31mred\x1b[0m",
    b"C:\\new\\users",
    b"\\u00e9",
    b"a+b",
    b"\xff\xfe",
    b"\x1b]0;x",
    b"%zz",
]


@pytest.mark.parametrize("text", INNOCENT, ids=repr)
def test_innocent_text_is_unchanged(text):
    masker = Masker([SECRET, "another-secret"])
    assert masker.apply(text) == text


LETTERS = 'ab"\\/+ %4é\t'
ENCODERS = [
    str,
    in_json,
    lambda text: in_json(text, ensure_ascii=False),
    lambda text: in_json(in_json(text)),
    quote,
    quote_plus,
    lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    lambda text: "".join(f"\\u{ord(character):04x}" for character in text),
    lambda text: base64.b64encode(text.encode()).decode(),
    "\x1b[1m".join,
    lambda text: "\x1b]0;x\x07".join(in_json(text)),
    lambda text: "\x1b".join(quote(text)),
]
SECRETS = st.text(LETTERS, min_size=6, max_size=10).filter(
    lambda text: len(text.strip().replace("\\", "").encode()) >= 6
)
NOISE = st.one_of(
    st.text(LETTERS, max_size=6),
    st.sampled_from(
        ["\x1b[0m", "\x1b", "\x1b]0;", "\x07", "\\u00", "\\", "%", "%2", "u0061", "\n"]
    ),
)


HALVES = {
    "a character of two JSON escapes": ("pass\U0001f600word", "pass\\ud83d\\ude00word"),
    "the same in JSON in JSON": ("pass\U0001f600word", "pass\\\\ud83d\\\\ude00word"),
    "colours within the code of a URL": ("a&b=cdefg", "%6\x1b[1m1%2\x1b[0m6b%\x1b[1m3Dcdefg"),
    "colours within a JSON escape": ("aéb=cdefg", "a\\\x1b[1mu00\x1b]0;t\x07e9b=cdefg"),
}


@pytest.mark.parametrize("name", HALVES)
def test_escape_sequences_are_never_cut_in_two(name):
    secret, form = HALVES[name]
    masker, data = Masker([secret]), f"x {form} y\n".encode()
    assert MASK in masker.apply(data)
    check_every_cut(masker, data)


def check_every_cut(masker, data):
    """Text masked in two pieces, cut anywhere, equals the text masked as a whole."""
    whole = masker.apply(data)
    for length in range(len(data)):
        end = masker.safe_end(data[:length])
        assert masker.apply(data[:end]) + masker.apply(data[end:]) == whole, data[:length]


def test_control_characters_in_nested_json_are_masked():
    assert Masker(["pass\b\0word"]).apply(b"x pass\\\\b\\\\u0000word\n") == b"x " + MASK + b"\n"


@settings(deadline=None)  # the model is slow
@given(st.lists(SECRETS, min_size=1, max_size=12), st.data())
@pytest.mark.slow
def test_masking_equals_a_slow_model(secrets, drawn):
    parts = []
    for _ in range(drawn.draw(st.integers(0, 5))):
        parts += (
            drawn.draw(NOISE),
            drawn.draw(st.sampled_from(ENCODERS))(drawn.draw(st.sampled_from(secrets))),
        )
    data = "".join((*parts, drawn.draw(NOISE))).encode()
    assert Masker(secrets).apply(data) == model(secrets, data)


@settings(deadline=None)
@given(st.lists(SECRETS, min_size=1, max_size=3), st.sampled_from(ENCODERS), st.data())
def test_text_in_pieces_is_masked_like_the_whole(secrets, encode, drawn):
    masker = Masker(secrets)
    data = f"x{drawn.draw(NOISE)}{encode(secrets[0].strip())}{drawn.draw(NOISE)}y".encode()
    length = drawn.draw(st.integers(1, len(data)))
    end = masker.safe_end(data[:length])
    assert masker.apply(data[:end]) + masker.apply(data[end:]) == masker.apply(data)


CUT_ANYWHERE = {
    "a code that a sequence may follow": (
        "mé1a/mb+",
        "]\\\x9d\x1b(\\u006d\\u00e9\\u0031a/mb+\x1b(x",
    ),
    "a code before a string": ("u[x4mPau", "\\\x1bP\b\x1b\\u0075[x4mPau\x1b\\"),
    "a form whose code comes late": ("é[]x41 x4+", "\x1b(\\\x1b]0;x\au00e9[]\x1b]0;x\ax41 x4+"),
    "no code, and one behind it": ("é1bcdef", "u00e91bcdef \\ud8"),
}


@pytest.mark.parametrize("name", CUT_ANYWHERE)
def test_masking_does_not_depend_on_where_text_is_cut(name):
    secret, printed = CUT_ANYWHERE[name]
    masker, data = Masker([secret]), f"x{printed}y".encode()
    assert (MASK in masker.apply(data)) == (name != "no code, and one behind it")
    check_every_cut(masker, data)


def model(secrets, data):
    """Bytes with their places, view by view; each form at each place."""
    raw = [(byte, at, at + 1) for at, byte in enumerate(data)]
    found = set()
    lines = [secret.strip() for secret in secrets]
    for view in (raw, without_sequences(raw)):
        text = bytes(byte for byte, _, _ in view)
        found |= places(view, forms(secrets))
        fold = {form.replace(b"\\", b"") for form in forms(secrets)} | forms(secrets)
        fold |= {form.replace(b"+", b" ") for form in fold}
        blanks = any(" " in line for line in lines)
        for coding in ("\\", "%", "\\%"):
            resolved = without_codes(view, coding)
            if bytes(byte for byte, _, _ in resolved) != text or (blanks and b"+" in text):
                if blanks:
                    resolved = [
                        (32 if byte == 43 else byte, first, last) for byte, first, last in resolved
                    ]
                found |= places(resolved, {form for form in fold if len(form) >= 6})
    return replaced(data, found)


def forms(secrets):
    found = set()
    for secret in secrets:
        line = secret.strip()
        for text in (
            line,
            in_json(line),
            in_json(line, ensure_ascii=False),
            quote(line, safe=""),
            quote_plus(line, safe=""),
        ):
            found |= {
                text.encode(),
                re.sub("%..", lambda code: code[0].lower(), text).encode()
                if "%" in text and "%" not in line
                else text.encode(),
            }
        lower = "".join(
            chr(b) if chr(b) in "abcdefghijklmnopqrstuvwxyz4" else f"%{b:02x}"
            for b in line.encode()
        )
        found |= {lower.encode(), lower.replace("%20", "+").encode()}
        for value in (secret, line):
            for ending in ("", "\n"):
                for encoder in (base64.b64encode, base64.urlsafe_b64encode):
                    encoded = encoder((value + ending).encode())
                    found |= {encoded, encoded.rstrip(b"=")}
    return {form for form in found if len(form) >= 6}


def without_sequences(view):
    text = bytes(byte for byte, _, _ in view).decode("latin-1")
    kept, at = [], 0
    while at < len(text):
        match = re.match(
            (
                r"\x1b+(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]?"
                r"|[\]PX^_][^\x07\x1b\n]{0,16384}(?:\x07|\x1b\\)"
                r"|[ -/]{1,4}[0-~]?|[0-Z\\-~])?"
            ),
            text[at:],
        )
        if match:
            at += match.end()
        else:
            kept.append(view[at])
            at += 1
    return kept


def without_codes(view, coding):
    text = bytes(byte for byte, _, _ in view).decode("latin-1")
    kept, at = [], 0
    while at < len(text):
        units = re.match(r"(?:\\+u[0-9a-fA-F]{4})+", text[at:]) if "\\" in coding else None
        single = re.match(r"(\\+x|%)([0-9a-fA-F]{2})", text[at:])
        if single and single[1][0] not in coding:
            single = None
        if units or single:
            match = units or single
            numbers = (
                [int(number, 16) for number in re.findall("u(....)", units[0])] if units else []
            )
            new = (
                b"".join(n.to_bytes(2, "big") for n in numbers)
                .decode("utf-16-be", "replace")
                .encode()
                if units
                else bytes([int(single[2], 16)])
            )
            source = (view[at][1], view[at + match.end() - 1][2])
            kept += [(byte, *source) for byte in new]
            at += match.end()
        else:
            kept += [] if text[at] == "\\" and "\\" in coding else [view[at]]
            at += 1
    return kept


def places(view, literals):
    text = bytes(byte for byte, _, _ in view)
    return {
        (view[at][1], view[at + len(one) - 1][2])
        for one in literals
        for at in range(len(text) - len(one) + 1)
        if text[at : at + len(one)] == one
    }


def replaced(data, spans):
    result, end = b"", 0
    joined = []
    for first, last in sorted(spans):
        if joined and first < joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], last)
        else:
            joined.append([first, last])
    for first, last in joined:
        result += (
            data[end:first]
            + MASK
            + b"".join(re.findall(rb"\x1b\[[0-9;:]{0,64}m", data[first:last]))
        )
        end = last
    return result + data[end:]


@given(st.integers(0, 7), st.binary(max_size=5))
def test_unfinished_text_is_cut_before_a_possible_beginning_of_a_secret(length, before):
    masker = Masker(["s3cr3t-x"])
    text = before + b"s3cr3t-x"[:length]
    end = masker.safe_end(text)
    assert not any(b"s3cr3t-x".startswith(text[at:]) for at in range(end)), (
        "what follows may complete a secret that begins before the cut"
    )
    assert end <= len(text) - length


@pytest.mark.parametrize("text", [b"key xaaaax", b"key xaa\x1b[0maax"], ids=["plain", "coloured"])
def test_a_secret_that_ends_as_another_begins_is_not_cut(text):
    masker = Masker(["xaaaax", "xyzxyzxyz"])
    assert masker.safe_end(text) == 4
    assert masker.apply_last(text + b"yzxyz").startswith(b"key ***")


def test_half_a_secret_is_masked_at_the_end_of_the_output():
    masker = Masker(["s3cr3t-abcdef"])
    assert masker.apply_last(b"key s3cr3t-ab") == b"key ******"
    assert masker.apply_last(b"key s3\x1b[1mcr3t-\x1b[0mab") == b"key ******"
    assert masker.apply_last(b"key s3cr\x1b[31m\x1b[0m") == b"key s3cr\x1b[31m\x1b[0m", (
        "four bytes of it are not enough"
    )


HOSTILE = {
    "ESC": b"\x1b",
    "OSC": b"\x1b]",
    "CSI": b"\x1b[",
    "colours": b"\x1b[0m",
    "backslashes": b"\\",
    "half codes": b"\\u00",
    "percent": b"%",
    "coded": b"%41",
    "numbers": b"\\u0041",
    "blanks": b"+",
    "beginnings": b"s3cr3t-",
    "coded beginnings": b"%733cr3t-",
    "coloured beginnings": b"\x1b[1ms3cr3t-",
    "secrets": b"s3cr3t-abc def",
    "coloured secrets": b"s3cr3t\x1b[0m-abc def",
}


def seconds(work, *arguments):
    taken = []
    for _ in range(3):
        begin = time.process_time()
        work(*arguments)
        taken.append(time.process_time() - begin)
    return min(taken)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.slow
def test_time_is_linear_in_the_length_of_the_text(text):
    masker = Masker(["s3cr3t-abc def", *(f"s3cr3t-{number:03}" for number in range(99))])
    small = (text * (1 + 16_384 // len(text)))[:16_384]
    assert seconds(masker.apply, small * 8) < 8 * 4 * seconds(masker.apply, small)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_only_the_end_of_the_text_is_read(text):
    masker = Masker(["s3cr3t-abc def"])
    small = (text * (1 + 65_536 // len(text)))[:65_536]
    assert seconds(masker.safe_end, small * 16) < 4 * seconds(masker.safe_end, small) + 0.001


IN_A_LINE = [
    "\x9b31m",
    "\x1b]8;;x\x07",
    "\x9d0;title\x9c",
    "\x90q" + "x" * 40_000 + "\x1b\\",
    "x\b",
    "\x1b[C\x1b[D",
    "xy\x1b[2D",
    "\x1b[0m",
    "\x1b7\x1b8",
]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from(IN_A_LINE)), max_size=4),
    st.sampled_from(["", "10%\r", "ab\b"]),
)
def test_no_line_shows_a_secret_however_it_was_drawn(inserted, before):
    line = "s3cr3t-abc"
    for at, text in sorted(inserted, reverse=True):
        line = line[:at] + text + line[at:]
    stored = Masker(["s3cr3t-abc"]).apply(f"first\n{before}{line}\nlast\n".encode())
    assert "s3cr3t-abc" not in plain(visible_lines(stored))
    assert stored.startswith(b"first\n")
    assert stored.endswith(b"\nlast\n")


@pytest.mark.parametrize(
    "line", ["s3cx\br3t-abc\r\n", "s3c\x9b1mr3t-abc\n", "s3cx\br3t-abc\rdone\n"], ids=repr
)
def test_a_secret_is_not_stored_in_the_history_of_a_line(line):
    stored = Masker(["s3cr3t-abc"]).apply(line.encode())
    assert all("s3cr3t-abc" not in plain(frame) for frame in frames(stored.rstrip(b"\r\n")))
    assert stored.endswith(line[-2:].lstrip("c").encode())


def test_the_end_of_a_stream_does_not_show_half_of_a_drawn_secret():
    assert Masker(["s3cr3t-abc"]).apply_last(b"key s3cx\br3t-ab") == b"key " + MASK
