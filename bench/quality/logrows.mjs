// logrows: what the rows of a log stand for (docs/renderings.md, "Logs"). Written from that page alone, so that a text whose rows
// cannot be read back by it has lost what it says in rows. Everything else of the text stays as it is.
const PLACE = /<\*>|<time>|<\^>|<clock>|<\.\.\.>/;
const CLOCK = /\d\d:\d\d:\d\d/;
const LONG = 8;
const NAMED = 4;

function pattern(text, cells) {
	const texts = [];
	const places = [];
	let lead = '';
	for (let rest = text; ;) {
		const m = PLACE.exec(rest);
		texts.push(m ? rest.slice(0, m.index) : rest);
		if (!m)
			return { texts, places };
		lead += rest.slice(0, m.index) + m[0];
		if (!cells.has(lead))
			cells.set(lead, {});
		places.push({ kind: m[0], cell: cells.get(lead), isSecond: m[0] === '<time>' && places.some((p) => p.kind === '<time>') });
		rest = rest.slice(m.index + m[0].length);
	}
}

const plus = (before, by) => String(Number(before) + (by === '' ? 1 : Number(by)));

function timeOf(before, field) {
	if (field === '=')
		return before;
	if (field[0] === '+')
		return plus(before, field.slice(1));
	const now = field.replaceAll('_', ' ');
	if (now[0] === '=')
		return now.slice(1);
	return now.length < before.length ? before.slice(0, before.length - now.length) + now : now;
}

class Rows {
	constructor(head) {
		this.isSynced = head.includes('a second time that is not as the first comes last');
		this.hasDittos = head.includes('without a number of the pattern above');
		this.patterns = new Map();
		this.cells = new Map();
		this.times = ['', ''];
		this.said = [];
	}

	value(cell, field) {
		if (field === '=')
			return cell.value;
		if (field[0] === '+')
			return plus(cell.value, field.slice(1));
		if (field[0] === '^')
			return this.said[Number(field.slice(1) || 1) - 1];
		const value = field === '""' ? '' : field;
		if (value.length >= LONG)
			this.said = [value, ...this.said].slice(0, NAMED);
		return value;
	}

	time(place, field) {
		const [first, second] = this.times;
		const clock = CLOCK.exec(first);
		if (!place.isSecond)
			this.times[0] = timeOf(first, field);
		else
			this.times[1] = timeOf(this.isSynced && clock ? second.replace(CLOCK, clock[0]) : second, field);
	}

	// The fields of a row, read in the order in which they stand.
	take(places, text) {
		const isTold = (p) => p.kind !== '<^>' && p.kind !== '<clock>';
		const ordered = this.isSynced ? [...places.filter((p) => !p.isSecond), ...places.filter((p) => p.isSecond)] : places;
		let rest = text;
		for (const p of ordered.filter(isTold)) {
			if (p.kind === '<...>')
				return rest.slice(1);
			const told = /^ *[^ ]+/.exec(rest.slice(1))?.[0];
			const field = told ?? '=';
			rest = rest.slice(1 + (told?.length ?? 0));
			if (p.kind === '<time>')
				this.time(p, field);
			else
				p.cell.value = this.value(p.cell, field);
		}
		return '';
	}

	line({ texts, places }, text) {
		const rest = this.take(places, text);
		let left = '';
		const says = {
			'<*>': (p) => (left = p.cell.value),
			'<^>': () => left,
			'<time>': (p) => this.times[Number(p.isSecond)],
			'<clock>': () => CLOCK.exec(this.times[0])?.[0],
			'<...>': () => rest,
		};
		return places.map((p, i) => texts[i] + says[p.kind](p)).join('') + texts.at(-1);
	}

	lines(line) {
		const told = /^\[rows of (\d+): (.*)\]$/.exec(line);
		if (told) {
			this.patterns.set(told[1], pattern(told[2], this.cells));
			return [line];
		}
		if (/^\[\d+(:| like| other).*\]$/.test(line))
			return [line];
		const row = /^(\d+)(?:\*(\d+))?((?: .*)?)$/.exec(line);
		const number = this.hasDittos && line[0] === ' ' ? this.last : row?.[1];
		this.last = undefined;
		if (row?.[1] === '0' && row[3])
			return [row[3].slice(1)];
		if (!this.patterns.has(number))
			return [line];
		this.last = number;
		return Array.from({ length: Number(row?.[2] ?? 1) }, () => this.line(this.patterns.get(number), row ? row[3] : line));
	}
}

// The text with its rows as the lines that they stand for.
export function expandLogRows(text) {
	const [head, ...rest] = text.split('\n');
	if (!/^\[log: .*a row is a pattern's number/.test(head))
		return text;
	const rows = new Rows(head);
	return [head, ...rest.flatMap((line) => rows.lines(line))].join('\n');
}
