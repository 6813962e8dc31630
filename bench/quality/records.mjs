// records: rows (Maps) as the shells of databases print them one below the other: psql with \x, mysql with \G.
import { Num, spell } from './jsontext.mjs';

const isContainer = (v) => v !== null && typeof v === 'object' && !(v instanceof Num);

// A value as a column of that type shows it; what holds others is a jsonb column.
function cell(value, words) {
	if (value instanceof Num)
		return value.raw;
	if (isContainer(value))
		return spell(value, ', ', ': ');
	return typeof value === 'string' ? value : words[String(value)];
}

const PSQL = { null: '', true: 't', false: 'f' };
const MYSQL = { null: 'NULL', true: '1', false: '0' };
const widest = (list) => Math.max(...list.map((s) => [...s].length));
const isPrintable = (s) => !/\p{Cc}/u.test(s);

// All rows have all columns, as those of a table do. Rows with line ends in a value are left out: both shells spell them in a way of their own.
function table(rows, words) {
	const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
	const cells = rows.map((row) => names.map((name) => cell(row.get(name) ?? null, words)));
	return { names, cells: cells.filter((list) => list.every(isPrintable)) };
}

// The line before a record, as psql's print_aligned_vertical_line() makes it with border 1.
function psqlRule(n, keys, values) {
	const label = `-[ RECORD ${n} ]`;
	let line = label.padEnd(keys, '-');
	let over = label.length - keys;
	for (const sign of ['-', '+', '-'])
		if (over-- <= 0)
			line += sign;
	return line + '-'.repeat(Math.max(0, values - Math.max(0, over)));
}

export function toPsql(rows) {
	const { names, cells } = table(rows, PSQL);
	if (!cells.length)
		return '';
	const [keys, values] = [widest(names), widest(cells.flat())];
	return `${cells.map((list, i) => `${psqlRule(i + 1, keys, values)}\n${list.map((v, k) => `${names[k].padEnd(keys)} | ${v}\n`).join('')}`).join('')}\n`;
}

export function toMysql(rows) {
	const { names, cells } = table(rows, MYSQL);
	const keys = names.length ? widest(names) : 0;
	const stars = '*'.repeat(27);
	const text = cells.map((list, i) => `${stars} ${i + 1}. row ${stars}\n${list.map((v, k) => `${names[k].padStart(keys)}: ${v}\n`).join('')}`).join('');
	return `${text}${cells.length} rows in set (0.01 sec)\n`;
}
