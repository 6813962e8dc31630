// Outlines of source files beside other ways to make them smaller, held against Universal Ctags, which reads the languages by itself:
// what is saved, which definitions a reader is still told of, whether they stand in their order and under their numbers, and whether what
// is left parses. Two tables (bench/code/judge.mjs says what is counted), and what ours lost with --lost.
//
//	HEADROOM_REFERENCE=VENV node bench/code.mjs [--build build/release] [--lost] [--max FILES] [--language REGEX] DIR...
//
// HEADROOM_REFERENCE  a Python venv with headroom-ai[code]; without it there is no reference, and nothing tells what parses
// --max               files of a language, every n-th of those found (400)
// DIR                 bench/code/fetch.sh gets sources of languages that a machine may have none of
import { parseArgs } from 'node:util';
import { definitionsOf, filesBelow } from './code/files.mjs';
import { judge, sums } from './code/judge.mjs';
import { errorsOf, ways } from './code/ways.mjs';

const { values: options, positionals: dirs } = parseArgs({
	options: { build: { type: 'string', default: 'build/release' }, lost: { type: 'boolean', default: false }, max: { type: 'string', default: '400' }, language: { type: 'string', default: '' } },
	allowPositionals: true,
});
const venv = process.env.HEADROOM_REFERENCE;
const wanted = new RegExp(options.language, 'i');

const found = [...filesBelow(dirs, Number(options.max))].filter(([language]) => wanted.test(language));
if (!found.length) {
	console.error('bench/code.mjs: no sources of a language that is known in DIR...; bench/code/fetch.sh DIR gets some');
	process.exit(2);
}

const percent = (part, whole) => (whole ? (Math.floor(1000 * part / whole) / 10).toFixed(1) : '-');
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);

function table(names, title) {
	console.log(`\n${title}\n`);
	row(names);
	row(names.map((_, i) => (i ? '--:' : '---')));
}

const results = found.map(([language, files]) => {
	const definitions = definitionsOf(language, files);
	const clean = venv ? errorsOf(venv, files.map((f) => ({ path: f.path, text: f.text }))).map((n) => n === 0) : null;
	const list = ways(options.build, venv).map((way) => {
		const outputs = way.run(files);
		const parsed = venv ? errorsOf(venv, files.map((f, i) => ({ path: f.path, text: way.clean(outputs[i], f) }))).map((n) => n === 0) : null;
		const sent = venv ? errorsOf(venv, files.map((f, i) => ({ path: f.path, text: outputs[i] }))).map((n) => n === 0) : null;
		return { way, judged: files.map((f, i) => judge(f, definitions[i], outputs[i], way, { clean: clean?.[i], parsed: parsed?.[i], sent: sent?.[i] })) };
	});
	console.error(`${language}: ${files.length} files`);
	return { language, files, list: list.map(({ way, judged }) => ({ way, judged, sum: sums(judged) })) };
});

const named = (...titles) => titles.flatMap(([title, only]) => results[0].list.filter((x) => only(x.way)).map((x) => `${title}: ${x.way.name}`));
const each = (list, only, of) => list.filter((x) => only(x.way)).map(of);
const all = () => true, cuts = (way) => way.equal !== undefined, parsers = (way) => !cuts(way);

table(['language', 'files', 'definitions', ...named(['shown, %', all], ['tokens left, %', all], ['with as many definitions as headroom', cuts])], 'What is told, and what is left.');
for (const { language, list } of results) {
	const ours = list[0].sum;
	row([language, ours.files, ours.definitions, ...each(list, all, ({ sum }) => percent(sum.shown, sum.definitions)), ...each(list, all, ({ sum }) => percent(sum.after, sum.before)),
		...each(list, cuts, ({ way, judged }) => percent(way.equal(judged, ours.shown / ours.definitions), ours.before))]);
}

table(['language', ...named(['files changed', parsers], ['in order, %', parsers], ['under its number, %', parsers], ['lines that no file has', parsers], ['parses without marks, %', venv ? all : () => false], ['parses as sent, %', venv ? parsers : () => false],
	['of broken files, changed', venv ? parsers : () => false])], 'What becomes of a file that is changed.');
for (const { language, list } of results) {
	const ofParse = venv ? all : () => false, ofParsers = venv ? parsers : () => false;
	row([language, ...each(list, parsers, ({ sum }) => sum.changed), ...each(list, parsers, ({ sum }) => percent(sum.ordered, sum.changed)), ...each(list, parsers, ({ sum }) => percent(sum.numbered, sum.shown)), ...each(list, parsers, ({ sum }) => sum.made),
		...each(list, ofParse, ({ sum }) => percent(sum.parsed, sum.cleanChanged)), ...each(list, ofParsers, ({ sum }) => percent(sum.sent, sum.cleanChanged)), ...each(list, ofParsers, ({ sum }) => `${sum.brokenChanged} of ${sum.broken}`)]);
}

for (const { language, files, list } of options.lost ? results : [])
	for (const [i, one] of list[0].judged.entries())
		for (const d of one.lost)
			console.log(`${language}: ${files[i].path}:${d.line} ${d.kind} ${d.name}`);
