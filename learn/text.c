#include "learn/text.h"

#include "core/base/utf8.h"
#include "core/json/redact.h"

size_t text_distance(str a, str b)
{
	uint16_t row[TEXT_DISTANCE_MAX + 1];

	if (a.n > TEXT_DISTANCE_MAX || b.n > TEXT_DISTANCE_MAX)
		return a.n > b.n ? a.n : b.n;
	for (size_t k = 0; k <= b.n; k++)
		row[k] = (uint16_t)k;
	for (size_t i = 1; i <= a.n; i++) {
		uint16_t corner = row[0];

		row[0] = (uint16_t)i;
		for (size_t k = 1; k <= b.n; k++) {
			unsigned cost = corner + (a.p[i - 1] != b.p[k - 1]);

			corner = row[k];
			if (row[k] + 1u < cost)
				cost = row[k] + 1u;
			if (row[k - 1] + 1u < cost)
				cost = row[k - 1] + 1u;
			row[k] = (uint16_t)cost;
		}
	}
	return row[b.n];
}

static str without_slash(str path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

str text_base(str path)
{
	size_t at;

	path = without_slash(path);
	at = str_rfind_byte(path, '/');
	return at == STR_NONE ? path : str_sub(path, at + 1, path.n);
}

str text_dir(str path)
{
	size_t at;

	path = without_slash(path);
	at = str_rfind_byte(path, '/');
	return at == STR_NONE ? STR_NULL : str_sub(path, 0, at);
}

bool text_is_absolute(str path)
{
	return path.n &&
	       (path.p[0] == '/' || path.p[0] == '~' ||
		       (path.n > 2 && path.p[1] == ':' && (path.p[2] == '\\' || path.p[2] == '/')));
}

str text_join(struct arena *a, str dir, str path)
{
	struct buf b;
	str rest, part;
	bool is_absolute;

	buf_init_arena(&b, a, dir.n + path.n + 2);
	if (!text_is_absolute(path)) {
		buf_add(&b, dir);
		buf_add_byte(&b, '/');
	}
	buf_add(&b, path);
	rest = buf_str(&b);
	is_absolute = rest.n && rest.p[0] == '/';
	buf_init_arena(&b, a, dir.n + path.n + 2);
	while (str_split(&rest, '/', &part)) {
		if (!part.n || str_eq_c(part, ".") || (is_absolute && !b.n && str_eq_c(part, "..")))
			continue;
		if (str_eq_c(part, "..") && b.n && !str_eq_c(text_base(buf_str(&b)), "..")) {
			b.n = text_dir(buf_str(&b)).n;
			continue;
		}
		if (b.n || is_absolute)
			buf_add_byte(&b, '/');
		buf_add(&b, part);
	}
	return b.n ? buf_str(&b) : is_absolute ? STR("/") : STR(".");
}

str text_under(str dir, str path)
{
	str rest = path;

	dir = without_slash(dir);
	if (!dir.n || !str_take(&rest, dir))
		return path;
	if (!rest.n)
		return STR(".");
	return rest.p[0] == '/' ? str_sub(rest, 1, rest.n) : path;
}

static bool is_made_up(str part)
{
	enum { HEX_MIN = 8 }; /* abbreviated hashes and parts of UUIDs have so many digits */
	size_t run = 0, digits = 0;

	for (size_t i = 0; i < part.n; i++) {
		char c = part.p[i];
		bool is_digit = c >= '0' && c <= '9';

		if (!is_digit && !(c >= 'a' && c <= 'f')) {
			run = digits = 0;
			continue;
		}
		run++;
		digits += is_digit;
		if (run >= HEX_MIN && digits >= 2)
			return true;
	}
	return false;
}

bool text_is_passing(str path)
{
	static const char *const TEMPORARY[] = {"/tmp/", "/var/tmp/", "/private/tmp/",
		"/var/folders/", "/private/var/folders/", "/dev/", "/proc/"};
	str part;

	for (size_t i = 0; i < ARRAY_N(TEMPORARY); i++)
		if (str_starts(path, str_from(TEMPORARY[i])))
			return true;
	while (str_split(&path, '/', &part))
		if (is_made_up(part))
			return true;
	return false;
}

size_t text_find_nocase(str s, const char *needle_lower)
{
	size_t n = strlen(needle_lower);

	for (size_t at = 0; at + n <= s.n; at++) {
		size_t i = 0;

		while (i < n && text_lower(s.p[at + i]) == needle_lower[i])
			i++;
		if (i == n)
			return at;
	}
	return STR_NONE;
}

bool text_has_nocase(str s, const char *needle_lower)
{
	return text_find_nocase(s, needle_lower) != STR_NONE;
}

static bool may_stand(str s, size_t max)
{
	if (!s.n || s.n > max || utf8_valid_n(s) != s.n || str_find(s, STR("<!--")) != STR_NONE ||
		str_find(s, STR("-->")) != STR_NONE)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && !text_is_space(s.p[i])) || s.p[i] == 0x7f)
			return false;
	return true;
}

static void add_line(struct buf *b, str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!text_is_space(s.p[i]))
			buf_add_byte(b, s.p[i]);
		else if (i && !text_is_space(s.p[i - 1]))
			buf_add_byte(b, ' ');
}

bool text_add_plain(struct buf *b, str s, size_t max)
{
	s = str_trim(s);
	if (!may_stand(s, max))
		return false;
	add_line(b, s);
	return true;
}

/* CommonMark section 6.1: a span of code may be fenced by any number of back quotes that is not in it. */
bool text_add_code(struct buf *b, str s, size_t max)
{
	str fence = STR("`");

	s = str_trim(s);
	if (!may_stand(s, max))
		return false;
	if (str_find_byte(s, '`') != STR_NONE)
		fence = str_find(s, STR("``")) == STR_NONE ? STR("``") : STR("```");
	if (str_find(s, STR("```")) != STR_NONE)
		return false;
	buf_add(b, fence);
	if (s.p[0] == '`')
		buf_add_byte(b, ' ');
	add_line(b, s);
	if (s.p[s.n - 1] == '`')
		buf_add_byte(b, ' ');
	buf_add(b, fence);
	return true;
}

bool text_has_secret(str s)
{
	enum { REPLACED_MAX = 256 }; /* what stands in place of a short secret is longer */
	struct buf b;
	bool found;

	buf_init(&b, s.n * 2 + REPLACED_MAX);
	found = redact_text(s, &b) != 0 || b.err;
	buf_release(&b);
	return found;
}
