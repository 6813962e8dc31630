// The soak: see soak.mjs. SECONDS_PER_PHASE (60), SOAK_STREAMS (1000), SOAK_GAP_MS between the events
// of a stream (100; a machine with other work cannot send and read 10,000 events a second), SOAK_LIMITS=0 where times and memory mean
// nothing (sanitizers), QUICK=1: short, fewer streams, four workers only.
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { soak, words } from './soak.mjs';

process.env.HEADROOM_BENCH ??= join(resolve(import.meta.dirname, '../..'), 'build/release/bench/proxy');

const isQuick = process.env.QUICK === '1';
const seconds = Number(process.env.SECONDS_PER_PHASE ?? (isQuick ? 5 : 60));
const streamsN = Number(process.env.SOAK_STREAMS ?? (isQuick ? 100 : 1000));
const gapMs = Number(process.env.SOAK_GAP_MS ?? 100);
const limits = process.env.SOAK_LIMITS !== '0' && !isQuick;

for (const workers of isQuick ? [4] : [1, 4])
	test(`${streamsN} streams, requests and chaos for ${seconds} s, --workers ${workers}`, async (t) => {
		const seen = await soak({ t, seconds, streamsN, gapMs, workers, limits, loops: isQuick ? 4 : 8 });
		words(seen).forEach((line) => t.diagnostic(line));
	});
