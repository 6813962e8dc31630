#include "core/base/toml.h"

/* One splice: text put in place of [start, end). */
struct splice {
	size_t start, end;
	str text;
};

static str eol_of(str text)
{
	size_t n = str_find_byte(text, '\n');

	return n != STR_NONE && n > 0 && text.p[n - 1] == '\r' ? STR("\r\n") : STR("\n");
}

static size_t bom_length(str text)
{
	return str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0;
}

/* The start of the line that holds byte i, and the start of the one after it. */
static size_t line_start(str text, size_t i)
{
	size_t n = str_rfind_byte(str_sub(text, 0, i), '\n');

	return n == STR_NONE ? 0 : n + 1;
}

static size_t line_end(str text, size_t i)
{
	size_t n = str_find_byte(str_sub(text, i, text.n), '\n');

	return n == STR_NONE ? text.n : i + n + 1;
}

static void add_line_break(struct buf *b, str text, size_t at)
{
	if (at > 0 && text.p[at - 1] != '\n')
		buf_add(b, eol_of(text));
}

static str table_of(str path)
{
	bool in_quotes = false;
	size_t dot = 0;

	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == '\\' && in_quotes)
			i++;
		else if (path.p[i] == '"')
			in_quotes = !in_quotes;
		else if (path.p[i] == '.' && !in_quotes)
			dot = i;
	}
	return str_sub(path, 0, dot);
}

/* The last part of path, without its dot. */
static str leaf_of(str path)
{
	size_t table_n = table_of(path).n;

	return str_sub(path, table_n ? table_n + 1 : 0, path.n);
}

/* What the keys next to it are spelled with in front: "a.b." for an item written a.b.c = 1. */
static str spelled_prefix(const struct toml_doc *d, const struct toml_item *it)
{
	str key = span_str(d->text, it->key), leaf = leaf_of(it->path);

	return str_ends(key, leaf) ? str_sub(key, 0, key.n - leaf.n) : STR("");
}

static const struct toml_item *last_of_table(const struct toml_doc *d, str table)
{
	for (size_t i = d->n; i > 0; i--)
		if (str_eq(d->items[i - 1].table, table))
			return &d->items[i - 1];
	return NULL;
}

static const struct toml_table *find_table(const struct toml_doc *d, str path)
{
	for (size_t i = 0; i < d->tables_n; i++)
		if (str_eq(d->tables[i].path, path))
			return &d->tables[i];
	return NULL;
}

/* A new line "key = literal" at its place. */
static struct splice new_line(struct arena *a, const struct toml_doc *d, str path, str literal)
{
	str table = table_of(path), prefix = STR("");
	const struct toml_item *last = last_of_table(d, table);
	const struct toml_table *header = find_table(d, table);
	size_t at = d->text.n;
	bool is_first = !last && !header && !table.n;
	struct buf b;

	buf_init_arena(&b, a, LIMIT_CONFIG_FILE);
	if (last) {
		at = line_end(d->text, last->at.end);
		prefix = spelled_prefix(d, last);
	} else if (header) {
		at = line_end(d->text, header->header.end);
	} else if (is_first) {
		at = bom_length(d->text);
	}
	if (!is_first)
		add_line_break(&b, d->text, at);
	if (!last && !header && table.n) {
		if (d->text.n)
			buf_add(&b, eol_of(d->text));
		buf_add_byte(&b, '[');
		buf_add(&b, table);
		buf_add_byte(&b, ']');
		buf_add(&b, eol_of(d->text));
	}
	buf_add(&b, prefix);
	buf_add(&b, leaf_of(path));
	buf_add(&b, STR(" = "));
	buf_add(&b, literal);
	buf_add(&b, eol_of(d->text));
	return (struct splice){at, at, buf_str(&b)};
}

static bool same_value(
	const struct toml_value *a, str a_text, const struct toml_value *b, str b_text)
{
	return a->type == b->type && str_eq(span_str(a_text, a->at), span_str(b_text, b->at));
}

/* Whether every key of d but path has the same value in now, and now has no others. */
static bool is_only_change(const struct toml_doc *d, const struct toml_doc *now, str path)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n; i++) {
		const struct toml_item *it = &d->items[i], *same;

		if (str_eq(it->path, path))
			continue;
		same = toml_find(now, it->path);
		if (!same || !same_value(&it->value, d->text, &same->value, now->text))
			return false;
		kept++;
	}
	return now->n == kept + (toml_find(now, path) != NULL);
}

/* Appends the spliced text to out if it reads back as meant. */
static enum err apply(struct arena *a, const struct toml_doc *d, const struct splice *s, str path,
	struct buf *out, struct errctx *cx)
{
	struct toml_doc now;
	struct buf b;

	buf_init_arena(&b, a, LIMIT_CONFIG_FILE);
	buf_add(&b, str_sub(d->text, 0, s->start));
	buf_add(&b, s->text);
	buf_add(&b, str_sub(d->text, s->end, d->text.n));
	if (b.err)
		return err_set(cx, b.err, "the file would become too large");
	TRY(toml_parse(a, buf_str(&b), &now, cx));
	if (!is_only_change(d, &now, path))
		return err_set(cx, E_CONFIG,
			"cannot change '" STR_FMT "' alone; edit the file by hand", STR_ARG(path));
	buf_add(out, buf_str(&b));
	return out->err;
}

enum err toml_set(struct arena *a, const struct toml_doc *d, str path, str literal, struct buf *out,
	struct errctx *cx)
{
	const struct toml_item *it = toml_find(d, path);
	struct splice s;

	if (it)
		s = (struct splice){it->value.at.start, it->value.at.end, literal};
	else
		s = new_line(a, d, path, literal);
	return apply(a, d, &s, path, out, cx);
}

enum err toml_unset(
	struct arena *a, const struct toml_doc *d, str path, struct buf *out, struct errctx *cx)
{
	const struct toml_item *it = toml_find(d, path);
	struct splice s;

	if (!it)
		return err_set(cx, E_NOT_FOUND, "no '" STR_FMT "' in the file", STR_ARG(path));
	s = (struct splice){
		line_start(d->text, it->at.start), line_end(d->text, it->at.end), STR("")};
	if (s.start == 0)
		s.start = bom_length(d->text);
	return apply(a, d, &s, path, out, cx);
}
