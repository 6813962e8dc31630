// Writes what the lexers of tree-sitter's grammars do as tables for core/compress/code/quick_dfa.c:
// node lexers.mjs OUT NAME=parser.c...
// A lexer is a C function: a switch over its states, each with conditions over one character. It is made a function here, and asked for each
// state and each character of ASCII where it goes. What it does with others stays its own.
import { readFileSync, writeFileSync } from 'node:fs';

const [out, ...grammars] = process.argv.slice(2);
// As in quick_dfa.c: what is asked for are bytes, of which those beyond ASCII are for the lexer itself, and the end of the source.
const ASCII = 128, END = 256, INPUTS = END + 1;
const SKIPS = 0x8000, ACCEPTS = 0x4000, NOWHERE = 0, ASKS = 1, STATES = 2, NONE = 0xffff;
const ESCAPES = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

// Character constants as numbers.
function numbers(text) {
	return text.replace(/'(\\?)([^])'/g, (_, escape, c) => (escape ? ESCAPES[c] : undefined) ?? c.charCodeAt(0));
}

// The body of a function or of what stands in braces behind some text; empty where it is not there.
function behind(text, start, end) {
	const at = text.indexOf(start);
	return at < 0 ? '' : text.slice(at + start.length, text.indexOf(end, at));
}

function symbols(text) {
	const all = Object.fromEntries([...behind(text, 'enum ts_symbol_identifiers {', '}')
		.matchAll(/(\w+) = (\d+)/g)].map((m) => [m[1], Number(m[2])]));
	return { ts_builtin_sym_end: 0, ...all };
}

function sets(text) {
	const all = {};
	for (const [, name, ranges] of text.matchAll(/TSCharacterRange (\w+)\[\] = \{([^;]*)\};/g))
		all[name] = [...numbers(ranges).matchAll(/\{(\w+), (\w+)\}/g)].map((m) => [Number(m[1]), Number(m[2])]);
	return all;
}

// (state, character, is it the end) => {to, skips, accepts}; of a state that there is not, null.
function lexer(text, name) {
	const body = numbers(behind(text, `static bool ${name}(TSLexer *lexer, TSStateId state) {`, '\n}'))
		.replace('START_LEXER();', '').replace('eof = lexer->eof(lexer);', '')
		.replace(/\bADVANCE_MAP\(([^()]*)\);/g, 'if (goes([$1])) return r;')
		.replace(/\b(ADVANCE|SKIP)\((\d+)\)/g, (_, what, to) => `return go(${to}, ${what === 'SKIP'})`)
		.replace(/\bACCEPT_TOKEN\((\w+)\)/g, 'r.accepts = symbols.$1')
		.replace(/\bset_contains\((\w+), \d+, lookahead\)/g, 'has(sets.$1)')
		.replace(/\bEND_STATE\(\)/g, 'return r').replace('return false', 'return null');
	const unknown = body.match(/\b(?!(?:switch|case|default|if|return|r|go|goes|has|sets|symbols|accepts|state|lookahead|eof|true|false|null|undefined)\b)(?<![.\w])[A-Za-z_]\w*/);
	if (unknown || !body)
		throw new Error(`${name}: ${unknown?.[0] ?? 'not there'}`);
	return new Function('symbols', 'sets', `return (state, lookahead, eof) => {
		const r = { to: -1, skips: false, accepts: -1 };
		const go = (to, skips) => { r.to = to; r.skips = skips; return r; };
		const goes = (map) => { for (let i = 0; i < map.length; i += 2) if (map[i] === lookahead) return go(map[i + 1], false); return null; };
		const has = (set) => set.some(([from, to]) => from <= lookahead && lookahead <= to);
		${body} }`)(symbols(text), sets(text));
}

// accepts[state]: the symbol, or NONE. next[state][input]: where to go, with the bits above.
function tables(lex) {
	const accepts = [], moves = [];
	for (let state = 0; lex(state, 0, false); state++) {
		const row = Array.from({ length: INPUTS }, (_, c) => (c < ASCII || c === END ? lex(state, c % END, c === END) : null));
		if (row.some((r) => r && r.accepts !== row[0].accepts))
			throw new Error(`what state ${state} accepts depends on what follows`);
		accepts.push(row[0].accepts < 0 ? NONE : row[0].accepts);
		moves.push(row);
	}
	if (moves.length + STATES > ACCEPTS)
		throw new Error(`${moves.length} states`);
	const entry = (r) => (r.to < 0 ? NOWHERE
		: r.to + STATES | (r.skips ? SKIPS : 0) | (accepts[r.to] === NONE ? 0 : ACCEPTS));
	return { accepts, next: moves.map((row) => row.map((r) => (r ? entry(r) : ASKS))) };
}

// Inputs that lead to the same states from everywhere are one.
function classes({ next }) {
	const seen = new Map(), of = [];
	for (let c = 0; c < INPUTS; c++) {
		const key = next.map((row) => row[c]).join();
		if (!seen.has(key))
			seen.set(key, c);
		of.push([...seen.keys()].indexOf(key));
	}
	return { of, firsts: [...seen.values()] };
}

function array(type, name, values) {
	return `static const ${type} ${name}[] = {\n${values.join(',').replace(/(.{1,150},)/g, '$1\n')}};\n`;
}

function rows(name, t) {
	const { of, firsts } = classes(t), shift = Math.ceil(Math.log2(firsts.length));
	const next = t.next.flatMap((row) => Array.from({ length: 1 << shift }, (_, i) => (i < firsts.length ? row[firsts[i]] : 0)));
	return array('uint8_t', `${name}_classes`, of) + array('uint16_t', `${name}_accepts`, t.accepts) +
		array('uint16_t', `${name}_next`, next) +
		`#define ${name} {${name}_classes, ${name}_accepts, ${name}_next, ${t.next.length}, ${shift}}\n`;
}

writeFileSync(out, grammars.map((g) => {
	const [name, path] = g.split('='), text = readFileSync(path, 'latin1');
	return rows(`${name}_lex`, tables(lexer(text, 'ts_lex'))) +
		rows(`${name}_keywords`, tables(lexer(text, 'ts_lex_keywords')));
}).join(''));
