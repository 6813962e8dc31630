#include "core/compress/build/frame.h"
#include "core/compress/build/text.h"

#include "core/base/attr.h"

/* Parts of paths, in which packages, the standard libraries and runtimes lie. */
static const str library_paths[] = {LIT("site-packages/"), LIT("dist-packages/"),
	LIT("/lib/python"), LIT("<frozen "), LIT("node_modules/"), LIT("node:"), LIT("(internal/"),
	LIT("/rustc/"), LIT(".cargo/registry/"), LIT("/.rustup/"), LIT("/go/src/"),
	LIT("/pkg/mod/"), LIT("/usr/include/"), LIT("/runtime/")};

/* What names of classes of the JDK and of frameworks begin with. */
static const str library_packages[] = {LIT("java."), LIT("javax."), LIT("jdk."), LIT("sun."),
	LIT("com.sun."), LIT("kotlin."), LIT("kotlinx."), LIT("scala."), LIT("groovy."),
	LIT("junit."), LIT("org.junit."), LIT("org.apache."), LIT("org.springframework."),
	LIT("org.gradle."), LIT("org.hibernate."), LIT("org.mockito."), LIT("org.codehaus."),
	LIT("org.eclipse."), LIT("io.netty."), LIT("reactor."), LIT("com.google.common."),
	LIT("com.fasterxml.")};

/* The same of functions of Rust. */
static const str library_functions[] = {LIT("core::"), LIT("std::"), LIT("alloc::"), LIT("test::"),
	LIT("<core::"), LIT("<alloc::"), LIT("<std::"), LIT("rust_begin_unwind"), LIT("__rust"),
	LIT("_start"), LIT("__libc"), LIT("start_thread"), LIT("tokio::"), LIT("clone")};

static bool has_any(str s, const str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_find(s, list[i]) != STR_NONE)
			return true;
	return false;
}

size_t build_indent(str line)
{
	size_t i = 0;

	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	return i;
}

static enum build_frame of_path(str s)
{
	return has_any(s, library_paths, ARRAY_N(library_paths)) ? FRAME_LIBRARY : FRAME_USER;
}

bool build_frame_is_python(str line)
{
	str s = str_sub(line, build_indent(line), line.n);

	return str_starts(s, STR("File \"")) && str_find(s, STR("\", line ")) != STR_NONE;
}

/* "at f (src/a.js:1:2)", "at a.b.C.d(C.java:12)", "at /rustc/../panicking.rs:1:2" */
static enum build_frame of_at(str s)
{
	size_t open = str_find_byte(s, '(');
	char last;

	s = str_trim_right(s);
	last = s.n ? s.p[s.n - 1] : 0;
	if (last != ')' && !is_digit(last) && !str_ends(s, STR("{")))
		return FRAME_NONE;
	if (str_find_byte(s, ':') == STR_NONE && open == STR_NONE)
		return FRAME_NONE;
	if (open != STR_NONE && starts_with_any(s, library_packages, ARRAY_N(library_packages)))
		return FRAME_LIBRARY;
	if (str_find(s, STR("(<anonymous>)")) != STR_NONE ||
		str_find(s, STR("(native)")) != STR_NONE)
		return FRAME_LIBRARY;
	return of_path(s);
}

/* "12: core::panicking::panic" of Rust */
static enum build_frame of_numbered(str s)
{
	size_t n = 0;

	while (n < s.n && is_digit(s.p[n]))
		n++;
	if (!n || n > 4 || !str_starts(str_sub(s, n, s.n), STR(": ")))
		return FRAME_NONE;
	s = str_sub(s, n + 2, s.n);
	if (str_starts(s, STR("0x")) && str_find(s, STR(" - ")) != STR_NONE)
		s = str_sub(s, str_find(s, STR(" - ")) + 3, s.n);
	if (starts_with_any(s, library_functions, ARRAY_N(library_functions)))
		return FRAME_LIBRARY;
	return str_find(s, STR("::")) != STR_NONE ? FRAME_USER : FRAME_NONE;
}

enum build_frame build_frame_of(str line)
{
	size_t in = build_indent(line);
	str s = str_sub(line, in, line.n);

	if (!in || !s.n)
		return FRAME_NONE;
	switch (*s.p) {
	case 'F':
		return build_frame_is_python(line) ? of_path(s) : FRAME_NONE;
	case 'a':
		return str_take(&s, STR("at ")) ? of_at(s) : FRAME_NONE;
	case '.':
		return str_take(&s, STR("... ")) &&
				       (str_ends(s, STR(" more")) || str_ends(s, STR("omitted")))
			       ? FRAME_LIBRARY
			       : FRAME_NONE;
	case '/': /* Go: a tab, path, line and offset */
		return *line.p == '\t' && str_find(s, STR(".go:")) != STR_NONE ? of_path(s)
									       : FRAME_NONE;
	default:
		return of_numbered(s);
	}
}

enum build_frame build_place_of(str line)
{
	size_t colon = str_find_byte(line, ':'), n;

	if (colon == STR_NONE || !colon || line.p[0] == ' ' || line.p[0] == '\t' ||
		str_find_byte(str_sub(line, 0, colon), ' ') != STR_NONE)
		return FRAME_NONE;
	for (n = colon + 1; n < line.n && is_digit(line.p[n]);)
		n++;
	if (n == colon + 1 || n == line.n || line.p[n] != ':')
		return FRAME_NONE;
	return of_path(str_sub(line, 0, colon));
}
