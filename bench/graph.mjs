// Who calls this? What headroom_graph answers over MCP about this repository's own sources, in C, beside grep and cscope, held against what
// gcc says (-fcallgraph-info: each call that it compiles, with its place). A question for each function that the sources define; an answer is a
// file and a line, and, but for grep, the function that the call stands in.
//
//	HEADROOM=build/release/headroom node bench/graph.mjs [--missed] [DIR...]      without one: core cli proxy wrap learn
//
// Run it in the repository, after `make all`: its headers are among what is made. cscope is measured where it is installed.
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const require = createRequire(new URL('../deps/package.json', import.meta.url));
const { countTokens } = await import(pathToFileURL(require.resolve('gpt-tokenizer/encoding/o200k_base')).href);
const args = process.argv.slice(2).filter((a) => a !== '--missed');
const showsMissed = process.argv.includes('--missed');
const dirs = args.length ? args : ['core', 'cli', 'proxy', 'wrap', 'learn'];
const program = resolve(process.env.HEADROOM ?? 'build/release/headroom');
const repository = process.cwd();
const work = mkdtempSync(join(tmpdir(), 'headroom-callers-'));
const sources = join(work, 'src');

const files = () => readdirSync(sources, { recursive: true }).filter((f) => /\.[ch]$/.test(f));

// ---- the compiler ----

// How this repository is compiled, less what does not matter here.
function flags() {
	const lines = execFileSync('make', ['-n', '-B', 'build/release/core/graph/graph.o'], { encoding: 'utf8' }).split('\n');
	return lines.filter((l) => / -c -o /.test(l)).at(-1).split(/\s+/).filter((w, i, all) => /^-I|^-D|^-isystem|^-std/.test(w) || all[i - 1] === '-isystem')
		.map((w) => (w.startsWith('-Ibuild') ? `-I${join(repository, w.slice(2))}` : w.startsWith('deps/') ? join(repository, w) : w)).filter((w) => !w.startsWith('-D_FORTIFY'));
}

// Places in the form of gcc: file:line:column. A function of one file is named file:name.
const placeOf = (label) => {
	const m = /^(.*):(\d+):\d+$/.exec(label);
	return m && { file: relative(sources, resolve(sources, m[1])), line: Number(m[2]) };
};
const nameOf = (title) => title.slice(title.lastIndexOf(':') + 1).replace(/\.(?:part|constprop|isra|cold)\.\d+$/, '');

async function askCompiler() {
	const own = flags(), units = files().filter((f) => f.endsWith('.c')), run = promisify(execFile);
	let failed = 0, next = 0;
	const worker = async () => {
		while (next < units.length) {
			const unit = units[next++], to = join(work, 'ci', `${unit}.o`);
			mkdirSync(dirname(to), { recursive: true });
			await run('gcc', [...own, '-w', '-O0', '-fkeep-inline-functions', '-fkeep-static-functions', '-fcallgraph-info', '-c', '-o', to, unit], { cwd: sources }).catch(() => failed++);
		}
	};
	await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
	const calls = new Map(), defined = new Map();
	for (const ci of readdirSync(join(work, 'ci'), { recursive: true }).filter((f) => f.endsWith('.ci')))
		for (const line of readFileSync(join(work, 'ci', ci), 'utf8').split('\n')) {
			const node = /^node: \{ title: "([^"]*)" label: "[^"]*\\n([^"\\]*:\d+:\d+)" \}/.exec(line);
			const edge = /^edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)" label: "([^"]*)" \}/.exec(line);
			const place = placeOf((node ?? edge)?.at(-1) ?? '');
			if (!place || place.file.startsWith('..'))
				continue;
			if (node)
				defined.set(node[1], { name: nameOf(node[1]), ...place });
			else
				calls.set(`${edge[2]} ${place.file}:${place.line}`, { target: edge[2], name: nameOf(edge[2]), caller: nameOf(edge[1]), ...place });
		}
	return { units: units.length, failed, defined, calls: [...calls.values()].filter((c) => defined.has(c.target)) };
}

// ---- who is asked ----

// Rows of one answer: a file, below it lines and the function that they are in.
function rowsOf(name, text) {
	const out = [];
	let file;
	for (const row of text.split('\n')) {
		const m = /^(\d+(?:,\d+)*)(?: (?!by )(\S+))?(?: by \S+)?$/.exec(row);
		if (m)
			out.push(...m[1].split(',').map((line) => ({ name, file, line: Number(line), caller: m[2] })));
		else
			file = row;
	}
	return out;
}

// {rows, texts}: {name, file, line, caller} of each answer, all of its pages; and the answers.
async function askHeadroom(names) {
	const env = { PATH: process.env.PATH, HOME: work, HEADROOM_WORKSPACE_DIR: join(work, 'workspace') };
	const server = spawn(program, ['mcp', 'serve', '--code-graph'], { cwd: sources, env, stdio: ['pipe', 'pipe', 'inherit'] });
	const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
	let id = 0;
	const call = async (method, params) => {
		server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: id++, method, params })}\n`);
		return JSON.parse((await lines.next()).value).result;
	};
	await call('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } });
	const rows = [], texts = [];
	for (const name of names)
		for (let offset = 0; offset !== undefined;) {
			const { content: [{ text }] } = await call('tools/call', { name: 'headroom_graph', arguments: { callers: name, offset } });
			texts.push(text);
			rows.push(...rowsOf(name, text));
			const next = /; for more: offset (\d+)\)\n$/.exec(text)?.[1];
			offset = next && Number(next);
		}
	server.stdin.end();
	return { rows, texts };
}

function askCscope(names) {
	const list = files().join('\n');
	if (spawnSync('cscope', ['-b', '-k', '-q', '-i-'], { cwd: sources, input: list }).status !== 0)
		return null;
	const { stdout } = spawnSync('cscope', ['-d', '-q', '-l'], { cwd: sources, input: `${names.map((n) => `3${n}\n`).join('')}q\n`, encoding: 'utf8', maxBuffer: 2 ** 30 });
	const out = [];
	let asked = -1;
	for (const row of stdout.split('\n')) {
		const m = /^(\S+) (\S+) (\d+) /.exec(row.replace(/^(?:>> )+/, ''));
		asked += row.startsWith('>> ');
		if (m && m[1] !== 'cscope:')
			out.push({ name: names[asked], file: m[1], line: Number(m[3]), caller: m[2] });
	}
	return out;
}

// grep -nw 'NAME *(', all names at once.
function askGrep(names) {
	const wanted = new Set(names);
	return files().flatMap((file) => readFileSync(join(sources, file), 'utf8').split('\n').flatMap((text, i) =>
		[...text.matchAll(/\b([A-Za-z_]\w*) *\(/g)].filter((m) => wanted.has(m[1])).map((m) => ({ name: m[1], file, line: i + 1 }))));
}

// ---- how right it is ----

function compare(way, answers, calls, keyOf) {
	const given = new Map(answers.map((a) => [keyOf(a), a])), true_ = new Map(calls.map((c) => [keyOf(c), c]));
	const right = [...given.keys()].filter((k) => true_.has(k)).length;
	console.log(`| ${[way, given.size, (100 * right / given.size).toFixed(2), (100 * right / true_.size).toFixed(2)].join(' | ')} |`);
	return { wrong: [...given].filter(([k]) => !true_.has(k)).map(([, a]) => a), missed: [...true_].filter(([k]) => !given.has(k)).map(([, c]) => c) };
}

const byLine = (a) => `${a.name} ${a.file}:${a.line}`, byCaller = (a) => `${a.name} ${a.file} ${a.caller}`;

// Calls that an answer tells by way of a macro: it says that the macro calls, and the macro's name stands in the line.
function throughMacros(answers, missed) {
	const macros = new Set(files().flatMap((f) => [...readFileSync(join(sources, f), 'utf8').matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)/gm)].map((m) => m[1])));
	const by = new Map();
	for (const a of answers)
		if (macros.has(a.caller))
			by.set(a.name, (by.get(a.name) ?? new Set()).add(a.caller));
	const reached = (name, seen = new Set()) => {
		for (const macro of by.get(name) ?? [])
			if (!seen.has(macro))
				reached(macro, seen.add(macro));
		return seen;
	};
	return missed.filter((c) => [...reached(c.name)].some((macro) => new RegExp(`\\b${macro}\\b`).test(lineOf(c))));
}

const lineOf = (call) => readFileSync(join(sources, call.file), 'utf8').split('\n')[call.line - 1];

function isOfMacro(call) {
	return !new RegExp(`\\b${call.name}\\b`).test(lineOf(call));
}

try {
	for (const dir of dirs)
		cpSync(dir, join(sources, dir), { recursive: true, filter: (path) => statSync(path).isDirectory() || /\.[ch]$/.test(path) });
	const { units, failed, defined, calls } = await askCompiler();
	const names = [...new Set([...defined.values()].map((d) => d.name))].sort();
	const definitions = new Map();
	for (const title of defined.keys())
		definitions.set(nameOf(title), (definitions.get(nameOf(title)) ?? 0) + 1);
	console.log(`${units} files compiled (${failed} failed), ${names.length} names of functions, ${[...definitions.values()].filter((n) => n > 1).length} of them of several; ${calls.length} calls\n`);
	const { rows: ours, texts } = await askHeadroom(names), cscope = askCscope(names), grep = askGrep(names);
	console.log('| way | answers | precision % | recall % |\n|---|--:|--:|--:|');
	const { wrong, missed } = compare('headroom_graph: lines', ours, calls, byLine);
	if (cscope)
		compare('cscope: lines', cscope, calls, byLine);
	compare('grep: lines', grep, calls, byLine);
	compare('headroom_graph: functions', ours, calls, byCaller);
	if (cscope)
		compare('cscope: functions', cscope, calls, byCaller);
	const alone = (list) => list.filter((a) => definitions.get(a.name) === 1);
	compare('headroom_graph: lines, names of one function', alone(ours), alone(calls), byLine);
	console.log(`\nMissed by headroom_graph: ${missed.length}; ${missed.filter(isOfMacro).length} stand in a macro that the line uses, of which ${throughMacros(ours, missed).length} ` +
		`are told as calls of that macro. Not known to gcc: ${wrong.length}.`);
	const flat = ours.map((a) => `${a.file}:${a.line} ${a.name} in ${a.caller}\n`).join('');
	console.log(`The ${texts.length} answers have ${countTokens(texts.join('')) } tokens, with a line \`FILE:LINE NAME in CALLER\` for each call they would have ${countTokens(flat)}.`);
	for (const [what, list] of showsMissed ? [['missed', missed], ['unknown', wrong]] : [])
		for (const a of list)
			console.log(`${what}: ${byLine(a)} in ${a.caller}`);
} finally {
	rmSync(work, { recursive: true, force: true });
}
