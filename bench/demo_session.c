/* demo_session: makes one request body in the shape of the Anthropic Messages API from the steps of a session
 * that bench/demo.sh has recorded, as an agent would send it for its next turn.
 *
 *	demo_session STEPS >request.json
 *
 * STEPS holds a directory per step, 001, 002, ... with the files: text (what the agent said; may be missing),
 * tool (the tool's name), input.KEY (each an argument of the call), output (what the tool printed), status (its
 * exit status). STEPS/prompt is what the user asked. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/json/write.h"

enum { REQUEST_MAX = 64 << 20, FILE_MAX = 8 << 20 };

static const struct {
	const char *name, *about, *schema;
} tools[] = {
	{"Read", "Reads a file; each line comes with its number.",
		"{\"type\":\"object\",\"properties\":{\"file_path\":{\"type\":\"string\"},"
		"\"offset\":{\"type\":\"integer\"},\"limit\":{\"type\":\"integer\"}},\"required\":["
		"\"file_path\"]}"},
	{"Grep", "Searches files for a regular expression.",
		"{\"type\":\"object\",\"properties\":{\"pattern\":{\"type\":\"string\"},"
		"\"path\":{\"type\":\"string\"}},\"required\":[\"pattern\"]}"},
	{"Edit", "Replaces a text in a file.",
		"{\"type\":\"object\",\"properties\":{\"file_path\":{\"type\":\"string\"},"
		"\"old_string\":{\"type\":\"string\"},\"new_string\":{\"type\":\"string\"}},"
		"\"required\":[\"file_path\",\"old_string\",\"new_string\"]}"},
	{"Write", "Writes a file.",
		"{\"type\":\"object\",\"properties\":{\"file_path\":{\"type\":\"string\"},"
		"\"content\":{\"type\":\"string\"}},\"required\":[\"file_path\",\"content\"]}"},
	{"Bash", "Runs a command in a shell and returns what it printed.",
		"{\"type\":\"object\",\"properties\":{\"command\":{\"type\":\"string\"}},"
		"\"required\":[\"command\"]}"},
};

struct session {
	struct arena arena;
	struct json_writer w;
	struct errctx cx;
	const char *steps;
};

/* The file of a step; empty when there is none. */
static str read_part(struct session *s, const char *step, const char *name)
{
	struct buf b;
	str path = arena_printf(&s->arena, "%s/%s/%s%c", s->steps, step, name, '\0'),
	    text = STR("");

	buf_init(&b, FILE_MAX);
	if (file_read(path.p, &b, NULL) == E_OK)
		text = arena_str(&s->arena, buf_str(&b));
	buf_release(&b);
	return text;
}

static void write_head(struct session *s)
{
	struct json_writer *w = &s->w;

	json_write_c(w, "model", "claude-opus-4-8");
	json_write_u64(w, "max_tokens", 32000);
	json_write_array(w, "system");
	json_write_object(w, NULL);
	json_write_c(w, "type", "text");
	json_write_c(w, "text", "You are a coding agent. Read before you change, test after it.");
	json_write_end(w);
	json_write_end(w);
	json_write_array(w, "tools");
	for (size_t i = 0; i < ARRAY_N(tools); i++) {
		json_write_object(w, NULL);
		json_write_c(w, "name", tools[i].name);
		json_write_c(w, "description", tools[i].about);
		json_write_raw(w, "input_schema", str_from(tools[i].schema));
		json_write_end(w);
	}
	json_write_end(w);
}

static void begin_message(struct json_writer *w, const char *role)
{
	json_write_object(w, NULL);
	json_write_c(w, "role", role);
	json_write_array(w, "content");
}

static void end_message(struct json_writer *w)
{
	json_write_end(w);
	json_write_end(w);
}

static void write_text(struct json_writer *w, str text)
{
	json_write_object(w, NULL);
	json_write_c(w, "type", "text");
	json_write_str(w, "text", text);
	json_write_end(w);
}

static int is_input(const struct dirent *d)
{
	return strncmp(d->d_name, "input.", 6) == 0;
}

/* The files input.KEY as members, in the order of their names. */
static void write_input(struct session *s, const char *step)
{
	struct dirent **names = NULL;
	str dir = arena_printf(&s->arena, "%s/%s%c", s->steps, step, '\0');
	int n = scandir(dir.p, &names, is_input, alphasort);

	json_write_object(&s->w, "input");
	for (int i = 0; i < n; i++) {
		json_write_str(&s->w, names[i]->d_name + 6, read_part(s, step, names[i]->d_name));
		free(names[i]);
	}
	free(names);
	json_write_end(&s->w);
}

static void write_step(struct session *s, const char *step)
{
	struct json_writer *w = &s->w;
	str id = arena_printf(&s->arena, "toolu_demo_%s%c", step, '\0');
	str text = read_part(s, step, "text"), status = str_trim(read_part(s, step, "status"));

	begin_message(w, "assistant");
	if (text.n)
		write_text(w, str_trim(text));
	json_write_object(w, NULL);
	json_write_c(w, "type", "tool_use");
	json_write_c(w, "id", id.p);
	json_write_str(w, "name", str_trim(read_part(s, step, "tool")));
	write_input(s, step);
	json_write_end(w);
	end_message(w);

	begin_message(w, "user");
	json_write_object(w, NULL);
	json_write_c(w, "type", "tool_result");
	json_write_c(w, "tool_use_id", id.p);
	json_write_str(w, "content", read_part(s, step, "output"));
	if (status.n && !str_eq(status, STR("0")))
		json_write_bool(w, "is_error", true);
	json_write_end(w);
	end_message(w);
}

static int is_step(const struct dirent *d)
{
	return d->d_name[0] >= '0' && d->d_name[0] <= '9';
}

static int write_session(struct session *s)
{
	struct dirent **names = NULL;
	int n = scandir(s->steps, &names, is_step, alphasort);

	if (n < 0) {
		perror(s->steps);
		return 1;
	}
	json_write_object(&s->w, NULL);
	write_head(s);
	json_write_array(&s->w, "messages");
	begin_message(&s->w, "user");
	write_text(&s->w, str_trim(read_part(s, ".", "prompt")));
	end_message(&s->w);
	for (int i = 0; i < n; i++) {
		write_step(s, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	json_write_end(&s->w);
	json_write_end(&s->w);
	return 0;
}

int main(int argc, char **argv)
{
	struct session s = {.arena = ARENA_INIT};
	struct buf out;
	int status;

	if (argc != 2) {
		fprintf(stderr, "usage: demo_session STEPS >request.json\n");
		return 2;
	}
	s.steps = argv[1];
	buf_init(&out, REQUEST_MAX);
	json_write_init(&s.w, &out, false);
	status = write_session(&s);
	if (!status && (out.err != E_OK || fwrite(out.p, 1, out.n, stdout) != out.n)) {
		fprintf(stderr, "demo_session: cannot write the request\n");
		status = 1;
	}
	buf_release(&out);
	arena_release(&s.arena);
	return status;
}
