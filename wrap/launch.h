/* launch: the agent as a child in our own process group and with our terminal, so that it is to the user as if it had been started
 * alone: what the terminal says to the foreground group (Ctrl+C, Ctrl+Z) reaches it directly, what is said to us by number
 * is passed on, when it stops we stop, and its end is ours.
 *
 * Owns: nothing between calls. Signals are blocked while it runs and as they were afterwards. Thread: the only one of the process. */
#ifndef WRAP_LAUNCH_H
#define WRAP_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"

/* What else is to be looked after while the child runs. */
struct launch_watch {
	/* The descriptor that becomes readable, -1: none now; *ms: milliseconds until call is to be made anyway, -1: never. */
	int (*next)(void *self, int64_t *ms);
	void (*call)(void *self); /* then; must not block for long */
	void *self;
};

struct launch {
	const char *path; /* of the program, absolute or relative to here */
	char *const *argv, *const *envp;
	const struct launch_watch *watch; /* NULL: nothing */
};

enum {
	LAUNCH_NOT_EXECUTABLE = 126, /* POSIX.1-2017, Shell and Utilities 2.8.2 */
	LAUNCH_NOT_FOUND = 127,
	LAUNCH_SIGNAL = 128, /* plus its number */
};

/* Starts it and waits until it has ended. *status is what a shell would have: its exit status, or 128 and the
 * signal that killed it. When it cannot be started: E_NOT_FOUND or E_PERMISSION with a text, and *status is 127 or 126.
 * E_IO when there is no process to be had.
 *
 *	INT, QUIT     from the terminal: ignored here, the child has them itself; from a process: passed on
 *	TERM, HUP     passed on; a second TERM after LAUNCH_AGAIN_MS and within LAUNCH_KILL_MS kills
 *	USR1, USR2    passed on
 *	TSTP          from the terminal: nothing; the child stops, then so do we. From a process: passed on
 *	CONT          passed on */
enum {
	LAUNCH_KILL_MS = 5000,
	/* timeout(1) sends the same signal to the process and to its group: those two are one. */
	LAUNCH_AGAIN_MS = 200,
};
enum err launch_run(const struct launch *l, int *status, struct errctx *cx) MUST_CHECK;

/* The same without a child: until INT, TERM, HUP or QUIT. *status: 0 for INT, else 128 and the signal. begun(self) is called once
 * these signals are taken: who tells the user to press Ctrl+C must not do so before. */
enum err launch_wait(const struct launch_watch *watch, void (*begun)(void *self), void *self,
	int *status, struct errctx *cx) MUST_CHECK;

#endif
