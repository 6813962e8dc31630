// prose: which answers survive when dialogues are made smaller, ours beside textbook ways of picking sentences at the same size.
//
//	HEADROOM_CORPORA=DIR node bench/quality/prose.mjs [--headroom PROGRAM] [--ratios 0.7,0.5,0.3]
//
// Dialogues and questions: memory/locomo_dev.json, which names the turns that hold each answer. An answer survives as far as those of
// its words that stood in these turns still stand there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Headroom } from './headroom.mjs';
import { Random } from './random.mjs';

const { values: options } = parseArgs({ options: { headroom: { type: 'string', default: 'build/release/headroom' }, ratios: { type: 'string', default: '0.7,0.5,0.3' } } });
const corpora = process.env.HEADROOM_CORPORA;
if (!corpora)
	throw new Error('HEADROOM_CORPORA is not set');

const STOP = new Set('the a an and or of to in on at is are was were be been it its this that these those for with as by from you your we our they their he she his her i my me if then than so but can will would should have has had do does did'.split(' '));
const words = (text) => (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
const substance = (text) => words(text).filter((w) => w.length > 1 && !STOP.has(w));

// {turns: [text], questions: [{words, turns: [index]}]}
function dialogue({ conversation, qa }) {
	const turns = [];
	const places = new Map();
	for (let n = 1; conversation[`session_${n}`]; n++)
		for (const turn of conversation[`session_${n}`]) {
			places.set(turn.dia_id, turns.length);
			turns.push(`${turn.speaker}: ${turn.text.replace(/\s+/g, ' ')}`);
		}
	const questions = qa.map(({ answer, evidence }) => {
		const held = (evidence ?? []).map((id) => places.get(id)).filter((at) => at !== undefined);
		const there = new Set(held.flatMap((at) => words(turns[at])));
		return { turns: held, words: [...new Set(substance(`${answer ?? ''}`))].filter((w) => there.has(w)) };
	});
	return { turns, questions: questions.filter((q) => q.words.length > 0) };
}

function survival({ questions }, turns) {
	const shares = questions.map((q) => {
		const left = new Set(q.turns.flatMap((at) => words(turns[at] ?? '')));
		return q.words.filter((w) => left.has(w)).length / q.words.length;
	});
	return shares.reduce((a, b) => a + b, 0) / shares.length;
}

// ---- textbook ways: scores of sentences, the best of which stay until the size is reached -----------

const sentencesOf = (turns) => turns.flatMap((turn, at) => (turn.slice(turn.indexOf(': ') + 2).match(/[^.!?]+[.!?]*\s*/g) ?? []).map((text) => ({ at, text })));

// What of each turn stands in a text, wherever: lines that are alike may be said once, so that lines are not turns.
function shownOf(turns, text) {
	const out = turns.map((t) => t.slice(0, t.indexOf(': ') + 2));
	for (const sentence of sentencesOf(turns))
		if (text.includes(sentence.text.trim()))
			out[sentence.at] += sentence.text;
	return out;
}

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

// Turns with the best sentences alone; names stay, as they do with ours.
function pick(turns, scores, bytes) {
	const list = sentencesOf(turns);
	const names = turns.map((t) => t.slice(0, t.indexOf(': ') + 2));
	const order = scores(list).map((score, i) => ({ score, i })).sort((a, b) => b.score - a.score || a.i - b.i);
	let room = bytes - Buffer.byteLength(names.join('\n'));
	const out = names;
	const chosen = [];
	for (const { i } of order) {
		const n = Buffer.byteLength(list[i].text);
		if (n <= room) {
			room -= n;
			chosen.push(i);
		}
	}
	for (const i of chosen.sort((a, b) => a - b))
		out[list[i].at] += list[i].text;
	return out;
}

const WAYS = { 'first and last': headAndTail, random, 'self-information': selfInformation, TextRank: textRank };

// ---- all of it ----------------------------------------------------------------------------------

const dialogues = JSON.parse(readFileSync(join(corpora, 'memory/locomo_dev.json'), 'utf8')).map(dialogue);
const headroom = new Headroom(options.headroom);
const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
try {
	console.log(`${dialogues.length} dialogues, ${dialogues.reduce((n, d) => n + d.questions.length, 0)} questions; share of the answers' words that survive`);
	for (const ratio of options.ratios.split(',')) {
		const arm = { args: ['--ccr', 'on', '--target-ratio', ratio] };
		const { texts } = headroom.compress(arm, dialogues.map((d, i) => ({ id: `${i}`, text: `${d.turns.join('\n')}\n`, tool: 'mcp_chat', query: 'Go on.' })));
		const ours = texts.map(({ text }, i) => shownOf(dialogues[i].turns, text));
		const sizes = texts.map(({ text }) => Buffer.byteLength(text));
		const left = mean(dialogues.map((d, i) => sizes[i] / Buffer.byteLength(d.turns.join('\n'))));
		const cells = [`headroom ${mean(dialogues.map((d, i) => survival(d, ours[i]))).toFixed(3)}`];
		for (const [name, scores] of Object.entries(WAYS))
			cells.push(`${name} ${mean(dialogues.map((d, i) => survival(d, pick(d.turns, scores, sizes[i])))).toFixed(3)}`);
		console.log(`ratio ${ratio} (${left.toFixed(2)} of the bytes left): ${cells.join(', ')}`);
	}
} finally {
	headroom.close();
}
