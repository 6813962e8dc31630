// Thread that asks /health again and again, each time over a new connection, until it is told to stop; then says how many
// milliseconds each answer took.
import net from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const EVERY_MS = 100;
const PATIENCE_MS = 30000;
const { hostname, port } = new URL(workerData.url);
const times = [];
const connected = [];
let isOver = false;

function ask() {
	const begin = performance.now();
	let text = '';
	return new Promise((done, fail) => {
		const socket = net.connect({ host: hostname, port });
		socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('health: no answer')));
		socket.on('connect', () => {
			connected.push(performance.now() - begin);
			socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
		});
		socket.on('data', (bytes) => { text += bytes; });
		socket.on('error', fail);
		socket.on('close', () => {
			if (text.startsWith('HTTP/1.1 200 '))
				done(performance.now() - begin);
			else
				fail(new Error(`health: ${text.split('\r\n')[0] || 'closed without an answer'}`));
		});
	});
}

parentPort.once('message', () => { isOver = true; });
while (!isOver) {
	times.push(await ask());
	await new Promise((done) => setTimeout(done, EVERY_MS));
}
parentPort.postMessage({ times, connected });
