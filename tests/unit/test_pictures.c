/*
 * test_pictures.c - what is done about one picture of one item, and which were ours before.
 */
#include "helpers.h"

#include "push/picture_step.h"

static void test_steps(void **state)
{
	static const struct {
		const char *name;
		struct picture_facts facts;
		enum picture_act want;
	} rows[] = {
		{"never dealt with: Plex is asked", {0}, PICTURE_ASK},
		{"this cover was put there before: nobody is asked", {.seen = true, .pushed = true},
			PICTURE_LEAVE},
		{"it was left to Plex before: nobody is asked", {.seen = true}, PICTURE_KEEP},
		{"put there before, by force: Plex is asked",
			{.seen = true, .pushed = true, .force = true}, PICTURE_ASK},
		{"put there before, and perhaps lost: Plex is asked",
			{.seen = true, .pushed = true, .lost = true}, PICTURE_ASK},
		{"put there again by a push that was cut off: Plex is asked",
			{.seen = true, .pushed = true, .meant = true}, PICTURE_ASK},
		{"lost", {.seen = true, .pushed = true, .lost = true, .listed = true}, PICTURE_PUT},
		{"not lost, but its lock",
			{.seen = true,
				.pushed = true,
				.lost = true,
				.listed = true,
				.selected = true},
			PICTURE_ADOPT},
		{"left to Plex before, in a database that was put back",
			{.seen = true, .lost = true}, PICTURE_KEEP},
		{"not a picture: nobody is asked", {.wrong = true}, PICTURE_KEEP},
		{"not a picture, by force", {.wrong = true, .seen = true, .force = true},
			PICTURE_KEEP},
		{"not a picture, and put there by an earlier version",
			{.wrong = true, .seen = true, .pushed = true}, PICTURE_LEAVE},
		{"nobody chose what is there, and none of ours was: nobody is asked",
			{.free = true}, PICTURE_PUT},
		{"not a picture, where nobody chose one", {.free = true, .wrong = true},
			PICTURE_KEEP},
		{"another cover than the one that is there", {.listed = true}, PICTURE_PUT},
		{"a person chose one", {.listed = true, .chosen = true}, PICTURE_KEEP},
		{"a person chose one, by force", {.listed = true, .chosen = true, .force = true},
			PICTURE_PUT},
		{"it is there already", {.listed = true, .selected = true}, PICTURE_ADOPT},
		{"by a push that was cut off before it was locked",
			{.listed = true, .selected = true, .meant = true}, PICTURE_LOCK},
		{"meant, but it never came", {.listed = true, .meant = true}, PICTURE_PUT},
		{"Plex did not take it: nobody is asked", {.refused = true}, PICTURE_REFUSED},
		{"it did, at another time", {.refused = true, .seen = true, .pushed = true},
			PICTURE_LEAVE},
		{"it said yes, and did not list it: Plex is asked once more",
			{.refused = true, .meant = true}, PICTURE_ASK},
		{"it lists it now", {.refused = true, .meant = true, .listed = true, .there = true},
			PICTURE_PUT},
		{"it shows it now",
			{.refused = true,
				.meant = true,
				.listed = true,
				.there = true,
				.selected = true},
			PICTURE_LOCK},
		{"it never lists it", {.refused = true, .meant = true, .listed = true},
			PICTURE_REFUSED},
		{"it never lists it, and a person chose another one since",
			{.refused = true, .meant = true, .listed = true, .chosen = true},
			PICTURE_KEEP},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, picture_decide(&rows[i].facts), rows[i].want);
	assert_true(ok);
}

/* Only what nothing but the upload can have brought is believed. */
static void test_is_shown(void **state)
{
	static const struct {
		const char *name;
		struct picture_look before, now;
		bool want;
	} rows[] = {
		{"nothing came", {false, false}, {false, false}, false},
		{"a first one, and its lock", {false, false}, {true, true}, true},
		{"a first one, by a Plex that does not lock", {false, false}, {true, false}, true},
		{"a lock on what is shown", {true, false}, {true, true}, true},
		{"a lock, and still none", {false, false}, {false, true}, false},
		{"as before", {true, false}, {true, false}, false},
		{"as before, and locked", {true, true}, {true, true}, false},
		{"it is gone", {true, true}, {false, true}, false},
		{"a lock that went", {true, true}, {true, false}, false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, picture_step_proves(&rows[i].before, &rows[i].now),
			rows[i].want);
	assert_true(ok);
}

/* One by one they take each other's place, and one of them comes back. */
static void test_which_were_ours(void **state)
{
	static const struct picture a = {.key = "upload://posters/aa"},
				    b = {.key = "upload://posters/seasons/1/episodes/2/bb"},
				    agents = {.key = "metadata://posters/aa"};
	struct history history = {0};

	(void)state;
	picture_note_ours(&history, FIELD_POSTER, "aa");
	picture_note_ours(&history, FIELD_POSTER, "aa");
	assert_true(picture_is_value(&a, &history.pushed.v[FIELD_POSTER]));
	assert_false(picture_is_value(&agents, &history.pushed.v[FIELD_POSTER]));
	assert_false(picture_was_ours(&history, FIELD_POSTER, &a));

	picture_note_ours(&history, FIELD_POSTER, "bb");
	assert_true(picture_is_value(&b, &history.pushed.v[FIELD_POSTER]));
	assert_true(picture_was_ours(&history, FIELD_POSTER, &a));
	assert_false(picture_was_ours(&history, FIELD_POSTER, &b));
	assert_false(picture_was_ours(&history, FIELD_POSTER, &agents));
	assert_false(picture_was_ours(&history, FIELD_BACKGROUND, &a));

	picture_note_ours(&history, FIELD_POSTER, "cc");
	picture_note_ours(&history, FIELD_POSTER, NULL);
	assert_false(history.pushed.v[FIELD_POSTER].known);
	assert_true(picture_was_ours(&history, FIELD_POSTER, &a));
	assert_true(picture_was_ours(&history, FIELD_POSTER, &b));
	assert_int_equal(history.past.count, 3);

	history = (struct history){0}; /* of a record that knows the last one alone */
	history.previous.v[FIELD_POSTER] = (struct value){.known = true, .text = "bb"};
	assert_true(picture_was_ours(&history, FIELD_POSTER, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps),
		cmocka_unit_test(test_is_shown), cmocka_unit_test(test_which_were_ours)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
