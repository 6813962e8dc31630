// first: the time to the first event of a stream, with headroom_retrieve declared against without, on one connection each:
// the two are asked in turns, so that what the machine does besides hits both alike.
import { connect } from 'node:net'
import { fixed, median, table } from './table.mjs'

const tools = [{ name: 'Bash', description: 'Runs a command', input_schema: { type: 'object', properties: { command: { type: 'string' } } } }]

const body = n => JSON.stringify({
	model: 'claude-opus-4-8', max_tokens: 1024, stream: true, tools,
	messages: [{ role: 'user', content: `conversation ${n}: events=2 gap_us=0` }],
})

const request = text => [
	'POST /v1/messages HTTP/1.1', 'host: 127.0.0.1', 'authorization: Bearer bench', 'x-api-key: bench', 'anthropic-version: 2023-06-01',
	'content-type: application/json', `content-length: ${Buffer.byteLength(text)}`, '', text,
].join('\r\n')

function open(server) {
	const { hostname, port } = new URL(server.url)
	const socket = connect(Number(port), hostname)
	socket.setNoDelay(true)
	return new Promise((done, fail) => socket.once('connect', () => done(socket)).once('error', fail))
}

// Microseconds from the first byte of the request to the first event of the answer, which is then read to its end.
function once(socket, text) {
	return new Promise((done, fail) => {
		let seen = ''
		let first
		const timer = setTimeout(() => fail(new Error(`no answer in 20 s: ${seen.slice(-300)}`)), 20000)
		const take = data => {
			seen += data.toString('latin1')
			if (first === undefined && seen.includes('\ndata:')) first = Number(process.hrtime.bigint() - start) / 1e3
			if (!seen.endsWith('\r\n0\r\n\r\n')) return
			clearTimeout(timer)
			socket.off('data', take)
			if (!seen.startsWith('HTTP/1.1 200') || first === undefined) fail(new Error(seen.slice(0, 200)))
			else done(first)
		}
		socket.on('data', take)
		const start = process.hrtime.bigint()
		socket.write(request(text))
	})
}

// servers: without the tool, with it; bytes(): what the origin has been sent in bodies so far. Returns {new, again}: medians of microseconds, and of the differences in pairs. new:
// the first request of a conversation, for which the declaration is decided and stored; again: a request that goes on.
export async function measureFirst(servers, bytes, times) {
	const sockets = await Promise.all(servers.map(open))
	const sent = []
	for (const socket of sockets) {
		const before = await bytes()
		await once(socket, body('0000'))
		sent.push(await bytes() - before)
	}
	if (sent[1] <= sent[0]) throw new Error(`no tool was declared: ${sent} bytes`)
	const kinds = { new: [], again: [] }
	for (let n = -10; n < times; n++) {
		for (const kind of Object.keys(kinds)) {
			const us = []
			for (const i of n % 2 ? [0, 1] : [1, 0]) us[i] = await once(sockets[i], body(n))
			if (n >= 0) kinds[kind].push(us)
		}
	}
	for (const socket of sockets) socket.destroy()
	const result = {}
	for (const [kind, pairs] of Object.entries(kinds)) {
		result[kind] = { without: median(pairs.map(p => p[0])), with: median(pairs.map(p => p[1])), added: median(pairs.map(p => p[1] - p[0])) }
	}
	return result
}

export function printFirst(result) {
	table([['', 'without us', 'with the tool us', 'added us'],
		...[['first request of a conversation', result.new], ['the same again', result.again]]
			.map(([text, r]) => [text, fixed(r.without, 0), fixed(r.with, 0), fixed(r.added, 0)])])
}
