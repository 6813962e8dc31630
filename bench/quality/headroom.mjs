// headroom: runs the program over many texts at once, each the result of one call in a request of its own, and fetches back the
// originals that it kept.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const OUTPUT_MAX = 2 ** 30;

// The ways of ours, and for which kinds where that is not all. Each proves what it writes.
export const OURS = [
	{ name: 'lossless', title: '`--lossless`', args: ['--lossless'] },
	{ name: 'default', title: 'no options', args: [] },
	{ name: 'ccr', title: '`--ccr on`', args: ['--ccr', 'on'] },
	{ name: 'half', title: '`--ccr on --target-ratio 0.5`', args: ['--ccr', 'on', '--target-ratio', '0.5'], kind: 'text' },
];

// A shell is among the tools, so that a command that gets an original back can be run.
const TOOLS = [
	{ name: 'Bash', description: 'Runs a command.', input_schema: { type: 'object', properties: { command: { type: 'string' } } } },
];

export function request(one) {
	const id = `toolu_${createHash('sha1').update(one.id).digest('hex').slice(0, 20)}`;
	const input = one.input ?? { command: one.query };
	return {
		model: 'claude-sonnet-4-5', max_tokens: 1024, tools: TOOLS,
		messages: [
			{ role: 'user', content: one.query },
			{ role: 'assistant', content: [{ type: 'tool_use', id, name: one.tool, input }] },
			{ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: one.text }] },
		],
	};
}

const resultOf = (line) => JSON.parse(line).messages.at(-1).content.at(-1).content;

export class Headroom {
	constructor(program) {
		this.program = program;
		this.dir = mkdtempSync(join(tmpdir(), 'headroom-quality-'));
		this.store = join(this.dir, 'store.db');
		this.env = { PATH: process.env.PATH, HOME: this.dir, HEADROOM_WORKSPACE_DIR: join(this.dir, 'workspace'), LC_ALL: 'C.UTF-8' };
	}

	close() {
		rmSync(this.dir, { recursive: true, force: true });
	}

	version() {
		return execFileSync(this.program, ['--version'], { env: this.env }).toString().trim();
	}

	// {ms, failed, texts: [{text, loss, encoders, hash}]}, in the order of the cases. failed: how many did not decode.
	compress(arm, list) {
		const [input, output, report] = ['in', 'out', 'report'].map((name) => join(this.dir, name));
		writeFileSync(input, list.map((one) => `${JSON.stringify(request(one))}\n`).join(''));
		const r = spawnSync(this.program, ['compress', '-f', 'requests', '--verify', ...arm.args, '--store', this.store, '--report', report, '-o', output, input], { env: this.env });
		const EXIT_UNVERIFIED = 5;
		if (r.status !== 0 && r.status !== EXIT_UNVERIFIED)
			throw new Error(`headroom compress ${arm.args.join(' ')}: ${r.stderr}`);
		const told = JSON.parse(readFileSync(report, 'utf8'));
		const blocks = new Map(told.blocks.map((b) => [b.line, b]));
		const texts = readFileSync(output, 'utf8').trimEnd().split('\n').map((line, i) => {
			const b = blocks.get(i + 1);
			return { text: resultOf(line), loss: b?.loss ?? 'none', encoders: b?.strategy ?? null, hash: b?.ccr_hash ?? null };
		});
		return { ms: told.elapsed_ms, failed: told.verified.failed, texts };
	}

	// The bytes that headroom retrieve gives for a hash; null when there are none.
	retrieve(hash) {
		const r = spawnSync(this.program, ['retrieve', hash, '--store', this.store], { env: this.env, maxBuffer: OUTPUT_MAX });
		return r.status === 0 ? r.stdout.toString() : null;
	}

	// Whether what is gone from a text can be had by the route that the text itself names.
	isWithinReach(one, result) {
		const named = /headroom retrieve ([0-9a-f]{12,64})/.exec(result.text);
		return named !== null && this.retrieve(named[1]) === one.text;
	}
}
