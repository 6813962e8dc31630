#!/usr/bin/env python3
"""The code compressor of the reference product (headroom-ai[code] from PyPI), and a parser, over many files: reads lines {"path", "text"}
from standard input and writes for each a line: with the argument "compress" the text that the compressor makes of it, as a string; with
"errors" the number of errors that tree-sitter finds in it. Run by ways.mjs with the python of the venv named by HEADROOM_REFERENCE."""
import json
import logging
import sys
from pathlib import PurePath

from tree_sitter import Parser
from tree_sitter_language_pack import get_language

LANGUAGES = {
    ".py": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".ts": "typescript", ".tsx": "tsx", ".go": "go", ".rs": "rust",
    ".java": "java", ".c": "c", ".h": "c", ".cc": "cpp", ".cpp": "cpp", ".hpp": "cpp", ".cs": "csharp", ".rb": "ruby", ".php": "php", ".sh": "bash", ".bash": "bash",
}
parsers = {}


def language_of(path):
    return LANGUAGES[PurePath(path).suffix]


def errors(one):
    language = language_of(one["path"])
    if language not in parsers:
        parsers[language] = Parser(get_language(language))
    n, at = 0, parsers[language].parse(one["text"].encode()).walk()
    while True:
        n += at.node.is_error or at.node.is_missing
        if at.node.has_error and at.goto_first_child():
            continue
        while not at.goto_next_sibling():
            if not at.goto_parent():
                return n


def compressor():
    from headroom.transforms.code_compressor import CodeAwareCompressor

    logging.disable(logging.CRITICAL)
    ours = CodeAwareCompressor()

    def compress(one):
        language = {"tsx": "typescript"}.get(language_of(one["path"]), language_of(one["path"]))
        try:
            return ours.compress(one["text"], language=language).compressed
        except ValueError:  # a language that it does not have
            return one["text"]

    return compress


run = compressor() if sys.argv[1] == "compress" else errors
for line in sys.stdin:
    print(json.dumps(run(json.loads(line))))
