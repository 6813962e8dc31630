// headroom_graph over MCP on this repository's own sources: who calls each function, as the text says; and what has just been saved.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { call, initialize, startRaw, tempHome } from './kit.mjs';

const ROOT = new URL('../../', import.meta.url).pathname;
const PARTS = ['core/graph', 'core/store', 'core/compress/code'];
const ROWS_MAX = 200;

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
	return {
		async ask(question) {
			server.send(call(++id, 'headroom_graph', question));
			const { result } = await server.next();
			assert.equal(result.isError, false);
			return result.content[0].text.split('\n').filter(Boolean);
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
		const answer = (await server.ask({ callers: name })).filter((l) => /^\S+:\d+ /.test(l)).map((l) => l.split(' ')[0]);
		if (answer.length === ROWS_MAX)
			continue;
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
		assert.deepEqual(await server.ask({ callers: 'g' }), [`a.c:${i + 3} g in f${i}`]);
	}
	assert.deepEqual(await server.end(), [0, '']);
});
