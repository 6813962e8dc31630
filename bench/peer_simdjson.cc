// peer_simdjson: simdjson's DOM parser behind a C function, for bench_json. Built only where
// libsimdjson-dev is installed.
#include <simdjson.h>

extern "C" {
void *peer_simdjson_new(void);
void peer_simdjson_free(void *parser);
int peer_simdjson_parse(void *parser, const char *p, size_t n);
size_t peer_simdjson_padding(void);
}

void *peer_simdjson_new(void)
{
	return new simdjson::dom::parser;
}

void peer_simdjson_free(void *parser)
{
	delete static_cast<simdjson::dom::parser *>(parser);
}

// The bytes must have peer_simdjson_padding() readable ones behind them. 0 or simdjson's error code.
int peer_simdjson_parse(void *parser, const char *p, size_t n)
{
	return static_cast<simdjson::dom::parser *>(parser)->parse(p, n, false).error();
}

size_t peer_simdjson_padding(void)
{
	return simdjson::SIMDJSON_PADDING;
}
