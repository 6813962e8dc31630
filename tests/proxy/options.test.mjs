// Every option of `headroom proxy`: that it does something, by flag, by variable and by the configuration file, that
// the flag goes before the variable and the variable before the file, what the default is, and what happens to a
// value that is none. The list of options is the program's own (--help), so that one without a row here is a failure.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { ask, startProxy, tempDir } from './kit.mjs';
import { request } from './requests.mjs';
import { COLOURED, ROWS, file, run, small, statusOf } from './option_rows.mjs';

// name -> {name, isFlag, isNegatable, env, key, def} of what --help shows of the command's own options.
function readHelp() {
	const { out } = run(['proxy', '--help'], { home: '/' });
	const [, own] = out.match(/\nOptions:\n([\s\S]*?)(?=\n[A-Z][^\n]*:\n|$)/) ?? assert.fail(out);
	const found = new Map();
	for (const block of own.split(/\n(?=  -)/)) {
		const text = block.replace(/\s+/g, ' ').trim();
		const [, no, name, metavar] = text.match(/^(?:-\w, )?--(\[no-\])?([a-z0-9-]+)( [A-Z][A-Z]*\b| [a-z|]+\|[a-z|]+\b)?/) ?? assert.fail(text);
		found.set(name, {
			name, isNegatable: Boolean(no), isFlag: !metavar,
			env: text.match(/Variable: ([A-Z0-9_]+)/)?.[1], key: text.match(/Key: ([a-z0-9_.]+[a-z0-9_])/)?.[1],
		});
	}
	return found;
}

// ---- starting with an option set in one of three places --------------------------------------------------

const NUMBER = /^(\d+(\.\d+)?|true|false)$/;

function writeConfig(home, key, value) {
	const dir = join(home, '.headroom', 'config');
	mkdirSync(dir, { recursive: true });
	writeFileSync(join(dir, 'config.toml'), `${key} = ${NUMBER.test(value) ? value : JSON.stringify(value)}\n`);
}

function flagOf(option, value) {
	if (!option.isFlag)
		return [`--${option.name}`, value];
	if (value === 'true')
		return [`--${option.name}`];
	return option.isNegatable ? [`--no-${option.name}`] : [];
}

// places: {flag, env, file}: values. Arguments and environment; the file is written to home.
function setUp(option, places, home) {
	if (places.file !== undefined)
		writeConfig(home, option.key, places.file);
	return {
		args: places.flag === undefined ? [] : flagOf(option, places.flag), env: places.env === undefined ? {} : { [option.env]: places.env },
	};
}

// What a row's see() is given for one run: start(more) starts the proxy with the option in its place.
async function situation(t, option, places, row) {
	const home = tempDir(t);
	const provider = await startProvider();
	t.after(() => provider.close());
	const { args, env } = setUp(option, places, home);
	const isSet = places.flag === row.on || (places.flag === undefined && (places.env ?? places.file) === row.on);
	const start = (more = {}) => startProxy({
		t, home, provider, ...more, args: [...(more.args ?? []), ...args], env: { ...more.env, ...env },
	});
	return { t, home, provider, isSet, start, args, env, option, places };
}

// ---- small things to ask ----------------------------------------------------------------------------------


// ---- the tests ------------------------------------------------------------------------------------------------

const options = readHelp();

test('every option of --help has a row, and every row is one', () => {
	assert.deepEqual([...options.keys()].sort(), Object.keys(ROWS).sort());
});

test('what a row leaves to another test is there', () => {
	for (const { elsewhere } of Object.values(ROWS).filter((r) => r.elsewhere)) {
		const [path, name] = elsewhere;
		const wanted = path.endsWith('.c') ? `static void ${name}(void **state)` : path.endsWith('.bats') ? `@test "${name}"` : `test('${name}'`;
		assert.ok(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8').includes(wanted), `${path}: ${name}`);
	}
});

const valueOf = async (row, which, t) => (typeof row[which] === 'function' ? row[which](t) : row[which]);

for (const [name, row] of Object.entries(ROWS).filter(([, r]) => r.see)) {
	test(`--${name}`, async (t) => {
		const option = options.get(name) ?? assert.fail(`--${name} is no option`);
		const on = await valueOf(row, 'on', t);
		const off = await valueOf(row, 'off', t);
		const here = Object.assign(Object.create(row), { on, off, value: on });
		const runs = [['the default', {}, row.def]];
		if (option.env) {
			runs.push(['the flag before the variable', { flag: on, env: off }, row.set]);
			runs.push(['the variable before the file', { env: on, file: off }, row.set]);
			runs.push(['the file', { file: on }, row.set]);
		}
		for (const [what, places, expected] of runs) {
			const s = await situation(t, option, places, here);
			here.isSetNow = s.isSet;
			assert.deepEqual(await here.see(s), expected, what);
		}
	});
}

test('defaults are those that --help and config list say', (t) => {
	const home = tempDir(t);
	const { keys } = JSON.parse(run(['config', 'list', '--json'], { home }).out);
	const value = Object.fromEntries(keys.map((k) => [k.key, k.value]));
	const expected = {
		'proxy.request_timeout_seconds': 300, 'proxy.connect_timeout_seconds': 10, 'proxy.rpm': 60, 'proxy.tpm': 100000,
		'proxy.anthropic_api_url': 'https://api.anthropic.com', 'proxy.openai_api_url': 'https://api.openai.com',
		'proxy.gemini_api_url': 'https://generativelanguage.googleapis.com', 'proxy.cloudcode_api_url': 'https://cloudcode-pa.googleapis.com',
		'proxy.chatgpt_api_url': 'https://chatgpt.com', 'proxy.vertex_api_url': 'https://us-central1-aiplatform.googleapis.com',
		'proxy.retry_max_attempts': 3, 'proxy.max_connections': 500, 'proxy.max_keepalive': 100, 'proxy.limit_concurrency': 1000,
		'proxy.keepalive_expiry': 90, 'proxy.max_body': '100M', 'proxy.drain_timeout': '30s',
	};
	for (const [key, want] of Object.entries(expected))
		assert.equal(value[key], want, key);
	for (const o of options.values())
		if (o.key)
			assert.ok(o.key in value, `${o.key} of --${o.name} is in config list`);
});

test('a value that is none: status 2 from the line, 78 from a variable and a file, and the name of the place', (t) => {
	for (const [name, row] of Object.entries(ROWS).filter(([, r]) => r.bad !== undefined)) {
		const option = options.get(name);
		const home = tempDir(t);
		const line = run(['proxy', `--${name}=${row.bad}`, ...(name === 'port' ? [] : ['--port=0'])], { home });
		const isFile = row.bad.startsWith('/nowhere');
		assert.equal(line.status, isFile ? 78 : 2, `--${name}=${row.bad}: ${line.err}`);
		assert.ok(line.err.includes(isFile ? row.bad : `--${name}`), line.err);
		if (!option.env || (name === 'host' && row.bad === '')) // an empty variable is none
			continue;
		const port = name === 'port' ? [] : ['--port=0'];
		const env = run(['proxy', ...port], { home, env: { [option.env]: row.bad } });
		assert.equal(env.status, 78, `${option.env}=${row.bad}: ${env.err}`);
		assert.ok(env.err.includes(isFile ? row.bad : option.env), env.err);
		writeConfig(home, option.key, row.bad);
		const file = run(['proxy', ...port], { home });
		assert.equal(file.status, 78, `${option.key} = ${row.bad}: ${file.err}`);
		assert.ok(file.err.includes(isFile ? row.bad : option.key), file.err);
	}
});

test('--mode: the older names', async (t) => {
	for (const [old, is] of Object.entries({ token_mode: 'token', token_savings: 'token', token_headroom: 'token', cache_mode: 'cache', cost_savings: 'cache' })) {
		for (const how of [{ args: ['--mode', old] }, { env: { HEADROOM_MODE: old } }]) {
			const provider = await startProvider();
			t.after(() => provider.close());
			const proxy = await startProxy({ t, provider, ...how });
			assert.match(proxy.stderr, new RegExp(`compression \\(mode ${is}\\)`), old);
			const r = small(COLOURED);
			await proxy.ask(r);
			assert.equal(provider.requests[0].text === r.body, is === 'cache', old);
			await proxy.stop();
		}
	}
});

test('--mode cache: above the smallest prompt that is cached, requests are made smaller, too', async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	const proxy = await startProxy({ t, provider, args: ['--mode', 'cache'] });
	const r = request('anthropic', { steps: 8 });
	assert.equal(await statusOf(proxy, r), 200);
	assert.ok(provider.requests[0].body.length < r.body.length);
});

test('HEADROOM_PROXY_TOKEN goes before --proxy-token-file', async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	const token = file('token', 'of-the-file\n', 0o600)(t);
	const proxy = await startProxy({ t, provider, args: ['--proxy-token-file', token], env: { HEADROOM_PROXY_TOKEN: 'of-the-variable' } });
	assert.equal(await statusOf(proxy, small('x', [['x-headroom-proxy-token', 'of-the-file']])), 401);
	assert.equal(await statusOf(proxy, small('x', [['x-headroom-proxy-token', 'of-the-variable']])), 200);
});
