/*
 * test_record.c - stored values: round trips, the order of keys, and readers
 * that run over the end at every byte.
 */
#include "arena_open.h"

#include "store/record.h"

struct sample {
	uint8_t u8;
	uint32_t u32;
	uint64_t u64;
	int64_t i64;
	bool yes, no;
	struct digest digest;
	const char *text, *null, *empty;
	struct str_list texts;
	uint8_t *list;
	size_t count;
};

static struct sample a_sample(void)
{
	static uint8_t list[] = {7, 8, 9};
	struct sample sample = {250, 0xfedcba98, 0xfedcba9876543210, -5, true, false,
		digest_text("x"), "Harbour Lights", NULL, "", .list = list, .count = 3};

	str_list_init(&sample.texts, &arena);
	str_list_add(&sample.texts, arena_strdup(&arena, "Ana Duarte"));
	str_list_add(&sample.texts, arena_strdup(&arena, ""));
	return sample;
}

/* Both directions, as every layout of the program has it. */
static void code(struct record *r, struct sample *s)
{
	record_u8(r, &s->u8);
	record_u32(r, &s->u32);
	record_u64(r, &s->u64);
	record_i64(r, &s->i64);
	record_bool(r, &s->yes);
	record_bool(r, &s->no);
	record_digest(r, &s->digest);
	record_text(r, &s->text);
	record_text(r, &s->null);
	record_text(r, &s->empty);
	record_texts(r, &s->texts);
	s->list = record_list(r, s->list, &s->count, sizeof(*s->list), 1);
	for (size_t i = 0; i < s->count; i++)
		record_u8(r, &s->list[i]);
}

static struct bytes written(void)
{
	struct sample sample = a_sample();
	struct record r;

	record_write(&r, &arena);
	code(&r, &sample);
	return record_bytes(&r);
}

static void test_round_trip(void **state)
{
	struct sample want = a_sample(), got = {0};
	struct record r;
	uint8_t more = 9;

	(void)state;
	record_read(&r, written(), &arena);
	assert_false(record_ok(&r)); /* all of it is left over */
	code(&r, &got);
	assert_true(record_ok(&r));
	assert_int_equal(got.u8, 250);
	assert_int_equal(got.u32, 0xfedcba98);
	assert_true(got.u64 == 0xfedcba9876543210);
	assert_int_equal(got.i64, -5);
	assert_true(got.yes && !got.no);
	assert_memory_equal(got.digest.bytes, want.digest.bytes, DIGEST_BYTES);
	assert_string_equal(got.text, "Harbour Lights");
	assert_string_equal(got.null, "");
	assert_string_equal(got.empty, "");
	assert_true(str_list_same(&got.texts, &want.texts));
	assert_int_equal(got.count, 3);
	assert_memory_equal(got.list, want.list, 3);
	record_u8(&r, &more);
	assert_int_equal(more, 0);
	assert_false(record_ok(&r));
}

static void test_bytes_on_the_disk(void **state)
{
	static const unsigned char expected[] = {
		7, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0, 2, 'h', 'i', 1, 0, 0, 0, 0};
	uint8_t seven = 7;
	uint32_t small = 0x0102;
	uint64_t large = 0x0304;
	const char *text = "hi", *none = NULL;
	bool yes = true;
	struct record r;

	(void)state;
	record_write(&r, &arena);
	record_u8(&r, &seven);
	record_u32(&r, &small);
	record_u64(&r, &large);
	record_text(&r, &text);
	record_bool(&r, &yes);
	record_text(&r, &none);
	assert_int_equal(record_bytes(&r).len, sizeof(expected));
	assert_memory_equal(record_bytes(&r).data, expected, sizeof(expected));
	assert_int_equal(large, 0x0304); /* writing changes nothing */
	assert_null(none);
}

/* Cut at every byte, in memory that ends there: never ok, never read beyond. */
static void test_cut_everywhere(void **state)
{
	struct bytes whole = written();

	(void)state;
	for (size_t len = 0; len <= whole.len; len++) {
		struct sample got = {0};
		struct record r;
		unsigned char *copy = arena_malloc(len);
		memcpy(copy, whole.data, len);
		record_read(&r, (struct bytes){copy, len}, &arena);
		code(&r, &got);
		assert_int_equal(record_ok(&r), len == whole.len);
		assert_non_null(got.text);
		assert_non_null(got.null);
		free(copy);
	}
}

static void test_after_the_end(void **state)
{
	static const unsigned char data[] = {1, 2};
	struct sample got = {.u8 = 3, .u64 = 4, .digest = {{5}}, .yes = true};
	struct digest zero = {{0}};
	struct record r;

	(void)state;
	record_read(&r, (struct bytes){data, 2}, &arena);
	record_u32(&r, &got.u32); /* over the end: nothing of it is used, */
	code(&r, &got);		  /* and from then on, nothing at all */
	assert_int_equal(got.u8, 0);
	assert_true(got.u32 == 0 && got.u64 == 0 && !got.yes);
	assert_memory_equal(got.digest.bytes, zero.bytes, DIGEST_BYTES);
	assert_string_equal(got.text, "");
	assert_int_equal(got.texts.n, 0);
	assert_int_equal(got.count, 0);
	assert_false(record_ok(&r));
}

static void test_lengths_beyond_the_record(void **state)
{
	static const unsigned char huge[] = {0xff, 0xff, 0xff, 0xff, 'a'};
	static const unsigned char one_more[] = {0, 0, 0, 2, 'a'};
	const struct bytes rows[] = {{huge, sizeof(huge)}, {one_more, sizeof(one_more)}};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct str_list texts = {.n = 5};
		const char *text = "before";
		size_t count = 5;
		struct record r;
		record_read(&r, rows[i], &arena);
		record_text(&r, &text);
		assert_string_equal(text, "");
		assert_false(record_ok(&r));
		record_read(&r, rows[i], &arena);
		record_texts(&r, &texts);
		assert_int_equal(texts.n, 0);
		assert_false(record_ok(&r));
		record_read(&r, rows[i], &arena);
		record_list(&r, NULL, &count, 1000, 1);
		assert_int_equal(count, 0);
		assert_false(record_ok(&r));
	}
}

static void test_refused(void **state)
{
	static const unsigned char data[] = {1};
	uint8_t version = 0;
	struct record r;

	(void)state;
	record_read(&r, (struct bytes){data, 1}, &arena);
	record_u8(&r, &version);
	record_refuse(&r, true);
	assert_true(record_ok(&r));
	record_refuse(&r, version == 2);
	assert_false(record_ok(&r));
	record_refuse(&r, true);
	assert_false(record_ok(&r));
}

static void test_keys(void **state)
{
	static const int64_t numbers[] = {
		0, 1, 255, 256, 65535, 65536, (int64_t)1 << 32, INT64_MAX};
	unsigned char a[8], b[12] = {9, 9, 9};

	(void)state;
	for (size_t i = 0; i < ROWS(numbers); i++) {
		struct bytes key = record_key(a, numbers[i]);
		assert_int_equal(key.len, 8);
		assert_ptr_equal(key.data, a);
		assert_int_equal(record_key_number(a, 0), numbers[i]);
		record_key(b + 3, numbers[i]);
		assert_int_equal(record_key_number(b, 3), numbers[i]);
		for (size_t j = 0; j < i; j++) {
			record_key(b, numbers[j]);
			assert_true(memcmp(b, a, 8) < 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bytes_on_the_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_everywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_after_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lengths_beyond_the_record, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
