/* Sources: landlock(7) and linux/landlock.h (the rights of each ABI), seccomp(2), Documentation/userspace-api/seccomp_filter.rst (which
 * architecture must be asked for first), core(5) and fs/coredump.c (a limit of one byte also ends a dump into a pipe). */
#include "proxy/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/provider/provider.h"

/* ---- memory in files ---------------------------------------------------------------------------------- */

/* Not by making the process undumpable: then `headroom proxy stop` of the same user could not see that it holds the port. */
static void forbid_core_dumps(void)
{
	struct rlimit l = {1, 1};

	(void)setrlimit(RLIMIT_CORE, &l);
}

/* ---- files -------------------------------------------------------------------------------------------- */

enum {
	PATH_BYTES = 4096,
	/* Of later ABIs than the oldest: 2 and 3 (linux/landlock.h of newer systems). */
	RIGHT_REFER = 1 << 13,
	RIGHT_TRUNCATE = 1 << 14,
	RIGHTS_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	RIGHTS_WRITE = RIGHTS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
		       LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
		       LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
		       LANDLOCK_ACCESS_FS_MAKE_SYM | RIGHT_REFER | RIGHT_TRUNCATE,
	/* Those that mean something for what is no directory. */
	RIGHTS_FILE = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE,
};

/* What a program needs of a system: libraries, names of hosts, certificates, time zones, random bytes, itself. */
static const char *const SYSTEM[] = {"/usr", "/lib", "/lib64", "/proc", "/sys/devices/system/cpu",
	"/dev/null", "/dev/urandom", "/dev/random", "/run/systemd/resolve", "/run/NetworkManager",
	"/run/resolvconf", "/run/nscd"};
/* Of /etc, to who may read all of it; to anybody else the system itself refuses secrets there, and names servers by files that are
 * replaced while he runs, which a rule for the file alone would not follow. */
static const char *const ETC[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/host.conf",
	"/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols", "/etc/localtime",
	"/etc/timezone", "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/crypto-policies",
	"/etc/passwd", "/etc/ld.so.cache", "/etc/alternatives"};
/* Where credentials of clouds are, below a home and by variables (proxy/aws_keys.h, proxy/google_token.h). */
static const char *const HOME_PLACES[] = {".aws", ".config/gcloud"};
static const char *const CLOUD_FILES[] = {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
	"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
	"GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG"};

struct rules {
	int fd;
	uint64_t handled;
	struct errctx *cx;
	enum err err; /* of the first that failed */
};

static void add_rule(struct rules *r, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = rights & r->handled};
	char why[FILE_ERRNO_TEXT];
	struct stat st;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return; /* what is not there cannot be read either */
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= RIGHTS_FILE;
	if (syscall(SYS_landlock_add_rule, r->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0 &&
		!r->err)
		r->err = err_set(r->cx, E_UNSUPPORTED, "%s: %s", path, file_err_text(errno, why));
	(void)close(rule.parent_fd);
}

/* The directory that a file is in: files there are replaced, and new ones stand beside them. */
static void add_dir_of(struct rules *r, const char *file, uint64_t rights, bool makes)
{
	char dir[PATH_BYTES];
	const char *slash = file ? strrchr(file, '/') : NULL;

	if (!file || strlen(file) >= sizeof dir)
		return;
	if (!slash) {
		add_rule(r, ".", rights);
		return;
	}
	memcpy(dir, file, (size_t)(slash - file) + 1);
	dir[slash == file ? 1 : slash - file] = '\0';
	if (makes)
		(void)!file_mkdirs(dir, 0700, NULL); /* else who opens it says so */
	add_rule(r, dir, rights);
}

static void add_clouds(struct rules *r, const struct backend_conf *b)
{
	char path[PATH_BYTES];

	for (size_t i = 0; b->home && i < ARRAY_N(HOME_PLACES); i++) {
		int n = snprintf(path, sizeof path, "%s/%s", b->home, HOME_PLACES[i]);

		if (n > 0 && (size_t)n < sizeof path)
			add_rule(r, path, RIGHTS_READ);
	}
	for (size_t i = 0; b->envp && i < ARRAY_N(CLOUD_FILES); i++) {
		str file = provider_env(b->envp, CLOUD_FILES[i], NULL);

		if (!file.n || file.n >= sizeof path)
			continue;
		memcpy(path, file.p, file.n);
		path[file.n] = '\0';
		add_dir_of(r, path, RIGHTS_READ, false);
		add_rule(r, path, RIGHTS_READ);
	}
}

static void add_conf(struct rules *r, const struct proxy_conf *c)
{
	const char *const read[] = {
		c->ca_file, c->ca_extra, c->limits.price_file, c->tokens_file, c->config_file};
	const char *const written[] = {c->is_stateless ? NULL : c->store_file, c->log_file,
		c->has_memory ? c->memory.place.file : NULL, c->learn_file, c->graph_file};

	for (size_t i = 0; i < ARRAY_N(read); i++)
		add_dir_of(r, read[i], RIGHTS_READ, false);
	for (size_t i = 0; i < ARRAY_N(written); i++)
		add_dir_of(r, written[i], RIGHTS_WRITE, true);
	if (c->workspace) {
		(void)!file_mkdirs(c->workspace, 0700, NULL);
		add_rule(r, c->workspace, RIGHTS_WRITE);
	}
	if (c->graph_root)
		add_rule(r, c->graph_root, RIGHTS_READ);
	if (c->backend.provider)
		add_clouds(r, &c->backend);
}

static void add_system(struct rules *r)
{
	for (size_t i = 0; i < ARRAY_N(SYSTEM); i++)
		add_rule(r, SYSTEM[i], RIGHTS_READ);
	add_rule(r, "/dev/null", RIGHTS_WRITE);
	if (geteuid() != 0)
		add_rule(r, "/etc", RIGHTS_READ);
	for (size_t i = 0; i < ARRAY_N(ETC); i++)
		add_rule(r, ETC[i], RIGHTS_READ);
}

static enum err confine_files(const struct proxy_conf *c, struct errctx *cx)
{
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct rules r = {.cx = cx};
	char why[FILE_ERRNO_TEXT];

	if (abi < 1)
		FAIL(cx, E_UNSUPPORTED, "this kernel has no Landlock");
	attr.handled_access_fs |= (abi >= 2 ? RIGHT_REFER : 0) | (abi >= 3 ? RIGHT_TRUNCATE : 0);
	r.handled = attr.handled_access_fs;
	r.fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	if (r.fd < 0)
		FAIL(cx, E_UNSUPPORTED, "Landlock: %s", file_err_text(errno, why));
	add_system(&r);
	add_conf(&r, c);
	if (!r.err && syscall(SYS_landlock_restrict_self, r.fd, 0) != 0)
		r.err = err_set(cx, E_UNSUPPORTED, "Landlock: %s", file_err_text(errno, why));
	(void)close(r.fd);
	return r.err;
}

/* ---- system calls ------------------------------------------------------------------------------------- */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef ARCH
/* What no proxy does, and who has taken one over would do next: other programs, other processes' memory, the kernel's own parts,
 * another view of the system. Calls of threads, files and sockets are not among them. */
static const unsigned DENIED[] = {SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv,
	SYS_process_vm_writev, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare,
	SYS_setns, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_bpf,
	SYS_perf_event_open, SYS_userfaultfd, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_reboot,
	SYS_swapon, SYS_swapoff, SYS_sethostname, SYS_setdomainname, SYS_settimeofday,
	SYS_clock_settime, SYS_adjtimex, SYS_acct, SYS_quotactl, SYS_open_by_handle_at,
	SYS_io_uring_setup, SYS_personality};

enum { DENIED_N = ARRAY_N(DENIED), X32_BIT = 0x40000000 };

static enum err confine_calls(struct errctx *cx)
{
	struct sock_filter f[DENIED_N + 6];
	struct sock_fprog program = {.filter = f};
	unsigned short n = 0;
	char why[FILE_ERRNO_TEXT];

	/* The number of a call means something by its architecture alone. */
	f[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 0, DENIED_N + 3);
	f[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, DENIED_N + 1, 0);
	for (unsigned i = 0; i < DENIED_N; i++)
		f[n++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, DENIED[i], (uint8_t)(DENIED_N - i), 0);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	program.len = n;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0)
		FAIL(cx, E_UNSUPPORTED, "seccomp: %s", file_err_text(errno, why));
	return E_OK;
}
#else
static enum err confine_calls(struct errctx *cx)
{
	FAIL(cx, E_UNSUPPORTED, "system calls are not filtered on this processor");
}
#endif

/* ---- all of it ---------------------------------------------------------------------------------------- */

static enum err confine(const struct proxy_conf *conf, struct errctx *cx)
{
	enum err files, calls;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		FAIL(cx, E_UNSUPPORTED, "the kernel has no PR_SET_NO_NEW_PRIVS");
	files = confine_files(conf, cx);
	calls = confine_calls(files ? NULL : cx); /* one without the other is better than none */
	return files ? files : calls;
}

enum err proxy_confine(const struct proxy_conf *conf, struct errctx *cx)
{
	struct errctx why = {0};

	forbid_core_dumps();
	if (conf->confine == CONFINE_OFF || confine(conf, &why) == E_OK)
		return E_OK;
	if (conf->confine == CONFINE_ON)
		FAIL(cx, why.code, "--confine on: %s; --confine auto goes on without", why.text);
	LOG(conf->log, LOG_LEVEL_WARN, "not_confined", log_s("why", str_from(why.text)));
	return E_OK;
}
