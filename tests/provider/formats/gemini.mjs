// generateContent, streamGenerateContent (server-sent events or one JSON array), Code Assist's envelope of both.
import { calls, list, pieces, spaced } from './common.mjs';

const STATUS = {
	400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND',
	429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL', 503: 'UNAVAILABLE',
};

function usageOf(u, output) {
	const prompt = u.input + u.cacheRead + u.cacheWrite;
	return {
		promptTokenCount: prompt, candidatesTokenCount: output, totalTokenCount: prompt + output + u.reasoning,
		...(u.cacheRead ? { cachedContentTokenCount: u.cacheRead } : {}),
		promptTokensDetails: [{ modality: 'TEXT', tokenCount: prompt }], thoughtsTokenCount: u.reasoning,
	};
}

const signature = (turn) => turn.signature ?? `Co${'B7x/+'.repeat(16)}==`;

function parts(reply, split) {
	const { turn } = reply;
	const cut = (text) => (split ? pieces(text) : [text]);
	const out = [];
	if (turn.thinking !== undefined)
		out.push({ text: turn.thinking, thought: true });
	if (turn.text !== undefined)
		out.push(...cut(turn.text).map((text) => ({ text })));
	for (const call of calls(turn))
		out.push({ functionCall: { name: call.name, args: call.args ?? {}, ...(call.id ? { id: call.id } : {}) }, thoughtSignature: signature(turn) });
	return out;
}

function answer(reply, responseId, some, last) {
	const candidate = { content: { parts: some, role: 'model' }, ...(last ? { finishReason: reply.turn.stop ?? 'STOP' } : {}), index: 0 };
	const response = {
		candidates: [candidate], usageMetadata: usageOf(reply.usage, last ? reply.usage.output : 1),
		modelVersion: reply.model, responseId,
	};
	return reply.wrapped ? { response, traceId: '0123456789abcdef' } : response;
}

export const gemini = {
	eol: '\r\n',
	events(reply) {
		const id = reply.id('rsp');
		const all = parts(reply, true);
		return all.map((part, i) => ({ data: spaced(answer(reply, id, [part], i + 1 === all.length)) }));
	},
	json(reply) {
		return answer(reply, reply.id('rsp'), parts(reply, false), true);
	},
	error(status, message) {
		return { error: { code: status, message, status: STATUS[status] ?? 'UNKNOWN' } };
	},
	headers() {
		return [
			['vary', 'Origin'], ['vary', 'X-Origin'], ['vary', 'Referer'], ['server-timing', 'gfet4t7; dur=859'],
			['x-content-type-options', 'nosniff'], ['alt-svc', 'h3=":443"; ma=2592000'],
		];
	},
	schema(body) {
		const config = (body?.request ?? body)?.generationConfig;
		return config?.responseMimeType === 'application/json' ? config.responseJsonSchema ?? config.responseSchema : undefined;
	},
	results(body) {
		const contents = list(body?.contents ?? body?.request?.contents);
		return contents.flatMap((c) => list(c.parts)).filter((p) => p?.functionResponse).length;
	},
	tools(body) {
		const tools = list(body?.tools ?? body?.request?.tools);
		return tools.flatMap((t) => list(t.functionDeclarations ?? t.function_declarations)).map((f) => f.name);
	},
};
