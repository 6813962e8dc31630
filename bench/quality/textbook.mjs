// textbook: ways to score the sentences of a text, [{text}] -> [number], the best of which stay; and to pick these.
import { Random } from './random.mjs';

const STOP = new Set('the a an and or of to in on at is are was were be been it its this that these those for with as by from you your we our they their he she his her i my me if then than so but can will would should have has had do does did'.split(' '));
export const words = (text) => (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
export const substance = (text) => words(text).filter((w) => w.length > 1 && !STOP.has(w));

function frequencies(list) {
	const counts = new Map();
	for (const { text } of list)
		for (const w of words(text))
			counts.set(w, (counts.get(w) ?? 0) + 1);
	return counts;
}

function selfInformation(list) {
	const counts = frequencies(list);
	const all = [...counts.values()].reduce((a, b) => a + b, 0);
	return list.map(({ text }) => {
		const w = words(text);
		return w.length ? w.reduce((sum, x) => sum - Math.log2(counts.get(x) / all), 0) / w.length : 0;
	});
}

// Mihalcea and Tarau, 2004: words in common over the logarithms of the lengths; 20 rounds of damping 0.85.
function textRank(list) {
	const sets = list.map(({ text }) => new Set(substance(text)));
	const edges = sets.map(() => []);
	const weight = new Float64Array(sets.length);
	for (let i = 0; i < sets.length; i++)
		for (let k = 0; k < i; k++) {
			const common = [...sets[i]].filter((w) => sets[k].has(w)).length;
			const size = Math.log(sets[i].size) + Math.log(sets[k].size);
			if (!common || !(size > 0))
				continue;
			edges[i].push([k, common / size]);
			edges[k].push([i, common / size]);
			weight[i] += common / size;
			weight[k] += common / size;
		}
	let rank = sets.map(() => 1);
	for (let round = 0; round < 20; round++)
		rank = edges.map((list) => 0.15 + 0.85 * list.reduce((sum, [k, w]) => sum + (rank[k] * w) / weight[k], 0));
	return rank;
}

function random(list) {
	const r = new Random(1);
	return list.map(() => r.below(1e9));
}

const headAndTail = (list) => list.map((_, i) => Math.max(list.length - i, i));

export const WAYS = { 'first and last': headAndTail, random, 'self-information': selfInformation, TextRank: textRank };

// Indexes of the best sentences, in their order, of at most so many bytes.
export function best(list, scores, bytes) {
	const order = scores(list).map((score, i) => ({ score, i })).sort((a, b) => b.score - a.score || a.i - b.i);
	const chosen = [];
	let room = bytes;
	for (const { i } of order) {
		const n = Buffer.byteLength(list[i].text);
		if (n <= room) {
			room -= n;
			chosen.push(i);
		}
	}
	return chosen.sort((a, b) => a - b);
}
