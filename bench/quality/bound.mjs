// bound: what of a text must be written out at least so that the bar's share of its facts stands there: the facts alone, one
// below the other, without those that cost the most. No form that shows facts letter by letter saves noticeably more.
import { isNamed, score } from './facts.mjs';

// The bar, as in docs/quality.md.
export const KEPT_MIN = 0.95;

const shortest = (list) => list.reduce((a, b) => (b.length < a.length ? b : a));

// Lists of facts, each of which a share must stand; a fact that occurs several times counts each time.
const LISTS = {
	log: (t) => [t.templates.map(shortest), t.rare.map(shortest), t.errors],
	cilog: (t) => [t.errors.map((l) => l.slice(0, 300))],
	diff: (t) => [t.changed, t.files],
	search: (t) => [t.files, t.lines],
	text: (t) => [t.headings, t.urls, t.codespans],
	lines: (t) => [t.lines],
};

// The longest facts are left out first, as often as they occur, while the share of the others suffices.
function cheapest(facts, spare) {
	const counts = new Map();
	for (const fact of facts)
		counts.set(fact, (counts.get(fact) ?? 0) + 1);
	let left = Math.floor(facts.length * spare);
	const gone = new Set();
	for (const [fact, n] of [...counts].sort(([a], [b]) => b.length - a.length)) {
		if (n > left)
			continue;
		left -= n;
		gone.add(fact);
	}
	return [...counts.keys()].filter((fact) => !gone.has(fact));
}

const write = (lists, spare) => [...new Set(lists.flatMap((facts) => cheapest(facts, spare)))].join('\n');

export const hasBound = (one) => one.kind in LISTS && !one.truth.needles;

export function factsAlone(one) {
	const lists = LISTS[one.kind](one.truth);
	const text = write(lists, 1 - KEPT_MIN);
	const shares = Object.entries(score(one, text)).filter(([name]) => isNamed(name));
	// One list may need what another left out; then nothing is left out.
	const best = shares.every(([, v]) => v >= KEPT_MIN) ? text : write(lists, 0);
	return best.length < one.text.length ? best : one.text;
}
