// headroom in process, from Node: by koffi (npm), which calls C.
//
//	import { Headroom } from './headroom.mjs';
//	const h = new Headroom();
//	const { messages, error } = await h.compress(history, 'claude-opus-4-8');
//	h.close();
//
// Copy this file to where you need it. The library is libheadroom.so.0 of the system (package libheadroom0, or `make install`), or what the
// variable HEADROOM_LIB names.
//
// Errors: whatever happens, a result has something that can be sent: the input itself, with `error` saying why. Only
// what has nothing to send throws HeadroomError: opening, and originals that are not there.
// Threads: compress() and compressRequest() run on a thread of libuv's pool, so that the event loop goes on; any number of calls may be
// under way on one Headroom. Share one: it remembers conversations, so that a turn costs time for what is new in it.
// Memory: what the library has allocated is freed before a promise is kept; close() frees the rest, once no call is under way.
import koffi from 'koffi';

export const Code = { notFound: 3, unverified: 5, malformed: 65, failed: 70, noMemory: 71, io: 74 };

const lib = koffi.load(process.env.HEADROOM_LIB ?? 'libheadroom.so.0');
koffi.opaque('headroom');
koffi.struct('headroom_options', {
	size: 'size_t', model: 'const char *', store_path: 'const char *', lossless: 'int', keep_originals: 'int', protect_tools: 'const char **',
});
const Result = koffi.struct('headroom_result', {
	data: 'void *', size: 'size_t', is_changed: 'int', results: 'size_t', changed: 'size_t',
	tokens_before: 'size_t', tokens_after: 'size_t', message: koffi.array('char', 512), owner: 'void *',
});
const c = {
	version: lib.func('const char *headroom_version(void)'),
	open: lib.func('int headroom_new(const headroom_options *, _Out_ headroom **)'),
	free: lib.func('void headroom_free(headroom *)'),
	request: lib.func('int headroom_compress_request(headroom *, const void *, size_t, const char *, void *)'),
	text: lib.func('int headroom_compress_text(headroom *, const void *, size_t, const char *, const char *, void *)'),
	verify: lib.func('int headroom_verify(headroom *, const void *, size_t, const void *, size_t, void *)'),
	retrieve: lib.func('int headroom_retrieve(headroom *, const char *, void *)'),
	freeResult: lib.func('void headroom_result_free(void *)'),
	countTokens: lib.func('size_t headroom_count_tokens(const char *, const void *, size_t)'),
};

export class HeadroomError extends Error {
	constructor(code, message) {
		super(message || `headroom failed (${code})`);
		this.code = code;
	}
}

export const version = () => c.version();

export function countTokens(text, model = null) {
	const bytes = Buffer.from(text);
	return Number(c.countTokens(model, bytes, bytes.length));
}

// What a result holds, copied; then the library's part is freed. memory: of the struct.
function take(memory, code) {
	const r = koffi.decode(memory, Result);
	const data = r.data ? Buffer.from(koffi.decode(r.data, koffi.array('uint8_t', Number(r.size), 'Typed'))) : Buffer.alloc(0);
	const before = Number(r.tokens_before), after = Number(r.tokens_after);
	c.freeResult(memory);
	koffi.free(memory);
	return {
		data, changed: Number(r.changed), tokensBefore: before, tokensAfter: after, tokensSaved: before - after,
		error: code ? new HeadroomError(code, r.message) : null,
	};
}

export class Headroom {
	#handle;
	#underWay = 0;

	// storePath: a SQLite file that keeps decisions and, with keepOriginals, the texts that were changed. protectTools: globs.
	constructor({ model = null, storePath = null, lossless = false, keepOriginals = false, protectTools = [] } = {}) {
		const out = [null];
		const code = c.open({
			size: koffi.sizeof('headroom_options'), model, store_path: storePath, lossless: Number(lossless), keep_originals: Number(keepOriginals),
			protect_tools: [...protectTools, null],
		}, out);
		if (code)
			throw new HeadroomError(code, storePath && `cannot open ${storePath}`);
		this.#handle = out[0];
	}

	close() {
		if (this.#underWay)
			throw new HeadroomError(Code.failed, 'calls are under way');
		c.free(this.#handle);
		this.#handle = null;
	}

	#open() {
		if (!this.#handle)
			throw new HeadroomError(Code.failed, 'this Headroom is closed');
		return this.#handle;
	}

	#now(f, ...args) {
		const handle = this.#open();
		const memory = koffi.alloc(Result, 1);
		return take(memory, f(handle, ...args, memory));
	}

	#later(f, ...args) {
		const handle = this.#open();
		const memory = koffi.alloc(Result, 1);
		this.#underWay++;
		return new Promise((done, fail) => f.async(handle, ...args, memory, (e, code) => {
			this.#underWay--;
			if (e)
				fail(e);
			else
				done(take(memory, code));
		}));
	}

	// The body of a request, as it would be sent. format: see headroom.h; else found out.
	compressRequest(body, format = null) {
		const bytes = Buffer.from(body);
		return this.#later(c.request, bytes, bytes.length, format);
	}

	// Messages of Anthropic or of OpenAI's Chat Completions.
	async compress(messages, model) {
		const result = await this.compressRequest(JSON.stringify({ model, messages }));
		return { ...result, messages: result.error || !result.changed ? messages : JSON.parse(result.data).messages };
	}

	// One text that a tool returned; command: what a shell tool ran.
	compressText(text, { tool = null, command = null } = {}) {
		const bytes = Buffer.from(text);
		return this.#now(c.text, bytes, bytes.length, tool, command);
	}

	// True where the smaller body says the same as the original.
	verify(original, compressed) {
		const { error } = this.#now(c.verify, Buffer.from(original), Buffer.byteLength(original), Buffer.from(compressed), Buffer.byteLength(compressed));
		if (error && error.code !== Code.unverified)
			throw error;
		return !error;
	}

	// A text that was changed, with keepOriginals: by the first 12 to 64 digits of its SHA-256 in hex.
	retrieve(key) {
		const { data, error } = this.#now(c.retrieve, key);
		if (error)
			throw error;
		return data;
	}
}
