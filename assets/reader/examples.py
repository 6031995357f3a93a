"""What the reader is trained on: questions with the turns that answer them, and with turns that do not.

An example is a question, a passage (a turn with its speaker and, where it helps, the turn before it), and up
to three labels: where in the passage the answer is, whether the passage is what the question is about, and
yes, no or "does not say" for a question of that kind. `passage` must do what `src/reader/passage.rs` does;
`fixture.json` holds examples of both, and a test compares them.
"""

import glob, json, random, re
from pathlib import Path

HERE = Path(__file__).resolve().parent
MAX_TOKENS, MAX_QUESTION, BEFORE, SHORT = 160, 40, 120, 12
YES, NO, SILENT = 0, 1, 2


class Encoding:
    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        tokenizer.no_padding()
        tokenizer.no_truncation()

    def example(self, question, passage, span=None, rng=None, rel=-1, claim=-1, answerable=None):
        """The ids and labels of one example; `passage` is (before, own), `span` bytes of own, in characters.

        `answerable` False: the passage does not hold the answer. None: nothing is known about that.
        """
        before, own = passage
        q = self.tokenizer.encode(question, add_special_tokens=False).ids[:MAX_QUESTION]
        b = self.tokenizer.encode(before, add_special_tokens=False).ids if before else []
        o = self.tokenizer.encode(own, add_special_tokens=False)
        ids, offsets = o.ids, o.offsets
        room = MAX_TOKENS - 3 - len(q)
        if len(ids) + len(b) > room:
            b = []
        first = last = None
        low = 0
        if span:
            inside = [i for i, (s, e) in enumerate(offsets) if e > span[0] and s < span[1]]
            if not inside:
                return None
            first, last = inside[0], inside[-1]
        if len(ids) > room:
            if first is not None:
                low = max(0, min(first - (rng.randrange(room) if rng else room // 2), len(ids) - room))
                if last >= low + room:
                    low = last - room + 1
                if first < low:
                    return None
            elif rng:
                low = rng.randrange(len(ids) - room + 1)
        ids = ids[low : low + room]
        base = len(q) + 2 + len(b)
        return {
            "ids": [101, *q, 102, *b, *ids, 102],
            "types": len(q) + 2,
            "own": base,
            "start": base + first - low if span else (0 if answerable is False else -1),
            "end": base + last - low if span else (0 if answerable is False else -1),
            "rel": rel,
            "claim": claim,
            "asks": -1,
            "offsets": offsets[low : low + room],
        }


def passage(turns, at):
    """(before, own) of a turn: what was said before helps if that asks something, or if this one is short."""
    turn = turns[at]
    own = f"{turn['speaker']}: {turn['text']}"
    alone = at > 0 and turns[at - 1]["speaker"] == turn["speaker"] and turn["speaker"] in ("me", "user")
    if at > 0 and turns[at - 1]["session"] == turn["session"] and not alone:
        last = turns[at - 1]
        text = last["text"].strip()
        if text.endswith("?") or len(turn["text"].split()) < SHORT:
            return f"{last['speaker']}: {text[-BEFORE:]} ", own
    return "", own


def flat(sample):
    conversation, turns, session = sample["conversation"], [], 1
    while f"session_{session}" in conversation:
        for one in conversation[f"session_{session}"]:
            text = one.get("text") or ""
            if one.get("blip_caption"):
                text = f"{text} [picture: {one['blip_caption']}]".strip()
            turns.append({"id": one["dia_id"], "speaker": one["speaker"], "text": text, "session": session})
        session += 1
    return turns


def plain(text):
    return text.lower().replace("’", "'")


def bag(text):
    return re.findall(r"[a-z0-9]+", re.sub(r"\b(a|an|the|and)\b", " ", plain(text).replace(",", "")))


def overlap(a, b):
    a, b = bag(a), bag(b)
    same = sum(min(a.count(w), b.count(w)) for w in set(a))
    return 2 * same / (len(a) + len(b)) if same else 0.0


def locate(text, answer, least=0.6):
    """Where an answer is in a text: letter for letter, else the stretch that shares most words with it."""
    answer = answer.strip()
    at = plain(text).find(plain(answer))
    while at >= 0:
        end = at + len(answer)
        if not (text[at - 1 : at].isalnum() and at) and not text[end : end + 1].isalnum():
            return at, end
        at = plain(text).find(plain(answer), at + 1)
    words = [(m.start(), m.end()) for m in re.finditer(r"\S+", text)]
    best, score = None, least
    for first in range(len(words)):
        for last in range(first, min(len(words), first + 16)):
            got = overlap(text[words[first][0] : words[last][1]], answer)
            if got > score:
                best, score = (words[first][0], words[last][1]), got
    if best:
        start, end = best
        while end > start and text[end - 1] in ".,!?;:\"'”":
            end -= 1
        best = (start, end)
    return best


def of_another(question, turns, evidence, rng):
    """The question asked of another person than the one whom the evidence tells of; None if that cannot be told.

    What one of two people said of themselves answers nothing about the other.
    """
    speakers = {turns[at]["speaker"] for at in evidence}
    if len(speakers) != 1:
        return None
    speaker = speakers.pop()
    everyone = sorted({turn["speaker"] for turn in turns})
    others = [name for name in everyone if name not in (speaker, "me", "user", "assistant")]
    if speaker == "me":
        if re.search(r"\b(I|me|we|our|us)\b", question, re.I) or not re.search(r"\bmy\b", question, re.I):
            return None
        return re.sub(r"\bmy\b", rng.choice(others or ["Maya", "Tom", "Ines", "Leo"]) + "'s", question, flags=re.I)
    named = [name for name in everyone if re.search(rf"\b{re.escape(name)}\b", question, re.I)]
    if named != [speaker] or not others:
        return None
    return re.sub(rf"\b{re.escape(speaker)}\b", rng.choice(others), question, flags=re.I)


def talk(sample, encoding, rng, hits, negatives=3, swapped=0.0):
    """Examples of one conversation with questions; `hits` are the ids that search found for each.

    `swapped` is how often an answered question is asked of another person too, which nothing answers.
    """
    turns = flat(sample)
    place = {turn["id"]: at for at, turn in enumerate(turns)}
    made = []
    for number, qa in enumerate(sample["qa"]):
        evidence = [place[e] for e in qa.get("evidence", []) if e in place]
        if not evidence:
            continue
        kind = qa.get("kind") or {1: "list", 2: "when", 3: "open", 4: "one", 5: "none"}[qa["category"]]
        question = varied(qa["question"], rng)
        known = set(evidence)
        if kind == "open":
            kind = {"yes": "yes", "no": "no"}.get(plain(str(qa.get("answer", "")))[:3].strip(" ,."), "open")
        parts = qa.get("items") or [str(qa["answer"])] if "answer" in qa else []
        if kind == "list" and "items" not in qa:
            parts = str(qa["answer"]).split(", ")
        if kind == "when":
            parts = [qa["said"]] if qa.get("said") else []
        if kind in ("yes", "no", "unsure"):
            parts = [qa.get("said") or qa.get("adversarial_answer") or ""]
        claim = {"yes": YES, "no": NO, "unsure": SILENT}.get(kind, -1)
        for at in evidence:
            before, own = passage(turns, at)
            name = len(turns[at]["speaker"]) + 2
            span = None
            if kind not in ("none", "unsure"):
                for part in parts:
                    if not part:
                        continue
                    if plain(part) == plain(turns[at]["speaker"]):
                        span = (0, len(part))
                        break
                    found = locate(turns[at]["text"], part)
                    if found:
                        span = (found[0] + name, found[1] + name)
                        break
            answerable = False if kind in ("none", "unsure") else None
            example = encoding.example(question, (before, own), span, rng, 1, claim, answerable)
            if example:
                made.append(example)
        if swapped and kind not in ("none", "unsure") and rng.random() < swapped:
            other = of_another(question, turns, evidence, rng)
            for at in evidence if other else []:
                silent = SILENT if claim >= 0 else -1
                made.append(encoding.example(other, passage(turns, at), None, rng, 1, silent, False))
        others = [place[i] for i in hits.get(number, []) if i in place and place[i] not in known]
        # The best of what search finds is what has to be told apart; one of any, for the rest.
        chosen = others[:2] + rng.sample(others[2:12], min(len(others[2:12]), max(0, negatives - 2)))
        if rng.random() < 0.3:
            chosen.append(rng.randrange(len(turns)))
        for at in chosen:
            if at in known:
                continue
            text = plain(turns[at]["text"])
            # What says the same elsewhere is no example of what does not.
            if kind in ("one", "list") and any(len(p) > 2 and plain(p) in text for p in parts):
                continue
            silent = SILENT if claim >= 0 else -1
            example = encoding.example(question, passage(turns, at), None, rng, 0, silent, False)
            if example:
                made.append(example)
    return [one for one in made if one]


def short_items(paths, encoding, rng, others=0.5):
    """Our own short items for yes, no and "does not say": a list of examples for each item.

    `others` is how often a question is put to the words of another item as well, which do not say.
    """
    made = []
    items = [json.loads(line) for path in paths for line in open(path, encoding="utf-8")]
    def read(item):
        turns = [item["before"]] if "before" in item else []
        turns = [turn | {"session": 1} for turn in [*turns, item]]
        return passage(turns, len(turns) - 1)
    for item in items:
        group = []
        for question, label in item["questions"]:
            claim = {"yes": YES, "no": NO, "unsure": SILENT}[label]
            answerable = False if claim == SILENT else None
            question = varied(question, rng)
            group.append(encoding.example(question, read(item), None, rng, 1, claim, answerable))
            other = rng.choice(items)
            if other is not item and rng.random() < others:
                group.append(encoding.example(question, read(other), None, rng, 0, SILENT, False))
        made.append([one for one in group if one])
    return made


def varied(question, rng):
    """The question as somebody else would type it: some in lower case, some without the mark."""
    if rng.random() < 0.12:
        question = question.lower()
    if rng.random() < 0.12:
        question = question.rstrip("?").rstrip()
    return question


AUXILIARY = re.compile(
    r"^(.*?)\b(is|are|was|were|has|have|had|can|could|will|would|should)\b(?! to)\s*(.*)$", re.S
)


def as_question(statement, rng):
    """A statement asked: "A man is asleep." becomes "is a man asleep?"."""
    statement = statement.strip().rstrip(".")
    found = AUXILIARY.match(statement)
    if found and found[1].strip() and len(found[1].split()) < 9 and found[3] and "n't" not in found[3][:4]:
        subject = found[1].strip()
        if subject.split()[0] in ("A", "An", "The", "There", "He", "She", "It", "They", "Some", "Two", "Several"):
            subject = subject[0].lower() + subject[1:]
        asked = f"{found[2]} {subject} {found[3]}"
    else:
        asked = f"is it true that {statement[0].lower() + statement[1:]}"
    if rng.random() < 0.5:
        asked = asked[0].upper() + asked[1:] + "?"
    return asked


def entailment(folder, encoding, rng, most):
    """Pairs that do or do not follow from each other, the second of each asked."""
    labels = {"entailment": YES, "contradiction": NO, "neutral": SILENT}
    rows = []
    for line in open(folder / "breaking_nli.jsonl", encoding="utf-8"):
        row = json.loads(line)
        rows.append((row["sentence1"], row["sentence2"], row["gold_label"]))
    rng.shuffle(rows)
    yes = [row for row in rows if row[2] == "entailment"]
    rows = yes + [row for row in rows if row[2] != "entailment"][: 2 * len(yes)]
    for name in ("conjnli_adversarial_train_15k.tsv", "conjnli_conj_dev.tsv", "negation_SNLI.txt", "negation_MNLI.txt"):
        for line in open(folder / name, encoding="utf-8-sig", errors="replace").read().splitlines()[1:]:
            cells = line.split("\t")
            rows.append(tuple(cells[-3:]))
    rows = [row for row in rows if row[2] in labels and 0 < len(row[0]) < 320 and len(row[1]) > 3]
    by = {label: [row for row in rows if row[2] == label] for label in labels}
    made = []
    names = ["me", "Maya", "Tom", "Ines", "user", "Leo", "Ruth"]
    for label, rows in sorted(by.items()):
        rng.shuffle(rows)
        for premise, hypothesis, _ in rows[: most // 3]:
            own = f"{rng.choice(names)}: {premise}"
            silent = labels[label] == SILENT
            made.append(
                encoding.example(as_question(hypothesis, rng), ("", own), None, rng, -1, labels[label], False if silent else None)
            )
    return [one for one in made if one]


def lines(encoding, rng, most=None, times=1):
    """Lines that tell (T) or ask (A), and questions and notes of our talk: what is typed, without a passage.

    `most` is how many of the files are read, `times` how often each line counts.
    """
    files = sorted((HERE.parent / "tell").glob("train*.txt"), key=lambda path: (len(path.stem), path.stem))[:most]
    typed = [line for path in files for line in open(path, encoding="utf-8").read().splitlines()]
    rows = [(line[0] == "A", line[2:].replace("\\n", "\n")) for line in typed]
    asked, told = [], []
    for path in sorted(glob.glob(str(HERE / "talk" / "*.json"))):
        for sample in json.load(open(path, encoding="utf-8")):
            asked += [varied(qa["question"], rng) for qa in sample["qa"]]
            told += [turn["text"] for turn in flat(sample) if turn["speaker"] == "me" and turn["text"].strip()]
    rows = rows * times + [(True, text) for text in rng.sample(asked, 900)] + [(False, text) for text in rng.sample(told, min(900, len(told)))]
    made = []
    for asks, text in rows:
        ids = encoding.tokenizer.encode(text, add_special_tokens=False).ids[:MAX_QUESTION]
        row = {"ids": [101, *ids, 102], "types": len(ids) + 2, "own": len(ids) + 1, "start": -1, "end": -1, "rel": -1, "claim": -1}
        made.append(row | {"asks": int(asks), "offsets": []})
    return made


def friends(folder, encoding, rng):
    """FriendsQA: questions about scenes of talk between several people."""
    mend = lambda text: re.sub(r" ([.,!?;:'])", r"\1", text).replace(" n't", "n't")
    made = []
    for name in ("dev", "tst"):
        data = json.load(open(folder / f"friendsqa_{name}.json", encoding="utf-8"))
        for scene in data["data"]:
            for paragraph in scene["paragraphs"]:
                turns = [
                    {"speaker": " and ".join(u["speakers"]).split(" ")[0] or "Note", "text": mend(u["utterance"]), "session": 1}
                    for u in paragraph["utterances:"]
                ]
                for qa in paragraph["qas"]:
                    answers = [a for a in qa["answers"] if a["utterance_id"] < len(turns)]
                    known = {a["utterance_id"] for a in answers}
                    for answer in answers[:1]:
                        at = answer["utterance_id"]
                        before, own = passage(turns, at)
                        if answer.get("is_speaker"):
                            span = (0, len(turns[at]["speaker"]))
                        else:
                            text = mend(answer["answer_text"])
                            start = own.find(text)
                            if start < 0 or not text:
                                continue
                            span = (start, start + len(text))
                        example = encoding.example(qa["question"], (before, own), span, rng, 1)
                        if not example:
                            continue
                        made.append(example)
                        for _ in range(2):
                            other = rng.randrange(len(turns))
                            if rng.random() < 0.5:
                                other = max(0, min(len(turns) - 1, at + rng.choice([-3, -2, 2, 3])))
                            if other not in known:
                                made.append(encoding.example(qa["question"], passage(turns, other), None, rng, 0, -1, False))
    return [one for one in made if one]


def encyclopedia(folder, encoding, rng):
    """XQuAD in English: sentences of articles."""
    data = json.load(open(folder / "xquad.en.json", encoding="utf-8"))
    made = []
    for article in data["data"]:
        for paragraph in article["paragraphs"]:
            context = paragraph["context"]
            sentences = [(m.start(), m.end()) for m in re.finditer(r"[^.!?]+[.!?]*\s*", context)]
            for qa in paragraph["qas"]:
                answer = qa["answers"][0]
                start = answer["answer_start"]
                at = [k for k, (s, e) in enumerate(sentences) if s <= start < e]
                if not at:
                    continue
                at = at[0]
                low = sentences[max(0, at - rng.choice([0, 1]))][0]
                high = sentences[min(len(sentences) - 1, at + rng.choice([0, 1]))][1]
                own = "note: " + context[low:high]
                span = (start - low + 6, start - low + 6 + len(answer["text"]))
                made.append(encoding.example(qa["question"], ("", own), span, rng, 1))
                other = rng.randrange(len(sentences))
                if abs(other - at) > 1:
                    text = "note: " + context[sentences[other][0] : sentences[other][1]]
                    made.append(encoding.example(qa["question"], ("", text), None, rng, 0, -1, False))
    return [one for one in made if one]


def own_talk(encoding, rng, hits, negatives=3, swapped=0.0):
    made = []
    for path in sorted(glob.glob(str(HERE / "talk" / "*.json"))):
        for sample in json.load(open(path, encoding="utf-8")):
            made += talk(sample, encoding, rng, hits.get(sample["sample_id"], {}), negatives, swapped)
    return made
