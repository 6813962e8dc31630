// headroom_graph over MCP on this repository's own sources: who calls each function, as the text says; and what has just been saved.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { call, initialize, startRaw, tempHome } from './kit.mjs';

const ROOT = new URL('../../', import.meta.url).pathname;
const PARTS = ['core/graph', 'core/store', 'core/compress/code'];
const PAGE = 20; // rows; most answers have fewer

// The code of a line: without comments, texts and characters. Comments of several lines begin with " *".
const codeOf = (line) => (/^ \*|^\/\*/.test(line) ? '' : line.replace(/\/\*.*?(?:\*\/|$)/g, '').replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "''"));

// {name: ["file:line", ...]} for the names of all functions that are defined: where they stand before a parenthesis, but for where they
// are defined or declared, which is in the first column.
function callsInText(files) {
	const calls = new Map(), lines = files.map(({ path, text }) => ({ path, lines: text.split('\n').map(codeOf) }));
	for (const { lines: of } of lines)
		for (const [i, line] of of.entries()) {
			const name = /^[a-z].*?\b(\w+)\([^;]*$/.exec(line)?.[1];
			if (name && of.slice(i).find((l) => /^\{|;$/.test(l)) === '{')
				calls.set(name, []);
		}
	for (const { path, lines: of } of lines)
		for (const [i, line] of of.entries())
			for (const [, name] of /^(?:\s|#define \w+)/.test(line) ? line.replace(/^#define \w+/, '').matchAll(/\b(\w+)\(/g) : [])
				calls.get(name)?.push(`${path}:${i + 1}`);
	return calls;
}

async function serveGraph(t, home) {
	const server = startRaw(t, home, ['--code-graph']);
	let id = 0;
	server.send(initialize('2025-06-18'));
	await server.next();
	const ask = async (question) => {
		server.send(call(++id, 'headroom_graph', question));
		const { result } = await server.next();
		assert.equal(result.isError, false);
		return result.content[0].text.split('\n').filter(Boolean);
	};
	return {
		ask,
		// "file:line" of each call, from all pages
		async callers(name) {
			const places = [];
			for (let offset = 0; offset !== undefined;) {
				const lines = await ask({ callers: name, offset, limit: PAGE });
				const [, next] = /; for more: offset (\d+)\)$/.exec(lines.at(-1)) ?? [];
				let file;
				for (const line of lines) {
					const [, rows, isByMacro] = /^(\d+(?:,\d+)*)(?: (?!by )\S+)?(?: (by \S+))?$/.exec(line) ?? [];
					places.push(...((!isByMacro && rows?.split(',')) || []).map((row) => `${file}:${row}`));
					file = rows ? file : line;
				}
				offset = next && Number(next);
			}
			return places;
		},
		end: () => server.end(),
	};
}

test('who calls each function of this repository is what its text says', async (t) => {
	const home = tempHome(t);
	for (const part of PARTS)
		cpSync(join(ROOT, part), join(home, part), { recursive: true });
	const files = PARTS.flatMap((part) => readdirSync(join(home, part)).map((f) => ({ path: `${part}/${f}`, text: readFileSync(join(home, part, f), 'utf8') })));
	const calls = callsInText(files);
	const server = await serveGraph(t, home);
	let rows = 0;
	assert.ok(calls.size > 300);
	for (const [name, expected] of calls) {
		const answer = await server.callers(name);
		assert.deepEqual([...new Set(answer)].sort(), [...new Set(expected)].sort(), name);
		rows += answer.length;
	}
	assert.ok(rows > 800);
	assert.deepEqual(await server.end(), [0, '']);
});

test('what has just been saved is in the next answer', async (t) => {
	const home = tempHome(t), file = join(home, 'a.c');
	const server = await serveGraph(t, home);
	for (let i = 0; i < 20; i++) {
		writeFileSync(file, `${'\n'.repeat(i)}void f${i}(void)\n{\n\tg(${i});\n}\n`);
		assert.deepEqual(await server.ask({ callers: 'g' }), ['a.c', `${i + 3} f${i}`]);
	}
	assert.deepEqual(await server.end(), [0, '']);
});

test('an answer of many rows comes in pages, which say how many there are and how the next one is had', async (t) => {
	const home = tempHome(t);
	const server = await serveGraph(t, home);
	for (const file of ['a', 'b'])
		writeFileSync(join(home, `${file}.c`), `#include "g.h"\n${Array.from({ length: 5 }, (_, i) => `void ${file}_f${i}(void)\n{\n\tg(g(1));\n\tg(2);\n}\n`).join('')}`);
	// g(g(1)) is one row
	assert.deepEqual(await server.ask({ callers: 'g', limit: 3 }), ['a.c', '4,5 a_f0', '9 a_f1', '(rows 1 to 3 of 20; for more: offset 3)']);
	assert.deepEqual(await server.ask({ callers: 'g', limit: 3, offset: 9 }), ['a.c', '25 a_f4', 'b.c', '4,5 b_f0', '(rows 10 to 12 of 20; for more: offset 12)']);
	assert.deepEqual(await server.ask({ callers: 'g', offset: 18 }), ['b.c', '24,25 b_f4', '(rows 19 to 20 of 20)']);
	assert.deepEqual(await server.ask({ callers: 'g', offset: 20 }), ['(there are 20 rows)']);
	assert.equal((await server.ask({ callers: 'g' })).some((l) => l.startsWith('(')), false);
	// all other questions have pages, too
	assert.deepEqual(await server.ask({ outline: 'a.c', limit: 1 }), ['a.c', '2-6 a_f0', '(rows 1 to 1 of 5; for more: offset 1)']);
	assert.deepEqual(await server.ask({ importers: 'g.h', limit: 1 }), ['#include "g.h"', 'a.c:1', '(rows 1 to 1 of 2; for more: offset 1)']);
	assert.deepEqual(await server.ask({ calls: 'a_f0' }), ['a.c', '4,5 g']);
	assert.deepEqual(await server.ask({ defined: '*_F0' }), ['a.c', '2-6 a_f0', 'b.c', '2-6 b_f0']);
	assert.deepEqual(await server.ask({ defined: 'f0', limit: 1 }), ['None has just that name. Names with it:', 'a.c', '2-6 a_f0', '(rows 1 to 1 of 2; for more: offset 1)']);
	writeFileSync(join(home, 'b.c'), '#define G(x) \\\n\tg(x)\nvoid one(void)\n{\n\tG(1);\n\tG(2);\n}\nint x = G(3);\n');
	assert.deepEqual(await server.ask({ callers: 'g', offset: 9 }), ['a.c', '25 a_f4', 'b.c', '2 G', '5,6 one by G', '8 by G', '(rows 10 to 14 of 14)']);
	// no call: a callback
	writeFileSync(join(home, 'b.c'), '// g\nvoid (*all[])(int) = {g, h};\nint f(void)\n{\n\treturn each(g) + call(g);\n}\n');
	assert.deepEqual(await server.ask({ uses: 'g', offset: 10 }), ['b.c', '2', '5 f', '(rows 11 to 12 of 12)']);
	assert.deepEqual(await server.ask({ defined: 'h' }), ['Nothing in 2 source files.']);
	assert.deepEqual(await server.end(), [0, '']);
});
