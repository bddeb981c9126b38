"""Lines from somebody who wants to break a viewer.

Markup, escape sequences, direction, invisible and very many characters.

After the "big list of naughty strings" (https://github.com/minimaxir/big-list-of-naughty-strings)
and CVE-2021-42574. Nothing here may have any effect except being read. A line that sets
``window.hacked`` was executed.
"""

from __future__ import annotations

HACK = "window.hacked=1"

MARKUP = [
    f"<script>{HACK}</script>",
    f"<img src=x onerror='{HACK}'>",
    f"<svg/onload={HACK}>",
    f"<iframe srcdoc='<script>parent.{HACK}</script>'></iframe>",
    f"<details open ontoggle={HACK}>",
    f"</span></div><style>*{{display:none!important}}</style><a href=javascript:{HACK}>x</a>",
    f"<math><mtext></p><style><img src onerror={HACK}></style>",
    f"&lt;script&gt;{HACK}&lt;/script&gt; &#x3C;b&#x3E; &amp;amp;",
    f"{{{{constructor.constructor('{HACK}')()}}}} ${{{HACK}}} <%= {HACK} %> $({HACK})",
    f"javascript:{HACK}// data:text/html,<script>{HACK}</script>",
]

ESCAPES = [
    f"\x1b]8;;javascript:{HACK}\x1b\\a link to a script\x1b]8;;\x1b\\",
    f"\x1b]8;;data:text/html,<script>{HACK}</script>\x07a link to data\x1b]8;;\x07",
    "\x1b]8;;https://bank.example@evil.example/\x07https://bank.example\x1b]8;;\x07",
    '\x1b]8;;https://example.org/"onclick="window.hacked=1\x07a quote in a link\x1b]8;;\x07',
    "\x1b]8;;https://example.org/never-closed\x07a link without an end",
    "\x1b]0;a title\x07\x1b]52;c;aGFja2Vk\x07a clipboard",
    "\x1b[2J\x1b[1;1H\x1b[999A\x1b[999D16: all over the screen",  # its number was erased
    (
        "\x1b[38;2;255;255;255;48;2;255;255;255mwhite on white\x1b[0m \x1b[30;40mblack on"
        " black\x1b[0m \x1b[8mconcealed\x1b[0m"
    ),
    (
        "\x1b[38;2;1x9;-1;NaNm\x1b[99999999999999999999m"
        "\x1b[;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;m"
        " odd colours"
    ),
    "\x1bP" + "q" * 300 + " a device string without an end",
    "\x9b31mC1 \x9d8;;javascript:1\x9cC1 link\x9d8;;\x9c",
    "\x1b[31mred without an end",
]

DIRECTION = [
    "\u202e3pm.exe is not what it says\u202c",
    "if access != '\u202e \u2066// only admins\u2069 \u2066' then",
    "\u2066\u2066\u2066\u2066 never closed",
    "\u0639\u0631\u0628\u064a \u05e2\u05d1\u05e8\u05d9\u05ea mixed \u200fwith\u200e English 123",
    "\u05d9\u05e9\u05e8\u05d0\u05dc" * 40,
]

INVISIBLE = [
    "NUL\x00 BEL\x07 BS\x08 VT\x0b FF\x0c DEL\x7f SUB\x1a",
    "zero\u200bwidth\u200b\u2060\ufeffspaces, soft\u00adhyphen",
    "line\u2028separator and\u2029paragraph\x85next line",
    "\ufdd0\ufffe\uffff non-characters, \ue000 private use, \ud7ff",
    "tag characters: \U000e0068\U000e0069\U000e007f",
]

SIZE = [
    "Z"
    + "\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309" * 60
    + "a"
    + "\u0316\u0317\u0318\u0319\u031c\u031d" * 60
    + "lgo",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 60,
    (
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
        " \U0001f1e9\U0001f1ea \U0001f44b\U0001f3ff"
    ),
    "\ufdfa" * 60,
    "x" * 16_000,
    "\u6f22" * 3_000,
    "\ta\tb\tc" * 40,
    "",
    " ",
    "undefined null NaN __proto__ constructor 1/0 \\ \" ' ` ; -- %s %n {} [] 0x0 \\u0000",
]

LINES = MARKUP + ESCAPES + DIRECTION + INVISIBLE + SIZE


def program() -> str:
    """Code that prints the lines, each after its number, so that they can be distinguished."""
    return (
        f"import sys\nfor n, line in enumerate({LINES!r}):\n    sys.stdout.buffer.write(f'{{n}}:"
        " {line}\\n'.encode('utf-8', 'surrogatepass'))"
    )
