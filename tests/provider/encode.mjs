// Content encodings, piece by piece, so that a streamed answer stays a stream. zstd frames are made of raw
// blocks (RFC 8878, 3.1.1.2): node has no zstd before 22.15, and nothing here needs them to be small.
import { spawnSync } from 'node:child_process';
import zlib from 'node:zlib';

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const ZSTD_BLOCK_MAX = 128 * 1024; // RFC 8878, 3.1.1.2.3: no block is larger
const ZSTD_WINDOW_128K = 0x38; // exponent 7: 2^(10 + 7)

const BLOCK_RAW = 0;
const BLOCK_RLE = 1;

function zstdBlock(type, size, bytes, last) {
	const head = (size << 3) | (type << 1) | (last ? 1 : 0);
	return Buffer.concat([Buffer.from([head & 255, (head >> 8) & 255, head >> 16]), bytes]);
}

const zstdHead = () => Buffer.concat([ZSTD_MAGIC, Buffer.from([0, ZSTD_WINDOW_128K])]);
const zstdTail = () => zstdBlock(BLOCK_RAW, 0, Buffer.alloc(0), true);

function zstdBlocks(bytes) {
	const out = [];
	for (let i = 0; i < bytes.length; i += ZSTD_BLOCK_MAX) {
		const part = bytes.subarray(i, i + ZSTD_BLOCK_MAX);
		out.push(zstdBlock(BLOCK_RAW, part.length, part, false));
	}
	return Buffer.concat(out);
}

// The bytes as one zstd frame.
export const zstdFrame = (bytes) => Buffer.concat([zstdHead(), zstdBlocks(bytes), zstdTail()]);

// A zstd frame that unpacks to `size` spaces: four bytes for every 128 KB.
export function zstdBomb(size) {
	const out = [zstdHead()];
	for (let left = size; left > 0; left -= ZSTD_BLOCK_MAX)
		out.push(zstdBlock(BLOCK_RLE, Math.min(left, ZSTD_BLOCK_MAX), Buffer.from(' '), false));
	out.push(zstdTail());
	return Buffer.concat(out);
}

const STREAMS = {
	gzip: () => [zlib.createGzip(), zlib.constants.Z_SYNC_FLUSH],
	deflate: () => [zlib.createDeflate(), zlib.constants.Z_SYNC_FLUSH],
	br: () => [zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
		zlib.constants.BROTLI_OPERATION_FLUSH],
};

// An encoder {push(bytes), end()}: each yields, as a promise, the bytes that are ready to be sent.
export function encoder(name) {
	if (name === 'zstd') {
		let head = zstdHead();
		return {
			async push(bytes) {
				const out = Buffer.concat([head, zstdBlocks(bytes)]);
				head = Buffer.alloc(0);
				return out;
			},
			end: async () => Buffer.concat([head, zstdTail()]),
		};
	}
	const [stream, flush] = STREAMS[name]();
	let ready = [];
	stream.on('data', (bytes) => ready.push(bytes));
	const taken = () => {
		const out = Buffer.concat(ready);
		ready = [];
		return out;
	};
	return {
		push: (bytes) => new Promise((done) => {
			stream.write(bytes);
			stream.flush(flush, () => done(taken()));
		}),
		end: () => new Promise((done) => {
			stream.on('end', () => done(taken()));
			stream.end();
		}),
	};
}

const WHOLE = {
	gzip: [zlib.gzipSync, zlib.gunzipSync], deflate: [zlib.deflateSync, zlib.inflateSync],
	br: [(b) => zlib.brotliCompressSync(b, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }), zlib.brotliDecompressSync],
	zstd: [zstdFrame, zstdDecode], identity: [(b) => b, (b) => b],
};

function zstdDecode(bytes) {
	if (zlib.zstdDecompressSync)
		return zlib.zstdDecompressSync(bytes);
	const run = spawnSync('zstd', ['-dcq'], { input: bytes, maxBuffer: 1 << 28 });
	if (run.status !== 0)
		throw new Error('no zstd: neither node >= 22.15 nor the program is here');
	return run.stdout;
}

export const encode = (name, bytes) => WHOLE[name][0](bytes);
export const decode = (name, bytes) => WHOLE[name ?? 'identity'][1](bytes);
