// What a store that is shared costs: `headroom proxy` with SQLite alone and with a redis-server on this machine beside it, the same
// conversations through both by turns. Prints round trips that requests wait for, how long they take, and the time in the
// proxy, per request. HEADROOM=build/release/headroom node bench/shared_store.mjs [conversations]
import { startProvider } from '../tests/provider/provider.mjs';
import { startProxy } from '../tests/proxy/kit.mjs';
import { startRedis } from '../tests/proxy/redis.mjs';
import { formatOf } from '../tests/proxy/requests.mjs';
import { hits, requestOf } from '../tests/proxy/retrieve_kit.mjs';

const CONVERSATIONS = Number(process.argv[2] ?? 20);
const TURNS = 10;
const ends = [];
const t = { after: (end) => ends.unshift(end) };
const provider = await startProvider();
const redis = await startRedis(t);
const alone = await startProxy({ t, provider, ccr: true, limits: true, args: ['--rpm', '1000000', '--tpm', '1000000000'] });
const shared = [];
for (let i = 0; i < 2; i++)
	shared.push(await startProxy({ t, provider, ccr: true, limits: true, args: ['--rpm', '1000000', '--tpm', '1000000000', '--store-url', redis.url] }));

const stats = async (proxy) => JSON.parse((await proxy.ask({ method: 'GET', path: '/stats' })).text);
const items = (seed, n) => [...formatOf('anthropic').user(`Look at ${seed}.`), ...Array.from({ length: n }, (_, i) => formatOf('anthropic').step(String(i), 'Bash', { command: `rg queue ${i}` }, hits(seed * 100 + i, 100))).flat()];

const names = ['SQLite alone', 'shared, one proxy', 'shared, two by turns'];
const proxies = [() => alone, () => shared[0], (n) => shared[n % 2]];
const ms = [[], [], []];
const waits = [0, 0, 0];
const waited = [0, 0, 0];
const total = async () => {
	const all = await Promise.all(shared.map(stats));
	return [all.reduce((sum, s) => sum + s.shared.waits, 0), all.reduce((sum, s) => sum + s.shared.wait_us, 0)];
};
for (let c = 0; c < CONVERSATIONS; c++) {
	for (const k of [0, 1, 2].map((i) => (i + c) % 3)) { // none is always the first
		const before = await total();
		for (let n = 1; n <= TURNS; n++) {
			const r = requestOf('anthropic', items(c * 3 + k, n));
			const from = process.hrtime.bigint();
			await proxies[k](n).ask(r);
			ms[k].push(Number(process.hrtime.bigint() - from) / 1e6);
		}
		const after = await total();
		waits[k] += after[0] - before[0];
		waited[k] += after[1] - before[1];
	}
}
const median = (v) => v.sort((a, b) => a - b)[Math.floor(v.length / 2)];
for (let k = 0; k < 3; k++) {
	const n = ms[k].length;
	console.log(`${names[k].padEnd(22)} ${n} requests, median ${median(ms[k]).toFixed(2)} ms (${(median(ms[k]) / median(ms[0])).toFixed(2)} of alone), ${(waits[k] / n).toFixed(2)} waits, ${(waited[k] / n).toFixed(0)} us waited per request`);
}
console.log(`keys ${(await redis.keys()).length}; commands per request ${(shared.length ? (await Promise.all(shared.map(stats))).reduce((s, x) => s + x.shared.commands, 0) / (ms[1].length + ms[2].length) : 0).toFixed(2)}`);
for (const end of ends)
	await end();
await provider.close();
