// Makes recordings of Claude Code of a given size, for measuring how `headroom learn` reads much: sessions of several projects with
// calls that work and fail. The same bytes in each run.
//
//	node bench/learn_large.mjs DIR MEGABYTES [LARGEST] [HEADROOM]
//
// LARGEST: the first session is one file of so many megabytes. HEADROOM: a program, with which each command that reads recordings is run on
// them; prints its processor time and how much memory it held at most.
import fs from "node:fs";
import path from "node:path";
import { spawnSync } from "node:child_process";

const [dir, megabytes, largest, headroom] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4] ?? 0), process.argv[5]];
if (!dir || !(megabytes > 0)) {
	console.error("usage: node bench/learn_large.mjs DIR MEGABYTES");
	process.exit(2);
}

let state = 12345;
const random = (n) => {
	state = (Math.imul(state, 1103515245) + 12345) >>> 0;
	return (state >>> 8) % n;
};
const words = "const value return import from function async await module export class this state error".split(" ");
const text = (n) => {
	let s = "";
	while (s.length < n) s += words[random(words.length)] + (random(9) ? " " : "\n");
	return s;
};

let written = 0;
for (let session = 0; written < megabytes * 1e6; session++) {
	const project = `/home/u/p${session % 20}`;
	const id = `s${session}`;
	const out = path.join(dir, "projects", project.replaceAll("/", "-"), `${id}.jsonl`);
	let lines = [];
	let n = 0;
	const line = (type, content) => {
		const at = new Date(Date.UTC(2026, 0, 1) + session * 3600e3 + n * 1000).toISOString();
		lines.push(JSON.stringify({ type, sessionId: id, cwd: project, uuid: `${id}-${n++}`, timestamp: at, message: { role: type, content } }));
	};
	const call = (name, input, content, is_error = false) => {
		const use = `toolu_${id}_${n}`;
		line("assistant", [{ type: "tool_use", id: use, name, input }]);
		line("user", [{ type: "tool_result", tool_use_id: use, is_error, content }]);
	};
	line("user", "Never push without asking. Make the tests pass.");
	fs.mkdirSync(path.dirname(out), { recursive: true });
	fs.writeFileSync(out, "");
	const flush = () => {
		if (lines.length) fs.appendFileSync(out, lines.join("\n") + "\n");
		lines = [];
		return fs.statSync(out).size;
	};
	for (let i = 0; i < 150 || (session === 0 && flush() < largest * 1e6); i++) {
		const file = `${project}/src/f${random(4000)}.ts`;
		if (i % 50 === 7) {
			call("Bash", { command: `python tool${random(9)}.py` }, "Exit code 127\nbash: python: command not found", true);
			call("Bash", { command: `python3 tool${random(9)}.py` }, "ok");
		} else if (i % 5 === 1) {
			call("Edit", { file_path: file, old_string: text(100), new_string: text(200) }, "done");
		} else if (i % 5 === 2) {
			call("Bash", { command: `npm run check -- f${random(4000)}` }, text(2000), !random(4));
		} else {
			call("Read", { file_path: file }, text(6000 + random(12000)));
		}
	}
	written += flush();
}
console.log(`${written} bytes`);

for (const command of headroom ? ["learn --all", "learn verbosity --all", "audit reads --all", "audit tools --all"] : []) {
	const run = spawnSync("/usr/bin/time", ["-f", "%U %S %M", headroom, ...command.split(" ")], {
		encoding: "utf8",
		env: { ...process.env, HOME: dir, CLAUDE_CONFIG_DIR: dir, HEADROOM_WORKSPACE_DIR: path.join(dir, "workspace") },
		maxBuffer: 1 << 28,
	});
	const [user, system, kilobytes] = run.stderr.trim().split("\n").at(-1).split(" ").map(Number);
	console.log(`${command}: ${(user + system).toFixed(1)} s, ${(kilobytes / 1024).toFixed(0)} MB, status ${run.status}`);
}
