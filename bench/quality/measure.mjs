// measure: one arm over the cases of one topic, as figures.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { expandLogRows } from './logrows.mjs';
import { hasNeedle, isFact, isNamed, score } from './facts.mjs';

const require = createRequire(new URL('../../deps/package.json', import.meta.url));
const { countTokens } = await import(pathToFileURL(require.resolve('gpt-tokenizer/encoding/o200k_base')).href);
const PLAIN = { allowedSpecial: new Set(), disallowedSpecial: new Set() };
export const count = (text) => countTokens(text, PLAIN);

const sum = (list, of) => list.reduce((n, x) => n + of(x), 0);

// Adds to each case what all arms need: tokens, and how much of the facts the original itself has.
export function prepare(list) {
	for (const one of list) {
		one.tokens = count(one.text);
		one.full = one.truth.needles ? {} : score(one, one.text);
	}
}

// Means of shares, each text weighted by its tokens.
function mean(results, of) {
	const names = [...new Set(results.flatMap((r) => Object.keys(of(r))))];
	return Object.fromEntries(names.map((name) => {
		const having = results.filter((r) => of(r)[name] !== undefined);
		return [name, sum(having, (r) => of(r)[name] * r.one.tokens) / sum(having, (r) => r.one.tokens)];
	}));
}

// What stands in a text that decodes is all there, however it is spelled; so is what stands in a text with parts left out once that
// its rows are read.
const kept = (r) => (r.isExact ? Object.fromEntries(Object.keys(r.facts).map((name) => [name, isFact(name) ? 1 : r.facts[name]])) : r.read);

function lowest(shares, counts) {
	const list = Object.entries(shares).filter(([name]) => counts(name)).map(([, v]) => v);
	return list.length ? Math.min(...list) : undefined;
}

function needlesOf(results) {
	const all = results.flatMap((r) => (r.one.truth.needles ?? []).map((needle) => ({ r, needle })));
	const missed = all.filter(({ r, needle }) => !hasNeedle(r.one.text, r.text, needle));
	return { n: all.length, missed: missed.map(({ r, needle }) => ({ id: r.one.id, needle })) };
}

// {tokens, saved (share), verbatim, kept {metric: share}, lowest, lowestNamed, decoded, changed, elided, reachable, grew, ms, needles}
export function measure(arm, list) {
	const run = arm.run(list);
	const results = list.map((one, i) => {
		const r = run.texts[i];
		const isSame = r.text === one.text;
		const facts = isSame || one.truth.needles ? one.full : score(one, r.text);
		const lines = expandLogRows(r.text);
		const read = lines === r.text || one.truth.needles ? facts : score(one, lines);
		return { ...r, one, isSame, isExact: isSame || r.isExact, tokens: isSame ? one.tokens : count(r.text), facts, read };
	});
	const before = sum(results, (r) => r.one.tokens);
	const elided = results.filter((r) => r.isReachable !== null);
	const out = {
		n: list.length, before, after: sum(results, (r) => r.tokens),
		bytes: sum(results, (r) => Buffer.byteLength(r.one.text)), ms: run.ms, failed: run.failed ?? 0,
		changed: results.filter((r) => !r.isSame).length, grew: results.filter((r) => r.tokens > r.one.tokens).length,
		elided: elided.length, reachable: elided.filter((r) => r.isReachable).length,
		verbatim: mean(results, (r) => r.facts), kept: mean(results, kept), needles: needlesOf(results), results,
	};
	out.saved = before ? 1 - out.after / before : 0;
	out.lowest = lowest(out.kept, isFact);
	out.lowestNamed = lowest(out.kept, isNamed);
	return out;
}
