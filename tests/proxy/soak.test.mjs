// The soak for some seconds (tests/soak): with the sanitizers of this build, whatever its memory and times.
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { soak, words } from '../soak/soak.mjs';

process.env.HEADROOM_BENCH ??= join(resolve(import.meta.dirname, '../..'), 'build/release/bench/proxy');

test('100 streams, requests and chaos for some seconds, four workers', async (t) => {
	const seen = await soak({ t, seconds: 3, streamsN: 100, workers: 4, loops: 4, limits: false });
	words(seen).forEach((line) => t.diagnostic(line));
});
