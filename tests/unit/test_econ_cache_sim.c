/* The rules of the cache simulator, one table of requests per rule. A request is written as its segments:
 *	"s600* a500 b400!"
 * are three of 600, 500 and 400 tokens, the first with a five-minute breakpoint, the last with one of an
 * hour. The name stands for the bytes: the same name is the same segment. "x5x9" are nine of 5 tokens each
 * and no two of them the same. */
#include "core/econ/cache_sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/check.h"

enum { SEGMENTS_MAX = 256, SECOND = 1000, MINUTE = 60 * SECOND };

struct step {
	int64_t at_ms;
	const char *segments;
	const char *model;
	uint64_t read, write_5m, write_1h, uncached;
	enum cache_class class;
};

struct parsed {
	struct cache_segment v[SEGMENTS_MAX];
	uint32_t n;
};

static uint32_t parse_number(const char **p)
{
	char *end;
	unsigned long v = strtoul(*p, &end, 10);

	ASSERT(end != *p);
	*p = end;
	return (uint32_t)v;
}

static struct parsed parse_segments(const char *p)
{
	struct parsed out = {.n = 0};

	while (*p) {
		str name = {p, strspn(p, "abcdefghijklmnopqrstuvwxyz")};
		const char *number = p + name.n;
		uint32_t tokens = parse_number(&number), times = 1;
		struct cache_segment *last = NULL;

		p = number;
		if (*p == 'x') {
			p++;
			times = parse_number(&p);
		}
		for (uint32_t i = 0; i < times; i++) {
			ASSERT(out.n < SEGMENTS_MAX);
			last = &out.v[out.n++];
			*last = (struct cache_segment){.hash = {hash64(name), i}, .tokens = tokens};
		}
		if (last && (*p == '*' || *p == '!')) {
			last->has_breakpoint = true;
			last->ttl = *p++ == '!' ? CACHE_1H : CACHE_5M;
		}
		p += strspn(p, " ");
	}
	return out;
}

static const struct cache_policy anthropic = {
	.kind = CACHE_BREAKPOINTS,
	.min_tokens = 1024,
	.breakpoints_max = 4,
	.look_back = 20,
	.ttl_ms = {5 * MINUTE, 60 * MINUTE},
};
static const struct cache_policy openai = {
	.kind = CACHE_AUTOMATIC,
	.min_tokens = 1024,
	.step_tokens = 128,
	.ttl_ms = {10 * MINUTE},
};
static const struct cache_policy gemini = {
	.kind = CACHE_AUTOMATIC,
	.min_tokens = 2048,
	.step_tokens = 1,
	.ttl_ms = {10 * MINUTE},
};

static struct cache_turn send_step(struct cache_sim *sim, const struct step *s)
{
	struct parsed p = parse_segments(s->segments);
	struct cache_request req = {str_from(s->model ? s->model : "m"), s->at_ms, p.v, p.n};

	return cache_sim_send(sim, &req);
}

/* The arm is the client itself: no bust can be. */
static void run(const struct cache_policy *policy, const struct step *steps, size_t n)
{
	struct arena a = ARENA_INIT;
	struct cache_sim *sim = cache_sim_new(&a, policy);

	for (size_t i = 0; i < n; i++) {
		struct cache_turn t = send_step(sim, &steps[i]);

		assert_int_equal(t.read, steps[i].read);
		assert_int_equal(t.write[CACHE_5M], steps[i].write_5m);
		assert_int_equal(t.write[CACHE_1H], steps[i].write_1h);
		assert_int_equal(t.uncached, steps[i].uncached);
		assert_int_equal(t.total, t.read + t.write[0] + t.write[1] + t.uncached);
		assert_string_equal(
			cache_class_name(cache_classify(&t, &t)), cache_class_name(steps[i].class));
		assert_int_equal(cache_bust_tokens(&t, &t), 0);
	}
	arena_release(&a);
}

#define RUN(policy, ...)                                           \
	do {                                                       \
		static const struct step steps_[] = {__VA_ARGS__}; \
		run(&(policy), steps_, ARRAY_N(steps_));           \
	} while (0)

static void first_request_is_cold_and_writes_up_to_its_last_breakpoint(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000* a500* b30", NULL, 0, 2500, 0, 30, CACHE_COLD});
}

static void grown_request_reads_what_the_one_before_wrote(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000* a500*", NULL, 0, 2500, 0, 0, CACHE_COLD},
		{1000, "s2000* a500 b300 c200*", NULL, 2500, 500, 0, 0, CACHE_HIT},
		{2000, "s2000* a500 b300 c200 d70 e50*", NULL, 3000, 120, 0, 0, CACHE_HIT});
}

static void same_request_again_is_read_whole(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000* a500*", NULL, 0, 2500, 0, 0, CACHE_COLD},
		{1000, "s2000* a500*", NULL, 2500, 0, 0, 0, CACHE_HIT});
}

static void request_without_breakpoints_caches_nothing(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000 a500", NULL, 0, 0, 0, 2500, CACHE_COLD},
		{1000, "s2000 a500", NULL, 0, 0, 0, 2500, CACHE_COLD});
}

static void prefix_below_the_minimum_is_not_stored(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s500* a523*", NULL, 0, 0, 0, 1023, CACHE_COLD},
		{1000, "s500* a523 b1*", NULL, 0, 1024, 0, 0, CACHE_COLD},
		{2000, "s500* a523 b1 c9*", NULL, 1024, 9, 0, 0, CACHE_HIT});
}

static void short_first_breakpoint_is_no_entry_but_the_long_one_is(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s500* a2000*", NULL, 0, 2500, 0, 0, CACHE_COLD},
		{1000, "s500* z2000*", NULL, 0, 2500, 0, 0, CACHE_RESET});
}

static void changed_message_falls_back_to_the_system_breakpoint(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000* a500*", NULL, 0, 2500, 0, 0, CACHE_COLD},
		{1000, "s2000* z600*", NULL, 2000, 600, 0, 0, CACHE_RESET});
}

static void entry_nineteen_blocks_before_a_breakpoint_is_found(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000*", NULL, 0, 2000, 0, 0, CACHE_COLD},
		{1000, "s2000 a10x19*", NULL, 2000, 190, 0, 0, CACHE_HIT});
}

static void entry_twenty_blocks_before_a_breakpoint_is_not_found(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000*", NULL, 0, 2000, 0, 0, CACHE_COLD},
		{1000, "s2000 a10x20*", NULL, 0, 2200, 0, 0, CACHE_PARTIAL});
}

static void second_breakpoint_reaches_what_the_last_one_does_not(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000* a500*", NULL, 0, 2500, 0, 0, CACHE_COLD},
		{1000, "s2000* a500 b10x10* c10x25*", NULL, 2500, 350, 0, 0, CACHE_HIT},
		{2000, "s2000* a500 b10x10 c10x25 d10x30*", NULL, 2000, 1150, 0, 0, CACHE_PARTIAL});
}

static void of_five_breakpoints_the_last_four_count(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000* a100* b100* c100* d100*", NULL, 0, 2400, 0, 0, CACHE_COLD},
		{1000, "s2000* z700*", NULL, 0, 2700, 0, 0, CACHE_RESET});
	RUN(anthropic, {0, "s2000* b100* c100* d100*", NULL, 0, 2300, 0, 0, CACHE_COLD},
		{1000, "s2000* z700*", NULL, 2000, 700, 0, 0, CACHE_RESET});
}

static void entry_lives_five_minutes_and_no_longer(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000*", NULL, 0, 2000, 0, 0, CACHE_COLD},
		{5 * MINUTE - 1, "s2000*", NULL, 2000, 0, 0, 0, CACHE_HIT});
	RUN(anthropic, {0, "s2000*", NULL, 0, 2000, 0, 0, CACHE_COLD},
		{5 * MINUTE, "s2000*", NULL, 0, 2000, 0, 0, CACHE_EXPIRED});
}

static void hit_renews_the_entry(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000*", NULL, 0, 2000, 0, 0, CACHE_COLD},
		{4 * MINUTE, "s2000*", NULL, 2000, 0, 0, 0, CACHE_HIT},
		{8 * MINUTE, "s2000*", NULL, 2000, 0, 0, 0, CACHE_HIT},
		{13 * MINUTE, "s2000*", NULL, 0, 2000, 0, 0, CACHE_EXPIRED});
}

static void hit_by_look_back_renews_the_entry_that_it_found(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000*", NULL, 0, 2000, 0, 0, CACHE_COLD},
		{4 * MINUTE, "s2000 a10 b10*", NULL, 2000, 20, 0, 0, CACHE_HIT},
		{8 * MINUTE, "s2000*", NULL, 2000, 0, 0, 0, CACHE_RESET});
}

static void hour_entry_lives_an_hour_and_is_priced_apart(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000! a500!", NULL, 0, 0, 2500, 0, CACHE_COLD},
		{59 * MINUTE, "s2000! a500 b300!", NULL, 2500, 0, 300, 0, CACHE_HIT},
		{119 * MINUTE, "s2000! a500 b300!", NULL, 0, 0, 2800, 0, CACHE_EXPIRED});
}

static void mixed_ttls_split_the_write_at_the_last_hour_breakpoint(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000! a500*", NULL, 0, 500, 2000, 0, CACHE_COLD},
		{6 * MINUTE, "s2000! a500 b300*", NULL, 2000, 800, 0, 0, CACHE_EXPIRED});
}

static void five_minute_breakpoint_does_not_shorten_an_hour_entry(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000!", NULL, 0, 0, 2000, 0, CACHE_COLD},
		{1 * MINUTE, "s2000*", NULL, 2000, 0, 0, 0, CACHE_HIT},
		{50 * MINUTE, "s2000*", NULL, 2000, 0, 0, 0, CACHE_HIT});
}

static void unknown_time_means_that_none_has_passed(void **state)
{
	(void)state;
	RUN(anthropic, {CACHE_TIME_UNKNOWN, "s2000*", NULL, 0, 2000, 0, 0, CACHE_COLD},
		{CACHE_TIME_UNKNOWN, "s2000*", NULL, 2000, 0, 0, 0, CACHE_HIT});
	RUN(anthropic, {10 * MINUTE, "s2000*", NULL, 0, 2000, 0, 0, CACHE_COLD},
		{2 * MINUTE, "s2000*", NULL, 2000, 0, 0, 0, CACHE_HIT},
		{15 * MINUTE, "s2000*", NULL, 0, 2000, 0, 0, CACHE_EXPIRED});
}

static void another_model_has_another_cache(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000*", "opus", 0, 2000, 0, 0, CACHE_COLD},
		{1000, "s2000*", "haiku", 0, 2000, 0, 0, CACHE_RESET},
		{2000, "s2000*", "opus", 2000, 0, 0, 0, CACHE_RESET});
}

static void branch_that_was_left_is_still_there(void **state)
{
	(void)state;
	RUN(anthropic, {0, "s2000* a500*", NULL, 0, 2500, 0, 0, CACHE_COLD},
		{1000, "s2000* z100*", NULL, 2000, 100, 0, 0, CACHE_RESET},
		{2000, "s2000* a500 b100*", NULL, 2500, 100, 0, 0, CACHE_RESET});
}

static void segments_in_another_order_are_another_prefix(void **state)
{
	(void)state;
	RUN(anthropic, {0, "a1000 b1000*", NULL, 0, 2000, 0, 0, CACHE_COLD},
		{1000, "b1000 a1000*", NULL, 0, 2000, 0, 0, CACHE_RESET});
}

static void automatic_cache_reads_in_steps_of_128(void **state)
{
	(void)state;
	RUN(openai, {0, "s1000 a279", NULL, 0, 0, 0, 1279, CACHE_COLD},
		{1000, "s1000 a279 b100", NULL, 1152, 0, 0, 227, CACHE_HIT},
		{2000, "s1000 a279 b100 c1", NULL, 1280, 0, 0, 100, CACHE_HIT});
}

static void automatic_cache_reads_nothing_below_its_minimum(void **state)
{
	(void)state;
	RUN(openai, {0, "s1023", NULL, 0, 0, 0, 1023, CACHE_COLD},
		{1000, "s1023 a1", NULL, 0, 0, 0, 1024, CACHE_COLD},
		{2000, "s1023 a1", NULL, 1024, 0, 0, 0, CACHE_HIT});
}

static void automatic_cache_reads_the_longest_common_prefix_with_any_request(void **state)
{
	(void)state;
	RUN(openai, {0, "s1280 a1280", NULL, 0, 0, 0, 2560, CACHE_COLD},
		{1000, "s1280 z128", NULL, 1280, 0, 0, 128, CACHE_RESET},
		{2000, "s1280 a1280 b128", NULL, 2560, 0, 0, 128, CACHE_RESET});
}

static void automatic_cache_expires_when_idle(void **state)
{
	(void)state;
	RUN(openai, {0, "s2048", NULL, 0, 0, 0, 2048, CACHE_COLD},
		{9 * MINUTE, "s2048", NULL, 2048, 0, 0, 0, CACHE_HIT},
		{18 * MINUTE, "s2048", NULL, 2048, 0, 0, 0, CACHE_HIT},
		{28 * MINUTE, "s2048", NULL, 0, 0, 0, 2048, CACHE_EXPIRED});
}

static void gemini_has_no_steps_and_its_own_minimum(void **state)
{
	(void)state;
	RUN(gemini, {0, "s2047", NULL, 0, 0, 0, 2047, CACHE_COLD},
		{1000, "s2047 a3", NULL, 0, 0, 0, 2050, CACHE_COLD},
		{2000, "s2047 a3 b5", NULL, 2050, 0, 0, 5, CACHE_HIT});
}

static void provider_without_a_cache_reads_and_writes_nothing(void **state)
{
	static const struct cache_policy none = {.kind = CACHE_NONE};

	(void)state;
	RUN(none, {0, "s2000* a9", NULL, 0, 0, 0, 2009, CACHE_COLD},
		{1000, "s2000* a9", NULL, 0, 0, 0, 2009, CACHE_COLD});
}

static void empty_request_is_no_trouble(void **state)
{
	(void)state;
	RUN(anthropic, {0, "", NULL, 0, 0, 0, 0, CACHE_COLD},
		{1000, "s2000*", NULL, 0, 2000, 0, 0, CACHE_COLD},
		{2000, "", NULL, 0, 0, 0, 0, CACHE_RESET});
	RUN(openai, {0, "", NULL, 0, 0, 0, 0, CACHE_COLD});
}

/* ---- two arms ---------------------------------------------------------------------------------- */

struct pair {
	const char *client, *arm;
	enum cache_class class;
	uint64_t bust_tokens;
};

static void run_pairs(const struct cache_policy *policy, const struct pair *pairs, size_t n)
{
	struct arena a = ARENA_INIT;
	struct cache_sim *client = cache_sim_new(&a, policy), *arm = cache_sim_new(&a, policy);

	for (size_t i = 0; i < n; i++) {
		struct step c = {(int64_t)i * SECOND, pairs[i].client, .read = 0};
		struct step m = {(int64_t)i * SECOND, pairs[i].arm, .read = 0};
		struct cache_turn tc = send_step(client, &c), ta = send_step(arm, &m);

		assert_string_equal(cache_class_name(cache_classify(&ta, &tc)),
			cache_class_name(pairs[i].class));
		assert_int_equal(cache_bust_tokens(&ta, &tc), pairs[i].bust_tokens);
	}
	arena_release(&a);
}

#define RUN_PAIRS(policy, ...)                                     \
	do {                                                       \
		static const struct pair pairs_[] = {__VA_ARGS__}; \
		run_pairs(&(policy), pairs_, ARRAY_N(pairs_));     \
	} while (0)

static void arm_that_keeps_its_bytes_hits_like_the_client(void **state)
{
	(void)state;
	RUN_PAIRS(anthropic, {"s2000* a900*", "s2000* p400*", CACHE_COLD, 0},
		{"s2000* a900 b500*", "s2000* p400 q300*", CACHE_HIT, 0});
}

static void arm_that_changes_an_old_block_busts(void **state)
{
	(void)state;
	RUN_PAIRS(anthropic, {"s2000* a900* ", "s2000* a900*", CACHE_COLD, 0},
		{"s2000* a900 b500*", "s2000* p400 b500*", CACHE_BUST, 900});
	RUN_PAIRS(openai, {"s2048 a1024", "s2048 a1024", CACHE_COLD, 0},
		{"s2048 a1024 b512", "s2048 p128 b512", CACHE_BUST, 1024});
}

static void change_of_the_client_is_not_the_arms_fault(void **state)
{
	(void)state;
	RUN_PAIRS(anthropic, {"s2000* a900*", "s2000* p400*", CACHE_COLD, 0},
		{"s2000* c90*", "s2000* r40*", CACHE_RESET, 0});
}

static void arm_that_loses_more_than_the_client_busts(void **state)
{
	(void)state;
	RUN_PAIRS(anthropic, {"s2000* a900 b900*", "s2000* p400 q400*", CACHE_COLD, 0},
		{"s2000* a900 c90*", "s2000* z500 r40*", CACHE_BUST, 800});
}

static void block_that_an_arm_always_adds_is_no_bust(void **state)
{
	(void)state;
	RUN_PAIRS(anthropic, {"s2000* a900*", "t50 s2000* a900*", CACHE_COLD, 0},
		{"s2000* a900 b500*", "t50 s2000* a900 b500*", CACHE_HIT, 0},
		{"s2000* c90*", "t50 s2000* c90*", CACHE_RESET, 0});
}

static void block_that_an_arm_adds_only_later_is_a_bust(void **state)
{
	(void)state;
	RUN_PAIRS(anthropic, {"s2000* a900*", "s2000* a900*", CACHE_COLD, 0},
		{"s2000* a900 b500*", "t50 s2000* a900 b500*", CACHE_BUST, 2900});
}

static void arm_too_short_to_be_cached_is_cold_and_no_bust(void **state)
{
	(void)state;
	RUN_PAIRS(anthropic, {"s500 a900*", "s500 p100*", CACHE_COLD, 0},
		{"s500 a900 b500*", "s500 p100 q100*", CACHE_COLD, 0});
}

static void look_back_that_misses_in_both_is_no_bust(void **state)
{
	(void)state;
	RUN_PAIRS(anthropic, {"s2000*", "s2000*", CACHE_COLD, 0},
		{"s2000 a10x30*", "s2000 p5x30*", CACHE_PARTIAL, 0});
}

/* ---- policies ---------------------------------------------------------------------------------- */

static void policy_follows_the_provider_and_the_models_minimum(void **state)
{
	struct model m = {.provider = PROVIDER_ANTHROPIC, .cache_min_tokens = 4096};
	struct cache_policy p = cache_policy_of(&m);

	(void)state;
	assert_int_equal(p.kind, CACHE_BREAKPOINTS);
	assert_int_equal(p.min_tokens, 4096);
	assert_int_equal(p.breakpoints_max, 4);
	assert_int_equal(p.look_back, 20);
	assert_int_equal(p.ttl_ms[CACHE_5M], 5 * MINUTE);
	assert_int_equal(p.ttl_ms[CACHE_1H], 60 * MINUTE);

	m = (struct model){.provider = PROVIDER_OPENAI};
	p = cache_policy_of(&m);
	assert_int_equal(p.kind, CACHE_AUTOMATIC);
	assert_int_equal(p.min_tokens, 1024);
	assert_int_equal(p.step_tokens, 128);

	m.provider = PROVIDER_GEMINI;
	p = cache_policy_of(&m);
	assert_int_equal(p.kind, CACHE_AUTOMATIC);
	assert_int_equal(p.step_tokens, 1);

	m.provider = PROVIDER_UNKNOWN;
	assert_int_equal(cache_policy_of(&m).kind, CACHE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_request_is_cold_and_writes_up_to_its_last_breakpoint),
		cmocka_unit_test(grown_request_reads_what_the_one_before_wrote),
		cmocka_unit_test(same_request_again_is_read_whole),
		cmocka_unit_test(request_without_breakpoints_caches_nothing),
		cmocka_unit_test(prefix_below_the_minimum_is_not_stored),
		cmocka_unit_test(short_first_breakpoint_is_no_entry_but_the_long_one_is),
		cmocka_unit_test(changed_message_falls_back_to_the_system_breakpoint),
		cmocka_unit_test(entry_nineteen_blocks_before_a_breakpoint_is_found),
		cmocka_unit_test(entry_twenty_blocks_before_a_breakpoint_is_not_found),
		cmocka_unit_test(second_breakpoint_reaches_what_the_last_one_does_not),
		cmocka_unit_test(of_five_breakpoints_the_last_four_count),
		cmocka_unit_test(entry_lives_five_minutes_and_no_longer),
		cmocka_unit_test(hit_renews_the_entry),
		cmocka_unit_test(hit_by_look_back_renews_the_entry_that_it_found),
		cmocka_unit_test(hour_entry_lives_an_hour_and_is_priced_apart),
		cmocka_unit_test(mixed_ttls_split_the_write_at_the_last_hour_breakpoint),
		cmocka_unit_test(five_minute_breakpoint_does_not_shorten_an_hour_entry),
		cmocka_unit_test(unknown_time_means_that_none_has_passed),
		cmocka_unit_test(another_model_has_another_cache),
		cmocka_unit_test(branch_that_was_left_is_still_there),
		cmocka_unit_test(segments_in_another_order_are_another_prefix),
		cmocka_unit_test(automatic_cache_reads_in_steps_of_128),
		cmocka_unit_test(automatic_cache_reads_nothing_below_its_minimum),
		cmocka_unit_test(automatic_cache_reads_the_longest_common_prefix_with_any_request),
		cmocka_unit_test(automatic_cache_expires_when_idle),
		cmocka_unit_test(gemini_has_no_steps_and_its_own_minimum),
		cmocka_unit_test(provider_without_a_cache_reads_and_writes_nothing),
		cmocka_unit_test(empty_request_is_no_trouble),
		cmocka_unit_test(arm_that_keeps_its_bytes_hits_like_the_client),
		cmocka_unit_test(arm_that_changes_an_old_block_busts),
		cmocka_unit_test(change_of_the_client_is_not_the_arms_fault),
		cmocka_unit_test(arm_that_loses_more_than_the_client_busts),
		cmocka_unit_test(block_that_an_arm_always_adds_is_no_bust),
		cmocka_unit_test(block_that_an_arm_adds_only_later_is_a_bust),
		cmocka_unit_test(arm_too_short_to_be_cached_is_cold_and_no_bust),
		cmocka_unit_test(look_back_that_misses_in_both_is_no_bust),
		cmocka_unit_test(policy_follows_the_provider_and_the_models_minimum),
	};

	return cmocka_run_group_tests_name("econ cache_sim", tests, NULL, NULL);
}
