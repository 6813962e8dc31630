// `headroom mcp serve` as a child, with the official client of the protocol or with lines written by hand. HOME is a
// temporary directory.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const HEADROOM = process.env.HEADROOM;

export function tempHome(t) {
	const dir = mkdtempSync(join(tmpdir(), 'headroom-mcp-'));
	t.after(() => rmSync(dir, { recursive: true, force: true }));
	return dir;
}

export const environment = (home) => ({ PATH: process.env.PATH, HOME: home, ASAN_OPTIONS: 'exitcode=99', UBSAN_OPTIONS: 'print_stacktrace=1' });

// The client, when it is installed; null, and the reason is printed once.
export async function loadSdk() {
	try {
		const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
		const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
		return { Client, StdioClientTransport };
	} catch (e) {
		if (e.code !== 'ERR_MODULE_NOT_FOUND')
			throw e;
		return null;
	}
}

// Lines in, lines out: send(object) -> nothing, next() -> the next message, end() -> [exit status, what stood on standard error].
export function startRaw(t, home, args = []) {
	assert.ok(HEADROOM, 'HEADROOM does not name the binary');
	const child = spawn(HEADROOM, ['mcp', 'serve', ...args], { cwd: home, env: environment(home), stdio: 'pipe' });
	const waiting = [], got = [];
	let stderr = '';
	t.after(() => child.kill('SIGKILL'));
	child.stderr.setEncoding('utf8').on('data', (part) => { stderr += part; });
	const closed = once(child, 'close');
	createInterface({ input: child.stdout }).on('line', (line) => {
		const message = JSON.parse(line);
		const one = waiting.shift();
		if (one)
			one(message);
		else
			got.push(message);
	});
	return {
		child, got,
		send: (...messages) => child.stdin.write(messages.map((m) => `${typeof m === 'string' ? m : JSON.stringify(m)}\n`).join('')),
		next: () => got.length ? Promise.resolve(got.shift()) : new Promise((done) => { waiting.push(done); }),
		async end() {
			child.stdin.end();
			const [code] = await closed;
			return [code, stderr];
		},
	};
}

export const request = (id, method, params) => ({ jsonrpc: '2.0', id, method, ...(params ? { params } : {}) });

export const initialize = (version) => request(0, 'initialize', { protocolVersion: version, capabilities: {}, clientInfo: { name: 'raw', version: '1' } });

export const call = (id, name, args) => request(id, 'tools/call', { name, arguments: args });

export function logText(n) {
	return Array.from({ length: n }, (_, i) => `2026-01-01T00:00:${String(i % 60).padStart(2, '0')}Z INFO worker-${i % 4} handled request id=${1000 + i * 13} in ${i * 7 % 90} ms\n`).join('');
}
