/*
 * test_settle.c - what becomes of a job after its push, and what is remembered of the scene.
 */
#include "arena_open.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/path.h"
#include "push/settle.h"
#include "state/breaker.h"
#include "state/library_index.h"
#include "state/trouble.h"

/* --- the job ------------------------------------------------------------------- */

static void test_success(void **state)
{
	static const struct {
		const char *name;
		enum push_result result;
		bool missing, in_hook, put_off;
		int want;
	} rows[] = {
		{"written", PUSH_SYNCED, false, false, false, SETTLE_ACK},
		{"nothing to write", PUSH_UNCHANGED, false, true, false, SETTLE_ACK},
		{"written, and a file is to come", PUSH_SYNCED, true, false, false, SETTLE_WAIT},
		{"nothing to write, and a file is to come", PUSH_UNCHANGED, true, true, false,
			SETTLE_WAIT},
		{"written, and a hook put off looking for a file", PUSH_SYNCED, true, true, true,
			SETTLE_LEAVE},
		{"not in Plex", PUSH_NOT_FOUND, false, false, false, SETTLE_WAIT},
		{"not in Plex, in a hook", PUSH_NOT_FOUND, false, true, false, SETTLE_WAIT},
		{"somebody has to decide", PUSH_AMBIGUOUS, false, false, false, SETTLE_FAIL},
		{"left alone", PUSH_IGNORED, false, false, false, SETTLE_ACK},
		{"a hook leaves it to the drain", PUSH_QUEUED, false, true, false, SETTLE_LEAVE},
		{"a drain asks again later", PUSH_QUEUED, false, false, false, SETTLE_AGAIN},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct settle_facts facts = {.result = rows[i].result,
			.missing = rows[i].missing,
			.put_off = rows[i].put_off,
			.in_hook = rows[i].in_hook};
		struct settle_verdict verdict = settle_decide(&facts);
		ok &= row_int(rows[i].name, (int64_t)verdict.job, rows[i].want);
		ok &= row_int(rows[i].name, verdict.next, PUSH_GO_ON);
		ok &= row_int(rows[i].name, (int64_t)verdict.breaker, SETTLE_BREAKER_STAYS);
		ok &= row_int(rows[i].name, (int64_t)verdict.trouble, SETTLE_TROUBLE_STAYS);
		ok &= row_true(rows[i].name, !verdict.gives_up);
	}
	assert_true(ok);
}

static void test_failure(void **state)
{
	static const struct {
		const char *name;
		enum err_kind kind;
		enum err_party party;
		uint32_t attempts;
		int job, breaker, trouble;
		bool gives_up;
		enum push_next next;
	} rows[] = {
		{"can never work", ERR_JOB, PARTY_PLEX, 0, SETTLE_FAIL, SETTLE_BREAKER_STAYS,
			SETTLE_TROUBLE_STAYS, true, PUSH_GO_ON},
		{"makes no sense", ERR_INPUT, PARTY_US, 0, SETTLE_FAIL, SETTLE_BREAKER_STAYS,
			SETTLE_TROUBLE_STAYS, true, PUSH_GO_ON},
		{"may work later", ERR_LATER, PARTY_PLEX, 0, SETTLE_AGAIN, SETTLE_BREAKER_STAYS,
			SETTLE_TROUBLE_STAYS, false, PUSH_GO_ON},
		{"the last attempt but one", ERR_LATER, PARTY_PLEX, LIMIT_ATTEMPTS - 2,
			SETTLE_AGAIN, SETTLE_BREAKER_STAYS, SETTLE_TROUBLE_STAYS, false,
			PUSH_GO_ON},
		{"the last attempt", ERR_LATER, PARTY_PLEX, LIMIT_ATTEMPTS - 1, SETTLE_FAIL,
			SETTLE_BREAKER_STAYS, SETTLE_TROUBLE_STAYS, true, PUSH_GO_ON},
		{"our time ran out", ERR_BUDGET, PARTY_PLEX, 3, SETTLE_LEAVE, SETTLE_BREAKER_STAYS,
			SETTLE_TROUBLE_STAYS, false, PUSH_STOP},
		{"Plex is down", ERR_SERVER, PARTY_PLEX, LIMIT_ATTEMPTS, SETTLE_KEEP,
			SETTLE_BREAKER_TRIPS, SETTLE_TROUBLE_STAYS, false, PUSH_STOP},
		{"Stash is down", ERR_SERVER, PARTY_STASH, 0, SETTLE_KEEP, SETTLE_BREAKER_STAYS,
			SETTLE_TROUBLE_STAYS, false, PUSH_STOP},
		{"a setting is wrong", ERR_SETUP, PARTY_PLEX, LIMIT_ATTEMPTS, SETTLE_KEEP,
			SETTLE_BREAKER_STAYS, SETTLE_TROUBLE_NOTED, false, PUSH_STOP},
		{"the state", ERR_STORE, PARTY_US, 0, SETTLE_LEAVE, SETTLE_BREAKER_STAYS,
			SETTLE_TROUBLE_STAYS, false, PUSH_STOP},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct settle_facts facts = {.failed = true,
			.kind = rows[i].kind,
			.party = rows[i].party,
			.attempts = rows[i].attempts,
			.plex_answered = true}; /* counts for nothing after a failure */
		struct settle_verdict verdict = settle_decide(&facts);
		ok &= row_int(rows[i].name, (int64_t)verdict.job, rows[i].job);
		ok &= row_int(rows[i].name, (int64_t)verdict.breaker, rows[i].breaker);
		ok &= row_int(rows[i].name, (int64_t)verdict.trouble, rows[i].trouble);
		ok &= row_int(rows[i].name, verdict.gives_up, rows[i].gives_up);
		ok &= row_int(rows[i].name, verdict.next, rows[i].next);
	}
	assert_true(ok);
}

/* What needs no new room in it still works. */
static void test_full(void **state)
{
	struct settle_facts facts = {.failed = true, .kind = ERR_STORE, .full = true};

	(void)state;
	assert_int_equal(settle_decide(&facts).next, PUSH_PASS);
	assert_int_equal(settle_decide(&facts).job, SETTLE_LEAVE);
}

static void test_again(void **state)
{
	struct settle_facts facts = {.failed = true, .kind = ERR_LATER, .attempts = 3, .scene = 5};
	int64_t fourth = settle_decide(&facts).again_ms;

	(void)state;
	assert_int_equal(fourth, queue_backoff_ms(3, 5));
	facts.attempts = 0;
	assert_true(settle_decide(&facts).again_ms < fourth);
}

static void test_servers(void **state)
{
	struct settle_facts facts = {.result = PUSH_UNCHANGED, .plex_answered = true};
	bool ok = true;

	(void)state;
	ok &= row_int(
		"Plex answered", (int64_t)settle_decide(&facts).breaker, SETTLE_BREAKER_CLOSES);
	ok &= row_int("so the settings work", (int64_t)settle_decide(&facts).trouble,
		SETTLE_TROUBLE_OVER);
	facts = (struct settle_facts){.result = PUSH_IGNORED, .trouble_of_others = true};
	ok &= row_int("other settings than those that failed",
		(int64_t)settle_decide(&facts).trouble, SETTLE_TROUBLE_OVER);
	ok &= row_int("say nothing of Plex", (int64_t)settle_decide(&facts).breaker,
		SETTLE_BREAKER_STAYS);
	facts = (struct settle_facts){
		.failed = true, .kind = ERR_SERVER, .party = PARTY_PLEX, .trouble_of_others = true};
	ok &= row_int("also where Plex is down", (int64_t)settle_decide(&facts).trouble,
		SETTLE_TROUBLE_OVER);
	facts.kind = ERR_SETUP;
	ok &= row_int("unless they fail, too", (int64_t)settle_decide(&facts).trouble,
		SETTLE_TROUBLE_NOTED);
	assert_true(ok);
}

/* --- the scene ------------------------------------------------------------------- */

#define NOW 5000

static struct history_item items_before[] = {{"server", "55"}, {"server", "66"}};

/* A push of scene 45, whose items were 55 and 66, to item 55. */
static void begin(struct push *push, struct target *target)
{
	struct request asked = {.scene = 45};

	push_init(push, &asked, NULL, &arena);
	push->before = (struct history_scene){.settled_ms = 1000,
		.content = digest_text("before"),
		.updated = "2026-01-01",
		.cover_etag = "",
		.cover_sha1 = "",
		.items = items_before,
		.count = 2};
	push->content = digest_text("now");
	push->scene.updated = "2026-02-02";
	push->cover.etag = "etag";
	push->cover.sha1 = "5ba9";
	*target = (struct target){.machine = "server", .item.rating_key = "55", .settled = true};
	push->targets[push->target_count++] = target;
}

static bool is_digest(const char *name, const struct digest *got, const char *want)
{
	struct digest digest = want ? digest_text(want) : (struct digest){{0}};

	return row_true(name, memcmp(got, &digest, sizeof(digest)) == 0);
}

static void test_remember_complete(void **state)
{
	struct history_scene out;
	struct target target;
	struct push push;
	bool ok = true;

	(void)state;
	begin(&push, &target);
	push.result = PUSH_SYNCED;
	settle_remember(&push, true, NOW, &out, &arena);
	ok &= row_int("settled now", out.settled_ms, NOW);
	ok &= is_digest("as it is", &out.content, "now");
	ok &= row_text("Stash's stamp", out.updated, "2026-02-02");
	ok &= row_text("the cover", out.cover_sha1, "5ba9");
	ok &= row_int("the items of now alone", (int64_t)out.count, 1);
	ok &= row_text("item 55", out.items[0].rating_key, "55");

	push.missing = "Plex does not have this file";
	settle_remember(&push, true, NOW, &out, &arena);
	ok &= is_digest("a file is to come: a sweep looks again", &out.content, NULL);

	push.missing = NULL;
	push.taken = "Plex item 56 belongs to scene 9";
	settle_remember(&push, true, NOW, &out, &arena);
	ok &= is_digest("the job waits for an item of another scene", &out.content, "now");

	push.taken = NULL;
	push.result = PUSH_AMBIGUOUS;
	settle_remember(&push, true, NOW, &out, &arena);
	ok &= is_digest("not pushed", &out.content, NULL);
	assert_true(ok);
}

static void test_remember_incomplete(void **state)
{
	struct history_scene out;
	struct target target;
	struct push push;
	bool ok = true;

	(void)state;
	begin(&push, &target);
	push.result = PUSH_SYNCED;
	settle_remember(&push, false, NOW, &out, &arena);
	ok &= row_int("not settled since then", out.settled_ms, 1000);
	ok &= is_digest("as it was then", &out.content, "before");
	ok &= row_text("with Stash's stamp of then", out.updated, "2026-01-01");
	ok &= row_int("both items", (int64_t)out.count, 2);
	ok &= row_text("the one of now", out.items[0].rating_key, "55");
	ok &= row_text("and the one that was not reached", out.items[1].rating_key, "66");

	target.settled = false;
	settle_remember(&push, false, NOW, &out, &arena);
	ok &= row_int("both are known from before", (int64_t)out.count, 2);
	target.item.rating_key = "77";
	settle_remember(&push, false, NOW, &out, &arena);
	ok &= row_int("one that was not dealt with is not claimed", (int64_t)out.count, 2);
	ok &= row_text("those of before are", out.items[0].rating_key, "55");
	assert_true(ok);
}

static void test_remember_ignored(void **state)
{
	struct history_scene out;
	struct target target;
	struct push push;

	(void)state;
	begin(&push, &target);
	push.target_count = 0;
	push.result = PUSH_IGNORED;
	push.ignored = "it is not marked organized";
	settle_remember(&push, true, NOW, &out, &arena);
	assert_int_equal(out.count, 0);
	assert_string_equal(out.updated, "");
	assert_string_equal(out.cover_etag, "");
	assert_int_equal(out.settled_ms, NOW);
	assert_true(is_digest("nothing was pushed", &out.content, NULL));
}

/* --- one commit ------------------------------------------------------------------- */

#define FILE_PATH "/data/films/Harbour Lights.mp4"
#define TWIN_PATH "/data/films/b/Quay.mp4"

/* Scene 45 waits in a queue of its own: a job, its file, and what is known so far. */
struct house {
	char dir[TEMP_BYTES];
	struct state state;
	struct env_settings use;
	struct env_run run;
	struct env env;
	struct scene_file files[2];
	struct place places[2];
	struct job job;
	struct target target;
	struct push push;
};

static void add_job(struct house *house)
{
	struct event event = {.scene = 45};
	struct txn txn;

	store_begin(&txn, house->state.queue, TXN_WRITE);
	queue_add(&txn, &event, NOW);
	assert_int_equal(queue_get(&txn, 45, &house->job, &arena), FOUND);
	assert_true(store_commit(&txn, NULL));
}

static void house_open(struct house *house)
{
	struct request asked = {.scene = 45};
	struct err err;

	*house = (struct house){.env = {.arena = &arena}};
	house->env.state = &house->state;
	house->env.use = &house->use;
	house->env.run = &house->run;
	temp_make(house->dir);
	assert_true(state_open(&house->state, house->dir, &err));
	add_job(house);
	push_init(&house->push, &asked, &house->job, &arena);
	house->files[0] = (struct scene_file){.path = FILE_PATH, .size = 10};
	house->files[1] = (struct scene_file){.path = TWIN_PATH, .size = 20};
	house->places[0] = (struct place){.file = &house->files[0], .state = PLACE_ABSENT};
	house->places[1] = (struct place){.file = &house->files[1], .state = PLACE_AMBIGUOUS};
	house->push.scene.files = house->files;
	house->push.scene.file_count = 2;
	house->push.places = house->places;
	house->push.result = PUSH_NOT_FOUND;
}

static void house_close(struct house *house)
{
	state_close(&house->state);
	temp_remove(house->dir);
}

static int state_of_job(struct house *house)
{
	struct job job = {.state = JOB_FAILED};
	struct txn txn;

	store_begin(&txn, house->state.queue, TXN_READ);
	assert_int_equal(queue_get(&txn, 45, &job, &arena), FOUND);
	store_abort(&txn);
	return (int)job.state;
}

static size_t wake(struct house *house, const char *path)
{
	struct digest name = path_name_digest(path);
	struct txn txn;
	size_t woken;

	store_begin(&txn, house->state.queue, TXN_WRITE);
	woken = queue_wake(&txn, &name, NOW);
	store_abort(&txn);
	return woken;
}

/* The third act of a push that was done, or failed with this error, which is updated. */
static enum push_next settle(struct house *house, bool pushed, struct err *err)
{
	struct push *push = &house->push;

	push->err = err != NULL ? *err : (struct err){0};
	settle_over(&house->env, push, pushed);
	settle_all(&house->env, &push, 1, NULL);
	if (err != NULL)
		*err = push->err;
	return push->next;
}

/* It waits for every file that is not where it should be, and for no other. */
static void test_waits_for(void **state)
{
	static struct house house;
	bool ok = true;

	(void)state;
	house_open(&house);
	house.push.place_count = 2;
	assert_int_equal(settle(&house, true, NULL), PUSH_GO_ON);
	assert_int_equal(state_of_job(&house), JOB_WAITING);
	ok &= row_int("the file that is not there", (int64_t)wake(&house, FILE_PATH), 1);
	ok &= row_int("the one that is not certain", (int64_t)wake(&house, TWIN_PATH), 1);
	ok &= row_int("another one", (int64_t)wake(&house, "/data/Tide.mp4"), 0);
	assert_true(ok);
	house_close(&house);

	house_open(&house);
	house.push.place_count = 2;
	house.places[0].state = PLACE_FOUND;
	assert_int_equal(settle(&house, true, NULL), PUSH_GO_ON);
	assert_int_equal(wake(&house, FILE_PATH), 0);
	house_close(&house);
}

/* An item of another scene: freed, or of its parts one has an item of its own. */
static void test_waits_for_an_item(void **state)
{
	static struct item_part parts[] = {{.path = "/mnt/a.mp4"}, {.path = "/mnt/b.mp4"}};
	static struct house house;
	static struct target target = {.machine = "m",
		.foreign = true,
		.item = {.rating_key = "7", .parts = parts, .part_count = 2}};
	struct history_item items[] = {{"m", "6"}, {"m", "7"}};
	struct history_scene before = {.items = items}, after = {.items = items};
	struct txn txn;
	bool ok = true;

	(void)state;
	house_open(&house);
	house.push.result = PUSH_AMBIGUOUS;
	house.push.targets[0] = &target;
	house.push.target_count = 1;
	assert_int_equal(settle(&house, true, NULL), PUSH_GO_ON);
	assert_int_equal(state_of_job(&house), JOB_FAILED);
	ok &= row_int("one of its files", (int64_t)wake(&house, "/x/a.mp4"), 1);
	ok &= row_int("the other one", (int64_t)wake(&house, "/x/B.mp4"), 1);
	ok &= row_int("a third one", (int64_t)wake(&house, "/x/c.mp4"), 0);
	for (before.count = 0; before.count <= 2; before.count++) {
		for (after.count = 0; after.count <= before.count; after.count++) {
			store_begin(&txn, house.state.queue, TXN_WRITE);
			settle_given_up(&txn, &before, &after, NOW);
			ok &= row_int("the owner gave it up", (int64_t)queue_ready(&txn),
				before.count == 2 && after.count < 2);
			store_abort(&txn);
		}
	}
	assert_true(ok);
	house_close(&house);
}

/* Another process added the file to the index after we looked, when nobody waited. */
static void test_gained_meanwhile(void **state)
{
	static const struct {
		const char *name;
		bool gained;
		enum place_state place;
		int want;
	} rows[] = {
		{"the index stayed as it was", false, PLACE_ABSENT, JOB_WAITING},
		{"it has gained since the look", true, PLACE_ABSENT, JOB_READY},
		{"or something about one of several", true, PLACE_AMBIGUOUS, JOB_READY},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		static struct house house;
		struct txn txn;
		house_open(&house);
		house.push.place_count = 1;
		house.places[0].state = rows[i].place;
		assert_true(state_begin_cache(&house.state, &txn, TXN_WRITE));
		house.places[0].where.gains = library_index_gains(&txn);
		if (rows[i].gained)
			library_index_note_gain(&txn);
		assert_true(store_commit(&txn, NULL));
		settle(&house, true, NULL);
		ok &= row_int(rows[i].name, state_of_job(&house), rows[i].want);
		house_close(&house);
	}
	assert_true(ok);
}

/* Only a result that Plex had a part in says that it is back. */
static void test_breaker(void **state)
{
	static const struct {
		const char *name;
		enum push_result result;
		bool has_target, open;
	} rows[] = {
		{"Plex, when asked, does not have it", PUSH_NOT_FOUND, false, false},
		{"nor is it certain which one it is", PUSH_AMBIGUOUS, false, false},
		{"one of its items was read", PUSH_UNCHANGED, true, false},
		{"a filter: nobody asked Plex", PUSH_IGNORED, false, true},
		{"left to a drain", PUSH_QUEUED, false, true},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct breaker breaker = {.open = true, .failures = 1, .probe_ms = NOW};
		static struct house house;
		struct txn txn;
		house_open(&house);
		house.target = (struct target){.machine = "server", .item.rating_key = "55"};
		if (rows[i].has_target)
			house.push.targets[house.push.target_count++] = &house.target;
		house.push.result = rows[i].result;
		store_begin(&txn, house.state.queue, TXN_WRITE);
		breaker_save(&txn, &breaker);
		assert_true(store_commit(&txn, NULL));
		settle(&house, true, NULL);
		store_begin(&txn, house.state.queue, TXN_READ);
		breaker_load(&txn, &breaker);
		store_abort(&txn);
		ok &= row_int(rows[i].name, breaker.open, rows[i].open);
		house_close(&house);
	}
	assert_true(ok);
}

/* Destroy came while the scene was pushed: its items stay free for others. */
static void test_destroyed_meanwhile(void **state)
{
	static const struct {
		const char *name;
		bool destroyed, gone;
		int64_t owner;
	} rows[] = {
		{"it is there", false, false, 45},
		{"Destroy took its job away", true, false, 0},
		{"Stash no longer has it", false, true, 0},
	};
	static const struct history none;
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct history_scene scene;
		struct history history;
		static struct house house;
		enum lookup remembered;
		struct txn txn;
		house_open(&house);
		house.target = (struct target){.machine = "server",
			.item.rating_key = "55",
			.settled = true,
			.input.base = &none,
			.after.owner = 45};
		house.push.targets[house.push.target_count++] = &house.target;
		house.push.result = PUSH_SYNCED;
		house.push.gone = rows[i].gone;
		store_begin(&txn, house.state.queue, TXN_WRITE);
		if (rows[i].destroyed)
			queue_remove(&txn, 45);
		assert_true(store_commit(&txn, NULL));
		settle(&house, true, NULL);
		store_begin(&txn, house.state.queue, TXN_READ);
		ok &= row_int(
			rows[i].name, history_get(&txn, "server", "55", &history, &arena), FOUND);
		ok &= row_int(rows[i].name, history.owner, rows[i].owner);
		remembered = history_scene_get(&txn, 45, &scene, &arena);
		ok &= row_int(rows[i].name, remembered, rows[i].owner != 0 ? FOUND : ABSENT);
		store_abort(&txn);
		house_close(&house);
	}
	assert_true(ok);
}

/* What is said of the servers holds for every process. */
static void test_trouble(void **state)
{
	struct err setup_err = {.kind = ERR_SETUP, .party = PARTY_PLEX, .text = "a wrong token"};
	struct err down = {.kind = ERR_SERVER, .party = PARTY_PLEX, .retry_after_ms = 90000};
	struct breaker breaker;
	struct trouble trouble;
	static struct house house;
	int64_t begun_ms = clock_now_ms();
	struct txn txn;
	bool ok = true;

	(void)state;
	house_open(&house);
	house.use = (struct env_settings){.known = true, .trouble = 7};
	settle(&house, false, &setup_err);
	ok &= row_true("a wrong setting is news", !setup_err.told);
	settle(&house, false, &setup_err);
	ok &= row_true("and then it is known", setup_err.told);
	settle(&house, false, &down);
	store_begin(&txn, house.state.queue, TXN_READ);
	trouble_load(&txn, &trouble, &arena);
	breaker_load(&txn, &breaker);
	store_abort(&txn);
	ok &= row_text("these settings are still wrong", trouble.text, "a wrong token");
	ok &= row_true("Plex is down", breaker.open);
	ok &= row_true("for as long as it says", breaker.probe_ms >= begun_ms + 90000);

	house.use.trouble = 8;
	house.push.result = PUSH_IGNORED;
	settle(&house, true, NULL);
	store_begin(&txn, house.state.queue, TXN_READ);
	trouble_load(&txn, &trouble, &arena);
	store_abort(&txn);
	ok &= row_text("others were set since", trouble.text, "");
	assert_true(ok);
	house_close(&house);
}

/* A push that is left to a drain, and one that may leave no trace. */
static void test_leaves_no_trace(void **state)
{
	static const struct {
		const char *name;
		enum push_result result;
		bool dry_run, forgetful;
		int64_t settled_ms; /* 1000: as before; -1: now */
		bool owned;
	} rows[] = {
		{"left to a drain, one item done", PUSH_QUEUED, false, false, 1000, true},
		{"all done", PUSH_SYNCED, false, false, -1, true},
		{"a dry run", PUSH_SYNCED, true, false, 1000, false},
		{"nothing can be remembered", PUSH_SYNCED, false, true, 1000, false},
	};
	static const struct history none;
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct history_scene scene;
		struct history history;
		static struct house house;
		struct txn txn;
		house_open(&house);
		house.push.asked.dry_run = rows[i].dry_run;
		house.push.asked.forgetful = rows[i].forgetful;
		house.push.before.settled_ms = 1000;
		house.target = (struct target){.machine = "server",
			.item.rating_key = "55",
			.settled = true,
			.input.base = &none,
			.after.owner = 45};
		house.push.targets[house.push.target_count++] = &house.target;
		house.push.result = rows[i].result;
		store_begin(&txn, house.state.queue, TXN_WRITE);
		history_scene_put(&txn, 45, &house.push.before);
		assert_true(store_commit(&txn, NULL));
		settle(&house, true, NULL);
		store_begin(&txn, house.state.queue, TXN_READ);
		ok &= row_int(rows[i].name, history_scene_get(&txn, 45, &scene, &arena), FOUND);
		ok &= row_int(
			rows[i].name, scene.settled_ms == 1000 ? 1000 : -1, rows[i].settled_ms);
		ok &= row_int(rows[i].name, history_get(&txn, "server", "55", &history, &arena),
			rows[i].owned ? FOUND : ABSENT);
		store_abort(&txn);
		house_close(&house);
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_success),
		cmocka_unit_test(test_failure), cmocka_unit_test(test_full),
		cmocka_unit_test(test_waits_for), cmocka_unit_test(test_waits_for_an_item),
		cmocka_unit_test(test_gained_meanwhile), cmocka_unit_test(test_breaker),
		cmocka_unit_test(test_destroyed_meanwhile), cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_leaves_no_trace), cmocka_unit_test(test_again),
		cmocka_unit_test(test_servers), cmocka_unit_test(test_remember_complete),
		cmocka_unit_test(test_remember_incomplete),
		cmocka_unit_test(test_remember_ignored)};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests(tests, setup, teardown);
}
