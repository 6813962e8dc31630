// Writes the tables of one byte-pair encoding for core/token: node tokens.mjs ENCODING OUT
// Input: the ranks of js-tiktoken. Layout and hashes: core/token/vocab.h; both sides must agree.
import { writeFileSync } from 'node:fs';

const [encoding, out] = process.argv.slice(2);
const { default: ranks } = await import(`js-tiktoken/ranks/${encoding}`);

const NONE = 0xffffffff;
const ID_BITS = 18; // ids of the largest vocabulary stay below 2^18
const LOAD = 0.6; // filled part of the hash tables
const PAD = 64; // free bytes or slots behind a table, so that reading ahead stays inside
const HASH_K = 0x9e3779b97f4a7c15n;
const U64 = (v) => BigInt.asUintN(64, v);

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
function splitToken(token, idOf) {
	const parts = [...token];
	while (parts.length > 2) {
		let best = NONE;
		let at = -1;
		for (let i = 0; i + 1 < parts.length; i++) {
			const id = idOf.get(parts[i] + parts[i + 1]);
			if (id !== undefined && id < best) {
				best = id;
				at = i;
			}
		}
		if (at < 0)
			throw new Error(`token ${JSON.stringify(token)} cannot be made by merging`);
		parts.splice(at, 2, parts[at] + parts[at + 1]);
	}
	return parts.map((p) => idOf.get(p));
}

function pairHash(left, right) {
	return U64((BigInt(left * 2 ** ID_BITS) + BigInt(right)) * HASH_K);
}

function pieceHash(bytes) {
	let h = BigInt(bytes.length);
	for (let at = 0; at < bytes.length; at += 8) {
		let word = 0n;
		for (let i = Math.min(8, bytes.length - at) - 1; i >= 0; i--)
			word = (word << 8n) | BigInt(bytes[at + i]);
		h = U64((h ^ word) * HASH_K);
		h ^= h >> 32n;
	}
	return U64(h * HASH_K);
}

// Open addressing with linear probing, never wrapping: slot of the hash is (hash >> 32) * slots >> 32.
function fill(entries, slotBytes, write) {
	const slots = Math.ceil(entries.length / LOAD);
	const used = new Uint8Array(slots + PAD);
	const table = Buffer.alloc((slots + PAD) * slotBytes, 0xff);
	for (const e of entries) {
		let at = Number(((e.hash >> 32n) * BigInt(slots)) >> 32n);
		while (used[at])
			at++;
		if (at >= slots + PAD - 1)
			throw new Error('hash table runs over its end');
		used[at] = 1;
		write(table, at * slotBytes, e);
	}
	return { slots, table };
}

const tokens = readTokens();
const idOf = new Map();
tokens.forEach((t, id) => idOf.set(t, id)); // forEach skips ids without bytes

const byteIds = new Uint32Array(256);
const pairs = [];
const pieces = [];
const starts = new Uint32Array(tokens.length + 1);
const bytes = [];
let at = 0;
for (let id = 0; id < tokens.length; id++) {
	starts[id] = at;
	if (tokens[id] === undefined)
		continue;
	const b = Buffer.from(tokens[id], 'latin1');
	bytes.push(b);
	at += b.length;
	pieces.push({ id, hash: pieceHash(b) });
	if (b.length === 1) {
		byteIds[b[0]] = id;
		continue;
	}
	const [left, right] = splitToken(tokens[id], idOf);
	const key = BigInt(left * 2 ** ID_BITS) + BigInt(right);
	pairs.push({ key, id, hash: pairHash(left, right) });
}
starts[tokens.length] = at;

const pairTable = fill(pairs, 8, (table, pos, e) =>
	table.writeBigUInt64LE((e.key << BigInt(ID_BITS)) | BigInt(e.id), pos));
const pieceTable = fill(pieces, 4, (table, pos, e) =>
	table.writeUInt32LE(e.id * 2 ** 14 + Number(e.hash & 0x3fffn), pos));

const sections = [Buffer.from(byteIds.buffer), pairTable.table, pieceTable.table,
	Buffer.from(starts.buffer), Buffer.concat([...bytes, Buffer.alloc(PAD)])];
const head = Buffer.alloc(64);
const chunks = [head];
let offset = head.length;
sections.forEach((s, i) => {
	head.writeUInt32LE(offset, 12 + 4 * i);
	const padding = Buffer.alloc(-s.length & 63);
	chunks.push(s, padding);
	offset += s.length + padding.length;
});
head.writeUInt32LE(tokens.length, 0);
head.writeUInt32LE(pairTable.slots, 4);
head.writeUInt32LE(pieceTable.slots, 8);
writeFileSync(out, Buffer.concat(chunks));
