// What the tests of the retrieve tool share: requests of a conversation of which most of a result was left out.
import assert from 'node:assert/strict';
import { formatOf } from './requests.mjs';

export const TOOL = 'headroom_retrieve';
export const pathOf = (name, stream) => (stream ? formatOf(name).streamPath : formatOf(name).path).split('?')[0];
export const usage = (output) => ({ input: 100, cacheRead: 0, cacheWrite: 0, output, reasoning: 0 });

// What a search prints: long, and alike enough that most of it is left out.
export const hits = (seed, n = 500) => Array.from({ length: n }, (_, i) =>
	`src/mod_${seed}_${Math.floor(i / 9)}.c:${10 + i % 9 * 13}:\tif (queue_length(q_${i % 7}) > limit_${(i * 31 + seed) % 97}) return fail(ctx, "too long at ${i * 7919 % 10007}");`).join('\n');

export function requestOf(name, items, { stream = true, headers = [], tools } = {}) {
	const format = formatOf(name);
	const body = format.wrap(items, { stream });
	return {
		path: stream ? format.streamPath : format.path, headers: [['Content-Type', 'application/json'], ...format.headers, ...headers],
		body: JSON.stringify(tools ? { ...body, tools } : body),
	};
}

export const begin = (name, seed) => formatOf(name).user(`Look at module ${seed}.`);
export const searched = (name, seed) => [...begin(name, seed), ...formatOf(name).step(String(seed), 'Bash', { command: 'rg -n queue_length' }, hits(seed))];
export const hashIn = (text) => text.match(/headroom_retrieve ([0-9a-f]{24})/)?.[1];

// A conversation of which the second request has had most of a result left out: {hash, original, items}.
export async function elided(name, { provider, proxy }, { seed = 1, ...options } = {}) {
	for (const items of [begin(name, seed), searched(name, seed)])
		assert.equal((await proxy.ask(requestOf(name, items, options))).status, 200);
	const hash = hashIn(provider.requests.at(-1).text);
	assert.ok(hash, 'nothing was left out');
	return { hash, original: hits(seed), items: searched(name, seed) };
}

export const call = (hash, more = {}) => ({ name: TOOL, args: { hash, ...more } });

// What stands in one line of hits() alone, which is left out, and a question for it.
export const LEFT_OUT = String(250 * 7919 % 10007);
export const asksFor = (name, what) => [...formatOf(name).said('Done.'), ...formatOf(name).user(`Where is it too long at ${what}?`)];
