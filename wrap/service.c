#include "wrap/service.h"

enum { PROFILE_MAX = 64 };

const char *service_kind_name(enum service_kind k)
{
	static const char *const names[SERVICE_KINDS] = {
		[SERVICE_SYSTEMD] = "systemd",
		[SERVICE_LAUNCHD] = "launchd",
		[SERVICE_CRON] = "cron",
	};

	return names[k];
}

bool service_kind_find(str name, enum service_kind *out)
{
	for (enum service_kind k = 0; k < SERVICE_KINDS; k++)
		if (str_eq_c(name, service_kind_name(k))) {
			*out = k;
			return true;
		}
	return false;
}

bool service_profile_is_valid(str profile)
{
	for (size_t i = 0; i < profile.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-",
			    profile.p[i]))
			return false;
	return profile.n > 0 && profile.n <= PROFILE_MAX && profile.p[0] != '.' &&
	       profile.p[0] != '-';
}

/* ---- spelling --------------------------------------------------------------------------------- */

/* systemd.service(5), "Command lines", and systemd.unit(5), "Specifiers": within double quotes a backslash and a quote
 * are escaped, a percent sign and, where is_command, a dollar sign are doubled. */
static void add_systemd(struct buf *b, str text, bool is_command)
{
	buf_add_byte(b, '"');
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '"' || c == '\\')
			buf_add_byte(b, '\\');
		if (c == '%' || (c == '$' && is_command))
			buf_add_byte(b, c);
		buf_add_byte(b, c);
	}
	buf_add_byte(b, '"');
}

/* A setting that is a path up to the end of its line: only specifiers have to be spelled. */
static void add_systemd_path(struct buf *b, str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '%')
			buf_add_byte(b, '%');
		buf_add_byte(b, text.p[i]);
	}
}

static void add_xml(struct buf *b, const char *indent, const char *tag, str text)
{
	buf_printf(b, "%s<%s>", indent, tag);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '&')
			buf_add_c(b, "&amp;");
		else if (c == '<')
			buf_add_c(b, "&lt;");
		else if (c == '>')
			buf_add_c(b, "&gt;");
		else
			buf_add_byte(b, c);
	}
	buf_printf(b, "</%s>\n", tag);
}

/* A POSIX shell knows no escapes within single quotes, fish knows \' and \\ there. */
void service_add_quoted(struct buf *b, str text, bool is_fish)
{
	buf_add_byte(b, '\'');
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (is_fish && (c == '\'' || c == '\\'))
			buf_add_byte(b, '\\');
		else if (c == '\'')
			buf_add_c(b, "'\\'");
		buf_add_byte(b, c);
	}
	buf_add_byte(b, '\'');
}

/* crontab(5): a percent sign is a newline unless a backslash is before it, also within quotes. cron takes that backslash away. */
static void add_cron(struct buf *b, struct arena *a, str text)
{
	struct buf quoted;

	buf_init_arena(&quoted, a, b->max);
	service_add_quoted(&quoted, text, false);
	for (size_t i = 0; i < quoted.n; i++) {
		if (quoted.p[i] == '%')
			buf_add_byte(b, '\\');
		buf_add_byte(b, quoted.p[i]);
	}
}

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == '\x7f')
			return false;
	return true;
}

static enum err check(const struct service *s, struct errctx *cx)
{
	const char *const paths[] = {s->exe, s->workspace, s->config, s->env_file, s->log_file};

	for (size_t i = 0; i < ARRAY_N(paths); i++)
		if (!is_plain(paths[i]))
			FAIL(cx, E_UNSUPPORTED, "a path with a control character");
	for (size_t i = 0; i < s->args_n; i++)
		if (!is_plain(s->args[i]))
			FAIL(cx, E_UNSUPPORTED, "an argument with a control character");
	return E_OK;
}

/* ---- the three -------------------------------------------------------------------------------- */

static void add_systemd_env(struct buf *b, struct arena *a, const char *name, const char *value)
{
	buf_add_c(b, "Environment=");
	add_systemd(b, arena_printf(a, "%s=%s", name, value), false);
	buf_add_byte(b, '\n');
}

/* Debian 12 has systemd 252, so it is Type=notify and not notify-reload, which came with 253. A wrong command line (exit status 2)
 * and a wrong configuration (78) do not get better by trying again. TimeoutStopSec is above the proxy's --drain-timeout
 * of 30 s. */
static void systemd_text(const struct service *s, struct arena *a, struct buf *b)
{
	buf_printf(b,
		"[Unit]\n"
		"Description=headroom proxy (%s)\n"
		"After=network-online.target\n"
		"\n"
		"[Service]\n"
		"Type=notify\n"
		"ExecStart=",
		s->profile);
	add_systemd(b, str_from(s->exe), false); /* no variable can stand there */
	for (size_t i = 0; i < s->args_n; i++) {
		buf_add_byte(b, ' ');
		add_systemd(b, str_from(s->args[i]), true);
	}
	buf_add_c(b, "\nExecReload=/bin/kill -HUP $MAINPID\n");
	add_systemd_env(b, a, "HEADROOM_WORKSPACE_DIR", s->workspace);
	add_systemd_env(b, a, "HEADROOM_CONFIG_DIR", s->config);
	buf_add_c(b, "EnvironmentFile=-");
	add_systemd_path(b, str_from(s->env_file));
	buf_add_c(b,
		"\nRestart=always\nRestartSec=2\nRestartPreventExitStatus=2 78\n"
		"TimeoutStopSec=40\nNoNewPrivileges=yes\nProtectSystem=strict\nPrivateTmp=yes\n"
		"ReadWritePaths=");
	add_systemd(b, str_from(s->workspace), false);
	buf_add_c(b, "\n\n[Install]\nWantedBy=default.target\n");
}

static void add_launchd_env(struct buf *b, const char *name, const char *value)
{
	add_xml(b, "\t\t", "key", str_from(name));
	add_xml(b, "\t\t", "string", str_from(value));
}

/* launchd.plist(5). It reads no file of variables: a token goes into proxy.token_file of the configuration. */
static void launchd_text(const struct service *s, struct arena *a, struct buf *b)
{
	buf_add_c(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		     "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
		     "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
		     "<plist version=\"1.0\">\n<dict>\n\t<key>Label</key>\n");
	add_xml(b, "\t", "string", arena_printf(a, "com.headroom.%s", s->profile));
	buf_add_c(b, "\t<key>ProgramArguments</key>\n\t<array>\n");
	add_xml(b, "\t\t", "string", str_from(s->exe));
	for (size_t i = 0; i < s->args_n; i++)
		add_xml(b, "\t\t", "string", str_from(s->args[i]));
	buf_add_c(b, "\t</array>\n\t<key>EnvironmentVariables</key>\n\t<dict>\n");
	add_launchd_env(b, "HEADROOM_WORKSPACE_DIR", s->workspace);
	add_launchd_env(b, "HEADROOM_CONFIG_DIR", s->config);
	buf_add_c(b,
		"\t</dict>\n\t<key>RunAtLoad</key>\n\t<true/>\n\t<key>KeepAlive</key>\n\t<true/>\n"
		"\t<key>ThrottleInterval</key>\n\t<integer>5</integer>\n"
		"\t<key>StandardErrorPath</key>\n");
	add_xml(b, "\t", "string", str_from(s->log_file));
	buf_add_c(b, "</dict>\n</plist>\n");
}

/* One line, for a crontab of the user's: variables, then the proxy in the place of the shell. */
static void cron_text(const struct service *s, struct arena *a, struct buf *b)
{
	buf_add_c(b, "@reboot set -a; [ ! -r ");
	add_cron(b, a, str_from(s->env_file));
	buf_add_c(b, " ] || . ");
	add_cron(b, a, str_from(s->env_file));
	buf_add_c(b, "; HEADROOM_WORKSPACE_DIR=");
	add_cron(b, a, str_from(s->workspace));
	buf_add_c(b, "; HEADROOM_CONFIG_DIR=");
	add_cron(b, a, str_from(s->config));
	buf_add_c(b, "; exec ");
	add_cron(b, a, str_from(s->exe));
	for (size_t i = 0; i < s->args_n; i++) {
		buf_add_byte(b, ' ');
		add_cron(b, a, str_from(s->args[i]));
	}
	buf_add_c(b, " 2>>");
	add_cron(b, a, str_from(s->log_file));
	buf_add_byte(b, '\n');
}

enum err service_text(
	const struct service *s, enum service_kind kind, struct buf *out, struct errctx *cx)
{
	static void (*const texts[SERVICE_KINDS])(
		const struct service *, struct arena *, struct buf *) = {
		[SERVICE_SYSTEMD] = systemd_text,
		[SERVICE_LAUNCHD] = launchd_text,
		[SERVICE_CRON] = cron_text,
	};
	struct arena a = ARENA_INIT;

	TRY(check(s, cx));
	if (arena_recover(&a)) {
		arena_release(&a);
		return err_set(cx, E_NOMEM, "out of memory");
	}
	texts[kind](s, &a, out);
	arena_release(&a);
	return out->err ? err_set(cx, out->err, "the service's text is too long") : E_OK;
}
