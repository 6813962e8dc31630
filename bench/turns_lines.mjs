// Recorded conversations (bench/turns/recording.h says in which form) as lines of requests with their times and what the provider
// reported: what `headroom replay` reads. A file for each, in the directory DIR.
//
//	turns_lines.mjs DIR FILE...
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

// In the provider's words.
const usageOf = (u) => ({
	input_tokens: u.input, output_tokens: u.output, cache_read_input_tokens: u.read, cache_creation_input_tokens: u.write,
	cache_creation: { ephemeral_1h_input_tokens: u.write_1h ?? 0, ephemeral_5m_input_tokens: u.write - (u.write_1h ?? 0) },
});

const [dir, ...files] = process.argv.slice(2);
if (!files.length) {
	console.error('usage: turns_lines.mjs DIR FILE...');
	process.exit(2);
}
for (const file of files) {
	const { head, messages, turns, provider } = JSON.parse(readFileSync(file, 'utf8'));
	const session = basename(file, '.json');
	const list = provider === 'openai-responses' ? 'input' : 'messages';
	const lines = turns.map((t) => JSON.stringify({
		ts: t.ts, session, ...(t.usage && { usage: usageOf(t.usage) }), request: { ...head, [list]: messages.slice(t.start, t.end) },
	}));
	if (lines.length)
		writeFileSync(join(dir, `${session}.jsonl`), `${lines.join('\n')}\n`);
}
