/*
 * test_art.c - poster and summary of collections: what is decided, what is remembered of it, and
 * which of Stash's pictures count.
 */
#include "queue_open.h"

#include "push/art.h"
#include "state/owed.h"
#include "state/tables.h"

static void test_decide(void **unused)
{
	static const struct art_facts same = {.found = true,
		.same_name = true,
		.same = true,
		.dealt_with = true,
		.plain = 1,
		.there = true};
	static const struct {
		const char *name;
		enum {
			GONE,
			NAME,
			OTHER,
			AGAIN,
			NEW,
			NONE,
			SMART,
			BOTH,
			ELSEWHERE,
			LATE,
			HIDDEN
		} what;
		enum art_step want;
	} rows[] = {
		{"Stash does not have it any more", GONE, ART_FORGET},
		{"it has another name now", NAME, ART_FORGET},
		{"Stash has something else", OTHER, ART_LOOK},
		{"it is to be looked at", AGAIN, ART_LOOK},
		{"it is new", NEW, ART_LOOK},
		{"Plex does not have it any more", NONE, ART_FORGET},
		{"Plex does not have it yet", LATE, ART_ABSENT},
		{"there is only a smart one", SMART, ART_SMART},
		{"there is a smart one, too", BOTH, ART_SAME},
		{"it came back under another key", ELSEWHERE, ART_LOOK},
		{"Plex cannot list it, perhaps", HIDDEN, ART_HIDDEN},
	};
	bool ok = row_int("as it was", art_decide(&same), ART_SAME);

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct art_facts facts = same;
		facts.found = rows[i].what != GONE;
		facts.same_name = rows[i].what != NAME;
		facts.same = rows[i].what != OTHER && rows[i].what != NEW && rows[i].what != LATE;
		facts.dealt_with = rows[i].what != NEW && rows[i].what != LATE;
		facts.again = rows[i].what == AGAIN;
		facts.smart = rows[i].what == SMART || rows[i].what == BOTH;
		facts.plain = rows[i].what != SMART && rows[i].what != NONE &&
			      rows[i].what != LATE && rows[i].what != HIDDEN;
		facts.hidden = rows[i].what == HIDDEN || rows[i].what == SMART ||
			       rows[i].what == BOTH;
		facts.there = facts.plain > 0 && rows[i].what != ELSEWHERE && rows[i].what != NEW;
		ok &= row_int(rows[i].name, art_decide(&facts), rows[i].want);
	}
	assert_true(ok);
}

static void test_pictures_of_stash(void **unused)
{
	static const struct {
		enum input_noun noun;
		const char *address, *want;
	} rows[] = {
		{NOUN_GROUP, "http://127.0.0.1:9999/group/7/frontimage?t=1", "/group/7/frontimage"},
		{NOUN_GROUP, "https://x.example/stash/movie/7/frontimage?t=1",
			"/movie/7/frontimage"},
		{NOUN_STUDIO, "http://127.0.0.1:9999/studio/7/image", "/studio/7/image"},
		{NOUN_STUDIO, "http://127.0.0.1:9999/studio/7/image?t=1&default=true", ""},
		{NOUN_GROUP, "http://127.0.0.1:9999/group/7/frontimage?default=true&t=1", ""},
		{NOUN_GROUP, "http://127.0.0.1:9999/group/77/frontimage?t=1", ""},
		{NOUN_STUDIO, "http://127.0.0.1:9999/group/7/frontimage?t=1", ""},
		{NOUN_GROUP, "", ""},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_text(rows[i].address,
			stash_art_picture(rows[i].noun, 7, rows[i].address, &arena), rows[i].want);
	assert_true(ok);
}

static struct art entry(int64_t id, const char *machine, int section)
{
	return (struct art){.noun = NOUN_GROUP,
		.id = id,
		.machine = machine,
		.section = section,
		.name = art_name("Boats"),
		.rating_key = "55",
		.stash = digest_text("what Stash had"),
		.etag = "\"e\"",
		.sha1 = "0123"};
}

static void put(int64_t id, const char *machine, int section)
{
	struct art art = entry(id, machine, section);

	art_put(&txn, &art);
}

static size_t owed(void)
{
	struct owed_entity entities[8];

	return owed_from(&txn, OWED_ART, entities, 8);
}

static bool is_looked_at_again(const char *machine)
{
	struct digest zero = {{0}};
	struct art art;

	assert_int_equal(art_get(&txn, NOUN_GROUP, 7, machine, 1, &art, &arena), FOUND);
	return memcmp(&art.stash, &zero, sizeof(zero)) == 0;
}

static void test_remembered(void **unused)
{
	struct art art, *list;

	(void)unused;
	put(7, "server", 1);
	put(7, "server", 258);
	put(7, "other", 1);
	put(8, "server", 1);
	assert_int_equal(art_get(&txn, NOUN_GROUP, 7, "server", 258, &art, &arena), FOUND);
	assert_int_equal(art.section, 258);
	assert_string_equal(art.etag, "\"e\"");
	assert_string_equal(art.rating_key, "55");
	assert_int_equal(art_get(&txn, NOUN_STUDIO, 7, "server", 1, &art, &arena), ABSENT);
	assert_int_equal(art_list(&txn, NOUN_GROUP, 7, &list, &arena), 3);
	assert_int_equal(art_list_all(&txn, &list, &arena), 4);
	assert_int_equal(list[0].id, 7);
	assert_int_equal(list[3].id, 8);
	art_forget(&txn, &list[0]);
	assert_int_equal(art_list(&txn, NOUN_GROUP, 7, &list, &arena), 2);
	assert_int_equal(owed(), 0);
}

static void test_owed(void **unused)
{
	struct owed_entity entity;
	struct art art;

	(void)unused;
	art_owe_all(&txn, false);
	art_owe_edited(&txn, NOUN_GROUP, 7);
	assert_int_equal(owed(), 0);
	put(7, "server", 1);
	put(7, "other", 1);
	put(8, "server", 1);
	art_owe_edited(&txn, NOUN_GROUP, 7);
	assert_int_equal(owed(), 1);
	assert_true(is_looked_at_again("server") && is_looked_at_again("other"));
	owed_add(&txn, NOUN_TAG, 1);
	assert_int_equal(owed_next(&txn, &entity), FOUND);
	assert_int_equal(entity.noun, NOUN_TAG);
	owed_done(&txn, &entity);
	assert_int_equal(owed_next(&txn, &entity), FOUND);
	assert_int_equal(entity.noun, NOUN_GROUP | OWED_ART);
	art_owe(&txn, NOUN_GROUP, 7); /* edited meanwhile */
	owed_done(&txn, &entity);
	assert_int_equal(owed(), 1);
	art_owe_all(&txn, false);
	assert_int_equal(owed(), 2);
	art_owe_restored(&txn, "other");
	assert_int_equal(art_get(&txn, NOUN_GROUP, 7, "other", 1, &art, &arena), FOUND);
	assert_true(art.restored);
	assert_int_equal(art_get(&txn, NOUN_GROUP, 7, "server", 1, &art, &arena), FOUND);
	assert_false(art.restored);
}

/* What cannot be read is none: a push of one of its scenes makes another. */
static void test_unreadable(void **unused)
{
	static const char begin[] = "art/\x04\0\0\0\0\0\0\0\x07\0\0\0\x01";
	unsigned char key[sizeof(begin) - 1 + DIGEST_BYTES];
	struct digest machine = digest_text("server");
	struct art art, *list;

	(void)unused;
	memcpy(key, begin, sizeof(begin) - 1);
	memcpy(key + sizeof(begin) - 1, machine.bytes, DIGEST_BYTES);
	put(7, "server", 1);
	assert_int_equal(art_list_all(&txn, &list, &arena), 1);
	store_put(&txn, QUEUE_META, (struct bytes){key, sizeof(key)}, (struct bytes){"\x01", 1});
	assert_int_equal(art_list_all(&txn, &list, &arena), 0);
	assert_int_equal(art_get(&txn, NOUN_GROUP, 7, "server", 1, &art, &arena), ABSENT);
	put(7, "server", 1);
	assert_int_equal(art_list_all(&txn, &list, &arena), 1);
}

static void test_names(void **unused)
{
	struct digest name = art_name("Boats"), same = art_name(" boats"), other = art_name("Boat");

	(void)unused;
	assert_memory_equal(&name, &same, sizeof(name));
	assert_memory_not_equal(&name, &other, sizeof(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_decide, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pictures_of_stash, setup, teardown),
		cmocka_unit_test_setup_teardown(test_remembered, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unreadable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
