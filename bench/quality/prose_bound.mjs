// prose_bound: the smallest text that still shows nearly all that is promised of a document, when it is made by leaving words out and a mark
// stands wherever some were. No sense is asked of it: what can be had by taking text alone is not below it.
import { all, eachLineOnce, factsOf, headingsOf } from './prose_facts.mjs';

const SPARE = 0.02; // of each kind so much need not be there; the longest go
const MARK = '\u2026';

// What is not cut: words with the signs at them, links, code; blanks before them included.
const unitsOf = (line) => all(line, /\s*(?:\[[^\]\n]*\]\([^)\n]*\)|`[^`\n]+`|\S)+/g);

const needed = (facts) => [...facts].sort((a, b) => b.length - a.length).slice(Math.floor(facts.length * SPARE));

// Marks the units that have the facts, which are said each time or once. Of a fact that need be there once the shortest unit stays.
function markUnits(units, text, around) {
	const facts = factsOf(text);
	const count = (list) => list.reduce((map, one) => map.set(one, (map.get(one) ?? 0) + 1), new Map());
	const keep = (i, n) => {
		for (let k = Math.max(0, i - n); k <= Math.min(units.length - 1, i + n); k++)
			if (units[k].line === units[i].line)
				units[k].kept = true;
	};
	for (const kind of ['numbers', 'negations']) {
		const left = count(needed(facts[kind]));
		units.forEach((unit, i) => {
			for (const one of factsOf(unit.text)[kind])
				if (left.get(one) > 0) {
					left.set(one, left.get(one) - 1);
					keep(i, around);
				}
		});
	}
	for (const kind of ['links', 'code spans'])
		for (const one of needed(facts[kind])) {
			const holders = units.map((unit, i) => i).filter((i) => units[i].text.includes(one));
			if (holders.length && !holders.some((i) => units[i].kept))
				keep(holders.reduce((a, b) => (units[b].text.length < units[a].text.length ? b : a)), 0);
		}
}

// Bytes of the smallest text, with that many words around each number and each negation.
export function bound(document, around) {
	const text = eachLineOnce(document);
	const headings = new Set(headingsOf(document));
	const units = text.split('\n').flatMap((line, at) => (headings.has(line) ? [{ text: line, line: at, kept: true }] : unitsOf(line).map((unit) => ({ text: unit, line: at }))));
	markUnits(units, text, around);
	let out = '';
	let line = 0;
	for (const unit of units) {
		const isGone = !unit.kept;
		if (isGone && out.endsWith(MARK))
			continue;
		out += (unit.line === line ? '' : '\n') + (isGone ? ` ${MARK}` : unit.text);
		line = unit.line;
	}
	return Buffer.byteLength(out);
}
