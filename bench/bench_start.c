/* bench_start: what starting the program costs: wall time from fork to exit, the best and the median of many runs,
 * and resident memory at its peak.
 *
 *	bench_start [PROGRAM]      default: build/release/headroom
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"

enum { RUNS = 200 };

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* One run without a shell; its peak memory goes to *kib. */
static int64_t run_once(const char *program, const char *command, const char *operand, long *kib)
{
	int64_t start = clock_monotonic_ns(NULL);
	struct rusage usage;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
		(void)execl(program, program, command, operand, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || status != 0) {
		fprintf(stderr, "bench_start: cannot run %s\n", program);
		exit(1);
	}
	*kib = usage.ru_maxrss;
	return clock_monotonic_ns(NULL) - start;
}

static void bench(const char *program, const char *command, const char *operand)
{
	int64_t ns[RUNS], median;
	long kib = 0;

	for (int i = 0; i < RUNS; i++)
		ns[i] = run_once(program, command, operand, &kib);
	qsort(ns, RUNS, sizeof *ns, by_size);
	median = ns[RUNS / 2];
	printf("%-24s %-16s best %6.2f ms  median %6.2f ms  peak %6ld KiB\n", program,
		command ? command : "", (double)ns[0] / 1e6, (double)median / 1e6, kib);
}

int main(int argc, char **argv)
{
	const char *program = argc > 1 ? argv[1] : "build/release/headroom";

	bench("/bin/true", NULL, NULL);
	bench(program, "version", NULL);
	bench(program, "help", "compress");
	bench(program, "tokens", "/dev/null");
	bench(program, "compress", "/dev/null");
	return 0;
}
