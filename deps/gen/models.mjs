// Writes context windows and prices as rows for core/token/model.c: node models.mjs OUT
// Each row is a glob over model names without vendor prefix; rows of one provider are tried in
// order.
import { writeFileSync } from 'node:fs';
import { findProvider } from '@pydantic/genai-prices';

const [out] = process.argv.slice(2);
// The day whose prices are taken where nobody says when. Set it when the package gets a new version.
const AS_OF = '2026-11-01';
const PROVIDERS = [['anthropic', 'ANTHROPIC'], ['openai', 'OPENAI'], ['google', 'GEMINI']];

// The globs of a match: {glob, exact}. `and` of a name and a regex that excludes some names: the
// name alone, since the excluded names have rows of their own, which are exact and so come first.
function globs(match) {
	if (match.or)
		return match.or.flatMap(globs);
	if (match.and)
		return match.and.filter((m) => !m.regex).flatMap(globs);
	if (match.equals)
		return [{ glob: match.equals, exact: true }];
	if (match.starts_with)
		return [{ glob: `${match.starts_with}*` }];
	if (match.ends_with)
		return [{ glob: `*${match.ends_with}` }];
	if (match.contains)
		return [{ glob: `*${match.contains}*` }];
	// ^name-\d{8}$, ^name-\d{4}-\d{2}-\d{2}$, ^name-\d
	const glob = match.regex.replace(/\\d\{(\d+)\}/g, (_, n) => '[0-9]'.repeat(n))
		.replace(/\\d$/, '[0-9]*').replace(/\\\./g, '.').replace(/^\^/, '').replace(/\$$/, '');
	if (/[\\^$(){}|+]/.test(glob))
		throw new Error(`no glob for ${match.regex}`);
	return [{ glob }];
}

// [{until, prices}], in order of time; until: the first day of the next ones, 0 for the last. Prices of some hours of a day are none of these.
function pricesInTime(model) {
	if (!Array.isArray(model.prices))
		return [{ until: 0, prices: model.prices }];
	const dated = model.prices.filter((p) => !p.constraint || p.constraint.start_date);
	return dated.map((p, i) => ({ until: i + 1 < dated.length ? day(dated[i + 1].constraint.start_date) : 0, prices: p.prices }));
}

// As core/token/model.c has patterns: in lower case, parted at the first special character.
function spelled(glob) {
	const [, plain, rest] = /^([^*?[]*)(.*)$/.exec(glob.toLowerCase());
	return `GLOB("${plain}", "${rest}")`;
}

const day = (date) => Date.parse(`${date}T00:00:00Z`) / 86400000;
const KEYS = ['input_mtok', 'output_mtok', 'cache_read_mtok', 'cache_write_mtok', 'cache_write_1h_mtok'];
const base = (price) => (typeof price === 'object' ? price.base : price) ?? 0;
// Of a request with more input than that: all of it has these prices. The package has one such step per model.
const step = (prices) => prices.input_mtok?.tiers?.[0]?.start ?? 0;
const long = (price) => (typeof price === 'object' ? price.tiers[0].price : price) ?? 0;
const lines = ['/* Written by deps/gen/models.mjs from @pydantic/genai-prices. */', `#define PRICES_AS_OF_DAY ${day(AS_OF)}`];
for (const [id, name] of PROVIDERS) {
	const rows = [];
	for (const model of findProvider({ providerId: id }).models) {
		if (id === 'google' && !/^gem/.test(model.id))
			continue; // other makers' models, resold
		for (const { glob, exact } of globs(model.match))
			for (const { until, prices } of pricesInTime(model)) {
				const numbers = (of) => `{${KEYS.map((k) => of(prices[k])).join(', ')}}`;
				const more = step(prices) ? `${step(prices)}, ${numbers(long)}` : '0, {0, 0, 0, 0, 0}';
				rows.push({ exact, text: `{${spelled(glob)}, ${model.context_window ?? 0}, ${until}, ${numbers(base)}, ${more}},` });
			}
	}
	lines.push(`static const struct price_row ${name}_ROWS[] = {`);
	for (const exact of [true, undefined])
		lines.push(...rows.filter((r) => r.exact === exact).map((r) => `\t${r.text}`));
	lines.push('};');
}
writeFileSync(out, lines.join('\n') + '\n');
