#!/usr/bin/env python3
"""Draws docs/screen.svg and a picture of each view in docs/pictures from a real run: recount in tmux, a
few lines typed, the screen as it is.

    docs/picture.py target/release/recount

Wants tmux and python3. Everything happens in a folder of its own.
"""
import html
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COLUMNS, ROWS = 100, 30
SAID = [
    "We adopted a greyhound yesterday. Her name is Pepper.",
    "Bruno planted eleven tomato seedlings in the allotment last Saturday.",
    "When did Bruno plant the tomatoes?",
    "What is the name of our greyhound?",
]
# A picture's name, the keys that lead to it from the conversation, and what it must show.
VIEWS = [
    ("source", ["M-1"], "Enter in session"),
    ("palette", ["Escape", "C-p"], "What shall be done?"),
    ("search", ["Escape", "C-r", "tomato"], "eleven tomato"),
    ("sessions", ["Escape", "C-s"], "sessions"),
    ("import", ["Escape", "Escape", "/import ", "Enter"], "import"),
    ("memory", ["Escape", "Escape", "/status", "Enter"], "memory"),
    ("help", ["Escape", "F1"], "Keys and commands"),
]
PALETTE = {
    30: "#1d2021", 31: "#cc6666", 32: "#9fb56b", 33: "#e0b25d", 34: "#7aa2c4", 35: "#b48ead",
    36: "#7fb8b3", 37: "#d5d0c4", 90: "#7d7a72", 91: "#e08080", 92: "#b8cc85", 93: "#f0c674",
    94: "#93bbdb", 95: "#c9a5c4", 96: "#98d0cb", 97: "#ffffff",
}
BACKGROUND, FOREGROUND, DIM = "#1d2021", "#d5d0c4", "#8a867c"


def screen(binary):
    with tempfile.TemporaryDirectory() as home:
        tmux = ["tmux", "-L", f"recount-picture-{os.getpid()}"]
        env = f"env HOME={home} XDG_DATA_HOME={home} XDG_CACHE_HOME={home}/cache TERM=tmux-256color"

        def run(*words):
            return subprocess.run([*tmux, *words], capture_output=True, text=True).stdout

        def shown(text):
            for _ in range(300):
                if text in run("capture-pane", "-p"):
                    return
                time.sleep(0.1)
            sys.exit(f"the screen never showed {text!r}:\n" + run("capture-pane", "-p"))

        subprocess.run([binary, "--db", f"{home}/memory.db", "ask", "Are you there?"],
                       env={**os.environ, "HOME": home, "XDG_CACHE_HOME": f"{home}/cache"}, capture_output=True)
        run("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), f"{env} {binary} --db {home}/memory.db")
        try:
            shown("memory")
            for line in SAID:
                run("send-keys", "-l", line)
                run("send-keys", "Enter")
                shown(line.split()[1])
                time.sleep(1.5)
            pictures = {"screen": run("capture-pane", "-p", "-e")}
            for name, keys, shows in VIEWS:
                for key in keys:
                    # What is no key's name is typed.
                    named = key in ("Escape", "Enter", "F1") or key[:2] in ("C-", "M-")
                    run("send-keys", *([key] if named else ["-l", key]))
                    time.sleep(0.7)
                shown(shows)
                time.sleep(1.5)
                pictures[name] = run("capture-pane", "-p", "-e")
            return pictures
        finally:
            run("kill-server")


def svg(text):
    width, height = 8.4, 18
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS * width + 24:.0f} {ROWS * height + 24}" '
        f'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">',
        "<title>recount answering a question from memory, with its sources</title>",
        f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>',
    ]
    style = {}
    for row, line in enumerate(text.splitlines()[:ROWS]):
        column = 0
        for part in re.split(r"(\x1b\[[\d;:]*m)", line):
            code = re.fullmatch(r"\x1b\[([\d;:]*)m", part)
            if code:
                numbers = [int(n) for n in re.split("[;:]", code[1]) if n] or [0]
                for n in numbers:
                    if n == 0:
                        style = {}
                    elif n in PALETTE:
                        style["fill"] = PALETTE[n]
                    elif n == 39:
                        style.pop("fill", None)
                    elif n in (1, 2, 3, 4, 7):
                        style[n] = True
                    elif n in (22, 23, 24, 27):
                        for off in {22: (1, 2), 23: (3,), 24: (4,), 27: (7,)}[n]:
                            style.pop(off, None)
                continue
            if part.strip():
                fill = style.get("fill", DIM if 2 in style else FOREGROUND)
                extra = ' font-weight="bold"' if 1 in style else ""
                extra += ' text-decoration="underline"' if 4 in style else ""
                extra += ' font-style="italic"' if 3 in style else ""
                x, y = 12 + column * width, 12 + (row + 0.75) * height
                if 7 in style:
                    out.append(f'<rect x="{x:.1f}" y="{12 + row * height}" width="{len(part) * width:.1f}" '
                               f'height="{height}" fill="{fill}"/>')
                    fill = BACKGROUND
                out.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}"{extra} xml:space="preserve" '
                           f'textLength="{len(part) * width:.1f}">{html.escape(part)}</text>')
            column += len(part)
    return "\n".join([*out, "</svg>", ""])


if __name__ == "__main__":
    folder = Path(__file__).parent
    for name, picture in screen(str(Path(sys.argv[1]).resolve())).items():
        path = folder / "screen.svg" if name == "screen" else folder / "pictures" / f"screen-{name}.svg"
        path.write_text(svg(picture))
