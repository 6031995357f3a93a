"""Trains the reader: a MiniLM that marks where in a turn the answer to a question is, or that it is not there.

    python3 -m venv venv && venv/bin/pip install -r assets/reader/requirements.txt
    venv/bin/python assets/reader/train.py --data ../shared/data --out FOLDER

The start is all-MiniLM-L6-v2, the encoder that recount carries. Its word embeddings stay as they are. Small
heads read the last layer: where the answer starts and ends (at the first token: it is not here), whether
the passage is what the question is about, yes, no or "does not say", and whether a line asks or tells. A checkpoint is written every few
minutes; run again with the same --out, and training goes on from there.
"""

import argparse, json, math, os, random, sys, time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

sys.path.insert(0, str(Path(__file__).resolve().parent))
import examples as made_from  # noqa: E402

LAYERS, HEADS, HIDDEN = 6, 12, 384
BATCH_TOKENS, RATE, WARM, DECAY, DROP = 2400, 1.5e-4, 0.06, 0.01, 0.1
HEAD_NAMES = ("start", "end", "rel", "claim", "asks")
# How often each stage goes over its examples.
EPOCHS = {0: 1, 1: 2, 2: 3}


def layer_norm(p, name, x):
    return F.layer_norm(x, (HIDDEN,), p[f"{name}.weight"], p[f"{name}.bias"], 1e-12)


def linear(p, name, x):
    return F.linear(x, p[f"{name}.weight"], p[f"{name}.bias"])


def hidden(p, ids, types, mask, drop=0.0):
    """The last layer, `[batch, tokens, 384]`."""
    spots = torch.arange(ids.shape[1])
    x = (
        F.embedding(ids, p["embeddings.word_embeddings.weight"])
        + p["embeddings.position_embeddings.weight"][spots]
        + F.embedding(types, p["embeddings.token_type_embeddings.weight"])
    )
    x = F.dropout(layer_norm(p, "embeddings.LayerNorm", x), drop, drop > 0)
    bias = torch.zeros(mask.shape).masked_fill(mask == 0, -1e4)[:, None, None, :].to(x.dtype)
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        split = lambda t: t.view(t.shape[0], t.shape[1], HEADS, -1).transpose(1, 2)
        q, k, v = (split(linear(p, f"{name}.attention.self.{part}", x)) for part in ("query", "key", "value"))
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype), dropout_p=drop)
        mixed = mixed.transpose(1, 2).reshape(x.shape)
        mixed = F.dropout(linear(p, f"{name}.attention.output.dense", mixed), drop, drop > 0)
        x = layer_norm(p, f"{name}.attention.output.LayerNorm", x + mixed)
        wide = F.gelu(linear(p, f"{name}.intermediate.dense", x))
        narrow = F.dropout(linear(p, f"{name}.output.dense", wide), drop, drop > 0)
        x = layer_norm(p, f"{name}.output.LayerNorm", x + narrow)
    return x


def heads(p, x):
    """Start and end of each token; of the passage, how much it is about the question; yes, no, silent; asks."""
    token = F.linear(x, p["reader.token.weight"], p["reader.token.bias"]).float()
    whole = F.linear(x[:, 0], p["reader.whole.weight"], p["reader.whole.bias"]).float()
    return token[..., 0], token[..., 1], whole[:, 0], whole[:, 1:4], whole[:, 4]


def batch(rows):
    size, width = len(rows), max(len(row["ids"]) for row in rows)
    ids, types, mask, open_ = (torch.zeros(size, width, dtype=torch.long) for _ in range(4))
    for i, row in enumerate(rows):
        n = len(row["ids"])
        ids[i, :n] = torch.tensor(row["ids"])
        types[i, row["types"] : n] = 1
        mask[i, :n] = 1
        open_[i, 0] = 1
        open_[i, row["own"] : n - 1] = 1
    label = lambda name: torch.tensor([row[name] for row in rows])
    return ids, types, mask, open_, {name: label(name) for name in HEAD_NAMES}


def loss_of(p, rows, drop):
    ids, types, mask, open_, label = batch(rows)
    with torch.autocast("cpu", torch.bfloat16):
        x = hidden(p, ids, types, mask, drop)
    start, end, rel, claim, asks = heads(p, x.float())
    total = torch.zeros(())
    parts = {}
    for name, logits in (("start", start), ("end", end)):
        known = label[name] >= 0
        if known.any():
            logits = logits.masked_fill(open_ == 0, -1e4)
            parts[name] = F.cross_entropy(logits[known], label[name][known], reduction="sum")
            total = total + 0.5 * parts[name]
    known = label["rel"] >= 0
    if known.any():
        parts["rel"] = F.binary_cross_entropy_with_logits(rel[known], label["rel"][known].float(), reduction="sum")
        total = total + 0.7 * parts["rel"]
    known = label["claim"] >= 0
    if known.any():
        parts["claim"] = F.cross_entropy(claim[known], label["claim"][known], reduction="sum")
        total = total + 0.8 * parts["claim"]
        # Of two questions about the same words that differ in one thing, the one with yes must lean more to yes
        # than the one with no: what they share falls out, and what decides is left.
        leans = claim[:, made_from.YES] - claim[:, made_from.NO]
        yes = [
            i
            for i in range(len(rows) - 1)
            if rows[i].get("item") is not None
            and rows[i]["item"] == rows[i + 1].get("item")
            and (rows[i]["claim"], rows[i + 1]["claim"]) == (made_from.YES, made_from.NO)
        ]
        if yes:
            yes = torch.tensor(yes)
            parts["pair"] = F.softplus(leans[yes + 1] - leans[yes]).sum()
            total = total + 0.5 * parts["pair"]
    known = label["asks"] >= 0
    if known.any():
        parts["asks"] = F.binary_cross_entropy_with_logits(asks[known], label["asks"][known].float(), reduction="sum")
        total = total + 0.8 * parts["asks"]
    return total / len(rows), parts


def batches(groups, rng, tokens):
    """Batches of about as many tokens each, of examples of about the same length; a group stays together."""
    groups = groups[:]
    rng.shuffle(groups)
    longest = lambda group: max(len(row["ids"]) for row in group)
    made = []
    for at in range(0, len(groups), 1024):
        chunk = sorted(groups[at : at + 1024], key=longest)
        now = []
        for group in chunk:
            if now and longest(group) * (len(now) + len(group)) > tokens:
                made.append(now)
                now = []
            now = now + group
        made.append(now)
    rng.shuffle(made)
    return made


def begin(weights, seed):
    p = {k: v.float() for k, v in load_file(weights).items() if "pooler" not in k and "position_ids" not in k}
    made = torch.Generator().manual_seed(seed)
    if "reader.token.weight" not in p:
        p["reader.token.weight"] = torch.randn(2, HIDDEN, generator=made) * 0.02
        p["reader.token.bias"] = torch.zeros(2)
        p["reader.whole.weight"] = torch.randn(5, HIDDEN, generator=made) * 0.02
        p["reader.whole.bias"] = torch.zeros(5)
    return p


def gather(args, stage, encoding, rng):
    """The examples of a stage, in groups: what others wrote; mostly what we wrote; mostly yes and no."""
    data, here = Path(args.data), made_from.HERE
    hits = json.load(open(args.hits)) if args.hits else {}
    hits = {k: {int(n): v for n, v in one.items()} for k, one in hits.items()}
    groups, told = [], []
    items = sorted((here / "yesno").glob("*.jsonl"), key=lambda path: int(path.stem.split("-")[1]))
    def add(name, some):
        groups.extend([row] for row in some)
        told.append(f"{name} {len(some)}")
    if stage == 0:
        add("friends", made_from.friends(data / "qa", encoding, rng))
        add("xquad", made_from.encyclopedia(data / "qa", encoding, rng))
        add("entailment", made_from.entailment(data / "entail", encoding, rng, 9000))
    elif stage == 1:
        add("entailment", made_from.entailment(data / "entail", encoding, rng, 2400))
        add("friends", rng.sample(made_from.friends(data / "qa", encoding, rng), 1500))
        add("items", [row for group in made_from.short_items(items[:3], encoding, rng) for row in group])
        add("talk", made_from.own_talk(encoding, rng, hits, 2))
        add("lines", made_from.lines(encoding, rng, 1, 2))
    else:
        some = made_from.short_items(items, encoding, rng, 0.12)
        for number, group in enumerate(some):
            groups.append([row | {"item": number} for row in group])
        told.append(f"items {sum(map(len, some))}")
        talk = made_from.own_talk(encoding, rng, hits, 1, 0.3)
        add("talk", rng.sample(talk, min(9000, len(talk))))
        add("friends", rng.sample(made_from.friends(data / "qa", encoding, rng), 800))
        add("lines", made_from.lines(encoding, rng))
    print(f"stage {stage}: " + ", ".join(told) + f"; all {sum(map(len, groups))}", flush=True)
    return groups


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", required=True, help="the folder with qa/ and entail/")
    ap.add_argument("--weights", required=True, help="model.safetensors of all-MiniLM-L6-v2")
    ap.add_argument("--hits", help="what search found for each question (hits.py writes it)")
    ap.add_argument("--out", required=True)
    ap.add_argument("--stage", type=int, default=-1, help="only this stage (0, 1 or 2)")
    ap.add_argument("--epochs", type=float, default=0)
    ap.add_argument("--rate", type=float, default=RATE)
    ap.add_argument("--seed", type=int, default=7)
    ap.add_argument("--threads", type=int, default=2)
    args = ap.parse_args()
    torch.set_num_threads(args.threads)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(made_from.HERE.parent / "all-minilm-l6-v2" / "tokenizer.json"))
    encoding = made_from.Encoding(tokenizer)
    weights = args.weights
    for stage in ([0, 1, 2] if args.stage < 0 else [args.stage]):
        final = out / f"stage{stage}.safetensors"
        if final.exists() and args.stage < 0:
            weights = final
            continue
        before = out / f"stage{stage - 1}.safetensors"
        if before.exists():
            weights = before
        torch.manual_seed(args.seed)
        rng = random.Random(args.seed)
        # Pairs of questions want small steps.
        tokens = BATCH_TOKENS if stage < 2 else 1700
        p = begin(weights, args.seed)
        trained = [k for k in sorted(p) if k != "embeddings.word_embeddings.weight"]
        for k in trained:
            p[k].requires_grad_(True)
        decayed = [p[k] for k in trained if k.endswith("weight") and "LayerNorm" not in k]
        others = [p[k] for k in trained if not (k.endswith("weight") and "LayerNorm" not in k)]
        optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}], lr=args.rate, fused=True
        )
        epochs = args.epochs or EPOCHS[stage]
        todo = []
        for turn in range(math.ceil(epochs)):
            if turn == 0 or stage == 2:
                groups = gather(args, stage, encoding, rng)
            todo += batches(groups, rng, tokens)
        todo = todo[: round(len(todo) * epochs / math.ceil(epochs))]
        step, checkpoint = 0, out / f"stage{stage}.checkpoint.pt"
        if checkpoint.exists():
            saved = torch.load(checkpoint)
            step = saved["step"]
            with torch.no_grad():
                for k in trained:
                    p[k].copy_(saved["p"][k])
            optimizer.load_state_dict(saved["optimizer"])
        began, mean = time.time(), {}
        last = time.time()
        for step in range(step, len(todo)):
            at = step / len(todo)
            rate = args.rate * (at / WARM if at < WARM else 0.5 * (1 + math.cos(math.pi * (at - WARM) / (1 - WARM))) + 0.01)
            for group in optimizer.param_groups:
                group["lr"] = rate
            torch.manual_seed(args.seed * 1_000_003 + step)
            loss, parts = loss_of(p, todo[step], DROP)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_([p[k] for k in trained if p[k].grad is not None], 1.0)
            optimizer.step()
            for name, part in parts.items():
                mean.setdefault(name, [0.0, 0])
                mean[name][0] = 0.98 * mean[name][0] + 0.02 * float(part.detach()) / len(todo[step])
                mean[name][1] += 1
            if step % 100 == 99:
                shown = " ".join(f"{k} {v[0] / (1 - 0.98 ** v[1]):.3f}" for k, v in sorted(mean.items()))
                print(f"stage {stage}, {step + 1} of {len(todo)}: {shown}, {time.time() - began:.0f} s", flush=True)
            if time.time() - last > 300:
                torch.save({"step": step + 1, "p": {k: p[k].detach() for k in trained}, "optimizer": optimizer.state_dict()}, checkpoint)
                last = time.time()
        save_file({k: v.detach().contiguous() for k, v in p.items()}, final)
        checkpoint.unlink(missing_ok=True)
        weights = final


if __name__ == "__main__":
    main()
