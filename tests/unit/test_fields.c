/*
 * test_fields.c - metadata as stored bytes: round trip, numbers that this
 * version does not know, and records that end too early.
 */
#include "helpers.h"

#include "state/fields.h"

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

static void set_names(struct value *value, size_t n)
{
	value->known = true;
	str_list_init(&value->names, &arena);
	for (size_t i = 0; i < n; i++)
		str_list_add(&value->names, arena_printf(&arena, "Ana Duarte %zu", i));
}

static void set_text(struct value *value, const char *text)
{
	value->known = true;
	value->text = text;
}

static bool same(const struct value *a, const struct value *b, bool set)
{
	if (a->known != b->known || !a->known)
		return a->known == b->known;
	if (!set)
		return str_eq(a->text, b->text);
	if (a->names.n != b->names.n)
		return false;
	for (size_t i = 0; i < a->names.n; i++) {
		if (!str_eq(a->names.v[i], b->names.v[i]))
			return false;
	}
	return true;
}

static bool round_trip(const char *name, const struct fields *fields)
{
	struct record_reader in;
	struct fields got;
	struct str out;
	bool ok = true;

	str_init(&out, &arena);
	fields_put(&out, fields);
	record_open(&in, record_bytes(&out), &arena);
	fields_get(&in, &got);
	ok &= row_true(name, record_ok(&in));
	for (int f = 0; f < FIELD_COUNT; f++) {
		ok &= row_true(name, same(&fields->v[f], &got.v[f], fields_is_set((enum field)f)));
		ok &= row_true(name, !got.v[f].known || got.v[f].text != NULL);
	}
	return ok;
}

static void test_round_trip(void **state)
{
	struct fields none = {0}, some = {0}, all = {0}, empty = {0}, many = {0};
	bool ok = true;

	(void)state;
	set_text(&some.v[FIELD_TITLE], "Harbour Lights");
	set_names(&some.v[FIELD_PERFORMERS], 2);
	for (int f = 0; f < FIELD_COUNT; f++) {
		if (fields_is_set((enum field)f)) {
			set_names(&all.v[f], (size_t)f + 1);
			set_names(&empty.v[f], 0);
			set_names(&many.v[f], 1000);
		} else {
			set_text(&all.v[f], fields_name((enum field)f));
			set_text(&empty.v[f], "");
			set_text(&many.v[f], "a\nb \xf0\x9f\x9a\x80");
		}
	}
	ok &= round_trip("none", &none);
	ok &= round_trip("some", &some);
	ok &= round_trip("all", &all);
	ok &= round_trip("known and empty", &empty);
	ok &= round_trip("many names", &many);
	assert_true(ok);
}

/* Two kinds of field that are on disks already. */
static void test_numbers_stay(void **state)
{
	static const unsigned char record[] = {2, 0, 0, 0, 0, 1, 0, 0, 0, 2, 'h', 'i', 4, 0, 0, 0,
		2, 0, 0, 0, 1, 'a', 0, 0, 0, 1, 'b'};
	struct record_reader in;
	struct fields got;

	(void)state;
	record_open(&in, (struct bytes){record, sizeof(record)}, &arena);
	fields_get(&in, &got);
	assert_true(record_ok(&in));
	assert_string_equal(got.v[FIELD_TITLE].text, "hi");
	assert_int_equal(got.v[FIELD_PERFORMERS].names.n, 2);
	assert_string_equal(got.v[FIELD_PERFORMERS].names.v[1], "b");
	assert_false(got.v[FIELD_SUMMARY].known);
}

/* A field of a later version stands between two that are known. */
static void test_unknown_numbers_are_read_over(void **state)
{
	static const unsigned unknown[] = {FIELD_COUNT, 100, 255};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(unknown); i++) {
		struct record_reader in;
		struct fields got;
		struct str out;

		str_init(&out, &arena);
		record_put_u8(&out, 3);
		record_put_u8(&out, FIELD_TITLE);
		record_put_u32(&out, 1);
		record_put_text(&out, "Harbour Lights");
		record_put_u8(&out, (uint8_t)unknown[i]);
		record_put_u32(&out, 2);
		record_put_text(&out, "x");
		record_put_text(&out, "y");
		record_put_u8(&out, FIELD_DATE);
		record_put_u32(&out, 1);
		record_put_text(&out, "2020-01-01");
		record_open(&in, record_bytes(&out), &arena);
		fields_get(&in, &got);
		ok &= row_true("readable", record_ok(&in));
		ok &= row_text("title", got.v[FIELD_TITLE].text, "Harbour Lights");
		ok &= row_text("date", got.v[FIELD_DATE].text, "2020-01-01");
		ok &= row_true("summary", !got.v[FIELD_SUMMARY].known);
	}
	assert_true(ok);
}

static void test_cut_everywhere(void **state)
{
	struct fields fields = {0};
	struct str out;

	(void)state;
	set_text(&fields.v[FIELD_TITLE], "Harbour Lights");
	set_names(&fields.v[FIELD_TAGS], 3);
	str_init(&out, &arena);
	fields_put(&out, &fields);
	for (size_t len = 0; len <= out.len; len++) {
		struct record_reader in;
		struct fields got;
		unsigned char *copy = arena_malloc(len);
		memcpy(copy, out.s, len);
		record_open(&in, (struct bytes){copy, len}, &arena);
		fields_get(&in, &got);
		assert_int_equal(record_ok(&in), len == out.len);
		free(copy);
	}
}

/* A number of texts that cannot be must not be believed. */
static void test_absurd_count(void **state)
{
	static const unsigned char record[] = {1, FIELD_TAGS, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0};
	struct record_reader in;
	struct fields got;

	(void)state;
	record_open(&in, (struct bytes){record, sizeof(record)}, &arena);
	fields_get(&in, &got);
	assert_false(record_ok(&in));
	assert_false(got.v[FIELD_TAGS].known);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(fields_name(FIELD_TITLE), "title");
	for (int f = 0; f < FIELD_COUNT; f++) {
		assert_non_null(fields_name((enum field)f));
		for (int g = 0; g < f; g++)
			assert_string_not_equal(
				fields_name((enum field)f), fields_name((enum field)g));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_numbers_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_unknown_numbers_are_read_over, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_everywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_absurd_count, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
	};

	return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
