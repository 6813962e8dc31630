// Writes the tables of one byte-pair encoding for core/token: node tokens.mjs ENCODING OUT
// Input: the ranks of js-tiktoken. Layout and hashes: core/token/vocab.h; both sides must agree.
import { writeFileSync } from 'node:fs';

const [encoding, out] = process.argv.slice(2);
const { default: ranks } = await import(`js-tiktoken/ranks/${encoding}`);

const ID_BITS = 18; // ids of the largest vocabulary stay below 2^18
const PRINT_BITS = 14;
const PREFIX_N = 4;
const SHORT_N = 7; // bytes of a token that fit into a word beside their number
const PAD = 64; // readable bytes behind the last token
const HASH_K = 0x9e3779b97f4a7c15n;
const SEED = 0xffffffffffffffffn; // so that no number hashes to 0, which no pilot would move
const U64 = (v) => BigInt.asUintN(64, v);

// ---- tokens --------------------------------------------------------------------------------------------

// bytes of every token, as latin1 strings, by id
function readTokens() {
	const tokens = [];
	for (const line of ranks.bpe_ranks.split('\n')) {
		const [, first, ...list] = line.split(' ');
		list.forEach((t, i) => (tokens[Number(first) + i] = Buffer.from(t, 'base64').toString('latin1')));
	}
	return tokens;
}

// The two tokens that a token is merged from: the last state of the algorithm run on its own bytes. What
// core/token/merge.c relies on is checked: each token can be merged, and only out of tokens with lower ids.
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
	const ids = parts.map((p) => idOf.get(p));
	if (ids[0] >= id || ids[1] >= id)
		throw new Error(`token ${JSON.stringify(token)} is made of later ones`);
	return ids;
}

// ---- hashes --------------------------------------------------------------------------------------------

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
	let h = U64(BigInt(bytes.length) * HASH_K);
	for (let at = 0; at < bytes.length; at += 8)
		h = hashStep(h, wordAt(bytes, at));
	return h;
}

// A perfect hash: each bucket of keys has a pilot, the first number that sends all its keys to free slots.
// Few keys share a bucket, and buckets with many keys choose first. {pilots, slots, slotOf[key]}
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

const print = (hash) => Number((hash >> 32n) & BigInt(2 ** PRINT_BITS - 1));
const writeIdAndPrint = (table, at, e) => table.writeUInt32LE(e.id * 2 ** PRINT_BITS + print(e.hash), at);

// ---- the file ------------------------------------------------------------------------------------------

const tokens = readTokens();
const idOf = new Map();
tokens.forEach((t, id) => idOf.set(t, id)); // forEach skips ids without bytes

const byteIds = new Uint32Array(256);
const children = new Uint32Array(2 * tokens.length);
const starts = new Uint32Array(tokens.length + 1);
const bytes = [];
const pairs = [];
const shorts = [];
const longs = [];
const lengthsOf = new Map(); // first bytes -> lengths of the tokens that begin so, as bits
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
	if (b.length >= PREFIX_N) {
		const prefix = b.readUInt32LE(0);
		lengthsOf.set(prefix, (lengthsOf.get(prefix) ?? 0n) | (1n << BigInt(b.length - 1)));
	}
	if (b.length === 1) {
		if (id > 255)
			throw new Error('a byte whose id is above 255');
		byteIds[b[0]] = id;
		continue;
	}
	const [left, right] = splitToken(tokens[id], id, idOf);
	children.set([left, right], 2 * id);
	pairs.push({ id, hash: hashStep(SEED, (BigInt(left) << BigInt(ID_BITS)) | BigInt(right)) });
}
starts[tokens.length] = end;

const sets = [...new Set(lengthsOf.values())];
const setIndex = new Map(sets.map((s, i) => [s, i]));
const setTable = Buffer.alloc(16 * sets.length);
sets.forEach((s, i) => {
	setTable.writeBigUInt64LE(U64(s), 16 * i);
	setTable.writeBigUInt64LE(s >> 64n, 16 * i + 8);
});
const prefixes = [...lengthsOf].map(([prefix, set]) => ({ prefix, set, hash: hashStep(SEED, BigInt(prefix)) }));

const pairTable = hashTable(pairs, 4, writeIdAndPrint);
const longTable = hashTable(longs, 4, writeIdAndPrint);
const shortTable = hashTable(shorts, 8, (table, at, e) => table.writeBigUInt64LE(e.key, at));
const shortIds = new Uint32Array(shortTable.slots);
shorts.forEach((e, i) => (shortIds[shortTable.slotOf[i]] = e.id));
const prefixTable = hashTable(prefixes, 8, (table, at, e) => {
	table.writeUInt32LE(e.prefix, at);
	table.writeUInt32LE(setIndex.get(e.set), at + 4);
});

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
addSection(children);
addSection(starts);
addSection(Buffer.concat([...bytes, Buffer.alloc(PAD)]));
addSection(setTable);
addSection(shortIds);
for (const t of [shortTable, longTable, pairTable, prefixTable]) {
	addWord(t.pilots.length - 1);
	addWord(t.slots);
	addSection(t.pilots);
	addSection(t.table);
}
writeFileSync(out, Buffer.concat(chunks));
