// What AWS does, from its documentation and by node's own means: verifying a signature, framing an event stream. Nothing of it is the
// program's own code.
import { createHash, createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, data) => createHmac('sha256', key).update(data).digest();
const twice = (path) => path.split('/').map((s) => encodeURIComponent(s).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)).join('/');

// The signature that a request should have for this secret; null when it says none.
export function signatureOf(request, secret) {
	const auth = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? '');
	if (!auth)
		return null;
	const [, access, day, region, service, signed, signature] = auth;
	const [path, query = ''] = request.url.split('?');
	const canonical = [
		request.method, twice(path), query.split('&').filter(Boolean).sort().join('&'),
		...signed.split(';').map((name) => `${name}:${request.headers[name].trim().replace(/ +/g, ' ')}`), '', signed, sha256(request.body),
	].join('\n');
	const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], `${day}/${region}/${service}/aws4_request`, sha256(canonical)].join('\n');
	const key = [day, region, service, 'aws4_request'].reduce(hmac, `AWS4${secret}`);
	const expected = hmac(key, text).toString('hex');
	const age = Date.now() - Date.parse(request.headers['x-amz-date'].replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'));
	return { access, region, service, signed: signed.split(';'), isRight: expected === signature && Math.abs(age) < 300000, token: request.headers['x-amz-security-token'] };
}

// A message of an event stream.
export function frame(headers, payload) {
	const body = Buffer.from(payload);
	const head = Buffer.concat(Object.entries(headers).map(([name, value]) => {
		const v = Buffer.from(value);
		return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([7, v.length >> 8, v.length & 255]), v]);
	}));
	const out = Buffer.alloc(16 + head.length + body.length);
	out.writeUInt32BE(out.length, 0);
	out.writeUInt32BE(head.length, 4);
	out.writeUInt32BE(crc32(out.subarray(0, 8)), 8);
	head.copy(out, 12);
	body.copy(out, 12 + head.length);
	out.writeUInt32BE(crc32(out.subarray(0, out.length - 4)), out.length - 4);
	return out;
}

export const chunk = (event) => frame({ ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' }, JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abcdefgh' }));

export const exception = (type, message) => frame({ ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' }, JSON.stringify({ message }));

// The messages of a stream: [{headers, payload}]; throws when a checksum does not fit.
export function unframe(bytes) {
	const out = [];
	for (let at = 0; at < bytes.length;) {
		const total = bytes.readUInt32BE(at);
		const one = bytes.subarray(at, at + total);
		const headersEnd = 12 + one.readUInt32BE(4);
		if (crc32(one.subarray(0, 8)) !== one.readUInt32BE(8) || crc32(one.subarray(0, total - 4)) !== one.readUInt32BE(total - 4))
			throw new Error('a checksum does not fit');
		const headers = {};
		for (let h = 12; h < headersEnd;) {
			const name = one.subarray(h + 1, h + 1 + one[h]).toString();
			const v = h + 1 + one[h] + 3;
			const length = one.readUInt16BE(v - 2);
			headers[name] = one.subarray(v, v + length).toString();
			h = v + length;
		}
		out.push({ headers, payload: JSON.parse(one.subarray(headersEnd, total - 4)) });
		at += total;
	}
	return out;
}
