/*
 * test_undo.c - what becomes of one field when a push is undone, and what is remembered then.
 */
#include "arena_open.h"

#include "push/undo_field.h"

static struct value text(const char *value)
{
	return (struct value){.known = value != NULL, .text = value};
}

/* "Boats, Sea" */
static struct value names(const char *list)
{
	struct value value = text("");

	value.names = str_split(&arena, list, ',');
	for (size_t i = 0; i < value.names.n; i++)
		value.names.v[i] = str_trim(&arena, value.names.v[i]);
	return value;
}

static void test_texts(void **unused)
{
	static const struct {
		const char *name, *before, *after, *theirs;
		enum undo_verdict want;
	} rows[] = {
		{"as it was written", "quay", "Harbour", "Harbour", UNDO_WRITE},
		{"blanks do not count", "quay", "Harbour  Lights", " Harbour Lights", UNDO_WRITE},
		{"cleared by the push", "quay", "", "", UNDO_WRITE},
		{"there was nothing before", "", "Harbour", "Harbour", UNDO_WRITE},
		{"changed since", "quay", "Harbour", "Low Tide", UNDO_KEEP},
		{"cleared since", "quay", "Harbour", "", UNDO_KEEP},
		{"put back already", "quay", "Harbour", "quay", UNDO_BACK},
		{"not of this push", NULL, NULL, "quay", UNDO_NOTHING},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct value before = text(rows[i].before), after = text(rows[i].after),
			     theirs = text(rows[i].theirs);
		struct undo_field got = undo_field_decide(
			FIELD_TITLE, &before, &after, &theirs, &arena);
		ok &= row_int(rows[i].name, got.verdict, rows[i].want);
		if (got.verdict == UNDO_WRITE)
			ok &= row_text(rows[i].name, got.result.text, rows[i].before);
	}
	assert_true(ok);
}

static void test_sets(void **unused)
{
	static const struct {
		const char *name, *before, *after, *theirs;
		enum undo_verdict want;
		const char *result, *remove;
	} rows[] = {
		{"added", "Sea", "Sea,Boats", "Sea,Boats", UNDO_WRITE, "Sea", "Boats"},
		{"removed", "Sea,Fog", "Sea", "Sea", UNDO_WRITE, "Sea, Fog", ""},
		{"both, and another's since", "Sea,Fog", "Sea,Boats", "boats,Sea,Rain", UNDO_WRITE,
			"Sea, Rain, Fog", "boats"},
		{"one of those added went since", "", "Boats,Fog", "Fog", UNDO_WRITE, "", "Fog"},
		{"those added went since", "Sea", "Sea,Boats", "Sea,Rain", UNDO_BACK, "Sea, Rain",
			""},
		{"what it removed is there again", "Sea,Fog", "Sea", "Sea,fog", UNDO_BACK,
			"Sea, fog", ""},
		{"what was there before it went since", "Sea", "Sea,Boats", "Boats", UNDO_WRITE, "",
			"Boats"},
		{"only another spelling", "sea", "Sea", "Sea", UNDO_NOTHING, "", ""},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct value before = names(rows[i].before), after = names(rows[i].after),
			     theirs = names(rows[i].theirs), gone = text("");
		struct undo_field got = undo_field_decide(
			FIELD_TAGS, &before, &after, &theirs, &arena);
		gone.names = got.remove;
		ok &= row_int(rows[i].name, got.verdict, rows[i].want);
		ok &= row_text(
			rows[i].name, value_show(FIELD_TAGS, &got.result, &arena), rows[i].result);
		ok &= row_text(rows[i].name, value_show(FIELD_TAGS, &gone, &arena), rows[i].remove);
	}
	assert_true(ok);
}

/* What was not kept as a whole cannot be written; comparing with it needs no more. */
static void test_what_was_cut(void **unused)
{
	struct value whole = text("By the sea."), cut = {.known = true, .cut = true, .text = "By"};
	struct value set = names("Sea,Boats"), cut_set = names("Sea,Bo\1");

	(void)unused;
	assert_int_equal(
		undo_field_decide(FIELD_SUMMARY, &cut, &whole, &whole, &arena).verdict, UNDO_LOST);
	assert_int_equal(
		undo_field_decide(FIELD_TAGS, &cut_set, &set, &set, &arena).verdict, UNDO_LOST);
	assert_int_equal(
		undo_field_decide(FIELD_TAGS, &set, &cut_set, &set, &arena).verdict, UNDO_LOST);
	cut.alike = digest_text("By the sea.");
	assert_int_equal(
		undo_field_decide(FIELD_SUMMARY, &set, &cut, &whole, &arena).verdict, UNDO_WRITE);
}

static void test_what_is_remembered(void **unused)
{
	struct history history = {.locked = 0xfff};

	(void)unused;
	undo_field_forget_locks(&history, 1u << FIELD_TITLE | 1u << FIELD_COLLECTIONS);
	assert_int_equal(history.locked, 0xfff & ~(1u << FIELD_TITLE | 1u << FIELD_COLLECTIONS |
							 1u << FIELD_STUDIO_COLLECTION));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_was_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_remembered, setup, teardown),
	};

	return cmocka_run_group_tests_name("undo", tests, NULL, NULL);
}
