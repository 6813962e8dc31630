// Writes the tables of one byte-pair encoding for core/token: node tokens.mjs ENCODING OUT
// Input: the ranks of js-tiktoken. Layout and hashes: core/token/vocab.h; both sides must agree.
import { writeFileSync } from 'node:fs';

const [encoding, out] = process.argv.slice(2);
const { default: ranks } = await import(`js-tiktoken/ranks/${encoding}`);

const ID_BITS = 18; // ids of the largest vocabulary stay below 2^18
const NO_ID = 2 ** ID_BITS - 1;
const PRINT_BITS = 14;
const SHORT_N = 7; // bytes of a token that fit into a word beside their number
const PAD = 64; // readable bytes behind the last token
const HASH_K = 0x9e3779b97f4a7c15n;
const SEED = 0xffffffffffffffffn; // so that no number hashes to 0, which no pilot would move
const U64 = (v) => BigInt.asUintN(64, v);

// ---- tokens -------------------------------------------------------------------------------------

// bytes of every token, as latin1 strings, by id
function readTokens() {
	const tokens = [];
	for (const line of ranks.bpe_ranks.split('\n')) {
		const [, first, ...list] = line.split(' ');
		list.forEach((t, i) => (tokens[Number(first) + i] = Buffer.from(t, 'base64').toString('latin1')));
	}
	return tokens;
}

// The two tokens that a token is merged from: the last state of the algorithm run on its own bytes.
// No other two ever merge into it: whatever lies around a token, its bytes come together in this
// order. Only tokens with lower ids may take part.
function splitToken(token, id, idOf) {
	const parts = [...token];
	while (parts.length > 2) {
		let best = id;
		let at = -1;
		for (let i = 0; i + 1 < parts.length; i++) {
			const merged = idOf.get(parts[i] + parts[i + 1]);
			if (merged < best) {
				best = merged;
				at = i;
			}
		}
		if (at < 0)
			throw new Error(`token ${JSON.stringify(token)} cannot be made by merging`);
		parts.splice(at, 2, parts[at] + parts[at + 1]);
	}
	return parts.map((p) => idOf.get(p));
}

// ---- hashes -------------------------------------------------------------------------------------

function hashStep(h, word) {
	const x = U64((h ^ word) * HASH_K);
	return x ^ (x >> 32n);
}

// up to 8 bytes from a place on, the first one lowest
function wordAt(bytes, at) {
	let word = 0n;
	for (let i = Math.min(8, bytes.length - at) - 1; i >= 0; i--)
		word = (word << 8n) | BigInt(bytes[at + i]);
	return word;
}

function hashBytes(bytes) {
	let h = SEED;
	let at = 0;
	for (; bytes.length - at > 8; at += 8)
		h = hashStep(h, wordAt(bytes, at));
	return hashStep(h ^ U64(BigInt(bytes.length) * HASH_K), wordAt(bytes, at));
}

// A perfect hash: each bucket of keys has a pilot, the first number that sends all its keys to free
// slots. Few keys share a bucket, and buckets with many keys choose first. {pilots, slots,
// slotOf[key]}
function perfectHash(hashes) {
	const slots = Math.ceil(hashes.length / 0.95);
	const buckets = 2 ** Math.ceil(Math.log2(hashes.length / 3.5));
	const slot = (i, pilot) => {
		const q = 2 * pilot + 1;
		const top = (Math.imul(high[i], q) + Math.floor((low[i] * q) / 2 ** 32)) >>> 0;
		return Math.floor((top * slots) / 2 ** 32);
	};
	const low = hashes.map((h) => Number(h & 0xffffffffn));
	const high = hashes.map((h) => Number(h >> 32n));
	const members = Array.from({ length: buckets }, () => []);
	low.forEach((l, i) => members[l & (buckets - 1)].push(i));
	const order = members.map((_, b) => b).sort((a, b) => members[b].length - members[a].length);

	const pilots = new Uint16Array(buckets);
	const used = new Uint8Array(slots);
	const slotOf = new Uint32Array(hashes.length);
	for (const b of order) {
		let pilot = 0;
		let places;
		for (;; pilot++) {
			if (pilot > 0xffff)
				throw new Error('no perfect hash with pilots of 16 bits');
			places = members[b].map((i) => slot(i, pilot));
			if (new Set(places).size === places.length && places.every((p) => !used[p]))
				break;
		}
		pilots[b] = pilot;
		members[b].forEach((i, k) => {
			used[places[k]] = 1;
			slotOf[i] = places[k];
		});
	}
	return { pilots, slots, slotOf };
}

// A table of entries {hash}, its slots made by write(buffer, offset, entry), free ones all ones.
function hashTable(entries, slotBytes, write) {
	const { pilots, slots, slotOf } = perfectHash(entries.map((e) => e.hash));
	const table = Buffer.alloc(slots * slotBytes, 0xff);
	entries.forEach((e, i) => write(table, slotOf[i] * slotBytes, e));
	return { pilots, slots, slotOf, table };
}

// ---- the file -----------------------------------------------------------------------------------

const tokens = readTokens();
const idOf = new Map();
tokens.forEach((t, id) => idOf.set(t, id)); // forEach skips ids without bytes

const byteIds = new Uint32Array(256);
const bytePairs = new Uint32Array(65536).fill(NO_ID); // by first byte * 256 + second
const starts = new Uint32Array(tokens.length + 1);
const bytes = [];
const shorts = [];
const longs = [];
const pairs = [];
let end = 0;
for (let id = 0; id < tokens.length; id++) {
	starts[id] = end;
	if (tokens[id] === undefined)
		continue;
	const b = Buffer.from(tokens[id], 'latin1');
	bytes.push(b);
	end += b.length;
	if (b.length <= SHORT_N) {
		const key = wordAt(b, 0) | (BigInt(b.length) << 56n);
		shorts.push({ id, key, hash: hashStep(SEED, key) });
	} else {
		longs.push({ id, hash: hashBytes(b) });
	}
	if (b.length === 2)
		bytePairs[b.readUInt16BE(0)] = id;
	if (b.length === 1) {
		byteIds[b[0]] = id;
	} else {
		const [left, right] = splitToken(tokens[id], id, idOf).map(BigInt);
		const key = (left << BigInt(ID_BITS)) | right;
		pairs.push({ id, key, hash: hashStep(SEED, key) });
	}
}
starts[tokens.length] = end;

const shortTable = hashTable(shorts, 8, (table, at, e) => table.writeBigUInt64LE(e.key, at));
const shortIds = new Uint32Array(shortTable.slots);
shorts.forEach((e, i) => (shortIds[shortTable.slotOf[i]] = e.id));
const print = (hash) => Number((hash >> 32n) & BigInt(2 ** PRINT_BITS - 1));
const longTable = hashTable(longs, 4, (table, at, e) =>
	table.writeUInt32LE(e.id * 2 ** PRINT_BITS + print(e.hash), at));
const pairTable = hashTable(pairs, 8, (table, at, e) =>
	table.writeBigUInt64LE((e.key << BigInt(ID_BITS)) | BigInt(e.id), at));

const head = Buffer.alloc(128);
const chunks = [head];
let offset = head.length;
let word = 0;
const addWord = (v) => head.writeUInt32LE(v, 4 * word++);
function addSection(data) {
	const buffer = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer);
	const padding = Buffer.alloc(-buffer.length & 63);
	addWord(offset);
	chunks.push(buffer, padding);
	offset += buffer.length + padding.length;
}
addWord(tokens.length);
addSection(byteIds);
addSection(bytePairs);
addSection(starts);
addSection(Buffer.concat([...bytes, Buffer.alloc(PAD)]));
addSection(shortIds);
for (const t of [shortTable, longTable, pairTable]) {
	addWord(t.pilots.length - 1);
	addWord(t.slots);
	addSection(t.pilots);
	addSection(t.table);
}
writeFileSync(out, Buffer.concat(chunks));
