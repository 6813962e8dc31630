// Writes context windows and prices as rows for core/token/model.c: node models.mjs OUT
// Each row is a glob over model names without vendor prefix; rows of one provider are tried in
// order.
import { writeFileSync } from 'node:fs';
import { findProvider } from '@pydantic/genai-prices';

const [out] = process.argv.slice(2);
// Of prices that change on a date the one of this day is taken. Set it when the package gets a new
// version.
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

function currentPrices(model) {
	if (!Array.isArray(model.prices))
		return model.prices;
	return model.prices.filter((p) => !p.constraint || p.constraint.start_date <= AS_OF).pop().prices;
}

const base = (price) => (typeof price === 'object' ? price.base : price) ?? 0;
const lines = ['/* Written by deps/gen/models.mjs from @pydantic/genai-prices. */'];
for (const [id, name] of PROVIDERS) {
	const rows = [];
	for (const model of findProvider({ providerId: id }).models) {
		if (id === 'google' && !/^gem/.test(model.id))
			continue; // other makers' models, resold
		const p = currentPrices(model);
		const numbers = [p.input_mtok, p.output_mtok, p.cache_read_mtok, p.cache_write_mtok,
			p.cache_write_1h_mtok].map(base).join(', ');
		for (const { glob, exact } of globs(model.match))
			rows.push({ exact, text: `{"${glob}", ${model.context_window ?? 0}, {${numbers}}},` });
	}
	lines.push(`static const struct price_row ${name}_ROWS[] = {`);
	for (const exact of [true, undefined])
		lines.push(...rows.filter((r) => r.exact === exact).map((r) => `\t${r.text}`));
	lines.push('};');
}
writeFileSync(out, lines.join('\n') + '\n');
