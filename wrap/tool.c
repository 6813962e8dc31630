#include "wrap/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"

enum { CHUNK = 4096, BY_SIGNAL = 128 };

static void take_words(int fd, struct buf *out)
{
	char chunk[CHUNK];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR)) {
		size_t room = out->n < out->max ? out->max - out->n : 0;
		size_t taken = n > 0 ? (size_t)n : 0;

		buf_add(out, (str){chunk, taken < room ? taken : room});
	}
}

static int spawn(const char *const *argv, char *const *envp, int words, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc)
		return rc;
	rc |= posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	rc |= posix_spawn_file_actions_adddup2(&actions, words, STDOUT_FILENO);
	rc |= posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
	if (!rc) /* its arguments are not const for reasons of history alone (posix_spawn(3p)) */
		rc = posix_spawnp(
			pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, envp);
	(void)posix_spawn_file_actions_destroy(&actions);
	return rc;
}

enum err tool_run(
	const char *const *argv, char *const *envp, struct buf *out, int *status, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];
	int ends[2], rc, code = 0;
	pid_t pid = 0;

	if (pipe2(ends, O_CLOEXEC) != 0)
		FAIL(cx, file_err(errno), "pipe: %s", file_err_text(errno, why));
	rc = spawn(argv, envp, ends[1], &pid);
	(void)close(ends[1]);
	if (!rc) {
		take_words(ends[0], out);
		while (waitpid(pid, &code, 0) < 0 && errno == EINTR)
			;
	}
	(void)close(ends[0]);
	if (rc)
		FAIL(cx, rc == ENOENT ? E_NOT_FOUND : file_err(rc), "%s: %s", argv[0],
			file_err_text(rc, why));
	*status = WIFEXITED(code) ? WEXITSTATUS(code) : BY_SIGNAL + WTERMSIG(code);
	return E_OK;
}
