// What was forwarded stays a prefix: the checks on bodies as a client sent them and as the provider got them. They
// know nothing of the proxy; an edit is found by comparing bytes, and what it lies in by reading both bodies.
import { createHash } from 'node:crypto';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

// How many bytes from a[i] and b[j] on are the same.
export function commonLength(a, b, i = 0, j = 0) {
	const max = Math.min(a.length - i, b.length - j);
	let n = 0;
	for (let step = 1 << 16; step > 0 && n < max;) {
		const size = Math.min(step, max - n);
		if (a.compare(b, j + n, j + n + size, i + n, i + n + size) === 0)
			n += size;
		else
			step = size >> 1;
	}
	return n;
}

function isEscaped(bytes, at) {
	let n = 0;
	while (bytes[at - 1 - n] === BACKSLASH)
		n++;
	return n % 2 === 1;
}

function afterClosingQuote(bytes, at) {
	for (at = bytes.indexOf(QUOTE, at); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
		if (!isEscaped(bytes, at))
			return at + 1;
	}
	return bytes.length;
}

// The string literal that holds the byte at `at`, looked for from `from` on, which is outside of one.
function literalAround(bytes, from, at) {
	for (let start = bytes.indexOf(QUOTE, from); start >= 0 && start < at;) {
		const end = afterClosingQuote(bytes, start + 1);
		if (end > at)
			return { at: start, end };
		start = bytes.indexOf(QUOTE, end);
	}
	return null;
}

// Where the two differ, as string literals in the place of string literals: [{at, end, sentAt, sentEnd}], or null when
// they differ in any other way.
export function findEdits(client, sent) {
	const edits = [];
	let i = 0;
	let j = 0;
	for (;;) {
		const n = commonLength(client, sent, i, j);
		if (i + n === client.length && j + n === sent.length)
			return edits;
		const edit = literalAround(client, i, i + n);
		if (!edit)
			return null;
		edit.sentAt = j + edit.at - i;
		edit.sentEnd = afterClosingQuote(sent, edit.sentAt + 1);
		edits.push(edit);
		i = edit.end;
		j = edit.sentEnd;
	}
}

// ---- the formats ---------------------------------------------------------------------------------------------

const blankTexts = (content, type) => (typeof content === 'string' ? '' : Array.isArray(content)
	? content.map((part) => (part?.type === type && typeof part.text === 'string' ? { ...part, text: '' } : part)) : content);

const blankStrings = (value) => (typeof value === 'string' ? '' : Array.isArray(value) ? value.map(blankStrings)
	: value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, blankStrings(v)])) : value);

// The list that grows, its blocks in order, and a block without the texts that a tool returned.
const FORMATS = {
	anthropic: {
		items: 'messages',
		blocks: (m) => (Array.isArray(m.content) ? m.content : [{ type: 'text', text: m.content }]),
		blank: (b) => (b.type === 'tool_result' ? { ...b, content: blankTexts(b.content, 'text') } : b),
	},
	chat: {
		items: 'messages', blocks: (m) => [m],
		blank: (b) => (b.role === 'tool' || b.role === 'function' ? { ...b, content: blankTexts(b.content, 'text') } : b),
	},
	responses: {
		items: 'input', blocks: (m) => [m],
		blank: (b) => (/_output$/.test(b.type) ? { ...b, output: blankTexts(b.output, 'input_text') } : b),
	},
	gemini: {
		items: 'contents', blocks: (m) => m.parts ?? [],
		blank: (b) => (b.functionResponse
			? { ...b, functionResponse: { ...b.functionResponse, response: blankStrings(b.functionResponse.response) } } : b),
	},
};

// A breakpoint that moves is no change of content, and a string is short for a list with one text.
const dropMarks = (key, value) => (key === 'cache_control' ? undefined : value);

function canonical(format, role, block) {
	if (format === 'anthropic' && block.type === 'tool_result' && typeof block.content === 'string')
		block = { ...block, content: [{ type: 'text', text: block.content }] };
	return JSON.stringify([role, block], dropMarks);
}

// What the model reads, in order, and all the rest of the body.
function read(format, bytes) {
	const { items, blocks } = FORMATS[format];
	const body = JSON.parse(bytes);
	const list = typeof body[items] === 'string' ? [{ role: 'user', content: body[items] }] : body[items] ?? [];
	return { rest: JSON.stringify({ ...body, [items]: null }), list: list.flatMap((m) => blocks(m).map((block) => [m.role, block])) };
}

// An agent without tools is told by the user what its command printed (core/wire/resolve.c): mini-swe-agent, SWE-agent.
const OBSERVATION = /^(<returncode>|OBSERVATION:\n)/;
const isObservation = (role, block) => role === 'user' && [block.text, block.content].some((text) => typeof text === 'string' && OBSERVATION.test(text));
const withoutText = (block) => ({ ...block, ...(typeof block.text === 'string' && { text: '' }), ...(typeof block.content === 'string' && { content: '' }) });

// Why what was forwarded differs in more than the texts of tool results; null when it does not.
function strayEdit(format, client, sent) {
	if (client.rest !== sent.rest)
		return 'something outside of the messages was changed';
	if (client.list.length !== sent.list.length)
		return 'blocks were added or lost';
	for (let k = 0; k < client.list.length; k++) {
		const [[role, block], [sentRole, sentBlock]] = [client.list[k], sent.list[k]];
		const [a, b] = [JSON.stringify(block), JSON.stringify(sentBlock)];
		const blank = isObservation(role, block) ? withoutText : FORMATS[format].blank;
		if (role !== sentRole || (a !== b && JSON.stringify(blank(block)) !== JSON.stringify(blank(sentBlock))))
			return `block ${k} was changed outside of a tool's text`;
	}
	return null;
}

// ---- one after the other ---------------------------------------------------------------------------------------

const strictlyIn = (edits, at) => edits.find((e) => e.at < at && at < e.end);

// Of the bytes that two bodies of a client begin with, those that must have been forwarded the same: all, but for a
// text that was changed and goes on differently after that.
function mustBeCommon(before, now) {
	let at = commonLength(before.client, now.client);
	for (const edits of [before.edits, now.edits])
		at = Math.min(at, strictlyIn(edits, at)?.at ?? at);
	for (const e of [...before.edits].reverse()) {
		if (e.end <= at)
			return e.sentEnd + at - e.end;
	}
	return at;
}

function brokenBytes(before, now) {
	const must = mustBeCommon(before, now);
	const is = commonLength(before.sent, now.sent);
	return is < must ? `only ${is} of ${must} bytes that were repeated were forwarded as before` : null;
}

// The same where bytes no longer tell: blocks that say the same as before must be forwarded so.
function brokenBlocks(before, now) {
	for (let k = 0; k < Math.min(before.canon.length, now.canon.length) && before.canon[k] === now.canon[k]; k++) {
		if (before.sentCanon[k] !== now.sentCanon[k])
			return `block ${k} is forwarded otherwise than before`;
	}
	return null;
}

const digest = (bytes) => createHash('sha1').update(bytes).digest('latin1');

// One conversation. add() takes each request and says what is wrong with it: [] when all is well.
export class History {
	constructor(format) {
		this.format = format;
		this.last = null;
		this.seen = new Map();
	}

	// What is to be known of a request to compare others with it.
	examine(client, sent) {
		const edits = findEdits(client, sent);
		const [a, b] = [read(this.format, client), read(this.format, sent)];
		const problems = [edits ? null : 'the bytes differ in more than string literals', strayEdit(this.format, a, b)].filter(Boolean);
		const canon = (list) => list.map(([role, block]) => canonical(this.format, role, block));
		return { client, sent, edits: edits ?? [], problems, canon: canon(a.list), sentCanon: canon(b.list) };
	}

	// before: what it is compared with; the last one unless told.
	add(client, sent, before = this.last) {
		const now = this.examine(client, sent);
		const key = digest(client);
		const is = digest(sent);
		const problems = [...now.problems];
		if (before)
			problems.push(brokenBytes(before, now), brokenBlocks(before, now));
		if ((this.seen.get(key) ?? is) !== is)
			problems.push('the same request was forwarded in two ways');
		this.seen.set(key, is);
		this.last = now;
		return problems.filter(Boolean);
	}

	get editCount() {
		return this.last.edits.length;
	}
}
