"""headroom in process, from Python: ctypes and nothing else.

    from headroom import Headroom

    with Headroom() as h:
        result = h.compress(messages, model="claude-opus-4-8")
        client.messages.create(model=..., messages=result.messages)

Copy this file to where you need it. The library is libheadroom.so.0 of the system (package libheadroom0, or `make install`), or what the
variable HEADROOM_LIB names.

Errors: whatever happens, a Result has something that can be sent: the input itself, with `error` saying why. Only
what has nothing to send raises HeadroomError: opening, and originals that are not there.
Threads: any number may share one Headroom, and they compress at the same time, for ctypes lets go of the interpreter's lock. Share one: it
remembers conversations, so that a turn costs time for what is new in it.
Memory: what the library has allocated is freed before a method returns; close() frees the rest.
"""

import ctypes
import json
import os
from dataclasses import dataclass
from typing import Any, Optional, Sequence

NOT_FOUND, UNVERIFIED, MALFORMED, FAILED, NO_MEMORY, IO = 3, 5, 65, 70, 71, 74


class _Options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("model", ctypes.c_char_p),
        ("store_path", ctypes.c_char_p),
        ("lossless", ctypes.c_int),
        ("keep_originals", ctypes.c_int),
        ("protect_tools", ctypes.POINTER(ctypes.c_char_p)),
    ]


class _Result(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("is_changed", ctypes.c_int),
        ("results", ctypes.c_size_t),
        ("changed", ctypes.c_size_t),
        ("tokens_before", ctypes.c_size_t),
        ("tokens_after", ctypes.c_size_t),
        ("message", ctypes.c_char * 512),
        ("owner", ctypes.c_void_p),
    ]


def _load() -> ctypes.CDLL:
    lib = ctypes.CDLL(os.environ.get("HEADROOM_LIB", "libheadroom.so.0"))
    text, n, handle, result = ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.POINTER(_Result)
    for name, takes, gives in (
        ("version", [], text),
        ("new", [ctypes.POINTER(_Options), ctypes.POINTER(handle)], ctypes.c_int),
        ("free", [handle], None),
        ("compress_request", [handle, text, n, text, result], ctypes.c_int),
        ("compress_text", [handle, text, n, text, text, result], ctypes.c_int),
        ("verify", [handle, text, n, text, n, result], ctypes.c_int),
        ("retrieve", [handle, text, result], ctypes.c_int),
        ("result_free", [result], None),
        ("count_tokens", [text, text, n], n),
    ):
        function = getattr(lib, "headroom_" + name)
        function.argtypes, function.restype = takes, gives
    return lib


_lib = _load()


class HeadroomError(Exception):
    """code: one of NOT_FOUND and the other numbers above."""

    def __init__(self, code: int, message: str):
        super().__init__(message or f"headroom failed ({code})")
        self.code = code


@dataclass(frozen=True)
class Result:
    data: bytes  # what to send
    messages: Any  # of compress(): the conversation; else None
    changed: int  # tool results that are smaller
    tokens_before: int  # of tool results
    tokens_after: int
    error: Optional[HeadroomError]  # then data and messages are the input

    @property
    def tokens_saved(self) -> int:
        return self.tokens_before - self.tokens_after


def _text(s: Optional[str]) -> Optional[bytes]:
    return None if s is None else s.encode()


def version() -> str:
    return _lib.headroom_version().decode()


def count_tokens(text: str, model: Optional[str] = None) -> int:
    data = text.encode()
    return _lib.headroom_count_tokens(_text(model), data, len(data))


class Headroom:
    """store_path: a SQLite file that keeps decisions and, with keep_originals, the texts that were changed. protect_tools: globs."""

    def __init__(
        self,
        *,
        model: Optional[str] = None,
        store_path: Optional[str] = None,
        lossless: bool = False,
        keep_originals: bool = False,
        protect_tools: Sequence[str] = (),
    ):
        self._handle = ctypes.c_void_p()
        tools = (ctypes.c_char_p * (len(protect_tools) + 1))(*map(_text, protect_tools), None)
        options = _Options(ctypes.sizeof(_Options), _text(model), _text(store_path), lossless, keep_originals, tools)
        code = _lib.headroom_new(ctypes.byref(options), ctypes.byref(self._handle))
        if code:
            raise HeadroomError(code, f"cannot open {store_path}" if store_path else "")

    def close(self) -> None:
        handle, self._handle = self._handle, ctypes.c_void_p()
        _lib.headroom_free(handle)

    __del__ = close

    def __enter__(self) -> "Headroom":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, function: Any, *arguments: Any) -> Result:
        if not self._handle:
            raise HeadroomError(FAILED, "this Headroom is closed")
        r = _Result()
        code = function(self._handle, *arguments, ctypes.byref(r))
        try:
            error = HeadroomError(code, r.message.decode(errors="replace")) if code else None
            data = ctypes.string_at(r.data, r.size) if r.data else b""
            return Result(data, None, r.changed, r.tokens_before, r.tokens_after, error)
        finally:
            _lib.headroom_result_free(ctypes.byref(r))

    def compress_request(self, body: bytes, format: Optional[str] = None) -> Result:
        """The body of a request, as it would be sent. format: see headroom.h; else found out."""
        return self._call(_lib.headroom_compress_request, body, len(body), _text(format))

    def compress(self, messages: list, model: Optional[str] = None) -> Result:
        """Messages of Anthropic or of OpenAI's Chat Completions."""
        request = {"messages": messages}
        if model:
            request["model"] = model
        result = self.compress_request(json.dumps(request, ensure_ascii=False).encode())
        kept = messages if result.error or not result.changed else json.loads(result.data)["messages"]
        return Result(result.data, kept, result.changed, result.tokens_before, result.tokens_after, result.error)

    def compress_text(self, text: str, tool: Optional[str] = None, command: Optional[str] = None) -> Result:
        """One text that a tool returned; command: what a shell tool ran."""
        data = text.encode()
        return self._call(_lib.headroom_compress_text, data, len(data), _text(tool), _text(command))

    def verify(self, original: bytes, compressed: bytes) -> bool:
        """True where the smaller body says the same as the original."""
        result = self._call(_lib.headroom_verify, original, len(original), compressed, len(compressed))
        if result.error and result.error.code != UNVERIFIED:
            raise result.error
        return result.error is None

    def retrieve(self, key: str) -> bytes:
        """A text that was changed, with keep_originals: by the first 12 to 64 digits of its SHA-256 in hex."""
        result = self._call(_lib.headroom_retrieve, _text(key))
        if result.error:
            raise result.error
        return result.data
