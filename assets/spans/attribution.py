"""Fits the table by which the decoder tells whether what was found speaks for the person who is
asked about.

    cargo run --release --example spans -- FILE... > spans.jsonl
    venv/bin/python assets/spans/attribution.py spans.jsonl             # cross-validates only
    venv/bin/python assets/spans/attribution.py spans.jsonl --write     # and writes attribution.tsv

FILE is LoCoMo-shaped; versions of numpy and scipy as in fit.py. What is fitted is told in
src/decoder/attribution.rs: each sentence of the hits is the evidence with a probability (a softmax
of its first features), and speaks for the person with another (a logistic function of the others);
the log-odds of the sum tell questions of category 5 from the rest. Logistic loss with a pull to
zero on the features. Cross-validation leaves out one whole conversation at a time; the curve gives
the share of category 5 that is refused at shares of false refusals, and the odds there.
"""

import argparse, json, sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

FIT = 3  # so many features say how likely a sentence is the evidence
PULL = 0.3
SHARES = (0.03, 0.04, 0.05, 0.06, 0.07, 0.08)


def read(path):
    rows, asked = [], [0, 0]
    for line in map(json.loads, open(path)):
        wrong = line["category"] == 5
        asked[wrong] += 1
        if line["stances"]:
            names = [name for name, _ in line["stances"][0]]
            values = np.array([[value for _, value in one] for one in line["stances"]])
            rows.append((line["id"].rsplit("/", 1)[0], wrong, values))
    most = max(len(values) for *_, values in rows)
    x = np.array([np.pad(values, ((0, most - len(values)), (0, 0))) for *_, values in rows])
    none = np.array([[0.0] * len(values) + [-1e9] * (most - len(values)) for *_, values in rows])
    return names, np.array([sample for sample, *_ in rows]), np.array([wrong for _, wrong, _ in rows]), x, none, asked


def odds(weights, x, none):
    fits = x[:, :, :FIT] @ weights[:FIT] + none
    likely = np.exp(fits - fits.max(1, keepdims=True))
    theirs = 1 / (1 + np.exp(-(x[:, :, FIT:] @ weights[FIT:-2])))
    share = np.clip((likely * theirs).sum(1) / likely.sum(1), 1e-6, 1 - 1e-6)
    return weights[-2] * np.log(share / (1 - share)) + weights[-1]


def fit(x, none, wrong):
    side = np.where(wrong, -1, 1)

    def loss(weights):
        pull = PULL * (weights[:-2] ** 2).sum()
        return np.logaddexp(0, -side * odds(weights, x, none)).sum() + pull

    start = np.r_[0.5, 0.3, 0, 1, np.zeros(x.shape[2] - FIT - 1), 1, 0]
    return minimize(loss, start, method="L-BFGS-B", options=dict(maxiter=150)).x


def curve(odds, wrong, asked):
    order = np.argsort(odds, kind="stable")
    refused, false = np.cumsum(wrong[order]) / asked[1], np.cumsum(~wrong[order]) / asked[0]
    for share in SHARES:
        place = np.searchsorted(false, share, side="right") - 1
        print(f"  false refusals {false[place]:.3f}: refused {refused[place]:.3f}, odds {odds[order][place]:.2f}")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("spans")
    ap.add_argument("--write", action="store_true")
    a = ap.parse_args()
    names, samples, wrong, x, none, asked = read(a.spans)
    print(f"{len(wrong)} questions that name one speaker, {wrong.sum()} of them of category 5")
    got = np.zeros(len(wrong))
    for sample in sorted(set(samples)):
        out = samples == sample
        got[out] = odds(fit(x[~out], none[~out], wrong[~out]), x[out], none[out])
    print("cross-validated")
    curve(got, wrong, asked)
    if a.write:
        weights = fit(x, none, wrong)
        lines = [f"{name}\t{weight:.3f}\n" for name, weight in zip([*names, "slope", "offset"], weights)]
        head = "# Weights of what is known of whose a sentence is (src/decoder/attribution.rs); made by attribution.py\n"
        Path(__file__).with_name("attribution.tsv").write_text(head + "".join(lines))


if __name__ == "__main__":
    sys.exit(main())
