#include "core/compress/echo.h"

#include "core/base/buf.h"
#include "core/base/limits.h"

/* What clients say of a file tool that did what it was asked for, at the very beginning of the result. */
static const struct sentence {
	str sentence, word;
} sentences[] = {
#define S(sentence, word)                         \
	{                                         \
		{sentence, sizeof(sentence) - 1}, \
		{                                 \
			word, sizeof(word) - 1    \
		}                                 \
	}
	/* Claude Code */
	S("The file (path) has been updated successfully.", "(updated)"),
	S("The file (path) has been updated. Here's the result of running `cat -n` on a snippet of "
	  "the "
	  "edited file:",
		"(updated; now)"),
	S("File created successfully at: (path)", "(created)"),
	/* OpenHands, SWE-agent */
	S("The file (path) has been edited. Here's the result of running `cat -n` on a snippet of "
	  "(path):",
		"(edited; now)"),
	S("Here's the result of running `cat -n` on (path):", "(cat -n)"),
	/* pi */
	S("Successfully replaced text in (path).", "(replaced)"),
};
/* Claude Code since mid-2026, at the end of the first line. */
static const struct sentence ending =
	S(" (file state is current in your context \xe2\x80\x94 no need to Read it back)",
		" (still current)");
#undef S
static const str path_word = {"(path)", 6};
enum { PATH_MIN = 12 /* bytes; a shorter one is no longer than its word */ };

static str first_line(str text)
{
	size_t eol = str_find_byte(text, '\n');

	return str_sub(text, 0, eol == STR_NONE ? text.n : eol);
}

/* Adds the line with every "from" replaced. */
static void add_replaced(struct buf *b, str line, str from, str to)
{
	size_t at;

	while ((at = str_find(line, from)) != STR_NONE) {
		buf_add(b, str_sub(line, 0, at));
		buf_add(b, to);
		line = str_sub(line, at + from.n, line.n);
	}
	buf_add(b, line);
}

str echo_shorten(str text, str path, struct arena *a)
{
	str old = first_line(text), line;
	struct buf said, b;
	bool is_ended;

	if (path.n < PATH_MIN || str_find(old, path) == STR_NONE)
		return text;
	buf_init_arena(&said, a, LIMIT_INPUT);
	buf_init_arena(&b, a, LIMIT_INPUT);
	add_replaced(&said, old, path, path_word);
	line = buf_str(&said);
	is_ended = str_ends(line, ending.sentence);
	if (is_ended)
		line.n -= ending.sentence.n;
	for (size_t i = 0; i < ARRAY_N(sentences); i++)
		if (str_take(&line, sentences[i].sentence)) {
			buf_add(&b, sentences[i].word);
			break;
		}
	buf_add(&b, line);
	if (is_ended)
		buf_add(&b, ending.word);
	buf_add(&b, str_sub(text, old.n, text.n));
	return buf_str(&b);
}

str echo_restore(str text, str path, struct arena *a)
{
	str line = first_line(text), rest = str_sub(text, line.n, text.n);
	struct buf b;
	bool is_ended = str_ends(line, ending.word);

	if (!echo_is_in(text))
		return text;
	buf_init_arena(&b, a, LIMIT_INPUT);
	if (is_ended)
		line.n -= ending.word.n;
	for (size_t i = 0; i < ARRAY_N(sentences); i++)
		if (str_take(&line, sentences[i].word)) {
			add_replaced(&b, sentences[i].sentence, path_word, path);
			break;
		}
	add_replaced(&b, line, path_word, path);
	if (is_ended)
		buf_add(&b, ending.sentence);
	buf_add(&b, rest);
	return buf_str(&b);
}

bool echo_is_in(str text)
{
	str line = first_line(text);

	if (str_find(line, path_word) != STR_NONE || str_ends(line, ending.word))
		return true;
	for (size_t i = 0; i < ARRAY_N(sentences); i++)
		if (str_starts(line, sentences[i].word))
			return true;
	return false;
}
