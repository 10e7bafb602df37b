/*
 * test_decide.c - what comes of a push, from what became of its files and items.
 */
#include "arena_open.h"

#include "push/decide.h"

/* --- the scene ------------------------------------------------------------------- */

static struct push begin(struct request asked)
{
	static struct scene_file file = {.path = "/data/films/quay.mp4", .size = 1};
	struct push push;

	asked.scene = 45;
	push_init(&push, &asked, NULL, &arena);
	push.scene.title = "Quay";
	push.scene.files = &file;
	push.scene.file_count = 1;
	return push;
}

/* What the job says of how it is to be pushed counts beside what was asked for. */
static void test_begins_as_asked(void **state)
{
	static const struct {
		const char *name;
		bool has_job;
		struct job job;
		struct request asked;
		bool force, unattended;
	} rows[] = {
		{"nothing special", true, {0}, {0}, false, false},
		{"a forced job", true, {.force = true}, {0}, true, false},
		{"a job of a sweep", true, {.unattended = true}, {0}, false, true},
		{"forced by hand", true, {0}, {.force = true}, true, false},
		{"no job", false, {0}, {.unattended = true}, false, true},
		{"no job, forced", false, {0}, {.force = true}, true, false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct push push;
		push_init(&push, &rows[i].asked, rows[i].has_job ? &rows[i].job : NULL, &arena);
		ok &= row_int(rows[i].name, push.asked.force, rows[i].force);
		ok &= row_int(rows[i].name, push.asked.unattended, rows[i].unattended);
	}
	assert_true(ok);
}

static void test_scene(void **state)
{
	struct env_settings use = {.s.skip_tag = ""};
	struct push push = begin((struct request){0});
	bool ok = true;

	(void)state;
	ok &= row_true("a scene like any other", decide_scene(&use, &push));
	ok &= row_text("its values are known", push.ours.v[FIELD_TITLE].text, "Quay");
	ok &= row_true("no reason to leave it", push.ignored == NULL);

	push.gone = true;
	ok &= row_true("gone", !decide_scene(&use, &push));
	ok &= row_int("gone", push.result, PUSH_IGNORED);

	use.s.only_organized = true;
	push = begin((struct request){0});
	ok &= row_true("stopped by a filter", !decide_scene(&use, &push));
	ok &= row_int("stopped by a filter", push.result, PUSH_IGNORED);
	ok &= row_true("and it says by which", push.ignored != NULL);

	use.s = (struct settings){.skip_tag = "", .hook_queue_only = true};
	push = begin((struct request){.deadline_us = 1});
	ok &= row_true("a hook learns of hookQueueOnly", !decide_scene(&use, &push));
	ok &= row_int("a hook learns of hookQueueOnly", push.result, PUSH_QUEUED);
	push = begin((struct request){0});
	ok &= row_true("a drain does not mind it", decide_scene(&use, &push));
	assert_true(ok);
}

/* Nothing is known of a scene that was pushed before: it was emptied. */
static void test_was_pushed(void **state)
{
	struct env_settings use = {.s.skip_tag = ""};
	struct push push = begin((struct request){0});

	(void)state;
	push.scene.title = "";
	assert_false(decide_scene(&use, &push));
	push = begin((struct request){0});
	push.scene.title = "";
	push.before.count = 1;
	assert_true(decide_scene(&use, &push));
}

/* What is left to the drain although a setting is wrong gives that as its reason. */
static void test_a_wrong_setting_is_the_reason(void **state)
{
	struct env_settings use = {.s.skip_tag = "", .trouble = 7};
	struct place place = {.state = PLACE_UNKNOWN, .why = "the index is old"};
	bool ok = true;

	(void)state;
	for (uint64_t settings = 6; settings < 8; settings++) {
		struct push push = begin((struct request){.deadline_us = 1});
		push.trouble = (struct trouble){.settings = settings, .text = "no such library"};
		push.places = &place;
		push.place_count = 1;
		ok &= row_true("it goes on", decide_scene(&use, &push));
		decide_result(&push);
		ok &= row_int("queued", push.result, PUSH_QUEUED);
		ok &= row_text(settings == 7 ? "these settings" : "other settings", push.reason,
			settings == 7 ? "no such library" : "the index is old");
	}
	assert_true(ok);
}

/* --- the targets ------------------------------------------------------------------ */

/* Item 55 has a title that somebody locked; nothing is remembered of it. */
static struct target locked_target(void)
{
	static char title[] = "title", *locks[] = {title};
	struct target target = {.item = {.rating_key = "55",
					.title = "My own",
					.summary = "",
					.studio = "",
					.date = "",
					.rating = "",
					.critic_rating = "",
					.sort_title = "",
					.content_rating = "",
					.locked = {.v = locks, .n = 1}}};

	return target;
}

static enum plan_verdict title_verdict(
	struct request asked, bool keep, bool unreadable, unsigned *held)
{
	struct env_settings use = {.s = {.skip_tag = "", .keep_plex_edits = keep}};
	struct push push = begin(asked);
	struct target target = locked_target();

	target.before.unreadable = unreadable;
	push.targets[push.target_count++] = &target;
	assert_true(decide_scene(&use, &push));
	decide_targets(&use, &push);
	*held = push_held(&push);
	return target.plan.f[FIELD_TITLE].verdict;
}

static void test_memory(void **state)
{
	const unsigned title = 1u << FIELD_TITLE;
	struct request none = {0}, careful = {.careful = true}, unattended = {.unattended = true};
	struct request forced = {.unattended = true, .force = true};
	bool ok = true;
	unsigned held;

	(void)state;
	ok &= row_int("asked for", title_verdict(none, false, false, &held), PLAN_WRITE);
	ok &= row_int("asked for", held, 0);
	ok &= row_int("nobody asked", title_verdict(unattended, false, false, &held), PLAN_HOLD);
	ok &= row_int("nobody asked", held, title);
	ok &= row_int("forced", title_verdict(forced, false, false, &held), PLAN_WRITE);
	ok &= row_int("no usable state", title_verdict(careful, false, false, &held), PLAN_KEEP);
	ok &= row_int("fieldKeepPlexEdits", title_verdict(none, true, false, &held), PLAN_KEEP);
	ok &= row_int(
		"a record that cannot be read", title_verdict(none, false, true, &held), PLAN_KEEP);
	assert_true(ok);
}

static void test_foreign(void **state)
{
	struct env_settings use = {.s.skip_tag = ""};
	struct push push = begin((struct request){0});
	struct target target = locked_target();

	(void)state;
	target.foreign = true;
	push.targets[push.target_count++] = &target;
	assert_true(decide_scene(&use, &push));
	decide_targets(&use, &push);
	assert_int_equal(target.plan.writes, 0);
}

/* --- the result -------------------------------------------------------------------- */

enum fate { NONE, UNCHANGED, WRITTEN, HELD, FOREIGN };

static void test_results(void **state)
{
	static const struct {
		const char *name;
		enum place_state places[2];
		enum fate items[2];
		enum push_result want;
		const char *reason, *missing, *taken;
	} rows[] = {
		{"written", {PLACE_FOUND, PLACE_FOUND}, {WRITTEN, UNCHANGED}, PUSH_SYNCED, NULL,
			NULL, NULL},
		{"unchanged", {PLACE_FOUND, PLACE_FOUND}, {UNCHANGED, NONE}, PUSH_UNCHANGED, NULL,
			NULL, NULL},
		{"one file is not there", {PLACE_FOUND, PLACE_ABSENT}, {WRITTEN, NONE}, PUSH_SYNCED,
			NULL, "absent", NULL},
		{"one file is uncertain", {PLACE_AMBIGUOUS, PLACE_FOUND}, {UNCHANGED, NONE},
			PUSH_UNCHANGED, NULL, "ambiguous", NULL},
		{"neither is there", {PLACE_ABSENT, PLACE_ABSENT}, {NONE, NONE}, PUSH_NOT_FOUND,
			"absent", NULL, NULL},
		{"one is not there, one uncertain", {PLACE_ABSENT, PLACE_AMBIGUOUS}, {NONE, NONE},
			PUSH_AMBIGUOUS, "ambiguous", NULL, NULL},
		{"it cannot be said of one", {PLACE_FOUND, PLACE_UNKNOWN}, {WRITTEN, NONE},
			PUSH_QUEUED, "unknown", NULL, NULL},
		{"another scene's", {PLACE_FOUND, PLACE_FOUND}, {FOREIGN, NONE}, PUSH_AMBIGUOUS,
			"*", NULL, NULL},
		{"another scene's, and one of ours", {PLACE_FOUND, PLACE_FOUND}, {FOREIGN, WRITTEN},
			PUSH_SYNCED, NULL, NULL,
			"Plex item 55 belongs to scene 9, whose file it plays first or which "
			"claimed it first"},
		{"somebody has to decide", {PLACE_FOUND, PLACE_FOUND}, {WRITTEN, HELD},
			PUSH_AMBIGUOUS, "*", NULL, NULL},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		static const char *const words[] = {
			[PLACE_AMBIGUOUS] = "ambiguous", "absent", "unknown"};
		struct push push = begin((struct request){0});
		struct place places[2];
		struct target targets[2];
		push.places = places;
		for (size_t n = 0; n < 2; n++) {
			places[n] = (struct place){.state = rows[i].places[n],
				.why = rows[i].places[n] == PLACE_FOUND ? NULL
									: words[rows[i].places[n]]};
			push.place_count++;
			targets[n] = (struct target){.item.rating_key = "55",
				.foreign = rows[i].items[n] == FOREIGN,
				.owner = 9,
				.written = rows[i].items[n] == WRITTEN,
				.plan.held = rows[i].items[n] == HELD};
			if (rows[i].items[n] != NONE)
				push.targets[push.target_count++] = &targets[n];
		}
		decide_result(&push);
		ok &= row_int(rows[i].name, push.result, rows[i].want);
		if (rows[i].reason != NULL && *rows[i].reason == '*')
			ok &= row_true(rows[i].name, push.reason != NULL);
		else
			ok &= row_text(rows[i].name, push.reason, rows[i].reason);
		ok &= row_text(rows[i].name, push.missing, rows[i].missing);
		ok &= row_text(rows[i].name, push.taken, rows[i].taken);
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_begins_as_asked),
		cmocka_unit_test(test_scene), cmocka_unit_test(test_was_pushed),
		cmocka_unit_test(test_a_wrong_setting_is_the_reason), cmocka_unit_test(test_memory),
		cmocka_unit_test(test_foreign), cmocka_unit_test(test_results)};

	return cmocka_run_group_tests(tests, setup, teardown);
}
