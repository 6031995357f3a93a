"""Asks the program what it finds for each question of our own talk, so that the reader learns from what it will read.

    cargo build --release
    python3 assets/reader/hits.py target/release/recount > hits.json

Prints {"sample_id": {"number of the question": ["D1:3", …]}}. Files can be named instead of assets/reader/talk.
"""

import json, subprocess, sys, tempfile
from pathlib import Path

MOST = 20


def run(command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def main():
    binary = str(Path(sys.argv[1]).resolve())
    files = sys.argv[2:] or sorted(str(path) for path in (Path(__file__).parent / "talk").glob("*.json"))
    found = {}
    for path in files:
        for sample in json.loads(Path(path).read_text()):
            with tempfile.TemporaryDirectory() as folder:
                one, memory = Path(folder, "sample.json"), str(Path(folder, "memory.db"))
                one.write_text(json.dumps([sample]))
                run([binary, "--db", memory, "import", str(one), "--format", "locomo", "--json"])
                asked = [{"id": n, "query": qa["question"]} for n, qa in enumerate(sample["qa"])]
                lines = "".join(json.dumps(one) + "\n" for one in asked)
                answers = map(json.loads, run([binary, "--db", memory, "search", "--batch", "-k", str(MOST)], lines).splitlines())
                found[sample["sample_id"]] = {
                    answer["id"]: [hit["source_id"] for hit in answer["hits"]] for answer in answers
                }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
