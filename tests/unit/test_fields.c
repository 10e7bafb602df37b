/*
 * test_fields.c - metadata as stored bytes: round trip, long texts that are kept as
 * digests and how they compare, numbers that this version does not know, and records
 * that end too early.
 */
#include "arena_open.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "state/fields.h"

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

static struct bytes written(const struct fields *fields, const struct fields *like)
{
	struct fields copy = *fields;
	struct record r;

	record_write(&r, &arena);
	fields_record(&r, &copy, like);
	return record_bytes(&r);
}

static bool parsed(struct bytes bytes, struct fields *got, const struct fields *like)
{
	struct record r;

	record_read(&r, bytes, &arena);
	fields_record(&r, got, like);
	return record_ok(&r);
}

static bool round_trip(const char *name, const struct fields *fields)
{
	struct fields got;
	bool ok = row_true(name, parsed(written(fields, NULL), &got, NULL));

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

/* Kinds of field that are on disks already, of version 1 and of this one. */
static void test_numbers_stay(void **state)
{
	static const unsigned char first[] = {2, 0, 0, 0, 0, 1, 0, 0, 0, 2, 'h', 'i', 4, 0, 0, 0, 2,
		0, 0, 0, 1, 'a', 0, 0, 0, 1, 'b'};
	static const unsigned char second[] = {
		2, 0, 0, 0, 0, 0, 2, 'h', 'i', 4, 2, 0, 0, 0, 2, 0, 0, 0, 1, 'a', 0, 0, 0, 1, 'b'};
	struct fields got;
	struct record r;

	(void)state;
	for (int version = 1; version <= 2; version++) {
		if (version == 1) {
			record_read(&r, (struct bytes){first, sizeof(first)}, &arena);
			fields_record_1(&r, &got);
		} else {
			record_read(&r, (struct bytes){second, sizeof(second)}, &arena);
			fields_record(&r, &got, NULL);
		}
		assert_true(record_ok(&r));
		assert_string_equal(got.v[FIELD_TITLE].text, "hi");
		assert_int_equal(got.v[FIELD_PERFORMERS].names.n, 2);
		assert_string_equal(got.v[FIELD_PERFORMERS].names.v[1], "b");
		assert_false(got.v[FIELD_SUMMARY].known);
	}
	assert_int_equal(written(&got, NULL).len, sizeof(second));
	assert_memory_equal(written(&got, NULL).data, second, sizeof(second));
}

/* A field of a later version stands between two that are known. */
static void test_unknown_numbers_are_read_over(void **state)
{
	static const unsigned char unknown[] = {FIELD_COUNT, 100, 255};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(unknown); i++) {
		unsigned char record[] = {3, FIELD_TITLE, 0, 0, 0, 0, 1, 'A', unknown[i], 2, 0, 0,
			0, 1, 0, 0, 0, 1, 'x', FIELD_DATE, 0, 0, 0, 0, 1, 'B'};
		struct fields got;
		ok &= row_true(
			"readable", parsed((struct bytes){record, sizeof(record)}, &got, NULL));
		ok &= row_text("title", got.v[FIELD_TITLE].text, "A");
		ok &= row_text("date", got.v[FIELD_DATE].text, "B");
		ok &= row_true("summary", !got.v[FIELD_SUMMARY].known);
	}
	assert_true(ok);
}

static void test_cut_everywhere(void **state)
{
	struct fields fields = {0}, seen = {0}, got;
	struct bytes whole;

	(void)state;
	set_text(&fields.v[FIELD_TITLE], "Harbour Lights");
	set_text(&fields.v[FIELD_SUMMARY], arena_printf(&arena, "%0300d", 1));
	set_names(&fields.v[FIELD_TAGS], 3);
	seen.v[FIELD_TITLE] = fields.v[FIELD_TITLE];
	whole = written(&fields, &seen);
	for (size_t len = 0; len <= whole.len; len++) {
		unsigned char *copy = arena_malloc(len);
		memcpy(copy, whole.data, len);
		assert_int_equal(parsed((struct bytes){copy, len}, &got, &seen), len == whole.len);
		free(copy);
	}
}

static void test_damaged(void **state)
{
	static const struct {
		const char *name;
		unsigned char record[10];
		size_t len;
	} rows[] = {
		{"an absurd count", {1, FIELD_TAGS, 2, 0xff, 0xff, 0xff, 0xff, 0, 0, 0}, 10},
		{"an unknown form", {1, FIELD_TITLE, 4, 0, 0, 0, 0}, 7},
		{"a text of names", {1, FIELD_TAGS, 0, 0, 0, 0, 0}, 7},
		{"names of a text", {1, FIELD_TITLE, 2, 0, 0, 0, 0}, 7},
		{"like what is not known", {1, FIELD_TITLE, 3}, 3},
	};
	struct fields got, like = {0};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct bytes record = {rows[i].record, rows[i].len};
		ok &= row_true(rows[i].name, !parsed(record, &got, &like));
		ok &= row_true(rows[i].name, !parsed(record, &got, NULL));
	}
	assert_true(ok);
}

/* --- long texts ------------------------------------------------------------------ */

/* 'n' bytes of words. */
static char *words(size_t n)
{
	char *text = arena_alloc(&arena, n + 1);

	for (size_t i = 0; i < n; i++)
		text[i] = i % 6 == 5 ? ' ' : (char)('a' + (i / 6 + i) % 26);
	if (n > 0)
		text[n - 1] = '.';
	return text;
}

static struct value remembered(enum field f, const char *text)
{
	struct fields fields = {0}, got;

	fields.v[f] = (struct value){.known = true, .text = fields_is_set(f) ? "" : text};
	str_list_init(&fields.v[f].names, &arena);
	if (fields_is_set(f))
		str_list_add(&fields.v[f].names, arena_strdup(&arena, text));
	assert_true(parsed(written(&fields, NULL), &got, NULL));
	/* Remembering what was remembered changes nothing. */
	assert_int_equal(written(&got, NULL).len, written(&fields, NULL).len);
	assert_memory_equal(
		written(&got, NULL).data, written(&fields, NULL).data, written(&got, NULL).len);
	return got.v[f];
}

static void test_what_is_kept_of_a_text(void **state)
{
	static const size_t lengths[] = {0, 1, 79, 80, 81, 300, 65536};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(lengths); i++) {
		const char *text = words(lengths[i]);
		char *other = arena_strdup(&arena, text);
		struct value value = remembered(FIELD_SUMMARY, text);
		ok &= row_int("cut", value.cut, lengths[i] > LIMIT_REMEMBERED_BYTES);
		ok &= row_int("kept", (int64_t)strlen(value.text),
			lengths[i] > 80 ? 80 : (int64_t)lengths[i]);
		ok &= row_true("its beginning", strncmp(value.text, text, strlen(value.text)) == 0);
		ok &= row_true("is", value_is(&value, text));
		ok &= row_true("is alike", value_alike(&value, text, &arena));
		if (lengths[i] == 0)
			continue;
		other[lengths[i] - 1] = '!';
		ok &= row_true("is not another", !value_is(&value, other));
		ok &= row_true("is not like another", !value_alike(&value, other, &arena));
		other[lengths[i] - 1] = '\0';
		ok &= row_true("is not its beginning", !value_is(&value, other));
		ok &= row_true("is not what is kept", !value.cut || !value_is(&value, value.text));
	}
	assert_true(ok);
}

/* Between two characters, whatever the length of the last one; and bytes that are not
 * UTF-8 do not lead to far back. */
static void test_cut_between_characters(void **state)
{
	static const struct {
		const char *tail;
		size_t before, kept;
	} rows[] = {
		{"\xc3\xa9 and more", 78, 80},
		{"\xc3\xa9 and more", 79, 79},
		{"\xe2\x82\xac and more", 78, 78},
		{"\xf0\x9f\x9a\x80 and more", 77, 77},
		{"\xf0\x9f\x9a\x80 and more", 76, 80},
		{"\xa9\xa9\xa9\xa9\xa9\xa9\xa9\xa9\xa9", 74, 77},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *text = arena_printf(
			&arena, "%.*s%s", (int)rows[i].before, words(90), rows[i].tail);
		struct value value = remembered(FIELD_SUMMARY, text);
		ok &= row_int(rows[i].tail, (int64_t)strlen(value.text), (int64_t)rows[i].kept);
		ok &= row_true(rows[i].tail, value_is(&value, text));
	}
	assert_true(ok);
}

/* As Plex keeps texts: the amount of white space, and composition, do not count. */
static void test_alike(void **state)
{
	static const struct {
		const char *then, *now;
		bool alike;
	} rows[] = {
		{"A B", "A B", true},
		{"A B", " A\n\nB ", true},
		{"A\n\nB", "A  B", true},
		{"Caf\xc3\xa9", "Cafe\xcc\x81", true},
		{"A B", "a b", false},
		{"A B", "AB", false},
		{"", " ", true},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < 2 * ROWS(rows); i++) {
		const char *front = i % 2 == 1 ? arena_printf(&arena, "%s ", words(100)) : "";
		const char *then = arena_printf(&arena, "%s%s", front, rows[i / 2].then);
		const char *now = arena_printf(&arena, "%s%s", front, rows[i / 2].now);
		struct value value = remembered(FIELD_SUMMARY, then);
		ok &= row_int(now, value_alike(&value, now, &arena), rows[i / 2].alike);
		ok &= row_int(now, value_is(&value, now), strcmp(then, now) == 0);
	}
	assert_true(ok);
}

static void test_unknown_is_nothing(void **state)
{
	struct value value = {.known = false};

	(void)state;
	assert_false(value_is(&value, ""));
	assert_false(value_alike(&value, "", &arena));
}

/* Names compare as ever, and in the length that is kept of them. */
static void test_long_names(void **state)
{
	const char *long_name = arena_printf(&arena, "Ana Duarte of the %s", words(100));
	struct value value = remembered(FIELD_TAGS, long_name);
	const char *kept = value.names.v[0], *key = fields_name_key(kept, &arena);

	(void)state;
	assert_true(strlen(kept) < 120);
	assert_int_equal(strncmp(kept, long_name, 80), 0);
	assert_string_equal(key, fields_name_key(long_name, &arena));
	assert_string_equal(key, fields_name_key(utf8_fold(&arena, long_name), &arena));
	assert_string_not_equal(
		key, fields_name_key(arena_printf(&arena, "%s!", long_name), &arena));
	assert_string_not_equal(key, fields_name_key(arena_strndup(&arena, long_name, 80), &arena));
	assert_string_equal(
		value_show(FIELD_TAGS, &value, &arena), arena_printf(&arena, "%.80s…", long_name));
	value = remembered(FIELD_TAGS, " Ana  DUARTE ");
	assert_string_equal(value.names.v[0], " Ana  DUARTE ");
	assert_string_equal(fields_name_key(value.names.v[0], &arena), "ana duarte");
}

static void test_show(void **state)
{
	struct value text = remembered(FIELD_SUMMARY, words(100)), names = {.known = true};

	(void)state;
	assert_string_equal(value_show(FIELD_SUMMARY, &text, &arena),
		arena_printf(&arena, "%.80s…", words(100)));
	text = remembered(FIELD_SUMMARY, "short");
	assert_string_equal(value_show(FIELD_SUMMARY, &text, &arena), "short");
	set_names(&names, 2);
	assert_string_equal(value_show(FIELD_TAGS, &names, &arena), "Ana Duarte 0, Ana Duarte 1");
}

/* A secret in a text is not written, and the text is recognised all the same. */
static void test_secrets(void **state)
{
	const char *text = "the token is abcdefghij0123456789";
	struct fields fields = {0}, got;
	struct value value;

	(void)state;
	log_secret("abcdefghij0123456789");
	value = remembered(FIELD_TITLE, text);
	assert_null(strstr(value.text, "abcdefghij"));
	assert_true(value_is(&value, text));
	value = remembered(FIELD_SUMMARY, arena_printf(&arena, "%s%s", words(60), text));
	assert_null(strstr(value.text, "abcdefg"));
	value = remembered(FIELD_TAGS, text);
	assert_null(strstr(value.names.v[0], "abcdefghij"));
	/* One that is announced after it was written goes with the next write. */
	text = arena_printf(&arena, "klmnopqrst9876543210 %s", words(100));
	fields.v[FIELD_TITLE] = remembered(FIELD_TITLE, text);
	log_secret("klmnopqrst9876543210");
	assert_true(parsed(written(&fields, NULL), &got, NULL));
	assert_null(strstr(got.v[FIELD_TITLE].text, "klmnopqrst"));
	assert_true(value_is(&got.v[FIELD_TITLE], text));
}

/* What Plex held after a push is as a rule what was pushed. */
static void test_like(void **state)
{
	struct fields pushed = {0}, seen = {0}, got_pushed, got;

	(void)state;
	set_text(&pushed.v[FIELD_TITLE], "Harbour Lights");
	set_text(&pushed.v[FIELD_SUMMARY], words(500));
	set_text(&pushed.v[FIELD_STUDIO], words(500));
	set_names(&pushed.v[FIELD_TAGS], 20);
	set_names(&pushed.v[FIELD_PERFORMERS], 20);
	seen = pushed;
	set_text(&seen.v[FIELD_STUDIO], arena_printf(&arena, "%s.", words(500)));
	set_names(&seen.v[FIELD_PERFORMERS], 19);
	seen.v[FIELD_DATE] = seen.v[FIELD_TITLE];
	set_text(&seen.v[FIELD_RATING], ""); /* and nothing of it was pushed */
	assert_true(parsed(written(&pushed, NULL), &got_pushed, NULL));
	assert_true(parsed(written(&seen, &pushed), &got, &got_pushed));
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		assert_int_equal(got.v[f].known, seen.v[f].known);
		assert_true(str_list_same(&got.v[f].names, &seen.v[f].names));
		if (seen.v[f].known && !fields_is_set(f))
			assert_true(value_is(&got.v[f], seen.v[f].text));
	}
	assert_true(written(&pushed, &pushed).len <= 1 + 2 * 5);
}

/* The setting that made a value goes with it, and where there is none it costs nothing. */
static void test_by(void **state)
{
	struct fields fields = {0}, seen, got, got_seen;
	size_t without;

	(void)state;
	log_secret("Zq81xxTTaa");
	set_text(&fields.v[FIELD_TITLE], "Northlight - Harbour Lights");
	set_text(&fields.v[FIELD_SORT_TITLE], words(500));
	seen = fields;
	fields.v[FIELD_TITLE].by = "";
	without = written(&fields, NULL).len;
	fields.v[FIELD_TITLE].by = "{studio} - {title}";
	fields.v[FIELD_SORT_TITLE].by = "{title} Zq81xxTTaa";
	assert_true(parsed(written(&fields, NULL), &got, NULL));
	assert_string_equal(got.v[FIELD_TITLE].by, "{studio} - {title}");
	assert_true(value_is(&got.v[FIELD_TITLE], "Northlight - Harbour Lights"));
	assert_true(value_is(&got.v[FIELD_SORT_TITLE], words(500)));
	assert_null(strstr(got.v[FIELD_SORT_TITLE].by, "Zq81xxTTaa"));
	/* What Plex held is what was pushed, whatever made it. */
	assert_true(written(&seen, &fields).len <= 1 + 2 * 2);
	assert_true(parsed(written(&seen, &fields), &got_seen, &got));
	assert_true(value_is(&got_seen.v[FIELD_TITLE], "Northlight - Harbour Lights"));
	fields.v[FIELD_TITLE].by = fields.v[FIELD_SORT_TITLE].by = NULL;
	assert_int_equal(written(&fields, NULL).len, without);
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
		cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_kept_of_a_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_between_characters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_alike, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_is_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_show, setup, teardown),
		cmocka_unit_test_setup_teardown(test_secrets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_like, setup, teardown),
		cmocka_unit_test_setup_teardown(test_by, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
