// prose: what survives when dialogues and documents are made smaller, ours beside textbook ways of picking sentences at the same size.
//
//	HEADROOM_CORPORA=DIR node bench/quality/prose.mjs [--headroom PROGRAM] [--ratios 0.7,0.5,0.3]
//
// Dialogues and questions: memory/locomo_dev.json, which names the turns that hold each answer. An answer survives as far as those of
// its words that stood in these turns still stand there. Documents: text_tools/markdown_docs; what their authors put into headings, code,
// links and emphasis, numbers, words that negate, and all words of substance, each once.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Headroom } from './headroom.mjs';
import { WAYS, best, substance, words } from './textbook.mjs';

const { values: options } = parseArgs({ options: { headroom: { type: 'string', default: 'build/release/headroom' }, ratios: { type: 'string', default: '0.7,0.5,0.3' } } });
const corpora = process.env.HEADROOM_CORPORA;
if (!corpora)
	throw new Error('HEADROOM_CORPORA is not set');

const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
const bytesOf = (text) => Buffer.byteLength(text);

// ---- dialogues ----------------------------------------------------------------------------------

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

const namesOf = (turns) => turns.map((t) => t.slice(0, t.indexOf(': ') + 2));
const sentencesOf = (turns) => turns.flatMap((turn, at) => (turn.slice(turn.indexOf(': ') + 2).match(/[^.!?]+[.!?]*\s*/g) ?? []).map((text) => ({ at, text })));

// What of each turn stands in a text, wherever: lines that are alike may be said once, so that lines are not turns.
function shownOf(turns, text) {
	const out = namesOf(turns);
	for (const sentence of sentencesOf(turns))
		if (text.includes(sentence.text.trim()))
			out[sentence.at] += sentence.text;
	return out;
}

// Turns with the best sentences alone; names stay, as they do with ours.
function pickTurns(turns, scores, bytes) {
	const list = sentencesOf(turns);
	const out = namesOf(turns);
	for (const i of best(list, scores, bytes - bytesOf(out.join('\n'))))
		out[list[i].at] += list[i].text;
	return out;
}

function compareDialogues(headroom, dialogues, ratio) {
	const arm = { args: ['--ccr', 'on', '--target-ratio', ratio] };
	const { texts } = headroom.compress(arm, dialogues.map((d, i) => ({ id: `${i}`, text: `${d.turns.join('\n')}\n`, tool: 'mcp_chat', query: 'Go on.' })));
	const sizes = texts.map(({ text }) => bytesOf(text));
	const left = mean(dialogues.map((d, i) => sizes[i] / bytesOf(d.turns.join('\n'))));
	const cells = [`headroom ${mean(dialogues.map((d, i) => survival(d, shownOf(d.turns, texts[i].text)))).toFixed(3)}`];
	for (const [name, scores] of Object.entries(WAYS))
		cells.push(`${name} ${mean(dialogues.map((d, i) => survival(d, pickTurns(d.turns, scores, sizes[i])))).toFixed(3)}`);
	console.log(`ratio ${ratio} (${left.toFixed(2)} of the bytes left): ${cells.join(', ')}`);
}

// ---- documents ----------------------------------------------------------------------------------

const BYTES_MIN = 4000;
const BYTES_MAX = 200000;

function* filesBelow(dir) {
	for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true }))
		if (entry.isFile() && entry.name.endsWith('.md'))
			yield join(entry.parentPath ?? entry.path, entry.name);
}

const all = (text, pattern, group = 0) => [...text.matchAll(pattern)].map((m) => m[group]);

// Lines that are said again may be referred to.
const eachLineOnce = (text) => [...new Set(text.split('\n'))].join('\n');

// What is looked for in a document, as lists; a number and a negation as often as it is there, all else once.
const factsOf = (text) => ({
	headings: [...new Set(all(text, /^#{1,6} .+$/gm))],
	'code spans': [...new Set(all(text, /`[^`\n]{2,60}`/g))],
	links: [...new Set([...all(text, /https?:\/\/[^\s)>\]"']+/g), ...all(text, /\]\(([^\s)]+)/g, 1)])],
	numbers: all(text, /\d+(?:\.\d+)*/g),
	negations: all(text.toLowerCase(), /\b(?:not|no|never|without|cannot|unless|only)\b|n't\b/g),
	emphasis: [...new Set(all(text, /\*\*([^*\n]{3,60})\*\*/g, 1))],
	words: [...new Set(substance(text))],
});

function shares(text, shown) {
	const there = factsOf(shown);
	return Object.fromEntries(Object.entries(factsOf(eachLineOnce(text))).map(([name, list]) => {
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

// Lines that are no prose are pieces, too.
const piecesOf = (text) => text.split(/(?<=\n)/).flatMap((line) => line.split(/(?<=[.!?]["')]?\s)/)).map((piece) => ({ text: piece }));

function meanShares(list) {
	return Object.keys(list[0]).map((name) => {
		const had = list.map((one) => one[name]).filter((share) => share !== null);
		return `${name} ${had.length ? mean(had).toFixed(3) : '-'}`;
	}).join(', ');
}

function compareDocuments(headroom, documents, ratio) {
	const arm = { args: ['--ccr', 'on', '--target-ratio', ratio] };
	const { texts } = headroom.compress(arm, documents.map((text, i) => ({ id: `${i}`, text, tool: 'mcp_docs', query: 'Go on.' })));
	const changed = documents.map((text, i) => ({ text, shown: texts[i].text, encoders: texts[i].encoders ?? '' })).filter(({ encoders }) => encoders.includes('prose'));
	console.log(`ratio ${ratio}: ${changed.length} of ${documents.length} documents elided, ${mean(changed.map(({ text, shown }) => bytesOf(shown) / bytesOf(text))).toFixed(2)} of their bytes left`);
	console.log(`  headroom: ${meanShares(changed.map(({ text, shown }) => shares(text, shown)))}`);
	for (const [name, scores] of Object.entries(WAYS))
		console.log(`  ${name}: ${meanShares(changed.map(({ text, shown }) => {
			const pieces = piecesOf(text);
			return shares(text, best(pieces, scores, bytesOf(shown)).map((i) => pieces[i].text).join(''));
		}))}`);
}

// ---- all of it ----------------------------------------------------------------------------------

const headroom = new Headroom(options.headroom);
try {
	const dialogues = JSON.parse(readFileSync(join(corpora, 'memory/locomo_dev.json'), 'utf8')).map(dialogue);
	console.log(`${dialogues.length} dialogues, ${dialogues.reduce((n, d) => n + d.questions.length, 0)} questions; share of the answers' words that survive`);
	for (const ratio of options.ratios.split(','))
		compareDialogues(headroom, dialogues, ratio);
	const documents = [...filesBelow(join(corpora, 'text_tools/markdown_docs'))].sort().map((path) => readFileSync(path, 'utf8')).filter((text) => text.length >= BYTES_MIN && text.length <= BYTES_MAX);
	console.log('\nMarkdown; shares that survive');
	for (const ratio of options.ratios.split(','))
		compareDocuments(headroom, documents, ratio);
} finally {
	headroom.close();
}
