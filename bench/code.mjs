// Outlines of source files, held against Universal Ctags, which reads the languages by itself: is a line that it takes for a
// definition left out? Prints a row for each language, and what was lost with --lost. A file that one of the two does not read is
// no matter.
//
//	node bench/code.mjs [--build build/release] [--lost] [--max FILES] DIR...
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

const LANGUAGES = {
	'.py': 'Python', '.js': 'JavaScript', '.mjs': 'JavaScript', '.cjs': 'JavaScript', '.ts': 'TypeScript', '.tsx': 'TSX', '.go': 'Go', '.rs': 'Rust', '.java': 'Java',
	'.c': 'C', '.h': 'C (headers)', '.cc': 'C++', '.cpp': 'C++', '.hpp': 'C++', '.cs': 'C#', '.rb': 'Ruby', '.php': 'PHP', '.sh': 'Bash',
};
// What a reader would want to be told that it is there; not variables, labels and the like.
const KINDS = new Set(['function', 'method', 'class', 'interface', 'struct', 'enum', 'trait', 'implementation', 'module', 'namespace', 'union', 'singletonMethod', 'generator', 'getter', 'setter', 'func', 'macro', 'typedef', 'type', 'constructor']);

// Of JavaScript Ctags takes objects for classes ("const body = {"), and calls by way of a prototype for methods
// ("Root.prototype.add.call(this)"): a definition has one of these in its line.
const DEFINES = { JavaScript: /\bfunction\b|\bclass\b|=>|^\s*(?:static |async |get |set |\*)*[\w$#]+\s*\(.*\{/ };

const args = process.argv.slice(2);
const take = (name, n) => {
	const at = args.indexOf(name);
	return at < 0 ? null : args.splice(at, n)[n - 1];
};
const build = take('--build', 2) ?? 'build/release';
const max = Number(take('--max', 2) ?? 400);
const showsLost = take('--lost', 1) !== null;

function* filesOf(dir) {
	for (const e of readdirSync(dir, { withFileTypes: true })) {
		const path = join(dir, e.name);
		if (e.isDirectory())
			yield* filesOf(path);
		else if (e.isFile() && LANGUAGES[extname(e.name)] && !/\.min\.|["\\]/.test(path))
			yield path;
	}
}

const all = new Map();
for (const dir of args)
	for (const path of filesOf(dir)) {
		const size = statSync(path).size;
		const language = LANGUAGES[extname(path)];
		if (size < 3000 || size > 400_000)
			continue;
		all.set(language, [...(all.get(language) ?? []), path]);
	}

const run = (program, list) => execFileSync(program[0], [...program.slice(1), ...list], { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'pipe'] });
console.log('| language | files | outlined | definitions | shown | tokens left |\n|---|---|---|---|---|---|');
for (const [language, paths] of [...all].sort()) {
	// every n-th, so that one package does not stand for all
	const list = paths.sort().filter((_, i) => i % Math.ceil(paths.length / max) === 0);
	const rows = run([join(build, 'bench/bench_code'), '--ranges'], list).trim().split('\n').map((l) => JSON.parse(l));
	const gaps = new Map(rows.filter((r) => r.gaps.length).map((r) => [r.path, r.gaps]));
	const tags = run(['ctags', '--output-format=json', '--fields=+nK', '-f', '-', '--quiet=yes'], [...gaps.keys()]).trim().split('\n').filter(Boolean).map((l) => JSON.parse(l));
	// a function without a name is named by ctags
	const texts = new Map([...gaps.keys()].map((path) => [path, DEFINES[language] ? readFileSync(path, 'utf8').split('\n') : []]));
	const defines = (t) => !DEFINES[language] || DEFINES[language].test(texts.get(t.path)[t.line - 1]);
	const wanted = tags.filter((t) => KINDS.has(t.kind) && !/^(Anonymous|__anon)/.test(t.name) && defines(t));
	const lost = wanted.filter((t) => gaps.get(t.path).some(([a, b]) => t.line >= a && t.line <= b));
	const sum = (key) => rows.filter((r) => r.gaps.length).reduce((n, r) => n + r[key], 0);
	console.log(`| ${language} | ${list.length} | ${gaps.size} | ${wanted.length} | ${wanted.length ? (100 - 100 * lost.length / wanted.length).toFixed(2) : '-'}% | ${(100 * sum('after') / (sum('before') || 1)).toFixed(1)}% |`);
	for (const t of showsLost ? lost.slice(0, 20) : [])
		console.log(`  ${t.path}:${t.line} ${t.kind} ${t.name}`);
}
