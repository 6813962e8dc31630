// hub: a hub of models on this machine, for kompress.bats. Usage: hub.mjs DIRECTORY [cut|whole|lie]
// Says its port on a line. cut: the first answer with weights ends early; whole: it does, and Range is not known here; lie: hashes are wrong.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [directory, way] = process.argv.slice(2);
const CUT_AT = 10000;
let cuts = way === 'cut' || way === 'whole' ? 1 : 0;

createServer((request, response) => {
	const m = /^\/some\/model\/resolve\/main\/([a-z.]+)$/.exec(request.url);
	const moved = /^\/cdn\/([a-z.]+)$/.exec(request.url);
	if (m) { // hubs lead elsewhere, and tell the hash on the way
		const hash = createHash('sha256').update(way === 'lie' ? 'x' : readFileSync(join(directory, m[1]))).digest('hex');
		response.writeHead(302, { location: `/cdn/${m[1]}`, ...(m[1].endsWith('safetensors') && { 'x-linked-etag': `"${hash}"` }) }).end();
		return;
	}
	if (!moved) {
		response.writeHead(404).end();
		return;
	}
	const bytes = readFileSync(join(directory, moved[1]));
	const from = way === 'whole' ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
	response.writeHead(from ? 206 : 200, { 'content-length': bytes.length - from, ...(from && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }) });
	if (moved[1].endsWith('safetensors') && cuts-- > 0)
		response.write(bytes.subarray(0, CUT_AT), () => response.destroy());
	else
		response.end(bytes.subarray(from));
}).listen(0, '127.0.0.1', function () {
	console.log(this.address().port);
});
