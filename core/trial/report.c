#include "core/trial/report.h"

#include "core/base/mem.h"

enum { DIGITS = 6 };

static void write_side(
	struct json_writer *w, const char *key, const struct trial *t, enum trial_side side)
{
	json_write_object(w, key);
	json_write_u64(w, "conversations", t->conversations[side]);
	json_write_u64(w, "requests", t->requests[side]);
	json_write_end(w);
}

static void write_known(struct json_writer *w, const char *key, bool is_known, double v)
{
	if (is_known)
		json_write_fixed(w, key, v, DIGITS);
	else
		json_write_null(w, key);
}

static void write_figure(struct json_writer *w, const struct trial *t, enum trial_figure_kind k)
{
	struct trial_figure f = trial_figure(t, k);

	json_write_object(w, trial_name(k));
	json_write_fixed(w, "treated", f.mean[TRIAL_TREATED], DIGITS);
	json_write_fixed(w, "held_out", f.mean[TRIAL_HELD], DIGITS);
	write_known(w, "difference", f.is_enough, f.difference);
	write_known(w, "low", f.is_enough, f.low);
	write_known(w, "high", f.is_enough, f.high);
	json_write_end(w);
}

void trial_write(struct json_writer *w, const struct trial *t)
{
	write_side(w, "treated", t, TRIAL_TREATED);
	write_side(w, "held_out", t, TRIAL_HELD);
	json_write_u64(w, "mixed", t->mixed);
	json_write_u64(w, "minimum", TRIAL_MIN);
	json_write_object(w, "figures");
	for (int k = 0; k < TRIAL_FIGURES_N; k++)
		write_figure(w, t, (enum trial_figure_kind)k);
	json_write_end(w);
}

static void write_encoder(struct json_writer *w, const struct returns_of *o)
{
	json_write_key(w, o->encoders);
	json_write_object(w, NULL);
	json_write_u64(w, "shown", o->shown);
	json_write_u64(w, "asked_again", o->again);
	json_write_u64(w, "retrieved", o->retrieved);
	if (o->ratio > 0) {
		json_write_fixed(w, "expected", o->expected, 2);
		json_write_fixed(w, "ratio", o->ratio, 2);
		json_write_bool(w, "hurts", o->hurts);
	}
	json_write_end(w);
}

void returns_write(struct json_writer *w, const char *key, const struct returns *r, size_t n)
{
	size_t all_n;
	struct returns_of *all = returns_all(r, &all_n);

	json_write_object(w, key);
	for (size_t i = 0; i < all_n && i < n; i++)
		write_encoder(w, &all[i]);
	json_write_end(w);
	mem_free(all);
}
