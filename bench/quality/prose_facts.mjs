// prose_facts: what is looked for in a document that was made smaller, and how much of it is still there.
import { substance } from './textbook.mjs';

export const all = (text, pattern, group = 0) => [...text.matchAll(pattern)].map((m) => m[group]);

// Lines that are said again may be referred to.
export const eachLineOnce = (text) => [...new Set(text.split('\n'))].join('\n');

// What is looked for in a document, as lists; a number and a negation as often as it is there, all else once.
export const factsOf = (text) => ({
	headings: [...new Set(all(text, /^#{1,6} .+$/gm))],
	'code spans': [...new Set(all(text, /`[^`\n]+`/g).filter((span) => span.length > 3 && span.length <= 62))],
	links: [...new Set([...all(text, /https?:\/\/[^\s)>\]"']+/g), ...all(text, /\]\(([^\s)]+)/g, 1)])],
	numbers: all(text, /\d+(?:\.\d+)*/g),
	negations: all(text.toLowerCase(), /(?<![a-z])(?:not|no|never|without|cannot|unless|only)(?![a-z])|n['\u2019]t\b/g),
	emphasis: [...new Set(all(text, /\*\*([^*\n]{3,60})\*\*/g, 1))],
	words: [...new Set(substance(text))],
});

// Of a whole document: what looks like one in a block of code is none.
export const headingsOf = (text) => factsOf(text.replace(/^\s*(```|~~~)[^]*?^\s*\1.*$/gm, '')).headings;

// {kind: share of what text says of it that stands in shown; null: it says nothing}
export function shares(text, shown) {
	const there = factsOf(shown);
	return Object.fromEntries(Object.entries({ ...factsOf(eachLineOnce(text)), headings: headingsOf(text) }).map(([name, list]) => {
		const left = new Map();
		for (const one of there[name])
			left.set(one, (left.get(one) ?? 0) + 1);
		const found = list.filter((one) => {
			const n = left.get(one) ?? 0;
			left.set(one, n - 1);
			return n > 0;
		}).length;
		return [name, list.length ? found / list.length : null];
	}));
}

export const PROMISED = ['headings', 'code spans', 'links', 'numbers', 'negations'];
