"""What bindings.test.mjs asks of docs/examples/headroom.py; prints "ok", or ends with a traceback."""

import gc
import hashlib
import json
import os
import resource
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../docs/examples"))
import headroom  # noqa: E402


def log(seed: int, n: int = 300) -> str:
    return "\n".join(f"2026-01-01T00:{i // 60:02}:{i % 60:02}Z INFO worker {i * 7919 * seed % 1000} took job {i}" for i in range(n))


def conversation(text: str) -> list:
    return [
        {"role": "user", "content": "look"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "journalctl"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": text}]},
    ]


def raises(code: int, f, *args) -> None:
    try:
        f(*args)
    except headroom.HeadroomError as e:
        assert e.code == code, (e.code, str(e))
    else:
        raise AssertionError(f"{f} did not fail")


def compresses(h: headroom.Headroom) -> None:
    messages = conversation(log(1))
    r = h.compress(messages, model="claude-opus-4-8")
    assert r.error is None and r.changed == 1 and r.tokens_saved > 0
    assert r.messages[:2] == messages[:2] and r.messages[2] != messages[2]
    assert messages == conversation(log(1)), "the caller's own stay as they are"
    body = json.dumps({"messages": messages, "model": "claude-opus-4-8"}, ensure_ascii=False).encode()
    assert h.compress_request(body).data == r.data, "the same in any order of calls"
    assert h.verify(body, r.data)
    assert not h.verify(body, body.replace(b"took job 7", b"took job 8"))
    assert h.compress_text(log(1), tool="Bash", command="journalctl").tokens_saved > 0


def fails() -> None:
    with headroom.Headroom() as h:
        broken = h.compress_request(b"no JSON")
        assert broken.data == b"no JSON" and broken.error.code == headroom.MALFORMED and str(broken.error)
        odd = [{"role": "user", "content": "ä\u2028\x00" * 3}]
        assert h.compress(odd).messages == odd
        raises(headroom.NOT_FOUND, h.retrieve, "0123456789ab")
    raises(headroom.FAILED, h.compress, [])
    raises(headroom.NOT_FOUND, lambda: headroom.Headroom(store_path="/proc/nowhere/store.db"))


def keeps() -> None:
    with tempfile.TemporaryDirectory() as home:
        with headroom.Headroom(store_path=os.path.join(home, "store.db"), keep_originals=True) as h:
            r = h.compress(conversation(log(2, 2000)))
            assert r.changed == 1
            key = hashlib.sha256(log(2, 2000).encode()).hexdigest()[:24]
            assert h.retrieve(key).decode() == log(2, 2000)


def threads() -> None:
    """Eight at once on one Headroom, each with a conversation of its own; the same bytes as alone."""
    wrong = []
    with headroom.Headroom() as h:
        alone = {seed: headroom.Headroom().compress(conversation(log(seed))).data for seed in range(1, 9)}

        def work(seed: int) -> None:
            for _ in range(5):
                if h.compress(conversation(log(seed))).data != alone[seed]:
                    wrong.append(seed)

        all_of_them = [threading.Thread(target=work, args=(seed,)) for seed in alone]
        for t in all_of_them:
            t.start()
        for t in all_of_them:
            t.join()
    assert not wrong, wrong


def is_freed() -> None:
    """120 results of 300 KB would be 36 MB."""
    text = "x" * 300000
    with headroom.Headroom() as h:
        for i in range(20):
            h.compress_request(b"no JSON " + text.encode())
        gc.collect()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for i in range(120):
            h.compress_text(text[i:] + "\n" + log(1, 20))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 18000, f"{grown} KB"


assert headroom.version() == open(os.path.join(os.path.dirname(__file__), "../../VERSION")).read().strip()
assert headroom.count_tokens("hello world", "gpt-4o") == 2
with headroom.Headroom() as one:
    compresses(one)
    compresses(one)
fails()
keeps()
threads()
is_freed()
print("ok")
