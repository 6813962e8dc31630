// report: figures as Markdown.
import { KEPT_MIN } from './bound.mjs';
import { isFact } from './facts.mjs';

const percent = (share) => (100 * share).toFixed(1).replace(/^-(0\.0)$/, '$1');
// Never rounded up to what it is not.
const share = (x) => (x === 1 ? '1' : (Math.floor(x * 100) / 100).toFixed(2).replace(/^0/, ''));
const number = (n) => n.toLocaleString('en-US');
const row = (cells) => `| ${cells.join(' | ')} |`;

// The first column is words; the others, too, when isWords.
function table(head, rows, isWords = false) {
	return [row(head), row(head.map((_, i) => (i && !isWords ? '--:' : '---'))), ...rows.map(row)].join('\n');
}

// The bar of each topic: what the reference saves, with hardly anything of note gone, or half more than minifying saves and nothing
// gone at all. {isReached, why}
const OVER_MINIFIED = 1.5;

function bar(results) {
	const ours = results.filter((r) => r.arm.isOurs);
	const theirs = results.filter((r) => r.arm.name.startsWith('reference'));
	const minified = results.find((r) => r.arm.name === 'minified');
	const best = Math.max(...ours.filter((r) => r.lowestNamed === undefined || r.lowestNamed >= KEPT_MIN).map((r) => r.saved));
	const lossless = ours.find((r) => r.arm.name === 'lossless');
	if (minified && lossless && lossless.saved >= OVER_MINIFIED * minified.saved)
		return `yes, lossless ${(lossless.saved / minified.saved).toFixed(2)} × minified`;
	const most = Math.max(...theirs.map((r) => r.saved));
	if (theirs.length && best >= most)
		return 'yes, saves as much as the reference';
	const need = [];
	if (theirs.length)
		need.push(`${percent(best)} of the reference's ${percent(most)} %`);
	if (minified && lossless)
		need.push(`lossless ${(lossless.saved / minified.saved).toFixed(2)} × minified`);
	const bound = results.find((r) => r.arm.name === 'bound');
	if (bound)
		need.push(`the facts alone: ${percent(bound.saved)} %`);
	return need.length ? `no: ${need.join('; ')}` : 'not measured: no reference here';
}

// topics: [{topic, n, before, results: [{arm, ...figures}]}]
export function summary(topics, arms) {
	const cell = (t, arm) => {
		const r = t.results.find((x) => x.arm === arm);
		return r ? `${percent(r.saved)} / ${r.lowest === undefined ? '–' : share(r.lowest)}` : '';
	};
	return table(['topic', 'texts', 'tokens', ...arms.map((a) => a.title)], topics.map((t) => [t.topic, t.n, number(t.before), ...arms.map((a) => cell(t, a))]));
}

export function bars(topics) {
	return table(['topic', 'bar reached'], topics.map((t) => [t.topic, bar(t.results)]), true);
}

function losses(r) {
	const low = Object.entries(r.kept).filter(([name, v]) => isFact(name) && v < 1).map(([name, v]) => `${name} ${share(v)}`);
	if (!low.length)
		return `${r.arm.title} nothing`;
	return `${r.arm.title} ${low.join(', ')}${r.elided ? ` (${r.reachable} of ${r.elided} originals within reach)` : ''}`;
}

// What somebody else does better.
function betters(results) {
	const ours = results.filter((r) => r.arm.isOurs);
	const most = Math.max(...ours.map((r) => r.saved));
	const more = results.filter((r) => !r.arm.isOurs && r.saved > most).map((r) => `${r.arm.title} (${percent(r.saved)} %, lowest share ${r.lowest === undefined ? '–' : share(r.lowest)})`);
	return more.length ? [`More is saved by: ${more.join('; ')}.`] : [];
}

export function detail(t) {
	const metrics = [...new Set(t.results.flatMap((r) => Object.keys(r.verbatim)))];
	const cell = (r, name) => {
		const [kept, verbatim] = [r.kept[name], r.verbatim[name]];
		if (kept === undefined)
			return '';
		return share(kept) === share(verbatim) ? share(kept) : `${share(kept)} (${share(verbatim)})`;
	};
	const proof = (r) => (r.arm.isOurs ? (r.failed ? `${r.failed} FAILED` : 'all') : '');
	const lines = t.results.map((r) => [
		r.arm.title, percent(r.saved), ...metrics.map((name) => cell(r, name)), `${r.changed}`, proof(r), r.elided ? `${r.reachable} of ${r.elided}` : '', `${r.grew || ''}`,
		(r.bytes / 1e3 / r.ms).toFixed(r.bytes / 1e3 / r.ms < 10 ? 1 : 0),
	]);
	return [
		`### ${t.topic}`, '', `${t.n} texts, ${number(t.before)} tokens.`, '',
		table(['', 'saved, %', ...metrics, 'changed', 'decode', 'within reach', 'grew', 'MB/s'], lines), '',
		`What ours lose: ${t.results.filter((r) => r.arm.isOurs).map(losses).join('; ')}.`,
		...betters(t.results),
	].join('\n');
}

export function workloadTable(topics, arms) {
	const found = (r) => `${r.needles.n - r.needles.missed.length}/${r.needles.n}`;
	const cell = (t, arm) => {
		const r = t.results.find((x) => x.arm === arm);
		return r ? `${percent(r.saved)}, ${found(r)}` : '';
	};
	const published = (p, after) => percent(1 - after / p.before);
	return table(
		['workload', 'tokens', ...arms.map((a) => a.title), 'published: tokens', 'lossless first', 'rows dropped'],
		topics.map((t) => [t.topic, number(t.before), ...arms.map((a) => cell(t, a)), number(t.published.before), published(t.published, t.published.lossless), published(t.published, t.published.lossy)]),
	);
}

export function needleSums(topics, arms) {
	return arms.map((arm) => {
		const results = topics.map((t) => t.results.find((r) => r.arm === arm)).filter(Boolean);
		const [n, missed, elided, reachable] = ['n', 'missed', 'elided', 'reachable'].map((what) => results.reduce((s, r) => s + (what === 'n' ? r.needles.n : what === 'missed' ? r.needles.missed.length : r[what]), 0));
		return `- ${arm.title}: ${n - missed} of ${n} needles stand in what is sent${elided ? `; ${reachable} of ${elided} originals within reach` : ''}`;
	}).join('\n');
}

export function missedNeedles(topics) {
	return topics.flatMap((t) => t.results.filter((r) => r.arm.isOurs).flatMap((r) => r.needles.missed.map((m) => `- ${t.topic}, ${r.arm.title}: \`${m.needle}\``)));
}
