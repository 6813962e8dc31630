// run: how much is saved and what stays, side by side: `make quality`.
//
//	HEADROOM_CORPORA=DIR node bench/quality/run.mjs [--headroom PROGRAM] [--topic REGEX] [--arms REGEX] [--write FILE]
//
// HEADROOM_CORPORA    recorded data (cases.mjs says in which folders); without it only the workloads that are made anew
// HEADROOM_REFERENCE  a Python venv with headroom-ai, which is then measured, too
// --topic, --arms     only those whose names match
// --write             puts the tables between the marks of that file
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ourArms, otherArms } from './arms.mjs';
import { cases } from './cases.mjs';
import { Headroom } from './headroom.mjs';
import { measure, prepare } from './measure.mjs';
import * as report from './report.mjs';
import { workloads } from './workloads.mjs';

const { values: options } = parseArgs({
	options: { headroom: { type: 'string', default: 'build/release/headroom' }, topic: { type: 'string', default: '' }, arms: { type: 'string', default: '' }, write: { type: 'string' } },
});
const corpora = process.env.HEADROOM_CORPORA;
const reference = process.env.HEADROOM_REFERENCE;
const wanted = new RegExp(options.topic);

function byTopic(list) {
	const topics = new Map();
	for (const one of list)
		if (wanted.test(one.topic))
			topics.set(one.topic, [...(topics.get(one.topic) ?? []), one]);
	return topics;
}

function measureTopic(topic, list, arms) {
	prepare(list);
	const results = arms.filter((arm) => list.every(arm.takes)).map((arm) => {
		const { results: _, ...figures } = measure(arm, list); // the texts themselves may go
		return { arm, ...figures };
	});
	console.error(`${topic}: ${list.length} texts, ${results.map((r) => `${r.arm.name} ${(100 * r.saved).toFixed(1)} %`).join(', ')}`);
	return { topic, n: list.length, before: results[0].before, results, published: list[0].published };
}

function measureAll(list, arms) {
	const topics = byTopic(list);
	for (const arm of arms)
		arm.prepare?.([...topics.values()].flat().filter(arm.takes));
	return [...topics].map(([topic, part]) => measureTopic(topic, part, arms));
}

const byName = (a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0);

function about(headroom, arms) {
	const commit = execFileSync('git', ['log', '-1', '--format=%h'], { cwd: new URL('.', import.meta.url) }).toString().trim();
	const theirs = arms.find((a) => a.version);
	return `Measured on ${new Date().toISOString().slice(0, 10)} by \`make quality\`: ${headroom.version()} at ${commit}, ` +
		`tokens by gpt-tokenizer (o200k_base)${theirs ? `, the reference's native core from headroom-ai ${theirs.version}` : ''}.`;
}

// The text between the marks of that name is replaced.
function put(page, name, text) {
	const mark = new RegExp(`(<!-- begin ${name} -->\n)[^]*?(<!-- end ${name} -->)`);
	if (!mark.test(page))
		throw new Error(`no marks for ${name}`);
	return page.replace(mark, (_, begin, end) => `${begin}${text}\n${end}`);
}

const headroom = new Headroom(options.headroom);
try {
	const arms = [...ourArms(headroom), ...otherArms(reference)].filter((arm) => new RegExp(options.arms).test(arm.name));
	const topics = corpora ? measureAll([...cases(corpora)].sort(byName), arms) : [];
	const made = measureAll(workloads(), arms);
	const missed = report.missedNeedles(made);
	const parts = {
		corpora: topics.length ? [report.summary(topics, arms), '', report.bars(topics)].join('\n') : 'Not measured: HEADROOM_CORPORA is not set.',
		topics: topics.map(report.detail).join('\n\n'),
		workloads: [report.workloadTable(made, arms), '', report.needleSums(made, arms), ...(missed.length ? ['', 'Missed by ours:', '', ...missed] : [])].join('\n'),
		about: about(headroom, arms),
	};
	console.log([parts.about, parts.corpora, parts.topics, parts.workloads].join('\n\n'));
	if (options.write) {
		const page = Object.entries(parts).reduce((text, [name, part]) => put(text, name, part), readFileSync(options.write, 'utf8'));
		writeFileSync(options.write, page);
	}
} finally {
	headroom.close();
}
