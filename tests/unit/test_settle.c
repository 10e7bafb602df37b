/*
 * test_settle.c - what becomes of a job after its push, and what is remembered of the scene.
 */
#include "helpers.h"

#include "base/digest.h"
#include "push/settle.h"

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

/* --- the job ------------------------------------------------------------------- */

static void test_success(void **state)
{
	static const struct {
		const char *name;
		enum push_result result;
		bool missing, in_hook;
		int want;
	} rows[] = {
		{"written", PUSH_SYNCED, false, false, SETTLE_ACK},
		{"nothing to write", PUSH_UNCHANGED, false, true, SETTLE_ACK},
		{"written, and a file is to come", PUSH_SYNCED, true, false, SETTLE_WAIT},
		{"nothing to write, and a file is to come", PUSH_UNCHANGED, true, true,
			SETTLE_WAIT},
		{"not in Plex", PUSH_NOT_FOUND, false, false, SETTLE_WAIT},
		{"not in Plex, in a hook", PUSH_NOT_FOUND, false, true, SETTLE_WAIT},
		{"somebody has to decide", PUSH_AMBIGUOUS, false, false, SETTLE_FAIL},
		{"left alone", PUSH_IGNORED, false, false, SETTLE_ACK},
		{"a hook leaves it to the drain", PUSH_QUEUED, false, true, SETTLE_LEAVE},
		{"a drain asks again later", PUSH_QUEUED, false, false, SETTLE_AGAIN},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct settle_facts facts = {.result = rows[i].result,
			.missing = rows[i].missing,
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

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_success),
		cmocka_unit_test(test_failure), cmocka_unit_test(test_again),
		cmocka_unit_test(test_servers), cmocka_unit_test(test_remember_complete),
		cmocka_unit_test(test_remember_incomplete),
		cmocka_unit_test(test_remember_ignored)};

	return cmocka_run_group_tests(tests, setup, teardown);
}
