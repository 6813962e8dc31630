#include "tests/unit/store_fixture.h"

static void an_original_is_read_back_before_and_after_it_is_on_disk(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct original_key key;
	str text = STR("the quick brown fox\0jumps");

	assert_int_equal(keep_text(s, text, STR("Bash"), &key, &f->cx), E_OK);
	assert_string_equal(key.hex, original_key_of(text).hex);
	assert_int_equal(get(f, s, key.hex), E_OK);
	assert_true(str_eq(buf_str(&f->out), text));
	flush(f, s);
	assert_int_equal(get(f, s, key.hex), E_OK);
	assert_true(str_eq(buf_str(&f->out), text));
	store_close(s);
	s = open_default(f);
	assert_int_equal(get(f, s, key.hex), E_OK);
	assert_true(str_eq(buf_str(&f->out), text));
	store_close(s);
}

static void an_empty_and_a_large_original_are_kept(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	char *big = noise(STORE_TEXT_MAX + 1, 7);
	struct original_key empty, large;

	assert_int_equal(keep_text(s, STR_NULL, STR_NULL, &empty, &f->cx), E_OK);
	assert_int_equal(keep_text(s, (str){big, 5000000}, STR("x"), &large, &f->cx), E_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(get(f, s, empty.hex), E_OK);
		assert_int_equal(f->out.n, 0);
		assert_int_equal(get(f, s, large.hex), E_OK);
		assert_true(str_eq(buf_str(&f->out), (str){big, 5000000}));
		flush(f, s);
	}
	assert_int_equal(
		keep_text(s, (str){big, STORE_TEXT_MAX + 1}, STR("x"), NULL, &f->cx), E_TOO_BIG);
	free(big);
	store_close(s);
}

static void the_same_text_is_kept_once(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct store_stats st;

	for (int i = 0; i < 3; i++)
		put_noise(f, s, 1000, 1);
	flush(f, s);
	put_noise(f, s, 1000, 1);
	flush(f, s);
	store_get_stats(s, &st);
	assert_int_equal(st.originals_n, 1);
	store_close(s);
}

static void prefixes_of_12_to_64_digits_in_either_case_find_it(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	char hex[SHA256_HEX + 1], *text = noise(300, 3);

	put_noise(f, s, 300, 3);
	put_noise(f, s, 300, 4);
	sha256_hex((str){text, 300}, hex);
	for (int round = 0; round < 2; round++) {
		for (size_t n = ORIGINAL_PREFIX_MIN; n <= SHA256_HEX; n++) {
			buf_reset(&f->out);
			assert_int_equal(original_get(s, (str){hex, n}, &f->out, &f->cx), E_OK);
			assert_memory_equal(f->out.p, text, 300);
		}
		flush(f, s);
	}
	for (char *p = hex; *p; p++)
		if (*p >= 'a')
			*p = (char)(*p - 'a' + 'A');
	assert_int_equal(get(f, s, hex), E_OK);
	free(text);
	store_close(s);
}

static void what_is_no_key_is_malformed_and_unknown_ones_are_not_found(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);

	assert_int_equal(get(f, s, ""), E_MALFORMED);
	assert_int_equal(get(f, s, "0123456789a"), E_MALFORMED);
	assert_int_equal(get(f, s, "0123456789ag"), E_MALFORMED);
	assert_int_equal(get(f, s, "../../etc/passwd"), E_MALFORMED);
	assert_int_equal(get(f, s, "0123456789ab"), E_NOT_FOUND);
	store_close(s);
}

static void two_originals_that_begin_alike_are_ambiguous(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);

	put_noise(f, s, 100, 1);
	put_noise(f, s, 100, 2);
	flush(f, s);
	sql(f, "UPDATE original SET sha = CAST(x'aaaaaaaaaaaa' || substr(sha, 7) AS BLOB)");
	assert_int_equal(get(f, s, "aaaaaaaaaaaa"), E_FAILED);
	store_close(s);
}

static void damage_of_an_original_is_found(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct original_key a = put_noise(f, s, 100, 1), b = put_noise(f, s, 100, 2);

	flush(f, s);
	sql(f, "UPDATE original SET data = (SELECT data FROM original WHERE id = 2)");
	assert_int_equal(get(f, s, a.hex), E_VERIFY);
	assert_int_equal(get(f, s, b.hex), E_OK);
	sql(f, "UPDATE original SET data = x'00010203'");
	assert_int_equal(get(f, s, b.hex), E_VERIFY);
	sql(f, "UPDATE original SET text_bytes = 1000000000000");
	assert_int_equal(get(f, s, b.hex), E_VERIFY);
	store_close(s);
}

static enum err get_for(struct fixture *f, struct store *s, const char *owner, const char *key)
{
	buf_reset(&f->out);
	return original_get_for(s, str_from(owner), str_from(key), &f->out, &f->cx);
}

static void an_original_is_given_to_its_owner_alone(void **state)
{
	static const char *const owners[] = {"", "alice", "bob", "alice2"};
	struct fixture *f = *state;
	struct store *s = open_default(f);
	str text = STR("what was printed\nfor somebody");
	struct original_key keys[ARRAY_N(owners)];

	for (size_t i = 0; i < ARRAY_N(owners); i++) {
		keys[i] = original_key_for(str_from(owners[i]), text);
		assert_int_equal(original_put_for(s, str_from(owners[i]), text, &keys[i],
					 STR("Bash"), &f->cx),
			E_OK);
	}
	assert_string_equal(keys[0].hex, original_key_of(text).hex);
	for (int on_disk = 0; on_disk < 2; on_disk++, flush(f, s))
		for (size_t i = 0; i < ARRAY_N(owners) * ARRAY_N(owners); i++) {
			const char *who = owners[i % 4], *key = keys[i / 4].hex;
			enum err e = get_for(f, s, who, key);

			assert_int_equal(e, i % 4 == i / 4 ? E_OK : E_NOT_FOUND);
			assert_true(str_eq(buf_str(&f->out), e ? STR("") : text));
			if (e)
				assert_string_equal(f->cx.text, ORIGINAL_NOT_THERE);
			assert_int_equal(get(f, s, key), E_OK); /* who has the file has all */
			assert_true(str_eq(buf_str(&f->out), text));
		}
	sql(f, "UPDATE original SET data = (SELECT data FROM original WHERE id = 1)");
	assert_int_equal(get_for(f, s, "alice", keys[1].hex), E_VERIFY);
	store_close(s);
}

/* Else nobody in particular could have something kept in the name of somebody, and not get his own back. */
static void a_text_that_says_whose_it_is_is_not_kept(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	str forged = STR("\0headroom original of alice\nwhat she never saw");
	struct original_key key;

	assert_int_equal(keep_text(s, forged, STR("Bash"), &key, &f->cx), E_MALFORMED);
	assert_int_equal(get_for(f, s, "alice", key.hex), E_NOT_FOUND);
	assert_int_equal(keep_text(s, STR("\0headroom"), STR("x"), &key, &f->cx), E_OK);
	assert_int_equal(get_for(f, s, "", key.hex), E_OK);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_original_is_read_back_before_and_after_it_is_on_disk),
		TM(an_empty_and_a_large_original_are_kept),
		TM(the_same_text_is_kept_once),
		TM(prefixes_of_12_to_64_digits_in_either_case_find_it),
		TM(what_is_no_key_is_malformed_and_unknown_ones_are_not_found),
		TM(two_originals_that_begin_alike_are_ambiguous),
		TM(damage_of_an_original_is_found),
		TM(an_original_is_given_to_its_owner_alone),
		TM(a_text_that_says_whose_it_is_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
