// ways: what is done to source files, side by side: ours, the reference's code compressor, the first and the last lines, the first ones.
// A way: {name, run(files) -> texts, mark(line, number) -> how many lines of the file it stands for or null when it is no mark, clean(text,
// file) -> the text with its marks made comments of the language}; some with equal(judged, share) -> tokens of all files when
// it shows that share of the definitions of each.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { count } from '../quality/measure.mjs';

const ENDS = 60;
const OUTPUT_MAX = 2 ** 30;

// ---- ours ----

const GAP = /^\[(\d+)(?:-(\d+))? not shown\]$/;

function outlines(build, files) {
	const out = execFileSync(join(build, 'bench/bench_code'), ['--texts', ...files.map((f) => f.path)], { encoding: 'utf8', maxBuffer: OUTPUT_MAX, stdio: ['ignore', 'pipe', 'pipe'] });
	return out.trim().split('\n').map((l, i) => JSON.parse(l).text ?? files[i].text);
}

// What a gap stands for, put as a comment: a body that is empty is none in Python.
function withComments(text, file) {
	if (text === file.text)
		return text;
	return text.split('\n').slice(1).map((line) => {
		const gap = GAP.exec(line);
		if (!gap)
			return line;
		const first = file.lines[gap[1] - 1];
		return file.language === 'Python' ? `${/^\s*/.exec(first)[0]}...` : '';
	}).join('\n');
}

function headroom(build) {
	return {
		name: 'headroom', run: (files) => outlines(build, files), clean: withComments,
		// nothing is skipped but what the mark says, if the lines above add up to its beginning
		mark(line, number) {
			const gap = GAP.exec(line);
			if (gap)
				return Number(gap[1]) === number ? (gap[2] ?? gap[1]) - gap[1] + 1 : NaN;
			return number === 1 && /^\[code: \d+ lines of /.test(line) ? 0 : null;
		},
	};
}

// ---- the first lines, the last ones ----

const OMITTED = /^\s*(?:#|\/\/|\.\.\.) \[(\d+) lines? omitted.*\]/;

const omitted = (n) => `... [${n} lines omitted]`;
const ends = (lines, n, last) => (lines.length > n + last ? [...lines.slice(0, n), omitted(lines.length - n - last), ...lines.slice(lines.length - last)].join('\n') : null);
const markOf = (line) => {
	const m = OMITTED.exec(line);
	return m ? Number(m[1]) : null;
};

// The tokens of the fewest lines that have that share of the definitions: of the first ones, or of as many of the last. Files without
// any are as the way leaves them.
function equalTokens(judged, share, hasLast) {
	return judged.reduce((sum, { file, definitions, before, after }) => {
		if (!definitions.length)
			return sum + after;
		const needed = Math.ceil(share * definitions.length - 1e-9);
		let n = 0;
		const shown = (k) => definitions.filter((d) => d.line <= k || (hasLast && d.line > file.lines.length - k)).length;
		while (n < file.lines.length && shown(n) < needed)
			n += 5;
		const text = ends(file.lines, n, hasLast ? n : 0);
		return sum + (text === null ? before : count(text));
	}, 0);
}

function cut(name, hasLast, linesFor) {
	return {
		name, mark: markOf, clean: (text) => text.split('\n').filter((line) => markOf(line) === null).join('\n'),
		run: (files) => files.map((f) => ends(f.lines, linesFor(f), hasLast ? linesFor(f) : 0) ?? f.text),
		equal: (judged, share) => equalTokens(judged, share, hasLast),
	};
}

// ---- the reference ----

function python(venv, what, rows) {
	const input = rows.map((r) => `${JSON.stringify(r)}\n`).join('');
	// after ten outputs that did not parse it would leave all other files of the language alone for half an hour
	const env = { ...process.env, HEADROOM_CODE_SYNTAX_BREAKER: '0' };
	const r = spawnSync(join(venv, 'bin/python'), [new URL('reference.py', import.meta.url).pathname, what], { input, env, maxBuffer: OUTPUT_MAX });
	if (r.status !== 0)
		throw new Error(`reference.py: ${r.stderr}`);
	return r.stdout.toString().trimEnd().split('\n').map((l) => JSON.parse(l));
}

// The last line of what it sends tells where the original is; in most languages it is no comment.
function reference(venv) {
	return {
		name: 'reference',
		// what has not become smaller the product sends as it was
		run: (files) => python(venv, 'compress', files.map(({ path, text }) => ({ path, text }))).map((text, i) => (text.length < files[i].text.length ? text : files[i].text)),
		clean: (text) => text.replace(/\n# \[\d+ tokens compressed\..*\]\s*$/, '\n'),
		mark: (line) => markOf(line) ?? (/^# \[\d+ tokens compressed\./.test(line) ? 0 : null),
	};
}

// How many errors a parser of its own (tree-sitter from PyPI) finds in each of {path, text}.
export const errorsOf = (venv, rows) => (rows.length ? python(venv, 'errors', rows) : []);

export function ways(build, venv) {
	return [
		headroom(build), ...(venv ? [reference(venv)] : []), cut(`first and last ${ENDS} lines`, true, () => ENDS), cut(`first ${2 * ENDS} lines`, false, () => 2 * ENDS),
	];
}
