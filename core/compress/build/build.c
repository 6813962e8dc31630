#include "core/compress/build/build.h"

#include "core/compress/build/frame.h"
#include "core/compress/build/outcome.h"
#include "core/compress/build/report.h"
#include "core/compress/build/text.h"
#include "core/compress/log/error.h"
#include "core/compress/program.h"

enum {
	LINES_MIN = 8,
	/* Lines that are looked at, spread over the text. */
	SAMPLE_LINES = 200,
	/* Percent of them that must be of such a kind; the same where the command is known to build or test. */
	KIND_PERCENT = 12,
	KNOWN_PERCENT = 3,
};

/* Programs that build, test, check or install; of those with commands of their own, what they begin with. */
static const str programs[] = {LIT("pytest"), LIT("py.test"), LIT("tox"), LIT("nox"),
	LIT("unittest"), LIT("runtests.py"), LIT("cargo"), LIT("go-test"), LIT("go-build"),
	LIT("go-vet"), LIT("jest"), LIT("vitest"), LIT("mocha"), LIT("npm"), LIT("npx"),
	LIT("pnpm"), LIT("yarn"), LIT("bun"), LIT("make"), LIT("cmake"), LIT("ctest"), LIT("ninja"),
	LIT("meson"), LIT("bazel"), LIT("mvn"), LIT("mvnw"), LIT("gradle"), LIT("gradlew"),
	LIT("gcc"), LIT("clang"), LIT("g++"), LIT("rustc"), LIT("tsc"), LIT("javac"), LIT("eslint"),
	LIT("ruff"), LIT("mypy"), LIT("pylint"), LIT("flake8"), LIT("clang-tidy"), LIT("pip"),
	LIT("pip3"), LIT("uv"), LIT("poetry"), LIT("apt"), LIT("apt-get"), LIT("dotnet"),
	LIT("swift"), LIT("bundle"), LIT("rspec"), LIT("rake"), LIT("phpunit"), LIT("composer")};

static bool is_known_program(str command, struct arena *a)
{
	str name = program_of(command, a);

	for (size_t i = 0; name.n && i < ARRAY_N(programs); i++)
		if (str_starts(name, programs[i]) &&
			(name.n == programs[i].n || name.p[programs[i].n] == '-'))
			return true;
	return false;
}

static bool is_of_kind(str line)
{
	struct build_outcome o;

	return build_outcome_of(line, &o) || build_is_progress(line) || build_is_assertion(line) ||
	       build_frame_of(line) || build_is_diagnostic(line);
}

bool build_is_output(str text, str command, struct arena *a)
{
	size_t lines = 0, asked = 0, found = 0, step;
	str rest = text, line;

	for (; str_next_line(&rest, &line, NULL); lines++)
		if (log_is_verdict(line))
			return true;
	step = lines / SAMPLE_LINES + 1;
	rest = text;
	for (size_t i = 0; str_next_line(&rest, &line, NULL); i++) {
		if (i % step || !line.n)
			continue;
		asked++;
		found += is_of_kind(line);
	}
	if (found * 100 >= asked * KIND_PERCENT)
		return found > 1;
	return found && found * 100 >= asked * KNOWN_PERCENT && is_known_program(command, a);
}

bool build_is_input(const struct codec_in *in, struct arena *a)
{
	struct codec_facts *f = in->facts;

	if (!f)
		return build_is_output(in->text, in->command, a);
	if (!f->has_build)
		f->is_build = build_is_output(in->text, in->command, a);
	f->has_build = true;
	return f->is_build;
}

/* What was said as JSON; false when there is no route back. */
static bool encode_report(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct build_report report;

	out->form = CODEC_ELIDED;
	return in->route.n && build_report_read(in->text, a, &report) &&
	       build_elide(in, &report, a, &out->text);
}

static bool build_encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	const struct build_report plain = {.text = in->text};
	size_t lines = 0;
	str rest = in->text, line;

	if (in->kind == KIND_JSON || in->kind == KIND_JSONL)
		return encode_report(in, a, out);

	while (lines < LINES_MIN && str_next_line(&rest, &line, NULL))
		lines++;
	if (lines < LINES_MIN || in->text.n > UINT32_MAX / 2 || !build_is_input(in, a))
		return false;
	out->form = in->route.n ? CODEC_ELIDED : CODEC_EXACT;
	return in->route.n ? build_elide(in, &plain, a, &out->text)
			   : build_exact(in, a, &out->text);
}

const struct codec build_codec = {
	.word = "build",
	.encoder = ENCODER_BUILD,
	.kinds = 1U << KIND_TEXT | 1U << KIND_LOG | 1U << KIND_TABLE | 1U << KIND_SEARCH |
		 1U << KIND_JSON | 1U << KIND_JSONL,
	.encode = build_encode,
	.decode = build_decode,
	.holds = build_holds,
};
