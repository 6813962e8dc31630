#include "core/graph/watch.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/inotify.h>
#endif

#include "core/base/mem.h"
#include "core/base/thread.h"
#include "core/compress/code/language.h"

enum {
	LOOK_MS = 1000, /* between two looks without inotify */
	QUIET_MS = 100, /* after a change: who saves one file often saves more */
	SETTLE_MAX = 8, /* so many times that in a row */
	EVENTS_BYTES = 16 << 10,
};

struct graph_watch {
	struct graph *g;
	pthread_t thread;
	int stop[2];   /* closed at one end: time to end */
	int events;    /* inotify; -1: none */
	bool has_gaps; /* not all directories are watched */
};

/* ---- what has changed ---- */

#ifdef __linux__
static void open_events(struct graph_watch *w)
{
	w->events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	w->has_gaps = w->events < 0;
}

static void watch_dir(void *self, const char *dir)
{
	struct graph_watch *w = self;
	uint32_t mask =
		IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_ONLYDIR;

	if (w->events >= 0 && inotify_add_watch(w->events, dir, mask) < 0)
		w->has_gaps = true;
}

/* Whether an event may be one of a source file. */
static bool matters(const struct inotify_event *e)
{
	str name = str_from(e->len ? e->name : "");

	return e->mask & (IN_ISDIR | IN_Q_OVERFLOW) || str_eq_c(name, ".gitignore") ||
	       code_language_of(name, STR_NULL);
}

/* Takes all events that are there; true when one matters. */
static bool take_events(struct graph_watch *w)
{
	_Alignas(struct inotify_event) char bytes[EVENTS_BYTES];
	bool has_one = false;
	ssize_t n;

	while (w->events >= 0 && (n = read(w->events, bytes, sizeof bytes)) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e = (const void *)(bytes + at);

			has_one = has_one || matters(e);
			at += (ssize_t)(sizeof *e + e->len);
		}
	return has_one;
}
#else
static void open_events(struct graph_watch *w)
{
	w->events = -1;
	w->has_gaps = true;
}

static void watch_dir(void *self, const char *dir)
{
	(void)self;
	(void)dir;
}

static bool take_events(struct graph_watch *w)
{
	(void)w;
	return false;
}
#endif

/* ---- the thread ---- */

/* Waits for an event, for that long (-1: for ever); false: it is time to end. */
static bool wait_for(struct graph_watch *w, int ms)
{
	struct pollfd fds[] = {{w->stop[0], POLLIN, 0}, {w->events, POLLIN, 0}};

	(void)poll(fds, ARRAY_N(fds), ms); /* one that is -1 is passed over */
	return !fds[0].revents;
}

static void *run(void *self)
{
	struct graph_watch *w = self;
	struct graph_counts counts;
	bool is_due = true;

	for (;;) {
		if (is_due && graph_update_watched(w->g, watch_dir, w, &counts, NULL) != E_OK)
			w->has_gaps = true; /* again in a second */
		if (!wait_for(w, w->has_gaps ? LOOK_MS : -1))
			return NULL;
		is_due = take_events(w);
		for (int i = 0; is_due && i < SETTLE_MAX; i++) {
			if (!wait_for(w, QUIET_MS))
				return NULL;
			if (!take_events(w))
				break;
		}
		is_due = is_due || w->has_gaps;
	}
}

static void free_watch(struct graph_watch *w)
{
	for (size_t i = 0; i < ARRAY_N(w->stop); i++)
		if (w->stop[i] >= 0)
			(void)close(w->stop[i]);
	if (w->events >= 0)
		(void)close(w->events);
	mem_free(w);
}

enum err graph_watch_start(struct graph *g, struct graph_watch **out, struct errctx *cx)
{
	struct graph_watch *w = mem_zalloc(sizeof *w);

	*out = NULL;
	if (!w)
		FAIL(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	w->g = g;
	w->stop[0] = w->stop[1] = -1;
	open_events(w);
	if (pipe(w->stop) != 0) {
		free_watch(w);
		FAIL(cx, E_IO, "no pipe for watching files");
	}
	if (!thread_start(&w->thread, run, w, NULL)) {
		free_watch(w);
		FAIL(cx, E_IO, "no thread for watching files");
	}
	*out = w;
	return E_OK;
}

void graph_watch_stop(struct graph_watch *w)
{
	if (!w)
		return;
	(void)close(w->stop[1]);
	w->stop[1] = -1;
	graph_interrupt(w->g, true); /* many files may be left to read */
	(void)pthread_join(w->thread, NULL);
	graph_interrupt(w->g, false);
	free_watch(w);
}
