"""Fits the table of weights by which the decoder chooses the span that answers.

    cargo run --release --example spans -- FILE... > spans.jsonl
    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    venv/bin/python assets/spans/fit.py spans.jsonl             # cross-validates only
    venv/bin/python assets/spans/fit.py spans.jsonl --write     # and writes weights.tsv

FILE is LoCoMo-shaped: conversations with questions, reference answers and evidence.

A log-linear model over the spans of a question: the probability of a span is a softmax of the sum
of its weighted features. Wanted are the spans that have most words in common with the reference
answer (the share is their token F1 to the fourth power), weighed by how good the best of them is. The
weights maximise the log-likelihood of these with a pull to zero (L2), which is convex: the same
spans give the same weights. Cross-validation leaves out one whole conversation at a time; --of
takes only those whose id begins so, to save time.
"""

import argparse, collections, json, re, sys
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, vstack

PULL = 0.3  # L2 on features of every question
PULL_FORM = 0.9  # and on those that only one form of question or one opening has
SHARPNESS = 4
TEMPERATURE, COMPARED = 0.8, 80  # as in src/decoder/scorer.rs


def tokens(text):
    """Words in a form in which they can be compared; endings are cut off."""
    words = re.findall(r"[a-z0-9]+", str(text).lower().replace("'s", "").replace(",", ""))
    words = [w for w in words if w not in ("a", "an", "the", "and")]
    return collections.Counter(re.sub(r"(?<=...)(ing|edly|ed|es|s|ly|y|e)$", "", w) for w in words)


def f1(a, b):
    same = sum((a & b).values())
    return 2 * same / (sum(a.values()) + sum(b.values())) if same else 0.0


def references(line):
    answer, category = str(line["answer"]), line["category"]
    if category == 3:
        answer = answer.split(";")[0]
    return [tokens(part) for part in (answer.split(",") if category == 1 else [answer])]


def read(path):
    names, questions, known = {}, [], {}
    for line in map(json.loads, open(path)):
        if line["category"] == 5 or line["answer"] is None or not line["spans"]:
            continue
        if any(name.startswith(("when: ", "yes or no: ", "open: ")) for name, _ in line["spans"][0][1]):
            continue  # answered in another way
        rows, columns, values, texts = [], [], [], []
        for row, (text, features, *_) in enumerate(line["spans"]):
            if text not in known:
                known[text] = tokens(text)
            texts.append(text)
            for name, value in features:
                rows.append(row), columns.append(names.setdefault(name, len(names))), values.append(value)
        wanted = references(line)
        share = np.array([max(f1(known[text], one) for one in wanted) for text in texts])
        questions.append(dict(id=line["id"], sample=line["id"].rsplit("/", 1)[0], category=line["category"],
                              share=share, texts=texts, cells=(values, rows, columns)))
    for q in questions:
        values, rows, columns = q.pop("cells")
        q["x"] = csr_matrix((np.array(values, np.float64), (rows, columns)), shape=(len(q["share"]), len(names)))
    return sorted(names, key=names.get), questions, known


def fit(names, questions):
    x = vstack([q["x"] for q in questions]).tocsr()
    transposed = x.T.tocsr()
    sizes = np.array([len(q["share"]) for q in questions])
    starts = np.r_[0, np.cumsum(sizes)[:-1]]
    of = np.repeat(np.arange(len(sizes)), sizes)
    share = np.concatenate([q["share"] for q in questions])
    best = np.maximum.reduceat(share, starts)
    sharp = share**SHARPNESS
    wanted = sharp / np.maximum(np.add.reduceat(sharp, starts), 1e-12)[of] * best[of]
    pull = np.array([PULL_FORM if ":" in name and not name.startswith(("before:", "after:", "first:", "last:"))
                     else PULL for name in names])

    def loss(w):
        s = x @ w
        s -= np.maximum.reduceat(s, starts)[of]
        e = np.exp(s)
        p = e / np.add.reduceat(e, starts)[of]
        return (-(wanted * np.log(p + 1e-12)).sum() + (pull * w * w).sum() / 2,
                transposed @ (p * best[of] - wanted) + pull * w)

    return minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options=dict(maxiter=80)).x


def choose(q, w, known):
    """The place of the span that agrees best with all likely ones."""
    s = q["x"] @ w
    order = np.argsort(-s, kind="stable")[:COMPARED]
    p = np.exp((s[order] - s[order[0]]) / TEMPERATURE)
    terms = [known[q["texts"][place]] for place in order]
    return order[int(np.argmax([sum(f1(a, b) * pb for b, pb in zip(terms, p)) for a in terms]))]


def left_out(sample):
    """The best of all likely spans of a conversation's questions, fitted without it."""
    names, questions, known = loaded
    w = fit(names, [q for q in questions if q["sample"] != sample])
    return [(q["id"], q["category"], q["texts"][place := choose(q, w, known)], q["share"][place], q["share"].max())
            for q in questions if q["sample"] == sample]


def main():
    global loaded
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("spans")
    ap.add_argument("--write", action="store_true")
    ap.add_argument("--of", default="")
    ap.add_argument("--chosen", help="writes what was chosen without its conversation, a line of JSON each")
    a = ap.parse_args()
    loaded = names, questions, known = read(a.spans)
    print(f"{len(questions)} questions, {sum(len(q['texts']) for q in questions)} spans, {len(names)} features", flush=True)
    if a.write:
        w = fit(names, questions)
        kept = [(name, weight) for name, weight in zip(names, w) if abs(weight) >= 0.005]
        lines = [f"{name}\t{weight:.3f}\n" for name, weight in sorted(kept)]
        head = "# Weights of the features of spans (src/decoder/features.rs says what each is); made by fit.py\n"
        Path(__file__).with_name("weights.tsv").write_text(head + "".join(lines))
        print(f"{len(kept)} weights written", flush=True)
    got = collections.defaultdict(list)
    with Pool(2) as pool:
        samples = sorted({q["sample"] for q in questions if q["sample"].startswith(a.of)})
        rows = [row for fold in pool.map(left_out, samples, chunksize=1) for row in fold]
    for _, category, _, share, most in rows:
        got[category].append((share, most))
    for category, shares in sorted(got.items()):
        mean = np.mean(shares, axis=0)
        print(f"category {category}: n {len(shares)}, cross-validated F1 {mean[0]:.3f}, of at best {mean[1]:.3f}")
    if a.chosen:
        Path(a.chosen).write_text("".join(json.dumps([id, text]) + "\n" for id, _, text, _, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
