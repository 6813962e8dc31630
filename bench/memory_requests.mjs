// What --memory adds to a request: the same new conversations through two proxies, one with it, in turns.
//	HEADROOM=build/release/headroom node bench/memory_requests.mjs [MEMORIES [REQUESTS]]
// Prints the median and the 95th percentile of each in milliseconds by the clock, and the processor time of a request.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProvider } from '../tests/provider/provider.mjs';
import { startProxy } from '../tests/proxy/kit.mjs';

const [memories, requests] = [Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 400)];
const WORDS = 'deploy release queue parser budget ledger cache token stream header socket worker memory engine codec tape'.split(' ');
const word = (i) => WORDS[i % WORDS.length];

const home = mkdtempSync(join(tmpdir(), 'memory-requests-'));
const provider = await startProvider();
const proxies = [];
try {
	const lines = Array.from({ length: memories }, (_, i) => `- The ${word(i)} of part ${i} goes with ${word(i * 7 + 3)} number ${i * 31 % 997}.`);
	writeFileSync(join(home, 'facts.md'), `# facts\n\n${lines.join('\n')}\n`);
	execFileSync(process.env.HEADROOM, ['memory', 'import', 'facts.md', '--storage', 'global'], { cwd: home, env: { HOME: home, PATH: process.env.PATH, USER: 'ann' }, stdio: 'ignore' });
	for (const args of [[], ['--memory', '--memory-storage', 'global']])
		proxies.push(await startProxy({ provider, home, ccr: true, args: ['--no-cache', '--store', join(home, `store-${proxies.length}.db`), ...args], env: { USER: 'ann' } }));
	// In user mode and in the kernel; a tick is 10 ms.
	const cpuMs = ({ child }) => readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((a, b) => a + Number(b), 0) * 10;
	let before;
	const times = [[], []];
	let shown = 0;
	for (let i = 0; i < requests + 20; i++) {
		if (i === 20)
			before = proxies.map(cpuMs);
		for (const [k, proxy] of proxies.entries()) {
			const body = JSON.stringify({ model: 'claude-opus-4', max_tokens: 9, tools: [{ name: 'Read', input_schema: { type: 'object' } }], messages: [{ role: 'user', content: `What of the ${word(i)} and number ${i}, in part ${i * 13 % memories}?` }] });
			const from = process.hrtime.bigint();
			await proxy.ask({ method: 'POST', path: '/v1/messages', headers: [['x-api-key', 'k'], ['content-type', 'application/json']], body });
			if (i >= 20)
				times[k].push(Number(process.hrtime.bigint() - from) / 1e6);
			shown += provider.requests.at(-1).text.includes('<headroom-memory') ? 1 : 0;
		}
	}
	const at = (list, share) => list.toSorted((a, b) => a - b)[Math.floor(list.length * share)];
	const cpu = proxies.map((proxy, k) => (cpuMs(proxy) - before[k]) / requests);
	for (const [k, name] of ['without', '--memory'].entries())
		console.log(`${name}: median ${at(times[k], 0.5).toFixed(2)} ms, 95th percentile ${at(times[k], 0.95).toFixed(2)} ms, processor ${cpu[k].toFixed(2)} ms`);
	console.log(`${memories} memories, shown in ${shown} of ${requests + 20} requests: ${(at(times[1], 0.5) - at(times[0], 0.5)).toFixed(2)} ms more in the median, ${(cpu[1] - cpu[0]).toFixed(2)} ms of processor time`);
} finally {
	for (const proxy of proxies)
		await proxy.stop();
	await provider.close();
	rmSync(home, { recursive: true, force: true });
}
