/* How this project is tested, built and checked: the commands that worked in several sessions. */
#include "learn/pattern.h"

enum { COMMAND_MAX = 100 };

/* What a command begins with; the first row that fits counts. */
static const struct {
	const char *begins;
	const char *what;
} ROWS[] = {
	{"npm test", "Tests"},
	{"npm run test", "Tests"},
	{"pnpm test", "Tests"},
	{"pnpm run test", "Tests"},
	{"yarn test", "Tests"},
	{"bun test", "Tests"},
	{"npx vitest", "Tests"},
	{"npx jest", "Tests"},
	{"pytest", "Tests"},
	{"python -m pytest", "Tests"},
	{"python3 -m pytest", "Tests"},
	{"uv run pytest", "Tests"},
	{"poetry run pytest", "Tests"},
	{".venv/bin/pytest", "Tests"},
	{"tox", "Tests"},
	{"cargo test", "Tests"},
	{"cargo nextest", "Tests"},
	{"go test", "Tests"},
	{"make test", "Tests"},
	{"mvn test", "Tests"},
	{"gradle test", "Tests"},
	{"./gradlew test", "Tests"},
	{"dotnet test", "Tests"},
	{"bundle exec rspec", "Tests"},
	{"ctest", "Tests"},
	{"mix test", "Tests"},
	{"deno test", "Tests"},
	{"swift test", "Tests"},
	{"flutter test", "Tests"},
	{"zig build test", "Tests"},
	{"bazel test", "Tests"},
	{"rails test", "Tests"},
	{"bin/rails test", "Tests"},
	{"rake test", "Tests"},
	{"vendor/bin/phpunit", "Tests"},
	{"composer test", "Tests"},
	{"sbt test", "Tests"},
	{"meson test", "Tests"},
	{"npm run build", "Builds"},
	{"pnpm build", "Builds"},
	{"pnpm run build", "Builds"},
	{"yarn build", "Builds"},
	{"cargo build", "Builds"},
	{"go build", "Builds"},
	{"mvn package", "Builds"},
	{"./gradlew build", "Builds"},
	{"dotnet build", "Builds"},
	{"npm run check", "Checks"},
	{"npm run lint", "Checks"},
	{"npm run typecheck", "Checks"},
	{"pnpm lint", "Checks"},
	{"pnpm run lint", "Checks"},
	{"pnpm typecheck", "Checks"},
	{"yarn lint", "Checks"},
	{"npx tsc", "Checks"},
	{"cargo clippy", "Checks"},
	{"cargo check", "Checks"},
	{"ruff check", "Checks"},
	{"uv run ruff", "Checks"},
	{"make check", "Checks"},
	{"make lint", "Checks"},
	{"golangci-lint run", "Checks"},
	{"mypy", "Checks"},
	{"mix credo", "Checks"},
	{"mix dialyzer", "Checks"},
	{"bundle exec rubocop", "Checks"},
	{"vendor/bin/phpstan", "Checks"},
};

/* The row's number; ROWS_N: none fits. */
enum { ROWS_N = ARRAY_N(ROWS) };

static size_t row_of(str core)
{
	size_t i = 0;

	for (; i < ROWS_N; i++) {
		str rest = core;

		if (str_take(&rest, str_from(ROWS[i].begins)) && (!rest.n || rest.p[0] == ' '))
			break;
	}
	return i;
}

/* Which files it was run on changes from time to time. */
static str without_files(str core, const char *begins)
{
	str rest = str_sub(core, strlen(begins), core.n);

	for (size_t i = 0; i < rest.n; i++)
		if (strchr("/.:*\\\"'", rest.p[i]) ||
			str_starts(str_sub(rest, i, rest.n), STR(" -- ")))
			return str_from(begins);
	return core;
}

/* Without the directory where that is the project's own. */
static str line_of(const struct look *l, str core)
{
	str dir = l->command->dir.n ? look_shown(l, look_path(l, l->c, l->command->dir)) : STR_NULL;

	if (!dir.n || str_eq_c(dir, "."))
		return core;
	return arena_printf(l->scratch, "cd " STR_FMT " && " STR_FMT, STR_ARG(dir), STR_ARG(core));
}

void pattern_habit(const struct look *l)
{
	struct sighting x = {.kind = RULE_COMMAND, .evidence_min = 3, .sessions_min = 2};
	struct buf b;
	size_t row;
	str line;

	if (!l->command || call_failed(l->c) || !l->command->is_plain)
		return;
	row = row_of(l->command->core);
	if (row == ROWS_N)
		return;
	line = line_of(l, without_files(l->command->core, ROWS[row].begins));
	if (text_is_passing(line))
		return;
	x.key = pattern_key(l->scratch, ROWS[row].what, line, STR_NULL);
	x.topic = outcome_of("habit", str_from(ROWS[row].what));
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	buf_printf(&b, "%s are run with ", ROWS[row].what);
	if (!text_add_code(&b, line, COMMAND_MAX))
		return;
	buf_add_byte(&b, '.');
	look_see(l, &x, &b);
}
