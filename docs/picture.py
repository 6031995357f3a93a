#!/usr/bin/env python3
"""Draws docs/screen.svg and a picture of each view in docs/pictures from a real run: recount in tmux, a
few lines typed, the screen as it is.

    docs/picture.py target/release/recount

Wants tmux and python3, and half a minute. Everything happens in a folder of its own.
"""
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

COLUMNS, ROWS = 100, 30
# Conversations of our own writing, so that there is something to look at.
IMPORTED = ["tests/quality/friends.json", "tests/quality/group.json", "tests/quality/coding.json"]
# A folder of different exports, to be looked at by the import.
EXPORTS = ["chatgpt", "claude_ai", "whatsapp", "telegram", "discord", "signal", "irc", "mbox"]
SAID = [
    ("We adopted a greyhound yesterday. Her name is Pepper.", "remembered"),
    ("Bruno planted eleven tomato seedlings in the allotment last Saturday.", "eleven tomato"),
    ("When did Bruno plant the tomatoes?", "%"),
    ("What is the name of our greyhound?", "Her name is Pepper.”"),
]
# A picture's name, what leads to it from the conversation (names of keys, else text that is typed),
# and what it must show.
VIEWS = [
    ("source", ["M-1"], "Enter in session"),
    ("palette", ["Escape", "C-p"], "What would you like to do?"),
    ("search", ["Escape", "C-r", "tomato"], "by words and meaning"),
    ("filters", ["C-f"], "filter ›"),
    ("sessions", ["Escape", "Escape", "C-s", "Tab", "Down"], "rename"),
    ("import", ["Escape", "Escape", "/import ~/exports", "Enter"], "Enter import"),
    ("memory", ["Escape", "Escape", "/status", "Enter"], "ok (quick check)"),
    ("help", ["Escape", "F1"], "Keys and commands"),
    ("light", ["F1", "/theme paper", "Enter"], "Theme paper"),
]
PALETTE = {
    30: "#1d2021", 31: "#cc6666", 32: "#9fb56b", 33: "#e0b25d", 34: "#7aa2c4", 35: "#b48ead",
    36: "#7fb8b3", 37: "#d5d0c4", 90: "#7d7a72", 91: "#e08080", 92: "#b8cc85", 93: "#f0c674",
    94: "#93bbdb", 95: "#c9a5c4", 96: "#98d0cb", 97: "#ffffff",
}
BACKGROUND, FOREGROUND, DIM = "#1d2021", "#d5d0c4", "#8a867c"
LIGHT, LIGHT_INK = "#faf8f3", "#2b2a27"


def screen(binary):
    """Runs the program and returns its screens by the names of the pictures, as text with escapes."""
    root = Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory(prefix="ann-") as home:
        exports = Path(home, "exports")
        exports.mkdir()
        for name in EXPORTS:
            shutil.copy(root / "tests/fixtures/import" / name, exports / name)
        tmux = ["tmux", "-L", f"recount-picture-{os.getpid()}"]
        env = f"env HOME={home} XDG_DATA_HOME={home} XDG_CACHE_HOME={home}/cache XDG_CONFIG_HOME={home} TERM=tmux-256color COLORTERM=truecolor"

        def run(*words):
            return subprocess.run([*tmux, *words], capture_output=True, text=True).stdout

        def shown(text):
            for _ in range(600):
                if text in run("capture-pane", "-p"):
                    return
                time.sleep(0.1)
            sys.exit(f"the screen never showed {text!r}:\n" + run("capture-pane", "-p"))

        def press(key):
            # What is no key's name is typed.
            named = key in ("Escape", "Enter", "Tab", "Down", "F1") or key[:2] in ("C-", "M-")
            run("send-keys", *([key] if named else ["-l", key]))
            time.sleep(0.7)

        def begin():
            # A server that is told to end would take the next session with it.
            if run("list-sessions"):
                run("respawn-pane", "-k", f"{env} {binary}")
                time.sleep(1)
                return
            run("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), f"{env} {binary}")
            # tmux would show colours by their nearest name.
            run("set-option", "-sa", "terminal-features", ",*:RGB")

        try:
            begin()
            shown("encoder ready")
            pictures = {"first": run("capture-pane", "-p", "-e")}
            subprocess.run(
                [binary, "import", *(str(root / path) for path in IMPORTED)], capture_output=True,
                env={**os.environ, "HOME": home, "XDG_DATA_HOME": home, "XDG_CACHE_HOME": f"{home}/cache",
                     "XDG_CONFIG_HOME": home})
            begin()
            shown("encoder ready")
            for line, shows in SAID:
                press(line)
                press("Enter")
                shown(shows)
                time.sleep(1.5)
            pictures["screen"] = run("capture-pane", "-p", "-e")
            for name, keys, shows in VIEWS:
                for key in keys:
                    press(key)
                shown(shows)
                time.sleep(2)
                pictures[name] = run("capture-pane", "-p", "-e")
            return pictures
        finally:
            run("kill-server")


def cells(text):
    """How many cells a text takes."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 or c == "\u200d" for c in text)


def color(numbers):
    """What `38;2;r;g;b` and `38;5;n` name, and how many numbers that takes."""
    if numbers[:1] == [2]:
        return "#%02x%02x%02x" % tuple(numbers[1:4]), 4
    n = numbers[1]
    if n < 16:
        return PALETTE[n + 30 if n < 8 else n + 82], 2
    if n < 232:
        n -= 16
        levels = [0, 95, 135, 175, 215, 255]
        return "#%02x%02x%02x" % (levels[n // 36], levels[n // 6 % 6], levels[n % 6]), 2
    return "#" + "%02x" % (8 + 10 * (n - 232)) * 3, 2


def styled(style, numbers):
    """The style after the numbers of an escape sequence."""
    style = dict(style)
    while numbers:
        n = numbers.pop(0)
        if n == 0:
            style = {}
        elif n in (38, 48):
            name, used = color(numbers)
            style["fill" if n == 38 else "ground"] = name
            numbers = numbers[used:]
        elif n in PALETTE:
            style["fill"] = PALETTE[n]
        elif n in (39, 49):
            style.pop("fill" if n == 39 else "ground", None)
        elif n in (1, 2, 3, 4, 7):
            style[n] = True
        elif n in (22, 23, 24, 27):
            for off in {22: (1, 2), 23: (3,), 24: (4,), 27: (7,)}[n]:
                style.pop(off, None)
    return style


def svg(name, text):
    """A screen as a picture. A theme for light terminals stands on a light ground."""
    width, height = 8.4, 18
    paper, ink = (LIGHT, LIGHT_INK) if name == "light" else (BACKGROUND, FOREGROUND)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS * width + 24:.0f} {ROWS * height + 24}" '
        f'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">',
        "<title>recount answering a question from memory, with its sources</title>",
        f'<rect width="100%" height="100%" rx="8" fill="{paper}"/>',
    ]
    style = {}
    for row, line in enumerate(text.splitlines()[:ROWS]):
        column = 0
        for part in re.split(r"(\x1b\[[\d;:]*m)", line):
            code = re.fullmatch(r"\x1b\[([\d;:]*)m", part)
            if code:
                style = styled(style, [int(n) for n in re.split("[;:]", code[1]) if n] or [0])
                continue
            wide = cells(part)
            x, y = 12 + column * width, 12 + row * height
            fill = style.get("fill", DIM if 2 in style else ink)
            ground = style.get("ground")
            if 7 in style:
                fill, ground = ground or paper, fill
            if ground and ground != paper:
                out.append(f'<rect x="{x:.1f}" y="{y}" width="{wide * width:.1f}" height="{height}" fill="{ground}"/>')
            if part.strip():
                extra = ' font-weight="bold"' if 1 in style else ""
                extra += ' text-decoration="underline"' if 4 in style else ""
                extra += ' font-style="italic"' if 3 in style else ""
                out.append(f'<text x="{x:.1f}" y="{y + 0.75 * height:.1f}" fill="{fill}"{extra} xml:space="preserve" '
                           f'textLength="{wide * width:.1f}">{html.escape(part)}</text>')
            column += wide
    return "\n".join([*out, "</svg>", ""])


if __name__ == "__main__":
    folder = Path(__file__).parent
    for name, picture in screen(str(Path(sys.argv[1]).resolve())).items():
        path = folder / "screen.svg" if name == "screen" else folder / "pictures" / f"screen-{name}.svg"
        path.write_text(svg(name, picture))
