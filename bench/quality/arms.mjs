// arms: what is measured side by side. An arm: {name, title, takes(case), run(cases) -> {ms, texts}}, some with prepare(all cases);
// of a text: {text, isExact: the original can be had from it alone, isReachable: what is gone can be had by what the text says; null
// where nothing is gone}.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { factsAlone, hasBound } from './bound.mjs';
import { minify } from './jsontext.mjs';
import { OURS } from './headroom.mjs';
import { toon } from './toon.mjs';

const OUTPUT_MAX = 2 ** 30;
const HEAD_AND_TAIL = 60;
const isJson = (one) => one.kind === 'json';

// Texts without lines: as many characters as lines of 80 have.
function headAndTail(text) {
	const lines = text.split('\n');
	const n = HEAD_AND_TAIL;
	if (lines.length > 2 * n)
		return [...lines.slice(0, n), `... [${lines.length - 2 * n} lines omitted] ...`, ...lines.slice(-n)].join('\n');
	const k = n * 80;
	if (lines.length > 1 || text.length <= 2 * k)
		return text;
	return `${text.slice(0, k)}\n... [${text.length - 2 * k} chars omitted] ...\n${text.slice(-k)}`;
}

function ofTexts(name, title, takes, change) {
	return {
		name, title, takes,
		run(list) {
			const began = performance.now();
			const texts = list.map((one) => change(one.text, one));
			return { ms: performance.now() - began, texts: texts.map((text) => ({ text, isExact: false, isReachable: null })) };
		},
	};
}

// Ours: {failed} texts were written as they came since what was made of them did not decode.
function ofHeadroom(headroom, arm) {
	return {
		name: arm.name, title: arm.title, isOurs: true, takes: (one) => !arm.kind || one.kind === arm.kind,
		run(list) {
			const { ms, failed, texts } = headroom.compress(arm, list);
			return {
				ms, failed,
				texts: texts.map((r, i) => ({
					text: r.text, encoders: r.encoders, isExact: r.loss !== 'elided', isReachable: r.loss === 'elided' ? headroom.isWithinReach(list[i], r) : null,
				})),
			};
		},
	};
}

// The reference's core, in a venv. It takes seconds to start, so prepare() works on all texts at once and run() looks them up.
function ofReference(venv, variant, title) {
	const done = new Map();
	return {
		name: `reference-${variant}`, title, takes: (one) => variant === 'lossless' || isJson(one),
		prepare(list) {
			const input = list.map((one) => `${JSON.stringify({ kind: one.kind, query: one.query, text: one.text })}\n`).join('');
			const r = spawnSync(join(venv, 'bin/python'), [new URL('reference.py', import.meta.url).pathname, variant], { input, maxBuffer: OUTPUT_MAX });
			if (r.status !== 0)
				throw new Error(`the reference: ${r.stderr}`);
			const [head, ...results] = r.stdout.toString().trimEnd().split('\n').map((l) => JSON.parse(l));
			this.version = head.version;
			results.forEach((result, i) => done.set(list[i], result));
		},
		run(list) {
			const results = list.map((one) => done.get(one));
			return { ms: results.reduce((sum, x) => sum + x.ms, 0), texts: results.map(({ text }) => ({ text, isExact: false, isReachable: null })) };
		},
	};
}

export function ourArms(headroom) {
	return OURS.map((arm) => ofHeadroom(headroom, arm));
}

// venv: of the reference, or undefined.
export function otherArms(venv) {
	return [
		ofTexts('minified', 'JSON minified', isJson, minify),
		ofTexts('toon', 'TOON-like', isJson, (text) => toon(text)),
		ofTexts('headtail', `first and last ${HEAD_AND_TAIL} lines`, () => true, headAndTail),
		ofTexts('bound', 'the facts alone', hasBound, (_, one) => factsAlone(one)),
		...(venv ? [ofReference(venv, 'lossless', 'reference'), ofReference(venv, 'lossy', 'reference, rows dropped')] : []),
	];
}
