// prose: what survives when dialogues and documents are made smaller, ours beside textbook ways of picking sentences at the same size.
//
//	HEADROOM_CORPORA=DIR node bench/quality/prose.mjs [--headroom PROGRAM] [--ratios 0.7,0.5,0.3] [--documents DIR]
//
// Dialogues and questions: memory/locomo_dev.json, which names the turns that hold each answer. An answer survives as far as those of
// its words that stood in these turns still stand there. Documents: text_tools/markdown_docs, or all of DIR; what their authors put into headings, code,
// links and emphasis, numbers, words that negate, and all words of substance, each once. Nobody has asked anything of them: these are what
// answers would be made of. One table, in Markdown.
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Headroom } from './headroom.mjs';
import { bound } from './prose_bound.mjs';
import { PROMISED, factsOf, shares } from './prose_facts.mjs';
import { WAYS, best, substance, words } from './textbook.mjs';

const { values: options } = parseArgs({ options: { headroom: { type: 'string', default: 'build/release/headroom' }, ratios: { type: 'string', default: '0.7,0.5,0.3' }, documents: { type: 'string' } } });
const corpora = process.env.HEADROOM_CORPORA;
if (!corpora)
	throw new Error('HEADROOM_CORPORA is not set');

const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
const bytesOf = (text) => Buffer.byteLength(text);
const require = createRequire(new URL('../../deps/package.json', import.meta.url));
const { countTokens } = await import(pathToFileURL(require.resolve('gpt-tokenizer/encoding/o200k_base')).href);
const tokensOf = (text) => countTokens(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() });

// "0.51": of the tokens of pairs {text, shown} so many are left, at the mean.
const tokensLeft = (pairs) => mean(pairs.map(({ text, shown }) => tokensOf(shown) / tokensOf(text))).toFixed(2);

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
	const questions = qa.map(({ question, answer, evidence }) => {
		const held = (evidence ?? []).map((id) => places.get(id)).filter((at) => at !== undefined);
		const there = new Set(held.flatMap((at) => words(turns[at])));
		return { question, turns: held, words: [...new Set(substance(`${answer ?? ''}`))].filter((w) => there.has(w)) };
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

// {way: {left, answers}}; notes: as below.
function compareDialogues(headroom, dialogues, ratio, notes) {
	const arm = { args: ['--ccr', 'on', '--target-ratio', ratio] };
	const { texts } = headroom.compress(arm, dialogues.map((d, i) => ({ id: `${i}`, text: `${d.turns.join('\n')}\n`, tool: 'mcp_chat', query: 'Go on.' })));
	const sizes = texts.map(({ text }) => bytesOf(text));
	const left = mean(dialogues.map((d, i) => sizes[i] / bytesOf(d.turns.join('\n'))));
	notes.push(`Ratio ${ratio}: of the tokens of dialogues ${tokensLeft(dialogues.map((d, i) => ({ text: d.turns.join('\n'), shown: texts[i].text })))} are left.`);
	const shown = { headroom: (d, i) => shownOf(d.turns, texts[i].text) };
	for (const [name, scores] of Object.entries(WAYS))
		shown[name] = (d, i) => pickTurns(d.turns, scores, sizes[i]);
	return Object.fromEntries(Object.entries(shown).map(([name, turns]) => [name, { left, answers: mean(dialogues.map((d, i) => survival(d, turns(d, i)))) }]));
}

const EACH = 6; // of the questions one in so many: each is a request

// What survives of the answer to what was asked last.
function tellAsked(headroom, dialogues, ratio) {
	const arm = { args: ['--ccr', 'on', '--target-ratio', ratio] };
	const shares = dialogues.map(({ turns, questions }) => {
		const some = questions.filter((_, i) => i % EACH === 0);
		const { texts } = headroom.compress(arm, some.map(({ question }, i) => ({ id: `${i}`, text: `${turns.join('\n')}\n`, tool: 'mcp_chat', query: question })));
		return mean(some.map((one, i) => survival({ questions: [one] }, shownOf(turns, texts[i].text))));
	});
	return `Ratio ${ratio}, each question asked: ${cell(mean(shares))} of the answers of every sixth.`;
}

// ---- documents ----------------------------------------------------------------------------------

const BYTES_MIN = 4000;
const BYTES_MAX = 200000;

function* filesBelow(dir) {
	for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true }))
		if (entry.isFile() && entry.name.endsWith('.md'))
			yield join(entry.parentPath ?? entry.path, entry.name);
}

// Lines that are no prose are pieces, too.
const piecesOf = (text) => text.split(/(?<=\n)/).flatMap((line) => line.split(/(?<=[.!?]["')]?\s)/)).map((piece) => ({ text: piece }));

const meanShares = (list) => Object.fromEntries(Object.keys(list[0]).map((name) => {
	const had = list.map((one) => one[name]).filter((share) => share !== null);
	return [name, had.length ? mean(had) : null];
}));

const LEAST = 0.98;
const NEAR = 0.03; // a share is had when no more than that is above it: a head line, a last sentence

// Of all bytes those of code blocks, tables and headings, which stay.
function shapeOf(text) {
	let inFence = false;
	const lines = text.split('\n').filter((line) => {
		const isFence = /^\s*(```|~~~)/.test(line);
		inFence = isFence ? !inFence : inFence;
		return isFence || inFence || /^\s*[|#]/.test(line);
	});
	return bytesOf(lines.join('\n')) / bytesOf(text);
}

const SHARE_STEPS = [0.1, 0.25, 0.5, 0.75, 0.9];

function tellDocuments(documents, elided, ratio) {
	const shareOf = ({ text, shown }) => tokensOf(shown) / tokensOf(text);
	const sizes = elided.map(shareOf).sort((a, b) => a - b);
	const far = elided.filter((one) => shareOf(one) > Number(ratio) + NEAR);
	const short = elided.filter(({ text, shown }) => {
		const found = shares(text, shown);
		return PROMISED.some((name) => found[name] !== null && found[name] < LEAST);
	});
	const shape = far.length ? `, whose code blocks, tables and headings are ${mean(far.map(({ text }) => shapeOf(text))).toFixed(2)} of them` : '';
	const steps = SHARE_STEPS.map((step) => sizes[Math.min(sizes.length - 1, Math.floor(step * sizes.length))].toFixed(2)).join(', ');
	return `Ratio ${ratio}: of the tokens of documents ${tokensLeft(elided)} are left. ${elided.length} of ${documents.length} documents elided; ${far.length} of them stay larger${shape}; ${short.length} have less than ${LEAST} of some of ${PROMISED.join(', ')}. What is left of the tokens of 10, 25, 50, 75, 90 % of them is at most ${steps}.`;
}

// What taking text alone cannot go below, with so many words around each number and negation.
function tellBounds(documents, around, ratios) {
	const bounds = documents.map((text) => bound(text, around) / bytesOf(text));
	const had = ratios.map((ratio) => `${ratio} on ${bounds.filter((share) => share <= Number(ratio)).length}`).join(', ');
	return `Facts with ${around} words around: ${mean(bounds).toFixed(2)} of the documents; ${had} of ${documents.length}.`;
}

// {way: {left, headings, ...}}; notes: what else there is to say, appended.
function compareDocuments(headroom, documents, ratio, notes) {
	const arm = { args: ['--ccr', 'on', '--target-ratio', ratio] };
	const { texts } = headroom.compress(arm, documents.map((text, i) => ({ id: `${i}`, text, tool: 'mcp_docs', query: 'Go on.' })));
	const elided = documents.map((text, i) => ({ text, shown: texts[i].text, encoders: texts[i].encoders ?? '' })).filter(({ encoders }) => encoders.includes('prose'));
	const left = mean(elided.map(({ text, shown }) => bytesOf(shown) / bytesOf(text)));
	const ways = { headroom: ({ shown }) => shown };
	for (const [name, scores] of Object.entries(WAYS))
		ways[name] = ({ text, shown }) => {
			const pieces = piecesOf(text);
			return best(pieces, scores, bytesOf(shown)).map((i) => pieces[i].text).join('');
		};
	notes.push(tellDocuments(documents, elided, ratio));
	return Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, { left, ...meanShares(elided.map((one) => shares(one.text, way(one)))) }]));
}

// ---- all of it ----------------------------------------------------------------------------------

const cell = (share) => (share === null || share === undefined ? '' : share.toFixed(3).replace(/^0/, ''));
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);

const headroom = new Headroom(options.headroom);
try {
	const dialogues = JSON.parse(readFileSync(join(corpora, 'memory/locomo_dev.json'), 'utf8')).map(dialogue);
	const documents = [...filesBelow(options.documents ?? join(corpora, 'text_tools/markdown_docs'))].sort().map((path) => readFileSync(path, 'utf8')).filter((text) => text.length >= BYTES_MIN && text.length <= BYTES_MAX);
	const notes = [`${dialogues.length} dialogues, ${dialogues.reduce((n, d) => n + d.questions.length, 0)} questions.`];
	const kinds = Object.keys(factsOf(''));
	row(['ratio', 'way', 'of dialogues left', 'answers', 'of documents left', ...kinds]);
	row(['--:', '---', ...Array(kinds.length + 3).fill('--:')]);
	for (const ratio of options.ratios.split(',')) {
		const spoken = compareDialogues(headroom, dialogues, ratio, notes);
		notes.push(tellAsked(headroom, dialogues, ratio));
		const written = compareDocuments(headroom, documents, ratio, notes);
		for (const [name, d] of Object.entries(spoken))
			row([ratio, name, d.left.toFixed(2), cell(d.answers), written[name].left.toFixed(2), ...kinds.map((kind) => cell(written[name][kind]))]);
	}
	for (const around of [0, 2, 4])
		notes.push(tellBounds(documents, around, options.ratios.split(',')));
	console.log(`\n${notes.join('\n')}`);
} finally {
	headroom.close();
}
