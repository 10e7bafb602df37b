/*
 * test_past.c - what an item's fields held before: noted once, the oldest gone first, known again by
 * what Plex compares, and read from its record as it was written.
 */
#include "arena_open.h"

#include "state/past.h"

static struct digest word(const char *text)
{
	return digest_text(text);
}

static void test_notes(void **state)
{
	struct past past = {0}, other = {0};

	(void)state;
	past_note(&past, FIELD_TITLE, PAST_FORMER, word("A"));
	past_note(&past, FIELD_TITLE, PAST_LEFT, word("B"));
	past_note(&past, FIELD_TAGS, PAST_LEFT, word("A"));
	past_note(&past, FIELD_TITLE, PAST_FORMER, word("A"));
	assert_int_equal(past.count, 3);
	assert_true(past_has(&past, FIELD_TITLE, PAST_FORMER, word("A")));
	assert_false(past_has(&past, FIELD_TITLE, PAST_LEFT, word("A")));
	assert_false(past_has(&past, FIELD_STUDIO, PAST_FORMER, word("A")));
	assert_true(past_has_any(&past, FIELD_TAGS, PAST_LEFT));
	assert_false(past_has_any(&past, FIELD_TAGS, PAST_DROPPED));

	past_forget(&past, FIELD_TITLE, PAST_FORMER, word("B")); /* there is none */
	past_note(&other, FIELD_TITLE, PAST_DROPPED, word("C"));
	past_note(&other, FIELD_DATE, PAST_FORMER, word("D"));
	past_take(&past, FIELD_TITLE, &other);
	assert_int_equal(past.count, 2);
	assert_true(past_has(&past, FIELD_TITLE, PAST_DROPPED, word("C")));
	assert_true(past_has(&past, FIELD_TAGS, PAST_LEFT, word("A")));
	past_forget_all(&past, FIELD_TAGS, PAST_LEFT);
	past_forget(&past, FIELD_TITLE, PAST_DROPPED, word("C"));
	assert_int_equal(past.count, 0);
}

static void test_the_oldest_goes(void **state)
{
	struct past past = {0};
	char text[] = "a";

	(void)state;
	for (unsigned i = 0; i <= PAST_MOST; i++) {
		text[0] = (char)('!' + i);
		past_note(&past, FIELD_TITLE, PAST_FORMER, word(text));
	}
	assert_int_equal(past.count, PAST_MOST);
	assert_false(past_has(&past, FIELD_TITLE, PAST_FORMER, word("!")));
	assert_true(past_has(&past, FIELD_TITLE, PAST_FORMER, word("\"")));
	assert_true(past_has(&past, FIELD_TITLE, PAST_FORMER, word(text)));
}

static struct value names(const char *x, const char *y)
{
	struct value value = {.known = true, .text = ""};

	str_list_init(&value.names, &arena);
	if (x != NULL)
		str_list_add(&value.names, arena_strdup(&arena, x));
	if (y != NULL)
		str_list_add(&value.names, arena_strdup(&arena, y));
	return value;
}

static bool alike(enum field field, struct value x, struct value y)
{
	struct digest a = past_value(field, &x, &arena), b = past_value(field, &y, &arena);

	return memcmp(&a, &b, sizeof(a)) == 0;
}

static struct value text(const char *text)
{
	return (struct value){.known = true, .text = text};
}

static void test_values(void **state)
{
	(void)state;
	assert_true(alike(FIELD_TITLE, text("A  B"), text(" A B")));
	assert_false(alike(FIELD_TITLE, text("A B"), text("a b")));
	assert_false(alike(FIELD_TITLE, text("A"), text("")));
	assert_true(alike(FIELD_TAGS, names("Sea", "Boats"), names("boats", "sea")));
	assert_false(alike(FIELD_TAGS, names("Sea", "Boats"), names("Sea", NULL)));
	assert_false(alike(FIELD_TAGS, names("Sea", "Sea"), names(NULL, NULL)));
}

/* A text that was cut on its way to the disk is the same value. */
static void test_record(void **state)
{
	char *beginning = arena_printf(&arena, "%0200d", 7);
	struct fields fields = {0}, got;
	struct past past = {0}, read = {0};
	struct record out, in;

	(void)state;
	fields.v[FIELD_SUMMARY] = text(beginning);
	past_note(&past, FIELD_SUMMARY, PAST_FORMER,
		past_value(FIELD_SUMMARY, &fields.v[FIELD_SUMMARY], &arena));
	record_write(&out, &arena);
	fields_record(&out, &fields, NULL);
	past_record(&out, &past);
	record_read(&in, record_bytes(&out), &arena);
	fields_record(&in, &got, NULL);
	past_record(&in, &read);
	assert_true(record_ok(&in));
	assert_true(got.v[FIELD_SUMMARY].cut);
	assert_true(past_has(&read, FIELD_SUMMARY, PAST_FORMER,
		past_value(FIELD_SUMMARY, &got.v[FIELD_SUMMARY], &arena)));

	record_read(&in, (struct bytes){"\xff", 1}, &arena); /* more than there can be */
	past_record(&in, &read);
	assert_false(record_ok(&in));
	assert_int_equal(read.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_notes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_oldest_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_record, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
