// jsontext: JSON as text. Values keep the spelling of their numbers, objects the order of their keys (a Map), so that nothing is
// lost or moved before it is measured. parse() throws on what is not strict JSON.
export class Num {
	constructor(raw) {
		this.raw = raw;
	}
}

const TOKEN = /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|$)/y;
const WORDS = { true: true, false: false, null: null };
// Deeper documents are not measured: each level is a call.
const DEPTH_MAX = 500;

class Parser {
	constructor(text) {
		this.text = text;
		this.at = 0;
		this.next();
	}

	next() {
		TOKEN.lastIndex = this.at;
		const m = TOKEN.exec(this.text);
		if (!m)
			throw new SyntaxError(`not JSON at ${this.at}`);
		this.at = TOKEN.lastIndex;
		[, this.sign, this.string, this.number, this.word] = m;
	}

	take(sign) {
		if (this.sign !== sign)
			throw new SyntaxError(`no ${sign} before ${this.at}`);
		this.next();
	}

	scalar() {
		let value;
		if (this.string !== undefined)
			value = JSON.parse(this.string);
		else if (this.number !== undefined)
			value = new Num(this.number);
		else if (this.word !== undefined)
			value = WORDS[this.word];
		else
			throw new SyntaxError(`no value before ${this.at}`);
		this.next();
		return value;
	}

	// What stands between the brackets; member() takes one.
	list(open, close, member) {
		this.take(open);
		if (this.sign !== close) {
			member();
			while (this.sign === ',') {
				this.next();
				member();
			}
		}
		this.take(close);
	}

	value(depth = 0) {
		if (depth > DEPTH_MAX)
			throw new SyntaxError('too deep');
		if (this.sign === '{') {
			const map = new Map();
			this.list('{', '}', () => {
				const key = this.string;
				if (key === undefined)
					throw new SyntaxError(`no key before ${this.at}`);
				this.next();
				this.take(':');
				map.set(JSON.parse(key), this.value(depth + 1));
			});
			return map;
		}
		if (this.sign === '[') {
			const array = [];
			this.list('[', ']', () => array.push(this.value(depth + 1)));
			return array;
		}
		return this.scalar();
	}
}

export function parse(text) {
	const parser = new Parser(text);
	const value = parser.value();
	if (parser.at !== text.length || parser.sign || parser.string !== undefined || parser.number !== undefined || parser.word)
		throw new SyntaxError(`something after the value at ${parser.at}`);
	return value;
}

export function tryParse(text) {
	try {
		return parse(text);
	} catch (error) {
		if (error instanceof SyntaxError)
			return undefined;
		throw error;
	}
}

// The text without the white space between its tokens; itself when it is not JSON.
export function minify(text) {
	if (tryParse(text) === undefined)
		return text;
	return text.replace(/("(?:[^"\\]|\\.)*")|[ \t\n\r]+/g, (_, string) => string ?? '');
}

// Python's json.dumps without options, which is how the reference's benchmarks print their data.
export function dump(value) {
	if (Array.isArray(value))
		return `[${value.map(dump).join(', ')}]`;
	if (value && typeof value === 'object')
		return `{${Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${dump(v)}`).join(', ')}}`;
	return JSON.stringify(value);
}

// What parse() gave, on one line.
export function spell(value, comma = ',', colon = ':') {
	if (value instanceof Num)
		return value.raw;
	if (Array.isArray(value))
		return `[${value.map((v) => spell(v, comma, colon)).join(comma)}]`;
	if (value instanceof Map)
		return `{${[...value].map(([k, v]) => `${JSON.stringify(k)}${colon}${spell(v, comma, colon)}`).join(comma)}}`;
	return JSON.stringify(value);
}

// Every scalar with its path: .key for members, [] for elements.
export function* leaves(value, path = '') {
	if (value instanceof Map)
		for (const [k, v] of value)
			yield* leaves(v, `${path}.${k}`);
	else if (Array.isArray(value))
		for (const v of value)
			yield* leaves(v, `${path}[]`);
	else
		yield [path, value];
}
