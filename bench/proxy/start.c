/* start: what starting a server costs that tells when it is ready: time from fork to that line, and its memory then.
 *
 *	start RUNS PROGRAM ARGUMENT...
 *
 * Runs PROGRAM ARGUMENT... --ready-fd 9 so many times, waits for a line on that descriptor, ends it with SIGTERM. Prints
 * one line of JSON. The memory is that of the last run, a third of a second after the line: what is resident (VmRSS),
 * and what of it is the process's own (RssAnon; the rest are pages of files, which are shared). */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/proxy/net.h"

enum { READY_FD = 9, RUNS_MAX = 1000, SETTLE_NS = 333000000 };

struct memory {
	long resident_kib, own_kib;
};

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static pid_t spawn(char *const *argv, int ready)
{
	pid_t pid = fork();
	int null;

	if (pid)
		return pid;
	null = open("/dev/null", O_RDWR);
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	(void)dup2(null, STDERR_FILENO); /* banners */
	if (ready != READY_FD) {
		(void)dup2(ready, READY_FD);
		(void)close(ready);
	}
	(void)execvp(argv[0], argv);
	_exit(127);
}

/* Reads until a line is whole; false when the other end was closed before. */
static bool wait_line(int fd)
{
	char c = 0;

	while (read(fd, &c, 1) == 1)
		if (c == '\n')
			return true;
	return false;
}

static void read_memory(pid_t pid, struct memory *m)
{
	char path[64], line[256];
	struct timespec settle = {.tv_nsec = SETTLE_NS};
	FILE *f;

	(void)nanosleep(&settle, NULL);
	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f)) {
		if (!strncmp(line, "VmRSS:", 6))
			m->resident_kib = strtol(line + 6, NULL, 10);
		if (!strncmp(line, "RssAnon:", 8))
			m->own_kib = strtol(line + 8, NULL, 10);
	}
	if (f)
		(void)fclose(f);
}

/* One start and end; how long it took until the line. */
static int64_t run_once(char *const *argv, struct memory *m)
{
	int64_t start = net_now_ns(), ns;
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, 0) || fcntl(ends[0], F_SETFD, FD_CLOEXEC))
		net_die("pipe");
	pid = spawn(argv, ends[1]);
	(void)close(ends[1]);
	if (pid < 0 || !wait_line(ends[0])) {
		fprintf(stderr, "start: %s did not become ready; run it by itself to see why\n",
			argv[0]);
		exit(1);
	}
	ns = net_now_ns() - start;
	if (m)
		read_memory(pid, m);
	(void)kill(pid, SIGTERM);
	(void)waitpid(pid, &status, 0);
	(void)close(ends[0]);
	return ns;
}

int main(int argc, char **argv)
{
	char fd[16], *args[64];
	int64_t ns[RUNS_MAX], median;
	struct memory m = {0};
	long runs = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	int n = argc - 2;

	if (runs < 1 || runs > RUNS_MAX || n + 3 > (int)ARRAY_N(args)) {
		fprintf(stderr, "usage: start RUNS PROGRAM ARGUMENT...\n");
		return 2;
	}
	(void)snprintf(fd, sizeof fd, "%d", READY_FD);
	memcpy(args, argv + 2, (size_t)n * sizeof *args);
	args[n] = (char[]){"--ready-fd"};
	args[n + 1] = fd;
	args[n + 2] = NULL;
	for (long i = 0; i < runs; i++)
		ns[i] = run_once(args, i + 1 == runs ? &m : NULL);
	qsort(ns, (size_t)runs, sizeof *ns, by_size);
	median = ns[runs / 2];
	printf("{\"runs\":%ld,\"best_ms\":%.2f,\"median_ms\":%.2f,\"resident_kib\":%ld,\"own_kib\":"
	       "%ld}"
	       "\n",
		runs, (double)ns[0] / 1e6, (double)median / 1e6, m.resident_kib, m.own_kib);
	return 0;
}
