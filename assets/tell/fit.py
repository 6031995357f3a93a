#!/usr/bin/env python3
"""Fits the weights by which recount tells questions from statements.

    cargo build --release --example lines
    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    venv/bin/python assets/tell/fit.py target/release/examples/lines [--write]

Trained on `train.txt` (T: a statement, A: a question), and on questions and notes of our conversations in
assets/reader. A logistic regression with a pull to zero (L2), which is convex: the same lines give the same
weights. `tests/tell/lines.txt`, by another hand, is only measured. Weights that count for nothing are left out.
"""

import glob, json, random, subprocess, sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

HERE = Path(__file__).resolve().parent
PULL, LEAST, FOLDS = 0.02, 0.02, 5


def lines():
    made = [(line[0] == "A", line[2:], 1.0) for line in (HERE / "train.txt").read_text().splitlines()]
    rng, asked, told = random.Random(3), [], []
    for path in sorted(glob.glob(str(HERE.parent / "reader" / "talk" / "*.json"))):
        for sample in json.loads(Path(path).read_text()):
            asked += [qa["question"] for qa in sample["qa"]]
            for name, turns in sample["conversation"].items():
                if name.startswith("session_") and isinstance(turns, list):
                    told += [t["text"] for t in turns if t["speaker"] == "me" and t["text"].strip()]
    for path in sorted(glob.glob(str(HERE.parent / "reader" / "yesno" / "*.jsonl"))):
        for item in map(json.loads, open(path)):
            if item["speaker"] == "me":
                told.append(item["text"])
            asked += [question for question, _ in item["questions"]]
    for asks, some in ((True, asked), (False, told)):
        made += [(asks, text.replace("\n", "\\n"), 0.5) for text in rng.sample(some, min(1600, len(some)))]
    return made


def features(program, texts):
    out = subprocess.run([program], input="\n".join(texts) + "\n", capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def matrix(rows, known):
    at, of = [], []
    for row, names in enumerate(rows):
        for name in names:
            if name in known:
                at.append(row)
                of.append(known[name])
    return csr_matrix((np.ones(len(at)), (at, of)), shape=(len(rows), len(known)))


def fit(x, y, w):
    def loss(p):
        z = x @ p[:-1] + p[-1]
        error = np.logaddexp(0, -z * (2 * y - 1))
        grad = w * (1 / (1 + np.exp(-z)) - y)
        value = (w * error).sum() + PULL * 0.5 * (p[:-1] ** 2).sum() * 10
        return value, np.append(x.T @ grad + PULL * 10 * p[:-1], grad.sum())

    return minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x


def main():
    program = str(Path(sys.argv[1]).resolve())
    data = lines()
    rows = features(program, [text for _, text, _ in data])
    y, w = np.array([float(asks) for asks, _, _ in data]), np.array([weight for _, _, weight in data])
    seen = {}
    for names in rows:
        for name in names:
            seen[name] = seen.get(name, 0) + 1
    known = {name: at for at, name in enumerate(sorted(n for n, count in seen.items() if count >= 2))}
    x = matrix(rows, known)
    own = [at for at, (_, _, weight) in enumerate(data) if weight == 1.0]
    random.Random(1).shuffle(own)
    right = 0
    for fold in range(FOLDS):
        out = set(own[fold::FOLDS])
        kept = np.array([at for at in range(len(data)) if at not in out])
        p = fit(x[kept], y[kept], w[kept])
        z = x[sorted(out)] @ p[:-1] + p[-1]
        right += ((z > 0) == (y[sorted(out)] > 0.5)).sum()
    print(f"cross-validated: {right / len(own):.4f} of {len(own)}")
    p = fit(x, y, w)
    table = {name: p[at] for name, at in known.items() if abs(p[at]) >= LEAST}
    test = (HERE.parents[1] / "tests" / "tell" / "lines.txt").read_text().splitlines()
    told = features(program, [line[2:] for line in test])
    z = [sum(table.get(name, 0) for name in names) + p[-1] for names in told]
    wrong = [line for line, value in zip(test, z) if (value > 0) != (line[0] == "A")]
    print(f"never seen: {1 - len(wrong) / len(test):.4f} of {len(test)}; weights: {len(table)}")
    if "--show" in sys.argv:
        print("\n".join(wrong))
    if "--write" in sys.argv:
        text = f"offset\t{p[-1]:.3f}\n" + "".join(f"{name}\t{weight:.3f}\n" for name, weight in sorted(table.items()))
        (HERE / "weights.tsv").write_text(text)


if __name__ == "__main__":
    main()
