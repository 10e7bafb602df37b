/*
 * test_record.c - stored values: round trips, the order of keys, and readers
 * that run over the end at every byte.
 */
#include "helpers.h"

#include "store/record.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static void put_all(struct str *out)
{
	struct digest digest = digest_text("x");

	str_init(out, &arena);
	record_put_u8(out, 250);
	record_put_u32(out, 0xfedcba98);
	record_put_u64(out, 0xfedcba9876543210);
	record_put_digest(out, &digest);
	record_put_text(out, "Harbour Lights");
	record_put_text(out, NULL);
	record_put_text(out, "");
	record_put_maybe(out, NULL);
	record_put_maybe(out, "");
	record_put_maybe(out, "Ana Duarte");
}

static void test_round_trip(void **state)
{
	struct digest x = digest_text("x"), got;
	struct record_reader in;
	struct str out;

	(void)state;
	put_all(&out);
	record_open(&in, record_bytes(&out), &arena);
	assert_int_equal(record_u8(&in), 250);
	assert_int_equal(record_u32(&in), 0xfedcba98);
	assert_true(record_u64(&in) == 0xfedcba9876543210);
	got = record_digest(&in);
	assert_memory_equal(got.bytes, x.bytes, DIGEST_BYTES);
	assert_string_equal(record_text(&in), "Harbour Lights");
	assert_string_equal(record_text(&in), "");
	assert_string_equal(record_text(&in), "");
	assert_false(record_ok(&in)); /* something is left over */
	assert_null(record_maybe(&in));
	assert_string_equal(record_maybe(&in), "");
	assert_string_equal(record_maybe(&in), "Ana Duarte");
	assert_true(record_ok(&in));
	assert_int_equal(record_u8(&in), 0);
	assert_false(record_ok(&in));
}

static void test_bytes_on_the_disk(void **state)
{
	static const unsigned char expected[] = {
		7, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0, 2, 'h', 'i', 0, 1, 0, 0, 0, 0};
	struct str out;

	(void)state;
	str_init(&out, &arena);
	record_put_u8(&out, 7);
	record_put_u32(&out, 0x0102);
	record_put_u64(&out, 0x0304);
	record_put_text(&out, "hi");
	record_put_maybe(&out, NULL);
	record_put_maybe(&out, "");
	assert_int_equal(out.len, sizeof(expected));
	assert_memory_equal(out.s, expected, sizeof(expected));
}

static void read_all(struct record_reader *in)
{
	record_u8(in);
	record_u32(in);
	record_u64(in);
	record_digest(in);
	for (int i = 0; i < 3; i++)
		assert_non_null(record_text(in));
	for (int i = 0; i < 3; i++)
		record_maybe(in);
}

/* Cut at every byte, in memory that ends there: never ok, never read beyond. */
static void test_cut_everywhere(void **state)
{
	struct str out;

	(void)state;
	put_all(&out);
	for (size_t len = 0; len <= out.len; len++) {
		struct record_reader in;
		unsigned char *copy = arena_malloc(len);
		memcpy(copy, out.s, len);
		record_open(&in, (struct bytes){copy, len}, &arena);
		read_all(&in);
		assert_int_equal(record_ok(&in), len == out.len);
		free(copy);
	}
}

static void test_after_the_end(void **state)
{
	static const unsigned char data[] = {1, 2};
	struct record_reader in;
	struct digest digest, zero = {{0}};

	(void)state;
	record_open(&in, (struct bytes){data, 2}, &arena);
	assert_int_equal(record_u32(&in), 0); /* over the end: nothing of it is used */
	assert_int_equal(record_u8(&in), 0);  /* and from then on, nothing at all */
	assert_int_equal(record_u64(&in), 0);
	digest = record_digest(&in);
	assert_memory_equal(digest.bytes, zero.bytes, DIGEST_BYTES);
	assert_string_equal(record_text(&in), "");
	assert_null(record_maybe(&in));
	assert_false(record_ok(&in));
}

static void test_text_longer_than_the_record(void **state)
{
	static const unsigned char huge[] = {0xff, 0xff, 0xff, 0xff, 'a'};
	static const unsigned char one_more[] = {0, 0, 0, 2, 'a'};
	struct record_reader in;

	(void)state;
	record_open(&in, (struct bytes){huge, sizeof(huge)}, &arena);
	assert_string_equal(record_text(&in), "");
	assert_false(record_ok(&in));
	record_open(&in, (struct bytes){one_more, sizeof(one_more)}, &arena);
	assert_string_equal(record_text(&in), "");
	assert_false(record_ok(&in));
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
		cmocka_unit_test_setup_teardown(test_text_longer_than_the_record, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
