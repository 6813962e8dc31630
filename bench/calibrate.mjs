// How many tokens of closed tokenizers there are for one of o200k_base.
// usage: node bench/calibrate.mjs FOLDER
//
// FOLDER holds recorded conversations (*.json) turn by turn: messages, and turns of
// {start, end, usage: {input, read, write}}. What the provider counted for one request less what it
// counted for the request before is set against the o200k_base tokens of the messages that were new
// in it. System prompt and tools, which the recordings do not hold, cancel out. Per model it prints
//	pairs   how many such steps (with thinking or images: left out; below 200 tokens: left out)
//	scale   slope of the fit  counted = scale * tokens + block * blocks  (least squares of the relative error)
//	error   half of the steps are within the first figure of that fit, nine of ten within the second
//	all     the relative error of the sum over all steps
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../deps/package.json', import.meta.url));
const { countTokens } = await import(pathToFileURL(require.resolve('gpt-tokenizer/encoding/o200k_base')).href);
const plain = { allowedSpecial: new Set(), disallowedSpecial: new Set() };
const count = (text) => countTokens(text, plain);

// {tokens, blocks} of one message, null when it holds what cannot be counted
function measure(content) {
	if (content === null || content === undefined)
		return { tokens: 0, blocks: 0 };
	if (typeof content === 'string')
		return { tokens: count(content), blocks: 1 };
	const sum = { tokens: 0, blocks: 0 };
	for (const block of content) {
		let part;
		if (typeof block === 'string' || typeof block.text === 'string')
			part = { tokens: count(block.text ?? block), blocks: 1 };
		else if (block.type === 'tool_use')
			part = { tokens: count(block.name) + count(JSON.stringify(block.input)), blocks: 1 };
		else if (block.type === 'tool_result') {
			part = measure(block.content);
			part &&= { tokens: part.tokens, blocks: Math.max(1, part.blocks) };
		}
		if (!part)
			return null;
		sum.tokens += part.tokens;
		sum.blocks += part.blocks;
	}
	return sum;
}

function measureMessage(m) {
	const sum = measure(m.content);
	for (const call of m.tool_calls ?? [])
		if (sum) {
			sum.tokens += count(call.function.name) + count(call.function.arguments);
			sum.blocks++;
		}
	return sum;
}

const steps = new Map(); // model -> [{tokens, blocks, counted}]
const folder = process.argv[2];
for (const file of readdirSync(folder).filter((f) => f.endsWith('.json')).sort()) {
	const doc = JSON.parse(readFileSync(join(folder, file), 'utf8'));
	if (doc.provider === 'openai-responses' || !doc.model)
		continue;
	for (let k = 0; k + 1 < doc.turns.length; k++) {
		const [a, b] = [doc.turns[k], doc.turns[k + 1]];
		if (!a.usage || !b.usage || a.start !== b.start)
			continue;
		const total = (u) => u.input + u.read + u.write;
		const parts = doc.messages.slice(a.end, b.end).map(measureMessage);
		const counted = total(b.usage) - total(a.usage);
		if (parts.includes(null) || counted <= 0)
			continue;
		const step = { counted, tokens: 0, blocks: 0, file };
		for (const p of parts) {
			step.tokens += p.tokens;
			step.blocks += p.blocks;
		}
		if (step.tokens >= 200)
			steps.set(doc.model, [...(steps.get(doc.model) ?? []), step]);
	}
}

// Least squares of (scale * tokens + block * blocks - counted) / tokens, dropping the worst tenth
// once.
function fit(list) {
	let use = list;
	let scale = 1;
	let block = 0;
	for (let round = 0; round < 2; round++) {
		let [xx, xy, yy, xz, yz] = [0, 0, 0, 0, 0];
		for (const s of use) {
			const [x, y, z] = [1, s.blocks / s.tokens, s.counted / s.tokens];
			xx += x * x; xy += x * y; yy += y * y; xz += x * z; yz += y * z;
		}
		const d = xx * yy - xy * xy;
		scale = d > 1e-9 ? (xz * yy - yz * xy) / d : xz / xx;
		block = d > 1e-9 ? (yz * xx - xz * xy) / d : 0;
		const error = (s) => Math.abs(scale * s.tokens + block * s.blocks - s.counted) / s.counted;
		use = [...list].sort((a, b) => error(a) - error(b)).slice(0, Math.ceil(list.length * 0.9));
	}
	return { scale, block };
}

for (const [model, list] of [...steps].sort()) {
	const { scale, block } = fit(list);
	const guess = (s) => scale * s.tokens + block * s.blocks;
	const errors = list.map((s) => Math.abs(guess(s) - s.counted) / s.counted).sort((a, b) => a - b);
	const at = (q) => errors[Math.min(errors.length - 1, Math.floor(q * errors.length))];
	const sum = (f) => list.reduce((n, s) => n + f(s), 0);
	console.log(`${model.padEnd(28)} pairs ${String(list.length).padStart(4)}  scale ${scale.toFixed(3)}  block ${block.toFixed(1).padStart(6)}` +
		`  error ${at(0.5).toFixed(3)} ${at(0.9).toFixed(3)}  all ${(sum(guess) / sum((s) => s.counted) - 1).toFixed(3)}` +
		`  ratio ${(sum((s) => s.counted) / sum((s) => s.tokens)).toFixed(3)}`);
}
