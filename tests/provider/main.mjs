// The scripted provider as a program.
// usage: node tests/provider/main.mjs [--port N] [--script FILE.json] [--tls CERT KEY] [--http2]
// Prints {"url": "..."} when it listens; ends on SIGTERM, SIGINT or when its standard input closes, so that it
// cannot outlive the test that started it.
import { readFileSync } from 'node:fs';
import { startProvider } from './provider.mjs';

function options(argv) {
	const out = {};
	const take = {
		'--port': (a) => { out.port = Number(a.shift()); },
		'--script': (a) => { out.script = JSON.parse(readFileSync(a.shift(), 'utf8')); },
		'--tls': (a) => { out.tls = { cert: readFileSync(a.shift()), key: readFileSync(a.shift()) }; },
		'--http2': () => { out.http2 = true; },
	};
	while (argv.length) {
		const name = argv.shift();
		if (!take[name])
			throw new Error(`unknown option ${name}`);
		take[name](argv);
	}
	if (out.http2 && !out.tls)
		throw new Error('--http2 needs --tls');
	return out;
}

let provider;
try {
	provider = await startProvider(options(process.argv.slice(2)));
} catch (e) {
	process.stderr.write(`provider: ${e.message}\n`);
	process.exit(2);
}
process.stdout.write(`${JSON.stringify({ url: provider.url })}\n`);
const end = () => process.exit(0);
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.stdin.on('end', end).on('close', end).resume();
