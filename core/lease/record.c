#include "core/lease/record.h"

#include "core/json/scan.h"
#include "core/json/write.h"

#define SCHEMA "headroom.lease/1"

/* ---- writing ------------------------------------------------------------------------------------ */

static void write_process(struct json_writer *w, const struct lease_record *r)
{
	json_write_i64(w, "pid", r->pid);
	json_write_u64(w, "start_time", r->start_time);
	json_write_i64(w, "uid", r->uid);
	json_write_u64(w, "network", r->network);
	json_write_str(w, "nonce", r->nonce);
	json_write_str(w, "url", r->url);
	json_write_str(w, "socket", r->socket);
	json_write_i64(w, "idle_exit_ms", r->idle_exit_ms);
	json_write_i64(w, "leases", r->leases);
}

static void write_settings(struct json_writer *w, const struct lease_record *r)
{
	json_write_object(w, "settings");
	for (size_t i = 0; i < r->settings_n; i++) {
		json_write_key(w, r->settings[i].name);
		json_write_str(w, NULL, r->settings[i].value);
	}
	json_write_end(w);
	json_write_array(w, "given");
	for (size_t i = 0; i < r->settings_n; i++)
		if (r->settings[i].is_given)
			json_write_str(w, NULL, r->settings[i].name);
	json_write_end(w);
}

void lease_record_write(const struct lease_record *r, struct buf *out)
{
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", SCHEMA);
	json_write_str(&w, "version", r->version);
	json_write_str(&w, "digest", r->digest);
	if (r->pid)
		write_process(&w, r);
	write_settings(&w, r);
	json_write_end(&w);
	buf_add_byte(out, '\n');
}

/* ---- reading ------------------------------------------------------------------------------------ */

struct reader {
	struct json_tape tape;
	struct arena *arena;
};

/* A copy with a NUL behind it; empty when it is no text, or one with a NUL in it. */
static str read_text(const struct reader *r, const char *key)
{
	uint32_t node = json_member(&r->tape, 0, key);
	str s;

	if (node == JSON_ABSENT || !json_string(&r->tape, node, r->arena, &s) ||
		str_find_byte(s, '\0') != STR_NONE)
		return STR("");
	return (str){arena_cstr(r->arena, s), s.n};
}

static uint64_t read_number(const struct reader *r, const char *key)
{
	uint32_t node = json_member(&r->tape, 0, key);
	uint64_t n;

	return node != JSON_ABSENT && json_u64(&r->tape, node, &n) && n <= INT64_MAX ? n : 0;
}

static void read_given(const struct reader *r, struct lease_setting *v, size_t n)
{
	uint32_t given = json_member(&r->tape, 0, "given");

	if (given == JSON_ABSENT || !json_is(&r->tape, given, JSON_ARRAY))
		return;
	for (struct json_iter it = json_iter(&r->tape, given); json_next(&it);) {
		str name;

		if (!json_string(&r->tape, it.value, r->arena, &name))
			continue;
		for (size_t i = 0; i < n; i++)
			v[i].is_given = v[i].is_given || str_eq(v[i].name, name);
	}
}

static enum err read_settings(const struct reader *r, struct lease_record *out, struct errctx *cx)
{
	uint32_t settings = json_member(&r->tape, 0, "settings");
	struct lease_setting *v;

	if (settings == JSON_ABSENT || !json_is(&r->tape, settings, JSON_OBJECT) ||
		r->tape.v[settings].n > LEASE_SETTINGS_MAX)
		FAIL(cx, E_MALFORMED, "no settings of a proxy");
	v = arena_array(r->arena, struct lease_setting, r->tape.v[settings].n + 1);
	out->settings = v;
	for (struct json_iter it = json_iter(&r->tape, settings); json_next(&it);) {
		struct lease_setting *s = &v[out->settings_n++];

		if (!json_string(&r->tape, it.key, r->arena, &s->name) ||
			!json_string(&r->tape, it.value, r->arena, &s->value))
			FAIL(cx, E_MALFORMED, "a setting that is no text");
	}
	read_given(r, v, out->settings_n);
	return E_OK;
}

enum err lease_record_parse(str line, struct arena *a, struct lease_record *out, struct errctx *cx)
{
	struct reader r = {.arena = a};

	*out = (struct lease_record){.pid = 0};
	if (line.n > LEASE_RECORD_MAX)
		FAIL(cx, E_MALFORMED, "a record of %zu bytes", line.n);
	line = arena_str(a, line); /* the tape, and what has no escapes, point into it */
	TRY(json_scan(a, line, &r.tape, cx));
	if (!json_is(&r.tape, 0, JSON_OBJECT) || !str_eq_c(read_text(&r, "schema"), SCHEMA))
		FAIL(cx, E_MALFORMED, "no record of a proxy");
	out->pid = (int64_t)read_number(&r, "pid");
	out->start_time = read_number(&r, "start_time");
	out->uid = (int64_t)read_number(&r, "uid");
	out->network = read_number(&r, "network");
	out->version = read_text(&r, "version");
	out->nonce = read_text(&r, "nonce");
	out->digest = read_text(&r, "digest");
	out->url = read_text(&r, "url");
	out->socket = read_text(&r, "socket");
	out->idle_exit_ms = (int64_t)read_number(&r, "idle_exit_ms");
	out->leases = (int64_t)read_number(&r, "leases");
	if (!out->digest.n)
		FAIL(cx, E_MALFORMED, "no digest of a proxy");
	return read_settings(&r, out, cx);
}

/* ---- comparing ---------------------------------------------------------------------------------- */

bool lease_record_suits(const struct lease_record *have, const struct lease_record *want, str *why)
{
	str none = STR("");

	if (!why)
		why = &none;
	*why = STR("");
	if (!str_eq(have->digest, want->digest))
		return false;
	for (size_t i = 0; i < want->settings_n; i++) {
		const struct lease_setting *w = &want->settings[i];
		bool is_same = !w->is_given;

		for (size_t k = 0; !is_same && k < have->settings_n; k++)
			is_same = str_eq(have->settings[k].name, w->name) &&
				  str_eq(have->settings[k].value, w->value);
		if (!is_same) {
			*why = w->name;
			return false;
		}
	}
	return true;
}

uint16_t lease_record_port(const struct lease_record *r)
{
	size_t colon = str_rfind_byte(r->url, ':');
	uint64_t port;

	if (colon == STR_NONE || !str_u64(str_sub(r->url, colon + 1, r->url.n), &port) ||
		port > UINT16_MAX)
		return 0;
	return (uint16_t)port;
}
