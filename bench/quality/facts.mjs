// facts: how much of what a reader needs stands in a text. Every figure is a share from 0 to 1 of the case's facts that are
// there as they were in the original, white space and colours aside.
import { decodeEntities } from './entities.mjs';

const PRECISION = 'of what is there';
const LONG = 'long strings';

// Colours are no part of a fact.
const COLOURS = /\x1b\[[0-9;]*m/g;
const normal = (s) => s.replace(COLOURS, '').replace(/\s+/g, ' ').trim();
const share = (list, has) => (list.length ? list.filter(has).length / list.length : undefined);
const escaped = (s) => JSON.stringify(s).slice(1, -1);
const ascii = (s) => s.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

// Looks for strings in one text.
export class Finder {
	constructor(text) {
		this.text = text;
		this.normal = normal(text);
	}

	has = (fact) => {
		const s = fact.trim();
		if (this.text.includes(s) || this.normal.includes(normal(s)))
			return true;
		const quoted = escaped(s);
		return this.text.includes(quoted) || this.text.includes(ascii(quoted));
	};
}

// A template is there when one of its lines is, or the last constant words of it, in order and not far from each other.
function hasTemplate(finder, examples) {
	if (examples.some((l) => finder.has(l.length > 200 ? l.slice(-160) : l)))
		return true;
	const words = examples[0].match(/[A-Za-z]{3,}/g)?.slice(-4) ?? [];
	return words.length >= 3 && words.every((w) => finder.normal.includes(w)) && new RegExp(words.join('\\W+(?:\\S+\\W+){0,4}?')).test(finder.normal);
}

// How often each run of four words occurs.
function shingles(text) {
	const words = decodeEntities(text).toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
	const counts = new Map();
	for (let i = 0; i + 4 <= words.length; i++) {
		const key = words.slice(i, i + 4).join(' ');
		counts.set(key, (counts.get(key) ?? 0) + 1);
	}
	return counts;
}

const total = (counts) => [...counts.values()].reduce((a, b) => a + b, 0);

function article(truth, text) {
	const [wanted, got] = [shingles(truth.article), shingles(text.replace(/<[^>]+>/g, ' '))];
	const common = [...wanted].reduce((n, [key, count]) => n + Math.min(count, got.get(key) ?? 0), 0);
	return { 'article text': common / Math.max(1, total(wanted)), [PRECISION]: common / Math.max(1, total(got)) };
}

const sample = (list) => (list.length <= 600 ? list : list.filter((_, i) => i % Math.floor(list.length / 600) === 0));
const LOUD = /error|exception|traceback|fail|warning/i;

const SCORES = {
	log: (t, f) => {
		const errors = new Set(t.errors);
		return {
			templates: share(t.templates, (e) => hasTemplate(f, e)),
			'rare templates': share(t.rare, (e) => hasTemplate(f, e)),
			'error lines': share(t.errors, f.has),
			'error templates': share(t.templates.filter((e) => e.some((l) => errors.has(l))), (e) => hasTemplate(f, e)),
		};
	},
	cilog: (t, f) => ({ 'error lines': share(t.errors.map((l) => l.slice(0, 300)), f.has) }),
	json: (t, f) => ({ keys: share(t.keys, f.has), ids: share(t.ids, f.has), values: share(t.values, f.has), 'error values': share(t.errors, f.has), needle: share(t.needle, f.has), [LONG]: share(t.long, f.has) }),
	yaml: (t, f) => SCORES.json(t, f),
	http: (t, f) => ({ ...SCORES.json(t, f), 'start lines': share(t.starts, f.has), headers: share(t.headers, f.has), 'header names': share(t.names, f.has) }),
	diff: (t, f) => ({ 'changed lines': share(t.changed, f.has), files: share(t.files, f.has) }),
	search: (t, f) => ({ files: share(t.files, f.has), 'matched lines': share(t.lines, f.has) }),
	html: (t, f) => article(t, f.text),
	code: (t, f) => ({ signatures: share(t.signatures, f.has) }),
	text: (t, f) => ({ headings: share(t.headings, f.has), urls: share(t.urls, f.has), 'code spans': share(t.codespans, f.has) }),
	lines: (t, f) => ({ lines: share(sample(t.lines), f.has), 'error lines': share(t.lines.filter((l) => LOUD.test(l)).slice(0, 100), f.has) }),
};

// {name: share}, of the facts that the case has.
export function score(one, text) {
	const all = SCORES[one.kind](one.truth, new Finder(text));
	return Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined));
}

// The share of an article in its page is no fact that can be lost.
export const isFact = (metric) => metric !== PRECISION;
// What the bar in docs/quality.md is about: all but strings too long to be looked up.
export const isNamed = (metric) => isFact(metric) && metric !== LONG;

// ---- needles ------------------------------------------------------------------------------------

const occurrences = (text, part) => text.split(part).length - 1;

// True when the needle stands there: as it was, or in two parts where a common beginning or end is said once elsewhere, one of
// which is nowhere else in the original.
export function hasNeedle(original, text, needle) {
	if (new Finder(text).has(needle))
		return true;
	const own = occurrences(original, needle);
	for (let k = 1; k < needle.length; k++) {
		const [a, b] = [needle.slice(0, k), needle.slice(k)];
		if (text.includes(a) && text.includes(b) && (occurrences(original, a) === own || occurrences(original, b) === own))
			return true;
	}
	return false;
}
