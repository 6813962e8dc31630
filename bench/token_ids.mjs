// Compares core/token with the npm tokenizers, id by id.
// usage: node bench/token_ids.mjs [--fuzz N] [--seed S] [--program PROGRAM] [FILE|FOLDER]...
// PROGRAM is build/release/bench/token_ids unless named.
// Prints one line per encoding and exits with 1 on any difference.
//
// The texts: every file named (or found in a folder), and N strings made from a seed. Bytes are
// turned into the string that the npm tokenizers take as TextDecoder does, byte order mark kept.
// Left out, since there the npm packages are not to be followed:
// - gpt-tokenizer on texts with U+FEFF: it drops one at the start of a token before looking the
//   token up;
// - js-tiktoken with cl100k_base on texts that end in white space: it has an older pattern, without
//   the `\s+$` of OpenAI's tiktoken and of gpt-tokenizer;
// - js-tiktoken on files above 64 KiB, and both on pieces of PIECE_MAX characters: they need
//   quadratic time.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../deps/package.json', import.meta.url));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const PIECE_MAX = 20000; // characters of a piece; a longer one takes the npm tokenizers minutes

const options = { fuzz: 0, seed: 1, program: 'build/release/bench/token_ids', paths: [] };
for (let i = 2; i < process.argv.length; i++) {
	const a = process.argv[i];
	if (a === '--fuzz' || a === '--seed')
		options[a.slice(2)] = Number(process.argv[++i]);
	else if (a === '--program')
		options.program = process.argv[++i];
	else
		options.paths.push(a);
}

function* filesOf(path) {
	if (!statSync(path).isDirectory()) {
		yield path;
		return;
	}
	for (const name of readdirSync(path).sort())
		yield* filesOf(join(path, name));
}

// ---- strings made from a seed -------------------------------------------------------------------

let state = BigInt(options.seed) + 0x9e3779b9n;
function random(n) { // xorshift64*, high bits
	state ^= state >> 12n;
	state = BigInt.asUintN(64, state ^ (state << 25n));
	state ^= state >> 27n;
	return Number(BigInt.asUintN(64, state * 0x2545f4914f6cdd1dn) >> 33n) % n;
}
const pick = (list) => list[random(list.length)];
const times = (n, make) => Array.from({ length: n }, make).join('');
const codePoint = (low, high) => {
	const c = low + random(high - low);
	return c >= 0xd800 && c < 0xe000 ? '\u00e9' : String.fromCodePoint(c);
};
const WORDS = ['return', 'const', 'Error', 'getUserById', 'HTTPServer', 'snake_case_name', 'XMLHttpRequest', 'i18n', 'don', 'I',
	'naïve', 'ÉCOLE', 'Straße', 'ǅungla', 'ʰello', 'данные', 'МОСКВА', 'ΑΒΓδεζ', 'über', 'ſ', 'K', 'İstanbul', 'ﬁ'];
const SIGNS = ['{', '}', '();', '=>', '!=', '//', '/*', '*/', '->', '::', '"', "'", '`', '...', '--', '==', '#', '@', '\\n', '<|endoftext|>',
	'€', '–', '“', '”', '…', '\u0000', '\u0007', '\u001b[31m', '\u0085', '\u200b', '\u00ad', '\ufffd'];
const SPACES = [' ', '  ', '    ', '\t', '\n', '\r\n', '\r', '\n\n', ' \n', '\v', '\f', '\u00a0', '\u2003', '\u3000', '\ufeff', '\u2028',
	'\u1680', '\u180e', '\u202f'];
const TAILS = ["'s", "'S", "'t", "'re", "'RE", "'rE", "'ve", "'m", "'ll", "'LL", "'lL", "'d", "'D", "'x", "'", "'r", "'l", "''s", "'ſ", '’s'];
const EMOJI = ['😀', '👩‍💻', '🇩🇪', '👍🏽', '❤️', '☃', '🏳️‍🌈'];
const MARKS = ['\u0301', '\u0308', '\u20dd', '\u093f', '\ufe0f', '\u0e31'];
const MAKERS = [
	() => pick(WORDS), () => pick(SIGNS), () => pick(SPACES), () => pick(TAILS), () => pick(EMOJI), () => pick(MARKS),
	() => times(1 + random(6), () => String(random(10))),
	() => times(1 + random(8), () => codePoint(0x20, 0x7f)),
	() => times(1 + random(4), () => codePoint(0, 0x110000)),
	() => times(1 + random(4), () => codePoint(0x80, 0x3000)),
	() => times(1 + random(12), () => codePoint(0x4e00, 0xa000)),
	() => times(1 + random(8), () => codePoint(0x3040, 0x3100)),
	() => times(1 + random(8), () => codePoint(0xac00, 0xd7a4)),
	() => times(1 + random(6), () => pick(['٣', '५', '½', 'Ⅷ', '0', '²'])),
	() => times(1 + random(20), () => codePoint(0x61, 0x7b)),
	() => times(1 + random(4), () => codePoint(0x41, 0x5b)),
	() => pick(SPACES).repeat(1 + random(9)),
	() => pick(['a', 'ab', '=', '-', '/', '\u4e00', 'A', '0', '!']).repeat(1 + random(30)),
];

function madeText() {
	let text = times(random(12), () => pick(MAKERS)());
	if (random(200) === 0)
		text += pick(['a', 'aB', ' ', '=', '\u00e9', 'の', '\t ']).repeat(random(700)) + pick(WORDS);
	const bytes = Buffer.from(text);
	if (random(8) === 0) // not UTF-8: some bytes are replaced
		for (let i = random(4) + 1; i > 0 && bytes.length; i--)
			bytes[random(bytes.length)] = 0x80 + random(128);
	return bytes;
}

// ---- comparing ----------------------------------------------------------------------------------

function ours(encoding, texts) {
	const input = texts.flatMap((t) => {
		const n = Buffer.alloc(4);
		n.writeUInt32LE(t.length);
		return [n, t];
	});
	const out = execFileSync(options.program, [encoding], { input: Buffer.concat(input), maxBuffer: 2 ** 30 });
	let at = 0;
	return texts.map(() => {
		const n = out.readUInt32LE(at);
		const ids = new Uint32Array(n).map((_, i) => out.readUInt32LE(at + 4 + 4 * i));
		at += 4 + 4 * n;
		return ids;
	});
}

async function peers(encoding) {
	const { encode } = await load(`gpt-tokenizer/encoding/${encoding}`);
	const { Tiktoken } = await load('js-tiktoken/lite');
	const js = new Tiktoken((await load(`js-tiktoken/ranks/${encoding}`)).default);
	const none = { allowedSpecial: new Set(), disallowedSpecial: new Set() };
	return [{
		name: 'gpt-tokenizer',
		takes: (text) => !text.includes('\ufeff'),
		encode: (text) => encode(text, none),
	}, {
		name: 'js-tiktoken',
		takes: (text) => text.length < 65536 && (encoding === 'o200k_base' || !/\s$/.test(text)),
		encode: (text) => js.encode(text, [], []),
	}];
}

const LONG_PIECE = new RegExp(`[\\p{L}\\p{M}]{${PIECE_MAX}}|[^\\s\\p{L}\\p{N}]{${PIECE_MAX}}|\\s{${PIECE_MAX}}`, 'u');

const encodings = [];
for (const name of ['o200k_base', 'cl100k_base'])
	encodings.push({ name, peers: await peers(name), texts: 0, bytes: 0, ids: 0, bad: 0 });

function compare(batch) {
	for (const e of encodings) {
		const lists = ours(e.name, batch.map((t) => t.bytes));
		batch.forEach(({ label, bytes }, i) => {
			const text = decoder.decode(bytes);
			for (const peer of e.peers) {
				if (!peer.takes(text))
					continue;
				const theirs = peer.encode(text);
				if (theirs.length === lists[i].length && theirs.every((id, k) => id === lists[i][k]))
					continue;
				e.bad++;
				if (e.bad <= 10)
					console.log(`${e.name} differs from ${peer.name}: ${label} ${JSON.stringify(text.slice(0, 300))}\n` +
						`  ours   ${lists[i].slice(0, 40)}\n  theirs ${theirs.slice(0, 40)}`);
			}
			e.texts++;
			e.bytes += bytes.length;
			e.ids += lists[i].length;
		});
	}
}

let skipped = 0;
let batch = [];
let size = 0;
function add(label, bytes) {
	batch.push({ label, bytes });
	size += bytes.length;
	if (size > 4e6 || batch.length >= 20000)
		flush();
}
function flush() {
	compare(batch);
	batch = [];
	size = 0;
}

for (const path of options.paths) {
	for (const file of filesOf(path)) {
		const bytes = readFileSync(file);
		if (LONG_PIECE.test(decoder.decode(bytes)))
			skipped++;
		else
			add(file, bytes);
	}
}
for (let i = 0; i < options.fuzz; i++)
	add(`string ${i}`, madeText());
flush();
for (const e of encodings)
	console.log(`${e.name}: ${e.texts} texts, ${e.bytes} bytes, ${e.ids} ids, ${e.bad} differences from ${e.peers.map((p) => p.name).join(', ')}` +
		(skipped ? `; ${skipped} files with pieces above ${PIECE_MAX} characters left out` : ''));
process.exitCode = encodings.some((e) => e.bad) ? 1 : 0;
