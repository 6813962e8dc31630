#!/usr/bin/env python3
"""Texts as memories are, as many as wanted, out of what people and programs have written: sentences of the files that are given
(directories are walked; JSON: its strings; .gz is opened). Where there are too few, two sentences of different places are put together.

    texts.py N [--questions M QUESTIONS_FILE] DIRECTORY_OR_FILE... > TEXTS

Prints N lines, all different, in an order that depends on nothing but the files. M questions: one half what people ask (strings of JSON members
"question"), one half some words of a sentence that is among the texts."""
import argparse, gzip, json, os, random, re, sys

SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n")
WORDS = re.compile(r"[A-Za-z][a-z]+")
MAX = 4 << 20


def files(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for root, dirs, names in os.walk(path):
            dirs.sort()
            for name in sorted(names):
                if not os.path.islink(os.path.join(root, name)):
                    yield os.path.join(root, name)


def strings(value, asked):
    if isinstance(value, dict):
        if isinstance(value.get("question"), str):
            asked.append(value["question"])
        value = value.values()
    if isinstance(value, str):
        yield value
    elif not isinstance(value, (int, float, bool, type(None))):
        for v in value:
            yield from strings(v, asked)


def texts_of(path, asked):
    opened = gzip.open if path.endswith(".gz") else open
    try:
        with opened(path, "rb") as f:
            text = f.read(MAX).decode("utf-8")
    except (OSError, UnicodeDecodeError, EOFError):
        return
    if path.endswith((".json", ".jsonl")):
        for part in [text] if path.endswith(".json") else text.splitlines():
            try:
                yield from strings(json.loads(part), asked)
            except (ValueError, RecursionError):
                pass
    else:
        yield text


def main():
    p = argparse.ArgumentParser()
    p.add_argument("n", type=int)
    p.add_argument("--questions", nargs=2, metavar=("M", "FILE"))
    p.add_argument("paths", nargs="+")
    o = p.parse_args()
    seen, asked = {}, []
    for path in files(o.paths):
        for text in texts_of(path, asked):
            for s in SENTENCE.split(text):
                s = " ".join(s.split())
                if 25 <= len(s) <= 400 and s.isprintable() and len(WORDS.findall(s)) >= 4:
                    seen[s] = None
    rnd = random.Random(1)
    single = list(seen)
    rnd.shuffle(single)
    out = single[: o.n]
    while len(out) < o.n:
        s = rnd.choice(single) + " " + rnd.choice(single)
        if s not in seen:
            seen[s] = None
            out.append(s)
    rnd.shuffle(out)
    sys.stdout.write("\n".join(out) + "\n")
    if o.questions:
        m = int(o.questions[0])
        asked = list(dict.fromkeys(asked))
        rnd.shuffle(asked)
        asked = asked[: m // 2]
        while len(asked) < m:
            words = WORDS.findall(rnd.choice(out))
            at = rnd.randrange(len(words))
            asked.append(" ".join(words[at : at + rnd.randint(3, 8)]))
        with open(o.questions[1], "w") as f:
            f.write("\n".join(" ".join(q.split()) for q in asked) + "\n")
    sys.stderr.write(f"{len(single)} sentences, {o.n} texts\n")


main()
