#include "core/store/calibration.h"

#include <stdalign.h>

#include "core/store/store_internal.h"
#include "core/token/model.h"

/* What waits in the queue. */
struct sample {
	double counted, reported;
	size_t model_n;
	char model[]; /* plain name */
};

_Static_assert(offsetof(struct op, text) % alignof(struct sample) == 0, "sample is not aligned");

static str key_of(str model)
{
	enum { KEY_MAX = 128 }; /* longer names are no models' */
	str key = model_plain_name(model);

	key.n = key.n < KEY_MAX ? key.n : KEY_MAX;
	return key;
}

static bool is_plausible(double counted, double reported)
{
	return counted > 0 && reported >= counted * CALIBRATION_RATIO_MIN &&
	       reported <= counted * CALIBRATION_RATIO_MAX;
}

enum err calibration_add(
	struct store *s, str model, uint64_t counted, uint64_t reported, struct errctx *cx)
{
	str key = key_of(model);
	struct sample *sample;
	struct op *op;

	TRY(store_check_writable(s, cx));
	if (!is_plausible((double)counted, (double)reported))
		return E_OK;
	op = op_new(s, OP_CALIBRATION, sizeof *sample + key.n);
	if (!op)
		FAIL(cx, E_NOMEM, "no memory for a count of tokens");
	sample = (struct sample *)(void *)op->text;
	*sample = (struct sample){(double)counted, (double)reported, key.n};
	if (key.n)
		memcpy(sample->model, key.p, key.n);
	return store_enqueue(s, op, cx);
}

/* ---- the writer's part ---- */

/* What some samples of one model come to. */
struct gathered {
	str model;
	double counted, reported, decay; /* decay: what they leave of what was there */
	uint64_t n;
	int64_t used_ms;
};

/* Models of a batch that are told apart; with more, some are written more than once. */
enum { GATHERED_MAX = 16 };

struct gathering {
	struct gathered models[GATHERED_MAX];
	size_t n;
};

static enum err write_gathered(struct store *s, const struct gathered *g, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(db_prepare(&s->db, DB_CALIBRATION_ADD, &stmt, cx));
	db_bind_text(stmt, 1, g->model);
	(void)sqlite3_bind_double(stmt, 2, g->counted);
	(void)sqlite3_bind_double(stmt, 3, g->reported);
	(void)sqlite3_bind_double(stmt, 4, g->decay);
	(void)sqlite3_bind_int64(stmt, 5, g->used_ms);
	(void)sqlite3_bind_int64(stmt, 6, (int64_t)g->n);
	return db_run(&s->db, stmt, cx);
}

static enum err write_all_gathered(struct store *s, struct gathering *all, struct errctx *cx)
{
	for (size_t i = 0; i < all->n; i++)
		TRY(write_gathered(s, &all->models[i], cx));
	all->n = 0;
	return E_OK;
}

static enum err gather(
	struct store *s, struct gathering *all, const struct op *op, struct errctx *cx)
{
	const struct sample *sample = (const void *)op->text;
	str model = {sample->model, sample->model_n};
	struct gathered *g;
	size_t i = 0;

	while (i < all->n && !str_eq_nocase(all->models[i].model, model))
		i++;
	if (i == GATHERED_MAX) {
		TRY(write_all_gathered(s, all, cx));
		i = 0;
	}
	g = &all->models[i];
	if (i == all->n) {
		*g = (struct gathered){.model = model, .decay = 1};
		all->n++;
	}
	g->counted = g->counted * CALIBRATION_DECAY + sample->counted;
	g->reported = g->reported * CALIBRATION_DECAY + sample->reported;
	g->decay *= CALIBRATION_DECAY;
	g->used_ms = op->now_ms > g->used_ms ? op->now_ms : g->used_ms;
	g->n++;
	return E_OK;
}

enum err calibration_write_batch(struct store *s, struct errctx *cx)
{
	struct gathering all = {.n = 0};
	sqlite3_stmt *stmt;

	for (const struct op *op = s->inflight.first; op; op = op->next)
		if (op->kind == OP_CALIBRATION)
			TRY(gather(s, &all, op, cx));
	if (!all.n)
		return E_OK;
	TRY(write_all_gathered(s, &all, cx));
	TRY(db_prepare(&s->db, DB_CALIBRATION_DROP, &stmt, cx));
	(void)sqlite3_bind_int(stmt, 1, CALIBRATION_MODELS);
	return db_run(&s->db, stmt, cx);
}

/* ---- reading ---- */

static enum err read_sums(
	struct db *db, str key, double *counted, double *reported, uint64_t *samples)
{
	sqlite3_stmt *stmt;
	bool has_row;

	TRY(db_prepare(db, DB_CALIBRATION_GET, &stmt, NULL));
	db_bind_text(stmt, 1, key);
	TRY(db_step(db, stmt, &has_row, NULL));
	if (has_row) {
		*counted = sqlite3_column_double(stmt, 0);
		*reported = sqlite3_column_double(stmt, 1);
		*samples = (uint64_t)sqlite3_column_int64(stmt, 2);
	}
	(void)sqlite3_reset(stmt);
	return E_OK;
}

bool calibration_get(struct store *s, str model, double *scale, uint64_t *samples)
{
	double counted = 0, reported = 0;
	uint64_t n = 0;
	struct reader *r;
	enum err e;

	r = reader_take(s, &e, NULL);
	if (!r)
		return false;
	e = read_sums(&r->db, key_of(model), &counted, &reported, &n);
	reader_give(s, r);
	if (samples)
		*samples = n;
	if (e || n < CALIBRATION_MIN || !is_plausible(counted, reported))
		return false;
	*scale = reported / counted;
	return true;
}
