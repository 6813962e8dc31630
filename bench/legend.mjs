// What the head lines cost that explain the notation of a codec, against a legend that explains it once in a conversation: the last
// request of each recording (lines of requests, see turns_lines.mjs) made smaller, its head lines counted.
//
//	HEADROOM=build/release/headroom node bench/legend.mjs FILE...
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const HEADROOM = process.env.HEADROOM ?? 'build/release/headroom';
const HEAD = /^\[(search|diff|log|json|table|build|tests?|html|list|tree|prose|kv|yaml): .*\]$/gm;

const run = (args, input) => {
	const r = spawnSync(HEADROOM, args, { input, encoding: 'utf8', maxBuffer: 1 << 30 });
	if (r.status !== 0)
		throw new Error(r.stderr);
	return r.stdout;
};
const count = (text) => (text ? JSON.parse(run(['tokens', '--format', 'text', '--json'], text)).tokens : 0);

function* strings(value) {
	if (typeof value === 'string')
		yield value;
	else if (value && typeof value === 'object')
		for (const v of Object.values(value))
			yield* strings(v);
}

const all = [];
for (const file of process.argv.slice(2)) {
	const request = JSON.stringify(JSON.parse(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)).request);
	const before = [...strings(JSON.parse(request))].flatMap((s) => s.match(HEAD) ?? []);
	const heads = [...strings(JSON.parse(run(['compress'], request)))].flatMap((s) => s.match(HEAD) ?? []).slice(before.length);
	all.push({ file, heads, words: heads.map((h) => h.slice(1, h.indexOf(':'))) });
}
const sum = (f) => all.reduce((n, s) => n + f(s), 0);
const heads = all.flatMap((s) => s.heads);
// A head that explains nothing keeps its word, its counts and its settings: all before the first ';'.
const short = heads.map((h) => `${h.split(';')[0].replace(/\]$/, '')}]`);
const repeats = all.flatMap((s) => s.heads.filter((_, i) => s.words.indexOf(s.words[i]) < i));
const saved = count(repeats.join('\n')) - count(repeats.map((h) => `${h.split(';')[0].replace(/\]$/, '')}]`).join('\n'));
console.log(`${all.length} conversations, ${sum((s) => s.heads.length > 0)} with a head line, ${heads.length} head lines (${[...new Set(heads.map((h) => h.slice(1, h.indexOf(':'))))].map((w) => `${w} ${heads.filter((h) => h.startsWith(`[${w}:`)).length}`).join(', ')})`);
console.log(`tokens of the head lines ${count(heads.join('\n'))}, without what explains ${count(short.join('\n'))}`);
console.log(`of notations that the conversation has seen before: ${repeats.length} head lines, ${saved} tokens of explanation`);
