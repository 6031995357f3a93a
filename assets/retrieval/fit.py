#!/usr/bin/env python3
"""Fits the weights of retrieval: how much each signal of a turn counts.

    cargo run --release --example signals -- --together 6 assets/reader/talk/*.json > signals.jsonl
    venv/bin/python assets/retrieval/fit.py signals.jsonl [MEASURED.jsonl …]

Fitted to our own conversations, six in a memory. The weights maximise the log-likelihood of the evidence turns in a
softmax over the candidates of a question, with a pull to zero. First those of the first round, which finds the best
turn; then, with that turn's session known, those of the second. Prints both for src/retrieval/weights.rs, and what they
give on every file, beside what the program gave when the file was written.
"""

import json, sys

import numpy as np
from scipy.optimize import minimize

PULL = {"first": 2.0, "second": 6.0}
FIRST = (
    "words words_around meaning meaning_before meaning_after words_before words_after coverage rarest speaker mentions "
    "answer_type time phrase pairs is_question feedback late answers_words answers_late"
).split()
SECOND = FIRST + ["best_session", "list_best_session"]
FIXED = {"phrase": 4.0}


def read(path):
    lines = map(json.loads, open(path))
    names = next(lines)["signals"]
    rows = []
    for line in lines:
        if not line["hits"] or not line["wanted"]:
            continue
        flags = np.array([h[0] for h in line["hits"]], bool)
        rows.append(
            {
                "x": np.array([h[3] for h in line["hits"]], np.float64),
                "flags": flags,
                "session": np.array([h[1] for h in line["hits"]]),
                "score": np.array([h[2] for h in line["hits"]]),
                "wanted": line["wanted"],
                "list": line["list"],
                "category": line["category"],
            }
        )
    return names, rows


def fit(rows, columns, pull, fixed):
    used = [row for row in rows if row["flags"].any()]
    x = np.concatenate([row["z"][:, columns] for row in used])
    base = np.concatenate([row["z"] @ fixed for row in used])
    starts = np.cumsum([0] + [len(row["z"]) for row in used])[:-1]
    sizes = np.array([len(row["z"]) for row in used])
    flags = np.concatenate([row["flags"] for row in used])
    group = np.repeat(np.arange(len(used)), sizes)
    count = np.add.reduceat(flags, starts)

    def loss(w):
        s = x @ w + base
        top = np.maximum.reduceat(s, starts)
        e = np.exp(s - top[group])
        z = np.add.reduceat(e, starts)
        share = e / z[group]
        value = -(((s - top[group]) - np.log(z)[group]) * flags / count[group]).sum()
        grad = x.T @ (share - flags / count[group])
        return value + pull * (w**2).sum() / 2, grad + pull * w

    return minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 400}).x


def measure(rows, score):
    figures = {"R@1": 1, "R@5": 5, "R@10": 10, "R@20": 20}
    total = {name: [] for name in [*figures, "mrr", "R@10 multi"]}
    for row in rows:
        order = np.argsort(-score(row), kind="stable")
        flags = row["flags"][order]
        for name, k in figures.items():
            total[name].append(flags[:k].sum() / row["wanted"])
        if row["category"] == 1:
            total["R@10 multi"].append(flags[:10].sum() / row["wanted"])
        place = np.flatnonzero(flags)
        total["mrr"].append(1 / (place[0] + 1) if len(place) else 0)
    return " ".join(f"{name} {np.mean(values):.3f}" for name, values in total.items() if values)


def main():
    sets = [read(path) for path in sys.argv[1:]]
    names = sets[0][0]
    at = {name: i for i, name in enumerate(names)}
    fixed = np.zeros(len(names))
    for name, weight in FIXED.items():
        fixed[at[name]] = weight
    free = lambda some: [at[name] for name in some if name not in FIXED]
    for _, rows in sets:
        for row in rows:
            row["z"] = row["x"].copy()
            row["z"][:, [at["best_session"], at["list_best_session"]]] = 0
    rows = sets[0][1]
    first = fixed.copy()
    first[free(FIRST)] = fit(rows, free(FIRST), PULL["first"], fixed)
    for _, some in sets:
        for row in some:
            alone = row["z"] @ first
            same = (row["session"] == row["session"][np.argmax(alone)]).astype(float)
            row["z"][:, at["best_session"]] = same
            row["z"][:, at["list_best_session"]] = same * row["list"]
    second = fixed.copy()
    second[free(SECOND)] = fit(rows, free(SECOND), PULL["second"], fixed)
    for title, weights, some in (("first", first, FIRST), ("second", second, SECOND)):
        print(f"{title}: Signals {{")
        print("".join(f"    {name}: {weights[at[name]]:.3f},\n" for name in some), end="}\n")
    for path, (_, some) in zip(sys.argv[1:], sets):
        print(path, len(some))
        print("  program:", measure(some, lambda row: row["score"]))
        print("  first:  ", measure(some, lambda row: row["z"] @ first))
        print("  second: ", measure(some, lambda row: row["z"] @ second))


if __name__ == "__main__":
    main()
