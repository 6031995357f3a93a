#!/usr/bin/env python3
"""Fits the numbers by which recount ranks by the reader, chooses a stretch, decides and abstains.

    cargo run --release --example readings -- --together 6 assets/reader/held/*.json > readings.jsonl
    venv/bin/python assets/reader/fit.py readings.jsonl

The conversations in `held/` are ours, and the reader never saw them. Prints the numbers; they are constants in
src/retrieval/second_stage.rs (ABOUT, UNREAD), src/decoder/choosing.rs (HIT), src/decoder/knowing.rs (HOLDS, RIGHT, LEAST,
THEIRS) and src/decoder/claims.rs (SURE). Give --about and --unread if those in the program were
others than here when the readings were written.
"""

import argparse, json, re

import numpy as np
from scipy.optimize import minimize

SURE = 6.0


def words(text):
    text = re.sub(r"[^\w\s]", " ", str(text).lower().replace("'s", "").replace(",", ""))
    return [re.sub(r"(?<=...)(ing|ed|es|s|ly|e)$", "", w) for w in text.split() if w not in ("a", "an", "the", "and")]


def f1(a, b):
    a, b = words(a), words(b)
    same = sum(min(a.count(w), b.count(w)) for w in set(a))
    return 2 * same / (len(a) + len(b)) if same else 0.0


def base(hit, about, unread):
    value = unread if hit["about"] is None else hit["about"]
    return hit["score"] - about * max(-SURE, min(SURE, value))


def rank(rows, args):
    best = None
    for weight in (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.3, 1.6):
        for unread in (-2, -3, -4, -6):
            mrr = r1 = r5 = n = 0
            for row in rows:
                known = set(row["evidence"])
                score = lambda h: base(h, args.about, args.unread) + weight * max(-SURE, min(SURE, unread if h["about"] is None else h["about"]))
                order = [h["id"] for h in sorted(row["hits"], key=lambda h: -score(h))]
                place = [i for i, one in enumerate(order) if one in known]
                mrr += 1 / (place[0] + 1) if place else 0
                r1 += len(known & set(order[:1])) / len(known)
                r5 += len(known & set(order[:5])) / len(known)
                n += 1
            found = (mrr / n + r5 / n, weight, unread, r1 / n, r5 / n, mrr / n)
            if unread == -4:
                print(f"  about {weight}, unread {unread}: R@1 {found[3]:.3f} R@5 {found[4]:.3f} mrr {found[5]:.3f}")
            best = max(best or found, found)
    print("rank: ABOUT %.2f UNREAD %.1f; R@1 %.3f R@5 %.3f mrr %.3f" % best[1:])
    return best[1], best[2]


def candidates(row, args, about, unread, hit):
    scored = [(base(h, args.about, args.unread) + about * max(-SURE, min(SURE, unread if h["about"] is None else h["about"])), h) for h in row["hits"]]
    scored.sort(key=lambda one: -one[0])
    made = []
    for score, h in scored:
        for text, read in h["spans"]:
            made.append((read + hit * (score - scored[0][0]), text, h["id"]))
    made.sort(key=lambda one: -one[0])
    return made[:40]


def choose(rows, args, about, unread):
    best = None
    asked = [row for row in rows if row["kind"] in ("one", None) and row["category"] == 4 and row["reference"]]
    for hit in (0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.4):
        made = [candidates(row, args, about, unread, hit) for row in asked]
        total = sum(f1(some[0][1], row["reference"]) for row, some in zip(asked, made) if some)
        print(f"  hit {hit}: F1 {total / len(asked):.4f}")
        best = max(best or (0, 0), (total / len(asked), hit))
    print(f"choose: HIT {best[1]}; F1 {best[0]:.4f} of {len(asked)}")


OWN = set("i i'm i've i'd i'll my me we our us mine myself".split())
YOU = set("you your yours you're you've yourself".split())


def speaks_for(asked, hit):
    """As in src/decoder/knowing.rs: the probability that a turn tells of somebody."""
    text = hit["text"].lower().replace("’", "'")
    said = set(re.findall(r"[a-z']+", text))
    own, to = bool(said & OWN), bool(said & YOU)
    if hit["speaker"] == asked:
        return 0.92 if own or not to else 0.45
    if asked.lower().split()[0] in re.findall(r"[^\W\d_]+", text):
        return 0.85
    return (0.3 if own else 0.5) if to else 0.08


def person(rows):
    """Whether the evidence speaks for the one speaker who is asked about."""
    asked = [row for row in rows if row["subject"] and row["type"] != "yes or no"]
    share, known = [], []
    for row in asked:
        read = [h for h in row["hits"] if h["about"] is not None and h["spans"]]
        if not read:
            continue
        fit = np.array([h["about"] + 0.35 * h["spans"][0][1] for h in read]) / 2.0
        likely = np.exp(fit - fit.max())
        share.append((likely * [speaks_for(row["subject"], h) for h in read]).sum() / likely.sum())
        known.append(row["category"] != 5)
    share, known = np.array(share), np.array(known)
    for theirs in (0.3, 0.35, 0.4, 0.45, 0.5):
        low = share < theirs
        print(f"  THEIRS {theirs}: false refusals {low[known].mean():.3f}, refused {low[~known].mean():.3f} of {(~known).sum()}")


def logistic(x, y, pull=5.0):
    mean, scale = x.mean(0), x.std(0) + 1e-6
    z = (x - mean) / scale

    def loss(p):
        t = z @ p[:-1] + p[-1]
        return np.logaddexp(0, -t * (2 * y - 1)).sum() + pull * (p[:-1] ** 2).sum() / 2

    p = minimize(loss, np.zeros(x.shape[1] + 1), method="L-BFGS-B").x
    weights = p[:-1] / scale
    return np.append(weights, p[-1] - (weights * mean).sum())


def auc(score, y):
    order = np.argsort(score)
    rank = np.empty(len(score))
    rank[order] = np.arange(1, len(score) + 1)
    pos = y.sum()
    return (rank[y > 0.5].sum() - pos * (pos + 1) / 2) / (pos * (len(y) - pos))


def know(rows):
    asked = [row for row in rows if row["type"] != "yes or no"]
    x = np.array([row["features"] for row in asked])
    holds = np.array([float(row["category"] != 5) for row in asked])
    p = logistic(x, holds)
    score = x @ p[:-1] + p[-1]
    print("HOLDS", [round(float(v), 3) for v in p], f"area {auc(score, holds):.3f}")
    for false in (0.03, 0.04, 0.05, 0.06, 0.08):
        least = np.quantile(score[holds > 0.5], false)
        print(f"  LEAST {least:.2f}: false refusals {(score[holds > 0.5] < least).mean():.3f}, refused {(score[holds < 0.5] < least).mean():.3f}")
    right = np.array([float(row["category"] != 5 and any(h["id"] in row["evidence"] for h in row["hits"][:2])) for row in asked])
    p = logistic(x, right)
    print("RIGHT", [round(float(v), 3) for v in p], f"area {auc(x @ p[:-1] + p[-1], right):.3f}")


def claim(rows):
    asked = [row for row in rows if row["kind"] in ("yes", "no", "unsure")]
    for sure in (0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95):
        for least in (-3, -1, 0, 1):
            right = false = 0
            for row in asked:
                sides = [(max(h["claim"][:2]), "yes" if h["claim"][0] >= h["claim"][1] else "no") for h in row["hits"][:6] if h["claim"] and h["about"] >= least]
                sides = [one for one in sides if one[0] >= sure]
                said = max(sides)[1] if sides else "unsure"
                right += said == row["kind"]
                false += said != "unsure" and said != row["kind"]
            print(f"  SURE {sure} ABOUT {least}: right {right / len(asked):.3f} false claims {false / len(asked):.3f} of {len(asked)}")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("readings")
    ap.add_argument("--about", type=float, default=0.35, help="ABOUT when the readings were written")
    ap.add_argument("--unread", type=float, default=-4.0)
    args = ap.parse_args()
    rows = [json.loads(line) for line in open(args.readings)]
    rows = [row for row in rows if row["evidence"]]
    # The short items are for yes and no alone: each stands by itself and is found easily.
    items = [row for row in rows if row["sample"] == "yesno"]
    talk = [row for row in rows if row["sample"] != "yesno"]
    about, unread = rank(talk, args)
    choose(talk, args, about, unread)
    know(talk)
    person(talk)
    claim(talk)
    claim(items)


if __name__ == "__main__":
    main()
