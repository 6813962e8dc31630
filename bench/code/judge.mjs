// judge: what a text that was made of a source file still tells. It knows of a way only which lines are its marks ("... 40 lines
// omitted"), and how many lines of the file each stands for.
import { count } from '../quality/measure.mjs';

// The lines of a text: {text, number: of the line of the file that a reader takes it for, isMark}.
function linesOf(output, way) {
	let number = 1;
	return output.split('\n').map((text) => {
		const skipped = way.mark(text, number);
		const line = { text, trimmed: text.trim(), number, isMark: skipped !== null };
		number += skipped ?? 1;
		return line;
	});
}

// Where each definition stands in the text: a place, or -1. Of lines that are alike those under the right number are taken first, the others
// in their turn; at last what stands amid a line.
function placesOf(definitions, lines) {
	const byText = new Map();
	for (const [i, line] of lines.entries())
		if (!line.isMark)
			byText.set(line.trimmed, [...(byText.get(line.trimmed) ?? []), i]);
	const take = (d, fits) => {
		const list = byText.get(d.text) ?? [];
		const at = list.findIndex((i) => fits(lines[i]));
		return at < 0 ? -1 : list.splice(at, 1)[0];
	};
	const exact = definitions.map((d) => take(d, (line) => line.number === d.line));
	const left = definitions.map((d, i) => (exact[i] < 0 ? take(d, () => true) : exact[i]));
	return definitions.map((d, i) => (left[i] < 0 && !byText.has(d.text) ? lines.findIndex((line) => !line.isMark && line.trimmed.includes(d.text)) : left[i]));
}

// How many lines of the text are no lines of the file, blank ones and marks aside.
function madeUp(lines, original) {
	const left = new Map();
	for (const line of original)
		left.set(line.trim(), (left.get(line.trim()) ?? 0) + 1);
	return lines.filter((line) => {
		if (line.isMark || !line.trimmed)
			return false;
		const n = left.get(line.trimmed) ?? 0;
		left.set(line.trimmed, n - 1);
		return n <= 0;
	}).length;
}

export function judge(file, definitions, output, way, { clean, parsed, sent }) {
	const isChanged = output !== file.text;
	const lines = linesOf(output, way);
	const places = isChanged ? placesOf(definitions, lines) : [];
	const lost = definitions.filter((_, i) => isChanged && places[i] < 0);
	const found = places.filter((p) => p >= 0);
	file.tokens ??= count(file.text);
	const after = isChanged ? count(output) : file.tokens;
	return {
		file, definitions, lost, isChanged, before: file.tokens, after,
		isOrdered: found.every((p, i) => !i || p >= found[i - 1]),
		numbered: isChanged ? definitions.filter((d, i) => places[i] >= 0 && lines[places[i]].number === d.line).length : definitions.length,
		made: isChanged ? madeUp(lines, file.lines) : 0,
		isClean: clean, isParsed: parsed, isSent: sent,
	};
}

export function sums(list) {
	const sum = (of) => list.reduce((n, x) => n + Number(of(x)), 0);
	return {
		files: list.length, changed: sum((x) => x.isChanged), definitions: sum((x) => x.definitions.length), shown: sum((x) => x.definitions.length - x.lost.length),
		before: sum((x) => x.before), after: sum((x) => x.after), ordered: sum((x) => x.isChanged && x.isOrdered), numbered: sum((x) => x.numbered),
		made: sum((x) => x.made), cleanChanged: sum((x) => x.isClean && x.isChanged), parsed: sum((x) => x.isClean && x.isChanged && x.isParsed),
		sent: sum((x) => x.isClean && x.isChanged && x.isSent), broken: sum((x) => x.isClean === false), brokenChanged: sum((x) => x.isClean === false && x.isChanged),
	};
}
