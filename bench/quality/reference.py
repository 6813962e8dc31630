#!/usr/bin/env python3
"""The native core of the reference product (headroom-ai from PyPI) over many texts: reads lines {"kind", "query", "text"} from standard
input, writes lines {"text", "ms"}. Each text goes to the compressor that is meant for its kind; for "lines", "yaml" and "http" the core's own
detection says which. The argument is "lossless" (its tables where they fit, the default) or "lossy" (rows are dropped).
Run by run.mjs with the python of a venv named by HEADROOM_REFERENCE."""
import json
import sys
import time

import headroom
import headroom._core as core

crusher = core.SmartCrusher() if sys.argv[1] == "lossless" else core.SmartCrusher.without_compaction()
log, search, diff, prose = core.LogCompressor(), core.SearchCompressor(), core.DiffCompressor(), core.TextCrusher()
BY_KIND = {
    "json": lambda text, query: crusher.crush(text, query).compressed,
    "log": lambda text, query: log.compress(text).compressed,
    "search": lambda text, query: search.compress(text, query).compressed,
    "diff": lambda text, query: diff.compress(text, query).compressed,
    "text": lambda text, query: prose.compress(text, query).compressed,
}
# What the core calls the kinds that it detects.
DETECTED = {"json_array": "json", "json": "json", "build": "log", "log": "log", "search": "search", "diff": "diff", "git_diff": "diff", "text": "text", "plain_text": "text"}


def compress(one):
    kind = {"cilog": "log"}.get(one["kind"], one["kind"])
    if kind in ("lines", "yaml", "http"):
        kind = DETECTED.get(core.detect_content_type(one["text"]).content_type, "")
    run = BY_KIND.get(kind)
    return run(one["text"], one["query"]) if run else one["text"]


print(json.dumps({"version": headroom.__version__}))
for line in sys.stdin:
    one = json.loads(line)
    began = time.perf_counter()
    text = compress(one)
    print(json.dumps({"text": text, "ms": (time.perf_counter() - began) * 1000}))
