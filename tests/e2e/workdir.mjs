// The work directory of the scripted session, made anew for every run, the same bytes each time: files as agents
// read them, with what repeats in real work (a source read twice, a log of similar lines, a list of like objects).
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WORDS = ['frame', 'queue', 'token', 'buffer', 'arena', 'socket', 'ledger', 'window'];

const word = (i) => WORDS[(i * 7 + (i >> 3)) % WORDS.length];

function source(name, functions) {
	const out = [`/* ${name}: made for a test */`, '#include <stddef.h>', '#include <string.h>', ''];
	for (let i = 0; i < functions; i++)
		out.push(`static int ${word(i)}_step_${i}(int *${word(i + 1)}, size_t length)`, '{',
			`\tfor (size_t i = 0; i < length; i++)`, `\t\t${word(i + 1)}[i] += ${i * 17 % 101};`,
			`\treturn ${word(i + 1)}[0] > ${i * 31 % 997} ? ${i} : -1;`, '}', '');
	return `${out.join('\n')}\n`;
}

function log(lines) {
	const out = [];
	for (let i = 0; i < lines; i++)
		out.push(`2026-01-01T00:${String(i / 60 | 0).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}Z INFO worker-${i % 4} handled ${word(i)} request id=${1000 + i * 13} in ${i * 7 % 90} ms`);
	out.splice(lines >> 1, 0, '2026-01-01T00:01:30Z ERROR worker-2 ledger is locked: retry in 50 ms');
	return `${out.join('\n')}\n`;
}

// A module of which a search finds much.
function module(k) {
	return `${Array.from({ length: 9 }, (_, i) => `\tif (queue_length(q_${i}) > limit_${(i * 31 + k) % 97}) return fail(ctx, "too long at ${(9 * k + i) * 7919 % 10007}");`).join('\n')}\n`;
}

function objects(n) {
	return JSON.stringify(Array.from({ length: n }, (_, i) => ({
		id: 4000 + i, name: `${word(i)}-${i}`, state: i % 9 ? 'ready' : 'failed', owner: word(i + 3), size: i * 37 % 1000, tags: [word(i), 'test'],
	})), null, 2);
}

export function makeWork(path) {
	rmSync(path, { recursive: true, force: true });
	mkdirSync(join(path, 'src'), { recursive: true });
	writeFileSync(join(path, 'src/alpha.c'), source('alpha.c', 40));
	writeFileSync(join(path, 'src/beta.c'), source('beta.c', 25));
	mkdirSync(join(path, 'modules'));
	for (let k = 0; k < 30; k++)
		writeFileSync(join(path, `modules/mod_${k}.c`), module(k));
	writeFileSync(join(path, 'build.log'), log(180));
	writeFileSync(join(path, 'items.json'), objects(60));
	writeFileSync(join(path, 'test.sh'), 'for i in $(seq 1 60); do echo "ok $i - case $i passes"; done\necho "not ok 61 - ledger survives"\necho "  expected 3, got 4"\nexit 1\n');
}

// What the scripted model does there: 15 turns with tools, two of them with calls in parallel, then the last word. Where it has
// headroom_retrieve, it looks originals up: alone, as the first event and behind a text, twice in a row, before the last word,
// beside a call and between two. LOOKS are rounds of their own.
export const TURNS = 16;
export const LOOKS = 4;
export const FINAL = 'Case 61 fails: the ledger was locked. See notes.txt. Fertig ✓';

export function makeScript(work) {
	const at = (name) => join(work, name);
	const shell = (command) => ({ do: 'shell', command });
	// Agents give results in order of completion: of a pair, the second waits for the first.
	const first = (command) => shell(`${command}; touch ${at('.first')}`);
	const second = (command) => shell(`until [ -e ${at('.first')} ]; do sleep 0.1; done; rm ${at('.first')}; ${command}`);
	const read = (name, offset, limit) => ({ do: 'read', path: at(name), offset, limit });
	const turns = [
		{ text: 'I look at what is here.', calls: [shell(`cd ${work} && ls -R .`)] },
		{ calls: [shell(`cd ${work} && grep -rn queue_length modules | sort`)] },
		{ calls: [read('src/alpha.c')] },
		{ text: 'Now both the log and the list.', calls: [first(`cat ${at('build.log')}`), second(`cat ${at('items.json')}`)] },
		{ calls: [shell(`sh ${at('test.sh')}`)], looks: 1 },
		{ text: 'One test fails. Größe prüfen: 日本 🎉', calls: [shell(`cd ${at('src')} && grep -n ledger alpha.c; grep -n ledger beta.c`)] },
		{ calls: [read('src/beta.c')], beside: 1 },
		{ calls: [shell(`cat ${at('src/alpha.c')}`)] },
		{ calls: [first(`sed -n 1,60p ${at('src/beta.c')}`), second(`grep -c . ${at('build.log')}`)], beside: 1 },
		{ calls: [shell(`grep ERROR ${at('build.log')}`)] },
		{ text: 'The original says more.', looks: 2, calls: [shell(`sed 's/ledger is locked/ledger was locked/' ${at('build.log')}`)] },
		{ calls: [{ do: 'write', path: at('notes.txt'), content: 'case 61: expected 3, got 4\nledger was locked\n' }] },
		{ calls: [shell(`cat ${at('notes.txt')}; cat ${at('items.json')}`)] },
		{ calls: [shell(`sh ${at('test.sh')}; true`)] },
		{ calls: [shell(`wc -l ${at('src/alpha.c')} ${at('src/beta.c')} > ${at('counts.txt')}; cat ${at('counts.txt')}`)] },
	];
	return { turns, looks: 1, final: FINAL };
}
