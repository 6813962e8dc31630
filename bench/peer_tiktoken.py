#!/usr/bin/env python3
"""How core/token compares with tiktoken (PyPI), single-threaded, on the same texts in the same run.

usage: python3 bench/peer_tiktoken.py build/release/bench/bench_token [ENCODING]...

Needs tiktoken (pip install tiktoken) and node with deps/node_modules: the ranks are those of
js-tiktoken, so that nothing is downloaded. Texts are those of bench_token (set HEADROOM_CORPORA for
recorded ones). Rounds of both programs alternate and the best of each is taken; speeds are MB
(10^6 bytes) per second of processor time. tiktoken is given str, the fastest it takes, and its ids
are counted; ours is without a cache, with a new one, and with one that has seen the text.
"""

import base64
import pathlib
import subprocess
import sys
import tempfile
import time

import tiktoken

ROUNDS = 5
ROOT = pathlib.Path(__file__).resolve().parent.parent
CONTRACTION = "'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])"
LETTERS = r"\p{Lm}\p{Lo}\p{M}"
PATTERNS = {
    "o200k_base": "|".join([
        rf"[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}{LETTERS}]*[\p{{Ll}}{LETTERS}]+(?:{CONTRACTION})?",
        rf"[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}{LETTERS}]+[\p{{Ll}}{LETTERS}]*(?:{CONTRACTION})?",
        r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+",
    ]),
    "cl100k_base": "|".join([
        CONTRACTION, r"[^\r\n\p{L}\p{N}]?+\p{L}++", r"\p{N}{1,3}+", r" ?[^\s\p{L}\p{N}]++[\r\n]*+", r"\s++$",
        r"\s*[\r\n]", r"\s+(?!\S)", r"\s",
    ]),
}
RANKS = """
import(`js-tiktoken/ranks/${process.argv[1]}`).then(({ default: r }) => process.stdout.write(r.bpe_ranks));
"""


def encoding_of(name):
    lines = subprocess.run(["node", "-e", RANKS, name], cwd=ROOT / "deps", check=True, capture_output=True, text=True)
    ranks = {}
    for line in lines.stdout.split("\n"):
        _, first, *tokens = line.split(" ")
        for i, token in enumerate(tokens):
            ranks[base64.b64decode(token)] = int(first) + i
    return tiktoken.Encoding(name=name, pat_str=PATTERNS[name], mergeable_ranks=ranks, special_tokens={})


def ours(program, files):
    """{(encoding, text): (tokens, none, cold, warm)}"""
    out = subprocess.run([program, *files], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in out.splitlines()]
    return {(r[0], r[1]): (int(r[3]), *map(float, r[4:7])) for r in rows if r[0] in PATTERNS}


def main():
    program, *names = sys.argv[1:]
    encodings = {name: encoding_of(name) for name in names or PATTERNS}
    best, counted = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "--dump", folder], check=True, cwd=ROOT)
        files = sorted(pathlib.Path(folder).iterdir())
        texts = {f.name: f.read_bytes() for f in files}
        for _ in range(ROUNDS):
            for key, (tokens, *speeds) in ours(program, files).items():
                counted[key] = tokens
                best[key] = [max(a, b) for a, b in zip(best.get(key, [0, 0, 0]), speeds)]
            for name, encoding in encodings.items():
                for label, data in texts.items():
                    text = data.decode("utf-8", "replace")
                    start = time.process_time()
                    n = len(encoding.encode_ordinary(text))
                    speed = len(data) / (time.process_time() - start) / 1e6
                    best[name, label, "peer"] = max(best.get((name, label, "peer"), 0), speed)
                    counted[name, label, "peer"] = n
    print(f"tiktoken {tiktoken.__version__}")
    print(f"{'encoding':12} {'text':26} {'tokens':>9} {'peer':>7} {'none':>7} {'cold':>7} {'warm':>7}   none/ cold/ warm/peer")
    for name in encodings:
        for label in texts:
            peer, speeds = best[name, label, "peer"], best[name, label]
            same = "" if counted[name, label] == counted[name, label, "peer"] else "  counts differ"
            print(f"{name:12} {label:26} {counted[name, label]:9} {peer:7.2f} " + " ".join(f"{s:7.1f}" for s in speeds) +
                  "  " + " ".join(f"{s / peer:5.1f}x" for s in speeds) + same)


main()
