// What is done to the proxies of the soak at a rate, to their disk, clock and Redis, while requests go on.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../proxy/kit.mjs';
import { storeOf } from '../proxy/sqlite.mjs';

const DISK_MB = 2048; // of the file system of both stores, where it can be mounted
const LOCKED_S = 4;
const FULL_MS = 4000;
const JUMP_S = 3600;
const HELD_MS = 2000;
const AWAY_MS = 1500; // of the Redis, until it is started again
const LEFT_BLOCKS = 2048; // of the disk for the second step: meanwhile others write

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// A directory that can be full, where mounting is allowed, and a clock that can jump: env is for who goes by it.
export function makePlace(t) {
	const dir = tempDir(t);
	let isMounted = false;
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'soak', dir], { stdio: 'pipe' });
		isMounted = true;
		t.after(() => execFileSync('umount', ['-l', dir]));
	} catch {
		// no root: the disk cannot be filled
	}
	const shim = join(tempDir(t), 'clock.so');
	execFileSync(process.env.CC_SOAK ?? 'cc', ['-shared', '-fPIC', '-O2', '-D_GNU_SOURCE', '-o', shim, new URL('clock.c', import.meta.url).pathname]);
	const clock = join(tempDir(t), 'offset');
	writeFileSync(clock, '0');
	return { dir, isMounted, clock, env: { LD_PRELOAD: shim, SOAK_CLOCK: clock } };
}

// make(NAME) returns when the fault is over. counts: how often each was; windows: {name, from, to} of each; kills: {proxy, from, to}, while one
// was not there. before: awaited before something is killed.
export function makeFaults({ place, proxies, redis, before }) {
	const counts = { locked: 0, full: 0, jumped: 0, held: 0, killed: 0, redis: 0 };
	const kills = [];
	const windows = [];
	let turn = 0;

	const faults = {
		// Another program has one store for itself.
		async locked() {
			const { home } = proxies[turn++ % proxies.length];
			const child = spawn('sqlite3', ['-cmd', '.timeout 5000', storeOf(home)], { stdio: ['pipe', 'ignore', 'ignore'] });
			child.stdin.end(`BEGIN EXCLUSIVE;\n.shell sleep ${LOCKED_S}\nCOMMIT;\n`);
			await once(child, 'exit');
			counts.locked++;
		},
		async full() {
			if (!place.isMounted)
				return;
			const [filler, rest] = ['filler', 'filler2'].map((name) => join(place.dir, name));
			const { bavail, bsize } = statfsSync(place.dir);
			execFileSync('fallocate', ['-l', String((bavail - LEFT_BLOCKS) * bsize), filler]);
			try {
				writeFileSync(rest, Buffer.alloc(2 * LEFT_BLOCKS * bsize));
			} catch (e) {
				assert.equal(e.code, 'ENOSPC');
			}
			await pause(FULL_MS);
			rmSync(filler);
			rmSync(rest, { force: true });
			counts.full++;
		},
		async jumped() {
			for (const offset of [JUMP_S, 0, -JUMP_S, 0]) {
				writeFileSync(place.clock, String(offset));
				await pause(500);
			}
			counts.jumped++;
		},
		// The Redis takes what comes and says nothing.
		async held() {
			redis.child.kill('SIGSTOP');
			await pause(HELD_MS);
			redis.child.kill('SIGCONT');
			counts.held++;
		},
		// A proxy is a process with threads: kill -9 ends all of its workers.
		async killed() {
			const n = turn++ % proxies.length;
			await before();
			const { port, child, exited } = proxies[n];
			const kill = { proxy: n, from: Date.now(), to: Infinity };
			kills.push(kill);
			child.kill('SIGKILL');
			await exited;
			proxies[n] = await proxies[n].again(port);
			kill.to = Date.now();
			counts.killed++;
		},
		// With all that was in it.
		async redis() {
			await before();
			await redis.stop('SIGKILL');
			await pause(AWAY_MS);
			await redis.start();
			counts.redis++;
		},
	};
	const make = async (name) => {
		const window = { name, from: Date.now(), to: Infinity };
		windows.push(window);
		await faults[name]();
		window.to = Date.now();
	};
	return { counts, kills, windows, make };
}
