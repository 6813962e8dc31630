// What the four wire formats of the scripted provider share. A format is an object of
//	events(reply)		the events of a streamed answer: {event, data}, data a JSON text, event may be absent
//	json(reply)		the same answer in one piece, an object
//	error(status, message)	the body of an error, an object
//	headers(reply)		header pairs that the real provider adds
//	results(body)		how many tool results the request carries
//	tools(body)		names of the tools that it offers, an array
//	schema(body)		the JSON schema that the answer has to fit, if one was asked for (may be absent)
// A reply is {turn, usage, model, body, id}: the turn is provider-neutral ({thinking, text, calls, stop}),
// usage is {input, cacheRead, cacheWrite, output, reasoning} in tokens, id(prefix) makes the next id.

// Pieces of at most n characters, never inside a surrogate pair; one empty piece for an empty text.
export function pieces(text, n = 24) {
	const all = Array.from(text);
	const out = [];
	for (let i = 0; i < all.length; i += n)
		out.push(all.slice(i, i + n).join(''));
	return out.length ? out : [''];
}

// The arguments of a call as the text that goes over the wire.
export const argsText = (call) => (typeof call.args === 'string' ? call.args : JSON.stringify(call.args ?? {}));

export const calls = (turn) => turn.calls ?? [];

// Python's json.dumps puts a space behind ':' and ','; Google's answers look like that.
export function spaced(value) {
	if (Array.isArray(value))
		return `[${value.map(spaced).join(', ')}]`;
	if (value !== null && typeof value === 'object')
		return `{${Object.entries(value).filter(([, v]) => v !== undefined)
			.map(([k, v]) => `${JSON.stringify(k)}: ${spaced(v)}`).join(', ')}}`;
	return JSON.stringify(value);
}

export const list = (value) => (Array.isArray(value) ? value : []);

// The smallest value that fits a JSON schema of the plain kind that agents send.
export function sample(schema) {
	switch (String(schema?.type).toLowerCase()) {
	case 'object':
		return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([k, v]) => [k, sample(v)]));
	case 'array':
		return [];
	case 'integer':
	case 'number':
		return schema.minimum ?? 1;
	case 'boolean':
		return false;
	default:
		return schema?.enum?.[0] ?? 'scripted';
	}
}
