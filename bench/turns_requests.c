/* turns_requests: prints every request of recorded conversations, for programs that send them.
 *
 *	turns_requests FILE...
 *
 * Each is a line of JSON, {"group","session","turn","format","path","bytes"}, then the body of so many bytes, then a
 * newline. The requests of a file stand together and in order. A file without a request is named on standard error. */
#include <inttypes.h>
#include <stdio.h>

#include "bench/turns/requests.h"
#include "core/base/buf.h"
#include "core/base/limits.h"

struct output {
	struct buf line;
	uint64_t n;
};

static void add_member(struct buf *b, const char *name, str value)
{
	buf_printf(b, "\"%s\":", name);
	buf_add_json_string(b, value);
	buf_add_byte(b, ',');
}

static void add_path(struct buf *b, const struct request *r)
{
	buf_add_c(b, "\"path\":\"");
	switch (r->format) {
	case WIRE_ANTHROPIC:
		buf_add_c(b, "/v1/messages");
		break;
	case WIRE_OPENAI_RESPONSES:
		buf_add_c(b, "/v1/responses");
		break;
	case WIRE_GEMINI:
		buf_printf(b, "/v1beta/models/" STR_FMT ":generateContent",
			STR_ARG(r->model.n ? r->model : STR("gemini-2.5-pro")));
		break;
	default:
		buf_add_c(b, "/v1/chat/completions");
	}
	buf_add_c(b, "\",");
}

static void print_request(void *arg, const struct request *r)
{
	struct output *out = arg;
	struct buf *b = &out->line;

	buf_reset(b);
	buf_add_byte(b, '{');
	add_member(b, "group", r->group);
	add_member(b, "session", r->session);
	add_member(b, "format", str_from(wire_format_name(r->format)));
	add_path(b, r);
	buf_printf(b, "\"turn\":%" PRIu32 ",\"bytes\":%zu}\n", r->turn, r->body.n);
	(void)fwrite(b->p, 1, b->n, stdout);
	(void)fwrite(r->body.p, 1, r->body.n, stdout);
	(void)putchar('\n');
	out->n++;
}

int main(int argc, char **argv)
{
	struct output out = {.n = 0};

	buf_init(&out.line, LIMIT_INPUT);
	for (int i = 1; i < argc && !ferror(stdout); i++) {
		struct errctx cx = {0};
		uint64_t before = out.n;
		enum err err = requests_of_recording(argv[i], print_request, &out, &cx);

		if (err == E_MALFORMED)
			err = requests_of_transcript(argv[i], print_request, &out, &cx);
		if (err || out.n == before)
			fprintf(stderr, "turns_requests: no request in %s\n", argv[i]);
	}
	buf_release(&out.line);
	return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
