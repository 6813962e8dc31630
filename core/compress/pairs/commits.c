#include "core/compress/pairs/commits.h"

#include "core/base/limits.h"
#include "core/compress/pairs/diffstat.h"
#include "core/json/scan.h"

enum {
	HASH_MIN = 7,
	HASH_MAX = 40,
	STARTS_MAX = 3, /* lines, of which one must be the first commit's */
};

size_t commit_hash(str s)
{
	size_t n = 0;

	while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || (s.p[n] >= 'a' && s.p[n] <= 'f')))
		n++;
	return n >= HASH_MIN && n <= HASH_MAX ? n : 0;
}

void commit_add(struct buf *json, str key, str value)
{
	if (json->p[json->n - 1] != '{')
		buf_add_byte(json, ',');
	buf_add_json_string(json, key);
	buf_add_byte(json, ':');
	buf_add_json_string(json, value);
}

bool commit_add_files(struct buf *json, str files, struct arena *a)
{
	str stat;
	bool is_stat = diffstat_pack(files, a, &stat);

	commit_add(json, is_stat ? STR(STATS) : STR(FILES), is_stat ? stat : files);
	return is_stat;
}

size_t commits_start(str text, bool (*begins)(str line))
{
	str rest = text, line;

	for (int i = 0; i < STARTS_MAX; i++) {
		size_t at = text.n - rest.n;

		if (!str_next_line(&rest, &line, NULL))
			return STR_NONE;
		if (begins(line))
			return at;
	}
	return STR_NONE;
}

bool commits_print(str json, commit_print_fn *print, void *state, struct arena *a, str *out)
{
	struct json_tape tape;
	struct buf b;

	if (json_scan(a, json, &tape, NULL) != E_OK || !json_is(&tape, 0, JSON_ARRAY))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (struct json_iter it = json_iter(&tape, 0); json_next(&it);) {
		if (!json_is(&tape, it.value, JSON_OBJECT))
			return false;
		for (struct json_iter m = json_iter(&tape, it.value); json_next(&m);) {
			str key, value;

			if (!json_string(&tape, m.key, a, &key) ||
				!json_string(&tape, m.value, a, &value) ||
				!print(state, key, value, &b))
				return false;
		}
	}
	*out = buf_str(&b);
	out->n -= b.n > 0;
	return b.err == E_OK;
}
