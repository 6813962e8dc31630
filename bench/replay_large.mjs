// How long `headroom replay` takes for a large amount of logs: recorded conversations (bench/turns/recording.h says in which form) as lines
// of requests, over and over under new names, until there are BYTES of them; then one replay of all. Prints bytes, files, turns, wall time, processor
// time, and the most memory. What is made stands in a temporary directory and goes again.
//
//	HEADROOM=build/release/headroom node bench/replay_large.mjs BYTES FILE... [-- REPLAY OPTION...]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const rest = process.argv.slice(2);
const split = rest.indexOf('--');
const [wanted, ...files] = split < 0 ? rest : rest.slice(0, split);
const options = split < 0 ? ['--mode', 'cache'] : rest.slice(split + 1);
const bytes = Number(wanted), headroom = process.env.HEADROOM;
if (!(bytes > 0) || !files.length || !headroom) {
	console.error('usage: HEADROOM=PROGRAM replay_large.mjs BYTES FILE... [-- REPLAY OPTION...]');
	process.exit(2);
}

const dir = mkdtempSync(join(tmpdir(), 'replay-large-'));
try {
	const made = spawnSync(process.execPath, [fileURLToPath(new URL('turns_lines.mjs', import.meta.url)), dir, ...files], { stdio: 'inherit' });
	const originals = readdirSync(dir);
	if (made.status !== 0 || !originals.length)
		throw new Error('no lines could be made');
	let all = originals.reduce((n, f) => n + statSync(join(dir, f)).size, 0);
	for (let copy = 1; all < bytes; copy++)
		for (const f of originals) {
			if (all >= bytes)
				break;
			const text = readFileSync(join(dir, f), 'utf8').replaceAll(/^\{("ts":[^,]*,)?"session":"/gm, (m) => `${m}${copy} `);
			writeFileSync(join(dir, `${copy}-${f}`), text);
			all += Buffer.byteLength(text);
		}
	const start = process.hrtime.bigint();
	const child = spawn(headroom, ['replay', '--json', '--no-timing', ...options, dir], { env: { PATH: process.env.PATH, HOME: dir }, stdio: ['ignore', 'pipe', 'inherit'] });
	let out = '', ticks = 0, kilobytes = 0;
	// What the kernel says of it, as long as it is there.
	const look = setInterval(() => {
		try {
			const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
			ticks = Number(fields[11]) + Number(fields[12]); // utime, stime: proc(5)
			kilobytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? kilobytes);
		} catch { /* gone */ }
	}, 50);
	child.stdout.setEncoding('utf8').on('data', (part) => { out += part; });
	const [status] = await once(child, 'close');
	clearInterval(look);
	const seconds = Number(process.hrtime.bigint() - start) / 1e9;
	if (status !== 0)
		throw new Error(`headroom replay ended with ${status}`);
	const { inputs } = JSON.parse(out);
	console.log(`${all} bytes, ${inputs.files} files, ${inputs.sessions} sessions, ${inputs.turns} turns: ${seconds.toFixed(1)} s, ` +
		`${(ticks / 100).toFixed(1)} s of processors, ${(kilobytes / 1024).toFixed(0)} MB at most`);
} finally {
	rmSync(dir, { recursive: true, force: true });
}
