// files: the source files below directories, by language, and what Universal Ctags takes for their definitions.
import { execFileSync } from 'node:child_process';
import { isUtf8 } from 'node:buffer';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

const LANGUAGES = {
	'.py': 'Python', '.js': 'JavaScript', '.mjs': 'JavaScript', '.cjs': 'JavaScript', '.ts': 'TypeScript', '.tsx': 'TSX', '.go': 'Go', '.rs': 'Rust', '.java': 'Java',
	'.c': 'C', '.h': 'C, headers', '.cc': 'C++', '.cpp': 'C++', '.hpp': 'C++', '.cs': 'C#', '.rb': 'Ruby', '.php': 'PHP', '.sh': 'Bash', '.bash': 'Bash',
};
// What a reader would want to be told that it is there; not variables, labels and the like.
const KINDS = new Set(['function', 'method', 'class', 'interface', 'struct', 'enum', 'trait', 'implementation', 'module', 'namespace', 'union', 'singletonMethod', 'generator', 'getter', 'setter',
	'func', 'macro', 'typedef', 'type', 'constructor', 'property', 'event', 'record', 'annotation', 'alias', 'accessor', 'script']);
// What Ctags takes for a definition and is none. JavaScript: objects ("const body = {") and calls by way of a prototype
// ("Root.prototype.add.call(this)"). C#: calls ("Get<T>(name, out x);", "list.TryGetValue(key, out x);"). C: variables ("static enum x order[] = {").
// Python: modules under another name. Bash: lists ("names=(").
const DEFINES = {
	JavaScript: (line, tag) => tag.kind !== 'property' && !/^catch\b/.test(line) && (/\bfunction\b|\bclass\b|=>|^\s*(?:static |async |get |set |\*)*[\w$#]+\s*\(.*\{/.test(line)),
	'C#': (line) => !/^[\w.]+(?:<[\w, ]+>)?\s*\(.*\bout\b.*\);/.test(line),
	C: (line, tag) => tag.kind !== 'enum' || !line.includes(' = '),
	Python: (line) => !/^import /.test(line),
	Bash: (line, tag) => !tag.name.endsWith('='),
};
// Names for a type that a function has for itself, as it has variables.
const LOCAL = new Set(['typedef', 'type', 'alias']);
const isLocal = (tag, all) => LOCAL.has(tag.kind) && all.some((t) => /^(function|method|func)$/.test(t.kind) && t.line < tag.line && t.end >= tag.line);
const SIZE_MIN = 3000, SIZE_MAX = 400_000;

function* pathsBelow(dir) {
	for (const e of readdirSync(dir, { withFileTypes: true })) {
		const path = join(dir, e.name);
		if (e.isDirectory())
			yield* pathsBelow(path);
		else if (e.isFile() && LANGUAGES[extname(e.name)] && !/\.min\.|["\\\n]/.test(path))
			yield path;
	}
}

// {language: [{path, text, lines}]}, at most max of each language, every n-th, so that one package does not stand for all.
export function filesBelow(dirs, max) {
	const all = new Map();
	for (const path of dirs.flatMap((dir) => [...pathsBelow(dir)])) {
		const { size } = statSync(path);
		const language = LANGUAGES[extname(path)];
		if (size >= SIZE_MIN && size <= SIZE_MAX)
			all.set(language, [...(all.get(language) ?? []), path]);
	}
	return new Map([...all].sort().map(([language, paths]) => {
		const some = paths.sort().filter((_, i) => i % Math.ceil(paths.length / max) === 0);
		const read = some.map((path) => ({ path, bytes: readFileSync(path) })).filter((f) => isUtf8(f.bytes));
		return [language, read.map(({ path, bytes }) => ({ path, language, text: bytes.toString(), lines: bytes.toString().split('\n') }))];
	}));
}

function tagsOf(paths) {
	const out = execFileSync('ctags', ['--output-format=json', '--fields=+nKe', '--map-TypeScript=+.tsx', '--sort=no', '-f', '-', '--quiet=yes', '-L', '-'],
		{ input: paths.map((path) => `${path}\n`).join(''), encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'pipe'] });
	const tags = new Map(paths.map((path) => [path, []]));
	for (const tag of out.trim().split('\n').filter(Boolean).map((l) => JSON.parse(l)))
		tags.get(tag.path).push(tag);
	return tags;
}

// For each file its definitions in the order of their lines, one for a line: {line, name, kind, text of the line without blanks around it}. What
// has no name of its own is none of them.
export function definitionsOf(language, files) {
	const tags = tagsOf(files.map((f) => f.path));
	return files.map((f) => {
		const all = tags.get(f.path).map((tag) => ({ ...tag, text: f.lines[tag.line - 1]?.trim() }));
		return all.filter((t) => t.text && KINDS.has(t.kind) && !/^(Anonymous|__anon)/.test(t.name) && (DEFINES[language]?.(t.text, t) ?? true) && !isLocal(t, all))
			.map(({ line, name, kind, text }) => ({ line, name, kind, text })).sort((a, b) => a.line - b.line).filter((d, i, list) => !i || list[i - 1].line !== d.line);
	});
}
