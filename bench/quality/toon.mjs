// toon: JSON in the manner of TOON (github.com/toon-format/spec, version 4): indentation for objects, one header and rows of
// values for objects of one shape, in a list or under keys, one line for arrays of scalars, list items for the rest. Comma as
// delimiter.
import { Num, tryParse } from './jsontext.mjs';

const INDENT = '  ';
const NEEDS_QUOTES = /^$|^\s|\s$|[:"\\[\]{},\u0000-\u001f]|^[-#]|^(?:true|false|null)$|^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$|^0\d+$/;
const PLAIN_KEY = /^[A-Za-z_][\w.]*$/;
const ESCAPES = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const quote = (s) => `"${s.replace(/[\\"\n\r\t]/g, (c) => ESCAPES[c])}"`;
const keyOf = (k) => (PLAIN_KEY.test(k) ? k : quote(k));
const isScalar = (v) => v === null || typeof v !== 'object' || v instanceof Num;

// Numbers stay as they are spelled, but for exponents and a fraction of zeros, which TOON does not have.
function scalar(v) {
	if (v instanceof Num)
		return /[eE]|\.\d*0$/.test(v.raw) ? String(Number(v.raw)) : v.raw;
	return typeof v === 'string' ? (NEEDS_QUOTES.test(v) ? quote(v) : v) : String(v);
}

// The columns of a table, {key, parts}: parts are the columns of an object that stands in each row, null for scalars.
// Undefined when the rows are none of one shape.
function columns(rows) {
	const first = rows[0];
	if (!(first instanceof Map) || first.size === 0)
		return undefined;
	if (!rows.every((row) => row instanceof Map && row.size === first.size))
		return undefined;
	const list = [];
	for (const key of first.keys()) {
		if (!rows.every((row) => row.has(key)))
			return undefined;
		const cells = rows.map((row) => row.get(key));
		const parts = cells.every(isScalar) ? null : columns(cells);
		if (parts === undefined)
			return undefined;
		list.push({ key, parts });
	}
	return list;
}

const header = (list) => `{${list.map((c) => keyOf(c.key) + (c.parts ? header(c.parts) : '')).join(',')}}`;
const cells = (list, row) => list.map((c) => (c.parts ? cells(c.parts, row.get(c.key)) : scalar(row.get(c.key)))).join(',');

// head: what stands before the brackets, a key or the dash of an item.
function addArray(lines, pad, head, array) {
	const isMember = head !== '' && head !== '- ';
	if (array.length === 0) {
		lines.push(pad + head + (isMember ? ': []' : head ? '[0]:' : '[]'));
		return;
	}
	if (array.every(isScalar)) {
		lines.push(`${pad}${head}[${array.length}]: ${array.map(scalar).join(',')}`);
		return;
	}
	const table = columns(array);
	if (table) {
		lines.push(`${pad}${head}[${array.length}]${header(table)}:`);
		for (const row of array)
			lines.push(pad + INDENT + cells(table, row));
		return;
	}
	lines.push(`${pad}${head}[${array.length}]:`);
	for (const item of array)
		addItem(lines, pad + INDENT, item);
}

function addItem(lines, pad, item) {
	if (isScalar(item)) {
		lines.push(`${pad}- ${scalar(item)}`);
	} else if (Array.isArray(item)) {
		addArray(lines, pad, '- ', item);
	} else if (item.size === 0) {
		lines.push(`${pad}-`);
	} else {
		const own = [];
		addMembers(own, pad + INDENT, item);
		own[0] = `${pad}- ${own[0].slice(pad.length + INDENT.length)}`;
		for (const line of own) // no spread: an item may have very many lines
			lines.push(line);
	}
}

// Two objects or more of one shape below their keys are a table, too.
function addObject(lines, pad, head, map) {
	const table = map.size >= 2 ? columns([...map.values()]) : undefined;
	if (!table) {
		lines.push(`${pad}${head}:`);
		addMembers(lines, pad + INDENT, map);
		return;
	}
	lines.push(`${pad}${head}[${map.size}:]${header(table)}:`);
	for (const [k, row] of map)
		lines.push(`${pad}${INDENT}${keyOf(k)}: ${cells(table, row)}`);
}

function addMembers(lines, pad, map) {
	for (const [k, v] of map) {
		if (isScalar(v)) {
			lines.push(`${pad}${keyOf(k)}: ${scalar(v)}`);
		} else if (Array.isArray(v)) {
			addArray(lines, pad, keyOf(k), v);
		} else {
			addObject(lines, pad, keyOf(k), v);
		}
	}
}

// The text itself when it is not JSON.
export function toon(text) {
	const value = tryParse(text);
	if (value === undefined)
		return text;
	const lines = [];
	if (isScalar(value))
		lines.push(scalar(value));
	else if (Array.isArray(value))
		addArray(lines, '', '', value);
	else
		addMembers(lines, '', value);
	return lines.join('\n');
}
