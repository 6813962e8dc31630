// The server's side of RFC 6455, as much as a tunnel needs to be tested: handshake, unmasking, echo of each frame.
import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // RFC 6455, 1.3

const OP_CLOSE = 8;
const OP_PING = 9;
const OP_PONG = 10;

export const acceptKey = (key) => createHash('sha1').update(key + GUID).digest('base64');

// One frame; with a mask (4 bytes) as a client has to send it. `head` is the first byte (FIN, RSV, opcode).
export function frame(head, payload, mask) {
	const n = payload.length;
	const bit = mask ? 0x80 : 0;
	const length = n < 126 ? Buffer.from([bit | n])
		: n < 65536 ? Buffer.from([bit | 126, n >> 8, n & 255])
			: Buffer.concat([Buffer.from([bit | 127, 0, 0, 0, 0]), Buffer.from([n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255])]);
	return Buffer.concat([Buffer.from([head]), length, ...(mask ? [mask, xor(payload, mask)] : [payload])]);
}

function xor(bytes, mask) {
	const out = Buffer.from(bytes);
	for (let i = 0; i < out.length; i++)
		out[i] ^= mask[i & 3];
	return out;
}

// Takes bytes as they come and calls on({head, op, payload, masked}) for each whole frame.
export function frameReader(on) {
	let held = Buffer.alloc(0);
	return (bytes) => {
		held = Buffer.concat([held, bytes]);
		for (;;) {
			if (held.length < 2)
				return;
			let n = held[1] & 127;
			let at = 2;
			if (n === 126) {
				n = held.length < 4 ? Infinity : held.readUInt16BE(2);
				at = 4;
			} else if (n === 127) {
				n = held.length < 10 ? Infinity : Number(held.readBigUInt64BE(2));
				at = 10;
			}
			const masked = (held[1] & 128) !== 0;
			const start = at + (masked ? 4 : 0);
			if (held.length < start + n)
				return;
			const raw = held.subarray(start, start + n);
			const payload = masked ? xor(raw, held.subarray(at, start)) : Buffer.from(raw);
			const head = held[0];
			held = held.subarray(start + n);
			on({ head, op: head & 15, payload, masked });
		}
	};
}

// Accepts the upgrade and sends every frame back; `frames` gets what came.
export function echoFrames(req, socket, first, frames) {
	socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
		+ `Sec-WebSocket-Accept: ${acceptKey(req.headers['sec-websocket-key'] ?? '')}\r\nx-codex-turn-state: scripted\r\n\r\n`);
	const read = frameReader((f) => {
		frames.push(f);
		socket.write(frame(f.op === OP_PING ? 0x80 | OP_PONG : f.head, f.payload));
		if (f.op === OP_CLOSE)
			socket.end();
	});
	socket.on('data', read);
	socket.on('end', () => socket.end());
	if (first.length)
		read(first);
}
