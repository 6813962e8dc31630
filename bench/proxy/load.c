/* load: the client of the proxy's benchmark, on loopback, one thread: a closed loop on a fixed number of kept-alive
 * connections. Every answer is looked at: status, length, its first and last words; of a stream every event.
 *
 *	load --url http://127.0.0.1:PORT --body FILE [--path /v1/messages] [--connections N] [--requests N | --seconds S]
 *	     [--fresh | --before FILE] [--stream EVENTS] [--ramp-ms N] [--patience S] [--header 'name: value']...
 *
 * Each connection sends one request that is not counted; when all have their answer, time begins. Latency is from the
 * first write to the last byte. With --stream every answer must have that many events, each connection makes one and
 * all count; latency is then from the moment that the origin wrote an event to the moment that it was read. --fresh:
 * each request is of another conversation (the ten digits behind "conversation " in the body change). --before: each
 * conversation is first opened with that body, which is not counted, and then goes on with the other. --ramp-ms: the
 * time in which the connections begin, one after the other. --patience: how long the answers to a number of requests may
 * take. Prints one line of JSON; ends with 1 when an answer was
 * wrong. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "bench/proxy/client.h"
#include "bench/proxy/net.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/mem.h"

enum {
	ERRORS_MAX = 1000, /* after which a run makes no sense */
	CONNECTIONS_MAX = 10000,
	PATIENCE_S =
		20, /* for the answers to a number of requests, unless --patience says otherwise */
};

struct load {
	struct client_conf conf;
	struct client *clients;
	uint32_t connections;
	uint32_t begun, warm, done; /* connections that have begun, have had an answer, are done */
	uint64_t requests;          /* to be made; 0: until the time is over */
	double seconds, patience_s;
	int64_t ramp_ns, made_ns, start_ns, stop_ns, end_ns;
	struct buf body, before, fields;
	const char *path, *url;
	bool is_over;
};

/* ---- figures ------------------------------------------------------------------------------------------ */

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static double at_share(const struct samples *s, double share)
{
	return s->n ? (double)s->us[(size_t)((double)(s->n - 1) * share)] : 0;
}

static double mean_of(const struct samples *s)
{
	double sum = 0;

	for (size_t i = 0; i < s->n; i++)
		sum += (double)s->us[i];
	return s->n ? sum / (double)s->n : 0;
}

static int print_result(struct load *l)
{
	struct tally *t = &l->conf.tally;
	struct samples *s = &t->samples;
	double took = (double)(l->end_ns - l->start_ns) / 1e9;

	if (s->n)
		qsort(s->us, s->n, sizeof *s->us, by_size);
	printf("{\"requests\":%llu,\"seconds\":%.6f,\"rps\":%.1f,\"samples\":%zu,\"mean_us\":%.1f,"
	       "\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,"
	       "\"bytes_up\":%llu,\"bytes_down\":%llu,\"errors\":%llu,\"reconnects\":%llu",
		(unsigned long long)t->requests, took, took > 0 ? (double)t->requests / took : 0,
		s->n, mean_of(s), at_share(s, .5), at_share(s, .9), at_share(s, .99),
		at_share(s, 1), (unsigned long long)t->requests * l->body.n,
		(unsigned long long)t->bytes_down, (unsigned long long)t->errors,
		(unsigned long long)t->reconnects);
	if (t->errors)
		printf(",\"error\":\"%s\"", t->error);
	printf("}\n");
	return t->errors ? 1 : 0;
}

/* ---- the loop ------------------------------------------------------------------------------------------ */

/* An idle connection: its next request, or none. */
static void go_on(struct load *l, struct client *c)
{
	uint64_t promised = l->conf.tally.begun + (l->connections - l->begun);
	bool is_enough = l->requests && promised >= l->requests;

	if (!is_enough || c->is_opening)
		client_begin(&l->conf, c);
	else if (++l->done == l->connections)
		l->is_over = true;
}

static void start_clock(struct load *l)
{
	l->start_ns = net_now_ns();
	l->stop_ns = l->start_ns + (int64_t)((l->requests ? l->patience_s : l->seconds) * 1e9);
	l->conf.is_counting = true;
}

static void on_event(struct load *l, struct client *c, uint32_t events)
{
	enum client_did did;

	if (c->fd < 0)
		return;
	did = client_step(&l->conf, c, events);
	if (l->conf.tally.errors >= ERRORS_MAX)
		l->is_over = true;
	if (did == CLIENT_WAITS || l->is_over)
		return;
	if (l->conf.is_counting) {
		go_on(l, c);
	} else if (did == CLIENT_FAILED) {
		client_begin(&l->conf, c);
	} else if (++l->warm == l->connections) {
		start_clock(l);
		for (uint32_t i = 0; i < l->connections && !l->is_over; i++)
			go_on(l, &l->clients[i]);
	}
}

/* Begins the connections whose time has come; returns for how many milliseconds there is nothing to do. */
static int begin_due(struct load *l, int64_t now_ns)
{
	while (l->begun < l->connections) {
		int64_t due = l->made_ns + l->ramp_ns * l->begun / l->connections;

		if (due > now_ns)
			return (int)((due - now_ns) / 1000000) + 1;
		client_begin(&l->conf, &l->clients[l->begun++]);
	}
	return 100;
}

static void note_impatience(struct load *l)
{
	struct tally *t = &l->conf.tally;

	if (!t->errors++)
		(void)snprintf(t->error, sizeof t->error,
			"in %.0f s %u of %u connections were ready and %llu answers came",
			l->patience_s, l->conf.is_counting ? l->connections : l->warm,
			l->connections, (unsigned long long)t->requests);
}

static void run(struct load *l)
{
	l->made_ns = net_now_ns();
	l->stop_ns = l->made_ns + (int64_t)(l->patience_s * 1e9);
	if (l->conf.stream_events)
		start_clock(l);
	while (!l->is_over) {
		struct epoll_event events[512];
		int64_t now = net_now_ns(), left = (l->stop_ns - now) / 1000000 + 1;
		int wait = begin_due(l, now), n;

		if (now >= l->stop_ns)
			break;
		n = epoll_wait(
			l->conf.epoll, events, ARRAY_N(events), left < wait ? (int)left : wait);
		if (n < 0 && errno != EINTR)
			net_die("epoll_wait");
		for (int i = 0; i < n && !l->is_over; i++)
			on_event(l, events[i].data.ptr, events[i].events);
	}
	l->end_ns = net_now_ns();
	if (!l->is_over && (!l->conf.is_counting || l->requests))
		note_impatience(l);
}

/* ---- set-up --------------------------------------------------------------------------------------------- */

static bool take_option(struct load *l, int option, const char *value)
{
	uint64_t n = 0;
	bool is_number = str_u64(str_from(value), &n);

	switch (option) {
	case 'u':
		l->url = value;
		return net_parse_url(value, &l->conf.to);
	case 'p':
		l->path = value;
		return true;
	case 'b':
		return file_read(value, &l->body, NULL) == E_OK;
	case 'o':
		return file_read(value, &l->before, NULL) == E_OK;
	case 'c':
		l->connections = (uint32_t)n;
		return is_number && n && n <= CONNECTIONS_MAX;
	case 'n':
		l->requests = n;
		return is_number && n;
	case 't':
		l->seconds = strtod(value, NULL);
		return l->seconds > 0;
	case 'w':
		l->patience_s = strtod(value, NULL);
		return l->patience_s > 0;
	case 's':
		l->conf.stream_events = (uint32_t)n;
		return is_number && n && n <= UINT32_MAX;
	case 'r':
		l->ramp_ns = (int64_t)n * 1000000;
		return is_number && n <= 60000;
	case 'h':
		buf_printf(&l->fields, "%s\r\n", value);
		return true;
	default:
		return false;
	}
}

static bool parse_options(struct load *l, int argc, char **argv)
{
	static const struct option table[] = {
		{"url", required_argument, NULL, 'u'},
		{"path", required_argument, NULL, 'p'},
		{"body", required_argument, NULL, 'b'},
		{"before", required_argument, NULL, 'o'},
		{"connections", required_argument, NULL, 'c'},
		{"requests", required_argument, NULL, 'n'},
		{"seconds", required_argument, NULL, 't'},
		{"patience", required_argument, NULL, 'w'},
		{"stream", required_argument, NULL, 's'},
		{"ramp-ms", required_argument, NULL, 'r'},
		{"header", required_argument, NULL, 'h'},
		{"fresh", no_argument, NULL, 'f'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (c == 'f')
			l->conf.is_fresh = true;
		else if (c == '?' || !take_option(l, c, optarg))
			return false;
	}
	if (l->conf.stream_events && !l->requests)
		l->requests = l->connections;
	return optind == argc && l->url && l->body.n;
}

static bool make_requests(struct load *l)
{
	str host = str_from(l->url + strlen("http://")), fields = buf_str(&l->fields);

	if (!request_text_init(&l->conf.request, l->path, host, fields, buf_str(&l->body)))
		return false;
	return !l->before.n ||
	       request_text_init(&l->conf.opening, l->path, host, fields, buf_str(&l->before));
}

static void make_clients(struct load *l)
{
	l->clients = mem_alloc(l->connections * sizeof *l->clients);
	l->conf.read = mem_alloc(NET_READ);
	if (!l->clients || !l->conf.read)
		net_die("memory");
	for (uint32_t i = 0; i < l->connections; i++)
		client_init(&l->clients[i]);
	l->conf.epoll = epoll_create1(EPOLL_CLOEXEC);
	/* Another run on the same machine has other conversations. */
	l->conf.conversation = (uint64_t)net_now_ns() / 1000;
}

static void release(struct load *l)
{
	for (uint32_t i = 0; l->clients && i < l->connections; i++)
		client_release(&l->clients[i]);
	mem_free(l->clients);
	mem_free(l->conf.read);
	mem_free(l->conf.tally.samples.us);
	buf_release(&l->conf.request.head);
	buf_release(&l->conf.opening.head);
	buf_release(&l->body);
	buf_release(&l->before);
	buf_release(&l->fields);
}

int main(int argc, char **argv)
{
	struct load l = {
		.connections = 1, .seconds = 1, .patience_s = PATIENCE_S, .path = "/v1/messages"};
	int status = 2;

	buf_init(&l.body, LIMIT_INPUT);
	buf_init(&l.before, LIMIT_INPUT);
	buf_init(&l.fields, LIMIT_CONFIG_FILE);
	if (parse_options(&l, argc, argv) && make_requests(&l)) {
		make_clients(&l);
		run(&l);
		status = print_result(&l);
	} else {
		fprintf(stderr,
			"usage: load --url http://127.0.0.1:PORT --body FILE [--path PATH] "
			"[--connections N]\n"
			"       [--requests N | --seconds S] [--fresh | --before FILE] [--stream "
			"EVENTS]\n"
			"       [--ramp-ms N] [--patience S] [--header 'name: value']...\n"
			"The body must have the words \"" CLIENT_CONVERSATION
			"\" and %d digits behind them.\n",
			CLIENT_DIGITS);
	}
	release(&l);
	return status;
}
