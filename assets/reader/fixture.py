"""Writes fixture.json: questions and passages with the tokens that training makes of them. A test of the
program compares them with its own."""

import json
from pathlib import Path

from tokenizers import Tokenizer

import examples

HERE = Path(__file__).resolve().parent
ROWS = [
    ("where is the key", "Ann", "Under the blue pot, behind the rhubarb.", ("Bo", "Where did you put it?")),
    ("Who called?", "me", "Zoë rang at 8:30 — she's fine 😊", None),
    ("who", "Dr Weiss", "ok", ("me", "a long note. " * 30)),
    ("a very long question " * 12, "Ann", "Yes.", ("Bo", "Are you coming on Saturday, all of you?")),
    ("what did we decide", "Ann", "We talked about it for a long time and in the end we left it all as it was.", ("Bo", "It rained.")),
    ("how do i deploy", "user", "just ship staging --no-cache --region eu-2", None),
    ("我住在哪里", "李", "我住在北京，靠近河边。", None),
    ("what is long", "Ann", "On day three we covered nine kilometres and slept in a hut above the river. " * 6, None),
    ("", "", "", None),
    ("what did he say", "Bo", "  two   spaces\n\nand lines ", ("Ann", "")),
]


def main():
    encoding = examples.Encoding(Tokenizer.from_file(str(HERE.parent / "all-minilm-l6-v2" / "tokenizer.json")))
    rows = []
    for question, speaker, text, before in ROWS:
        turns = [{"speaker": speaker, "text": text, "session": 1}]
        if before:
            turns.insert(0, {"speaker": before[0], "text": before[1], "session": 1})
        made = encoding.example(question, examples.passage(turns, len(turns) - 1))
        rows.append({"question": question, "speaker": speaker, "text": text, "before": before, "ids": made["ids"], "own": made["own"], "types": made["types"]})
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (HERE / "fixture.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
