// targets: the servers that bench/proxy/run.mjs measures: how each is started, told where the origin is, looked at
// while it works, and ended. All listen on loopback, on free ports, with their files below one temporary directory.
import { spawn, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'

const READY_MS = 20000

// Whatever happens, nothing that was started here outlives this process.
const children = []
process.on('exit', () => {
	for (const child of children) child.kill('SIGTERM')
})

const sleep = ms => new Promise(done => setTimeout(done, ms))

export function launch(program, args, options) {
	const child = spawn(program, args, options)
	child.on('error', () => {}) // told by what it does not do then
	children.push(child)
	return child
}

const text = path => {
	try {
		return readFileSync(path, 'utf8')
	} catch {
		return ''
	}
}

// Processes of a server: the first one and its children.
function processes(pid) {
	const children = text(`/proc/${pid}/task/${pid}/children`).trim()
	return [pid, ...(children ? children.split(' ').flatMap(c => processes(Number(c))) : [])]
}

function threadSeconds(pid, tid) {
	const ns = Number(text(`/proc/${pid}/task/${tid}/schedstat`).split(' ')[0])
	return ns ? ns / 1e9 : 0
}

// Processor time of all threads that live, to the nanosecond (proc(5) schedstat counts in ns, stat in ticks of 10 ms).
function cpuSeconds(pid) {
	try {
		return readdirSync(`/proc/${pid}/task`).reduce((sum, tid) => sum + threadSeconds(pid, tid), 0)
	} catch {
		return 0
	}
}

const statusKib = (pid, field) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text(`/proc/${pid}/status`))?.[1] ?? 0)

export class Server {
	constructor(name, child, url) {
		Object.assign(this, { name, child, url, pid: child.pid })
	}
	cpu() {
		return processes(this.pid).reduce((sum, pid) => sum + cpuSeconds(pid), 0)
	}
	kib(field) {
		return processes(this.pid).reduce((sum, pid) => sum + statusKib(pid, field), 0)
	}
	// VmHWM counts anew from now on (proc(5), clear_refs).
	resetPeak() {
		for (const pid of processes(this.pid)) writeFileSync(`/proc/${pid}/clear_refs`, '5')
	}
	get isAlive() {
		return this.child.exitCode === null && this.child.signalCode === null
	}
	async stop() {
		if (!this.isAlive) return
		const gone = new Promise(done => this.child.once('exit', done))
		this.child.kill('SIGTERM')
		const timer = setTimeout(() => this.child.kill('SIGKILL'), 5000)
		await gone
		clearTimeout(timer)
	}
}

// The first line that a stream carries; '' when it ends, or nothing comes in time.
function firstLine(stream) {
	return new Promise(done => {
		let seen = ''
		const timer = setTimeout(() => done(''), READY_MS)
		const finish = line => {
			clearTimeout(timer)
			done(line)
		}
		stream.on('data', data => {
			seen += data
			if (seen.includes('\n')) finish(seen.split('\n')[0])
		})
		stream.on('end', () => finish(''))
	})
}

export function freePort() {
	return new Promise((done, fail) => {
		const server = createServer().once('error', fail)
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address()
			server.close(() => done(port))
		})
	})
}

const canConnect = port =>
	new Promise(done => {
		const socket = connect(port, '127.0.0.1')
		socket.once('connect', () => done(socket.destroy() && true)).once('error', () => done(false))
	})

export async function waitPort(server, port, ms = READY_MS) {
	for (const end = Date.now() + ms; Date.now() < end && server.isAlive; await sleep(20))
		if (await canConnect(port)) return true
	return false
}

// An environment in which nothing of the user's can be found or changed.
export function cleanEnv(dir, more = {}) {
	mkdirSync(dir, { recursive: true })
	return { PATH: process.env.PATH, HOME: dir, TMPDIR: dir, LC_ALL: 'C.UTF-8', ...more }
}

export async function startOrigin(build, dir) {
	const child = launch(`${build}/bench/proxy/origin`, [], {
		stdio: ['ignore', 'pipe', 'inherit'],
		env: cleanEnv(`${dir}/origin`),
	})
	const url = await firstLine(child.stdout)
	if (!url) throw new Error('the origin did not start')
	return new Server('direct', child, url)
}

export const hasNginx = () => ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find(existsSync)

const nginxConf = (dir, port, originPort, isWhole) => `
daemon off;
worker_processes 1;
pid ${dir}/nginx.pid;
error_log stderr crit;
${process.getuid() === 0 ? 'user root;' : ''}
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
	access_log off;
	client_body_temp_path ${dir}/body;
	proxy_temp_path ${dir}/proxy;
	fastcgi_temp_path ${dir}/fastcgi;
	uwsgi_temp_path ${dir}/uwsgi;
	scgi_temp_path ${dir}/scgi;
	client_max_body_size 64m;
	client_body_buffer_size ${isWhole ? '2m' : '256k'};
	keepalive_timeout 600s;
	keepalive_requests 100000000;
	upstream origin {
		server 127.0.0.1:${originPort};
		keepalive 4096;
		keepalive_timeout 600s;
		keepalive_requests 100000000;
	}
	server {
		listen 127.0.0.1:${port} backlog=4096;
		location / {
			proxy_pass http://origin;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_buffering off;
			proxy_request_buffering ${isWhole ? 'on' : 'off'};
			proxy_read_timeout 600s;
		}
	}
}
`

// isWhole: the request is read to its end before it is sent on, as a proxy that changes it has to do.
export async function startNginx(dir, origin, isWhole) {
	const name = isWhole ? 'nginx, reads first' : 'nginx'
	const home = `${dir}/${isWhole ? 'nginx-whole' : 'nginx'}`
	const port = await freePort()
	const env = cleanEnv(home)
	writeFileSync(`${home}/nginx.conf`, nginxConf(home, port, new URL(origin.url).port, isWhole))
	const child = launch(hasNginx(), ['-p', home, '-c', `${home}/nginx.conf`, '-e', 'stderr'], {
		stdio: ['ignore', 'ignore', 'inherit'],
		env,
	})
	const server = new Server(name, child, `http://127.0.0.1:${port}`)
	if (!(await waitPort(server, port))) throw new Error('nginx did not start')
	return server
}

// Limits out of the way, and nothing answered from memory: what is measured is the relaying.
export const headroomArgs = origin => [
	'proxy', '--port', '0', '--no-rate-limit', '--no-cache',
	'--limit-concurrency', '4096', '--max-connections', '4096', '--max-keepalive', '4096',
	'--anthropic-api-url', origin.url, '--openai-api-url', origin.url,
	...(process.env.HEADROOM_BENCH_ARGS?.split(' ').filter(Boolean) ?? []),
]

export async function startHeadroom(build, dir, origin, isOptimizing, more = []) {
	const name = isOptimizing ? 'headroom' : 'headroom --no-optimize'
	const home = `${dir}/${isOptimizing ? 'headroom' : 'headroom-raw'}`
	const env = cleanEnv(home)
	const log = openSync(`${home}/output`, 'w')
	const args = [...headroomArgs(origin), '--ready-fd', '3', ...(isOptimizing ? [] : ['--no-optimize']), ...more]
	const child = launch(`${build}/headroom`, args, { stdio: ['ignore', log, log, 'pipe'], env })
	const url = await firstLine(child.stdio[3])
	if (!url) {
		child.kill('SIGKILL')
		throw new Error(text(`${home}/output`).trim().split('\n').at(-1) || `cannot start ${build}/headroom`)
	}
	const server = new Server(name, child, url)
	server.isHeadroom = true
	return server
}

export const canRun = (program, ...args) => {
	try {
		execFileSync(program, args, { stdio: 'ignore' })
		return true
	} catch {
		return false
	}
}
