#include <inttypes.h>
#include <stddef.h>

#include "core/json/write.h"
#include "proxy/shared.h"

/* One figure, as /stats and /metrics have it. */
struct figure {
	const char *name;   /* in the object "shared" */
	const char *series; /* its name behind "headroom_shared_store_", with its label, if any */
	const char *help;   /* NULL: of the series before it, with another label */
	bool is_gauge;
	size_t at; /* of a uint64_t in struct shared_figures */
};

#define AT(member) offsetof(struct shared_figures, member)

static const struct figure figures[] = {
	{"commands", "commands_total", "Commands sent to the shared store.", false,
		AT(link.commands_n)},
	{"errors", "errors_total", "Answers of the shared store that are errors.", false,
		AT(link.errors_n)},
	{"waits", "waits_total", "Times that a request or the writer waited for an answer.", false,
		AT(link.waits_n)},
	{"timeouts", "timeouts_total", "Those of them that were in vain (--store-wait).", false,
		AT(link.timeouts_n)},
	{"not_sent", "not_sent_total", "What was not sent: it was away, or too much was waiting.",
		false, AT(link.refused_n)},
	{"connections", "connections_total", "Connections to the shared store that were made.",
		false, AT(link.connects_n)},
	{"connections_lost", "connections_lost_total", "Connections that ended.", false,
		AT(link.lost_n)},
	{"emptied", "emptied_total", "Times that what was kept there was gone.", false,
		AT(link.emptied_n)},
	{"sent_bytes", "sent_bytes_total", "Bytes sent to the shared store.", false,
		AT(link.sent_bytes)},
	{"received_bytes", "received_bytes_total", "Bytes that came from it.", false,
		AT(link.received_bytes)},
	{"queued_bytes", "queued_bytes", "Bytes that wait to be sent to it.", true,
		AT(link.out_bytes)},
	{"in_flight", "in_flight", "Answers of it that are waited for.", true,
		AT(link.in_flight_n)},
	{"found", "lookups_total{result=\"found\"}",
		"Decisions and originals that were not here and were asked for there.", false,
		AT(peer.found_n)},
	{"missed", "lookups_total{result=\"missed\"}", NULL, false, AT(peer.missed_n)},
	{"unknown", "lookups_total{result=\"unknown\"}", NULL, false, AT(peer.unknown_n)},
	{"put", "told_total{when=\"at_once\"}", "Decisions and originals that were told there.",
		false, AT(peer.put_n)},
	{"put_later", "told_total{when=\"later\"}", NULL, false, AT(peer.late_n)},
	{"put_again", "told_total{when=\"again\"}", NULL, false, AT(peer.again_n)},
	{"yielded", "yielded_total", "Decisions that gave way to one of another proxy.", false,
		AT(peer.yielded_n)},
	{"events_said", "events_total{way=\"said\"}", "What was left out and asked for.", false,
		AT(peer.said_n)},
	{"events_heard", "events_total{way=\"heard\"}", NULL, false, AT(peer.heard_n)},
	{"events_lost", "events_total{way=\"lost\"}", NULL, false, AT(peer.unsaid_n)},
	{"limits_unknown", "limits_unknown_total", "Limits and budgets that nobody could tell.",
		false, AT(unknown_n)},
};

static uint64_t value_of(const struct shared_figures *f, const struct figure *row)
{
	uint64_t v;

	memcpy(&v, (const char *)f + row->at, sizeof v);
	return v;
}

static const uint64_t bounds[SHARE_TIMES_N - 1] = SHARE_TIMES_US;

/* ---- /stats ---- */

/* How many answers took at most so long. */
static void write_times(struct json_writer *w, const struct share_stats *link)
{
	uint64_t sum = 0;

	json_write_object(w, "latency");
	json_write_u64(w, "answers", link->answers_n);
	json_write_u64(w, "sum_us", link->answers_us);
	json_write_array(w, "buckets");
	for (size_t i = 0; i < SHARE_TIMES_N; i++) {
		sum += link->times_n[i];
		json_write_object(w, NULL);
		if (i < ARRAY_N(bounds))
			json_write_u64(w, "le_us", bounds[i]);
		else
			json_write_null(w, "le_us");
		json_write_u64(w, "answers", sum);
		json_write_end(w);
	}
	json_write_end(w);
	json_write_end(w);
}

void shared_write(struct shared *s, struct json_writer *w)
{
	const struct proxy_share_conf *conf;
	struct shared_figures f;

	if (!s)
		return;
	conf = shared_conf(s);
	shared_get_figures(s, &f);
	json_write_object(w, "shared");
	json_write_str(w, "url", conf->target.shown);
	json_write_str(w, "namespace", conf->space);
	json_write_c(w, "fail", conf->is_fail_closed ? "closed" : "open");
	json_write_bool(w, "is_up", f.link.is_up);
	json_write_bool(w, "is_quick", f.link.is_quick);
	json_write_bool(w, "is_behind", f.peer.is_late);
	if (f.link.error[0])
		json_write_c(w, "last_error", f.link.error);
	else
		json_write_null(w, "last_error");
	json_write_u64(w, "wait_us", f.link.wait_us);
	for (size_t i = 0; i < ARRAY_N(figures); i++)
		json_write_u64(w, figures[i].name, value_of(&f, &figures[i]));
	write_times(w, &f.link);
	json_write_end(w);
}

/* ---- /metrics ---- */

#define SERIES "headroom_shared_store_"

static void write_head(struct buf *out, str name, const char *help, const char *kind)
{
	buf_printf(out, "# HELP " SERIES STR_FMT " %s\n# TYPE " SERIES STR_FMT " %s\n",
		STR_ARG(name), help, STR_ARG(name), kind);
}

static void write_figure(const struct shared_figures *f, const struct figure *row, struct buf *out)
{
	str series = str_from(row->series), name = series;
	size_t label = str_find_byte(series, '{');

	if (label != STR_NONE)
		name = str_sub(series, 0, label);
	if (row->help)
		write_head(out, name, row->help, row->is_gauge ? "gauge" : "counter");
	buf_printf(out, SERIES STR_FMT " %" PRIu64 "\n", STR_ARG(series), value_of(f, row));
}

static void write_histogram(const struct share_stats *link, struct buf *out)
{
	uint64_t sum = 0;

	write_head(out, STR("latency_seconds"),
		"From the moment that something is asked of the shared store to its answer.",
		"histogram");
	for (size_t i = 0; i < SHARE_TIMES_N; i++) {
		sum += link->times_n[i];
		if (i < ARRAY_N(bounds))
			buf_printf(out, SERIES "latency_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
				(double)bounds[i] / 1e6, sum);
	}
	buf_printf(out,
		SERIES "latency_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n" SERIES
		       "latency_seconds_sum %.6f\n" SERIES "latency_seconds_count %" PRIu64 "\n",
		sum, (double)link->answers_us / 1e6, sum);
}

static void write_state(struct buf *out, const char *name, const char *help, bool is)
{
	write_head(out, str_from(name), help, "gauge");
	buf_printf(out, SERIES "%s %d\n", name, is);
}

void shared_write_metrics(struct shared *s, struct buf *out)
{
	struct shared_figures f;

	if (!s)
		return;
	shared_get_figures(s, &f);
	write_state(out, "up", "1: there is a connection to the shared store.", f.link.is_up);
	write_state(out, "quick", "1: it answers in time.", f.link.is_quick);
	write_state(out, "behind", "1: something is still to be told there.", f.peer.is_late);
	for (size_t i = 0; i < ARRAY_N(figures); i++)
		write_figure(&f, &figures[i], out);
	write_histogram(&f.link, out);
}
