#!/usr/bin/env python3
"""Makes the bundled reader: 8 bits of what `train.py` trained, in the way of the encoder.

    venv/bin/python assets/reader/make_reader.py FOLDER/stage2.safetensors

Weights and activations are quantised as `assets/make_encoder.py` tells, over questions with passages of our
own instead of single texts. The heads stay at full precision: they are small. Writes model-int8.onnx and
SHA256SUMS beside this file.
"""

import json, random, sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper
from tokenizers import Tokenizer

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))
import examples  # noqa: E402
import make_encoder as encoder  # noqa: E402

PASSAGES = 600


class Pairs(encoder.Reference):
    """The encoder's reference, which also tells the two parts of its input apart."""

    def hidden(self, row, seen=lambda layer, part, x: None):
        ids, parts = row
        whole = self.tensors["embeddings.word_embeddings.weight"]
        kinds = self.tensors["embeddings.token_type_embeddings.weight"]
        # `hidden` of the encoder adds the first kind to every token: here each token has its own.
        kept = whole[ids] + kinds[parts] - kinds[0]
        self.tensors["embeddings.word_embeddings.weight"] = kept
        try:
            return super().hidden(np.arange(len(ids)), seen)
        finally:
            self.tensors["embeddings.word_embeddings.weight"] = whole


def rows(tokenizer):
    """Questions with passages of our own, as the reader meets them."""
    encoding, rng = examples.Encoding(tokenizer), random.Random(1)
    made = examples.own_talk(encoding, rng, {}, 2)
    rng.shuffle(made)
    made = made[:PASSAGES]
    return [(np.array(r["ids"]), np.array([int(at >= r["types"]) for at in range(len(r["ids"]))])) for r in made]


def activations(reference, rows):
    seen = {}
    for row in rows:
        reference.hidden(row, lambda layer, part, x: seen.setdefault((layer, part), []).append(x))
    return {key: np.concatenate(parts) for key, parts in seen.items()}


def make(weights):
    tensors = encoder.read_safetensors(Path(weights).read_bytes())
    tokenizer = Tokenizer.from_file(str(HERE.parent / "all-minilm-l6-v2" / "tokenizer.json"))
    reference = Pairs(tensors)
    natural = activations(reference, rows(tokenizer))
    graph = encoder.Graph()
    x = encoder.body(graph, reference, natural, natural, last="hidden")
    f32 = lambda name: tensors[name].astype(np.float32)
    token = graph.node("MatMul", x, graph.constant("token.weight", f32("reader.token.weight").T), to="token.product")
    graph.node("Add", token, graph.constant("token.bias", f32("reader.token.bias")), to="token")
    first = graph.node("Gather", x, graph.constant("first", np.array(0)), to="first.hidden", axis=1)
    whole = graph.node("MatMul", first, graph.constant("whole.weight", f32("reader.whole.weight").T), to="whole.product")
    graph.node("Add", whole, graph.constant("whole.bias", f32("reader.whole.bias")), to="whole")
    shape = ["batch", "sequence"]
    made = helper.make_graph(
        graph.nodes,
        "recount's reader, int8",
        [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n in ("input_ids", "attention_mask", "token_type_ids")],
        [
            helper.make_tensor_value_info("token", TensorProto.FLOAT, [*shape, 2]),
            helper.make_tensor_value_info("whole", TensorProto.FLOAT, ["batch", 1, 5]),
        ],
        graph.constants,
    )
    model = helper.make_model(
        made,
        opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(encoder.CONTRIB, 1)],
        ir_version=9,
        producer_name="recount",
    )
    return model.SerializeToString(deterministic=True)


def main():
    content = make(sys.argv[1])
    (HERE / "model-int8.onnx").write_bytes(content)
    (HERE / "SHA256SUMS").write_text(f"{encoder.sha256(content)}  model-int8.onnx\n")
    print(f"{len(content) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
