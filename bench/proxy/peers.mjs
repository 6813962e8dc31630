// peers: other proxies that `make bench-peers` measures in the same run, fetched into build/peers at the first time:
// headroom-ai from PyPI (needs python3 with venv) and Portkey's gateway from npm, which runs on node. A peer that cannot be
// had here is named and left out. BENCH_PEERS_DIR: where they are kept.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { Server, cleanEnv, freePort, launch, waitPort } from './targets.mjs'

const HEADROOM_AI = 'headroom-ai[proxy]==0.42.0'
const PORTKEY = '@portkey-ai/gateway@1.15.2'
const INSTALL_MS = 600000
// headroom-ai loads its compressors before it listens.
const START_MS = 90000

const exec = (program, args, options) =>
	execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: INSTALL_MS, ...options })

function installHeadroomAi(dir) {
	const program = `${dir}/venv/bin/headroom`
	if (existsSync(program)) return program
	exec('python3', ['-m', 'venv', `${dir}/venv`])
	exec(`${dir}/venv/bin/pip`, ['install', '--quiet', '--disable-pip-version-check', HEADROOM_AI])
	return program
}

function installPortkey(dir) {
	const home = `${dir}/portkey`
	const program = `${home}/node_modules/@portkey-ai/gateway/build/start-server.js`
	if (existsSync(program)) return program
	mkdirSync(home, { recursive: true })
	exec('npm', ['install', '--prefix', home, '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', PORTKEY])
	return program
}

async function start(name, dir, command, env, target) {
	const home = `${dir}/${name.replace(/\W+/g, '-')}`
	const port = await freePort()
	const began = Date.now()
	const fullEnv = cleanEnv(home, env)
	const log = openSync(`${home}/output`, 'w')
	const [program, ...args] = command(port)
	const child = launch(program, args, { stdio: ['ignore', log, log], env: fullEnv, cwd: home })
	const server = new Server(name, child, `http://127.0.0.1:${port}`)
	if (!(await waitPort(server, port, START_MS))) throw new Error('it does not listen')
	server.target = target
	console.log(`${name} listens after ${((Date.now() - began) / 1000).toFixed(1)} s, ${(server.kib('VmRSS') / 1024).toFixed(0)} MB resident`)
	return server
}

const path = '/v1/chat/completions'
const key = 'authorization: Bearer bench'

// As headroom is measured: limits out of the way, nothing from memory, no reports to anybody. HF_HUB_OFFLINE: it works
// with what came with it and waits for no download.
async function startHeadroomAi(program, dir, origin, isOptimizing) {
	const env = {
		OPENAI_TARGET_API_URL: origin.url, ANTHROPIC_TARGET_API_URL: origin.url, HF_HUB_OFFLINE: '1', DO_NOT_TRACK: '1',
	}
	return start(isOptimizing ? 'headroom-ai 0.42.0' : 'headroom-ai --no-optimize', dir,
		port => [program, 'proxy', '--port', String(port), '--no-rate-limit', '--no-cache', '--no-subscription-tracking',
			'--limit-concurrency', '4096', '--max-connections', '4096', '--max-keepalive', '4096',
			...(isOptimizing ? [] : ['--no-optimize'])],
		env, { path, headers: [key] })
}

async function startPortkey(program, dir, origin) {
	return start('portkey 1.15.2 (node)', dir,
		port => [process.execPath, program, `--port=${port}`, '--headless'],
		{}, { path, headers: [key, 'x-portkey-provider: openai', `x-portkey-custom-host: ${origin.url}/v1`] })
}

// Those that work here, as servers; what does not is told by loud().
export async function startPeers(dir, origin, loud) {
	const at = resolve(process.env.BENCH_PEERS_DIR ?? 'build/peers')
	const servers = []
	const attempt = async (what, f) => {
		try {
			await f()
		} catch (error) {
			loud(`${what} cannot be measured here: ${error.stderr?.toString().trim().split('\n').at(-1) || error.message}`)
		}
	}
	mkdirSync(at, { recursive: true })
	await attempt(HEADROOM_AI, async () => {
		const program = installHeadroomAi(at)
		servers.push(await startHeadroomAi(program, dir, origin, false))
		servers.push(await startHeadroomAi(program, dir, origin, true))
	})
	await attempt(PORTKEY, async () => servers.push(await startPortkey(installPortkey(at), dir, origin)))
	return servers
}
