/* settle.c - see settle.h. */
#include "push/settle.h"

#include "base/clock.h"
#include "base/log.h"
#include "state/breaker.h"
#include "state/library_index.h"
#include "state/trouble.h"

/* The items that the scene claims: those of now, and, if not all could be
 * dealt with, those of before. */
static void save_claims(
	struct txn *txn, const struct outcome *outcome, bool complete, int64_t settled_ms)
{
	struct history_scene before;
	bool pushed = outcome->missing == NULL &&
		      (outcome->result == OUTCOME_SYNCED || outcome->result == OUTCOME_UNCHANGED);
	struct history_scene scene = {.settled_ms = settled_ms,
		.content = pushed ? outcome->content : (struct digest){{0}},
		.updated = outcome->updated,
		.cover_etag = outcome->cover_etag,
		.cover_sha1 = outcome->cover_sha1};
	struct arena a;

	arena_init(&a);
	history_scene_get(txn, outcome->scene, &before, &a);
	scene.items = arena_array(&a, outcome->save_count + before.count, sizeof(*scene.items));
	for (size_t i = 0; i < outcome->save_count; i++)
		scene.items[scene.count++] = (struct history_item){
			arena_strdup(&a, outcome->saves[i].machine),
			arena_strdup(&a, outcome->saves[i].rating_key)};
	for (size_t i = 0; !complete && i < before.count && scene.count < LIMIT_ITEMS; i++)
		scene.items[scene.count++] = before.items[i];
	if (!complete) {
		scene.settled_ms = before.settled_ms;
		scene.content = before.content;
		scene.updated = before.updated;
	}
	history_scene_put(txn, outcome->scene, &scene);
	arena_clear(&a);
}

/* 'alive': the scene was not destroyed meanwhile. */
static void save_history(struct txn *txn, const struct outcome *outcome, bool alive, bool complete,
	int64_t settled_ms)
{
	for (size_t i = 0; i < outcome->save_count; i++) {
		struct history history = outcome->saves[i].history;
		if (!alive)
			history.owner = 0;
		history_put(txn, outcome->saves[i].machine, outcome->saves[i].rating_key, &history);
	}
	if (!alive)
		history_forget_scene(txn, outcome->scene);
	else if (complete || outcome->save_count > 0)
		save_claims(txn, outcome, complete, settled_ms);
}

/* Destroy removes the job in the transaction that frees the items. */
static bool is_alive(struct txn *txn, const struct job *job, const struct outcome *outcome)
{
	struct arena a;
	struct job now;
	bool found;

	if (outcome->gone)
		return false;
	if (job == NULL)
		return true;
	arena_init(&a);
	found = queue_get(txn, job->scene, &now, &a) == FOUND;
	arena_clear(&a);
	return found;
}

static int64_t retry_at(const struct job *job)
{
	return clock_now_ms() + queue_backoff_ms(job->attempts, job->scene);
}

static void settle_success(
	struct env *env, struct txn *txn, const struct job *job, const struct outcome *outcome)
{
	switch (outcome->result) {
	case OUTCOME_SYNCED:
	case OUTCOME_UNCHANGED:
		if (outcome->missing == NULL)
			queue_ack(txn, job);
		else /* one of its files is still to come */
			queue_wait(txn, job, outcome->missing);
		break;
	case OUTCOME_IGNORED:
		queue_ack(txn, job);
		break;
	case OUTCOME_NOT_FOUND:
		queue_wait(txn, job, outcome->reason);
		break;
	case OUTCOME_AMBIGUOUS:
		queue_fail(txn, job, outcome->reason);
		break;
	case OUTCOME_QUEUED:
	default:
		/* A hook leaves it to the drain. A drain that cannot say whether
		 * Plex has the file asks again later, as often as it takes. */
		if (!env_in_hook(env))
			queue_defer(txn, job, retry_at(job), outcome->reason);
	}
}

static bool gives_up(const struct job *job, const struct err *err)
{
	return err->kind == ERR_JOB || err->kind == ERR_INPUT ||
	       (err->kind == ERR_LATER && job != NULL && job->attempts + 1 >= LIMIT_ATTEMPTS);
}

/* Backs off, and gives up after the last attempt. */
static void try_later(struct txn *txn, const struct job *job, const struct err *err)
{
	if (gives_up(job, err))
		queue_fail(txn, job, err->text);
	else
		queue_defer(txn, job, retry_at(job), err->text);
}

static void settle_failure(struct txn *txn, const struct job *job, const struct err *err)
{
	switch (err->kind) {
	case ERR_JOB:
	case ERR_INPUT:
		queue_fail(txn, job, err->text);
		break;
	case ERR_LATER:
		try_later(txn, job, err);
		break;
	case ERR_SERVER:
	case ERR_SETUP:
		queue_keep(txn, job, clock_now_ms(), err->text);
		break;
	case ERR_BUDGET:
	case ERR_STORE:
	case ERR_NONE:
	default:
		break; /* the job stays as it is */
	}
}

/* What concerns more than this job. */
static void note_trouble(const struct env *env, struct txn *txn, struct err *err)
{
	int64_t now = clock_now_ms();

	if (err->kind == ERR_SERVER && err->party == PARTY_PLEX)
		breaker_trip(txn, now, err->retry_after_ms);
	if (err->kind == ERR_SETUP)
		err->told = !trouble_note(txn, err->text, env->settings_digest, now);
}

void settle_trouble(struct env *env, struct err *err)
{
	struct txn txn;

	store_begin(&txn, env->state.queue, TXN_WRITE);
	note_trouble(env, &txn, err);
	store_commit(&txn, NULL);
}

static void note_all_is_well(struct txn *txn)
{
	breaker_close(txn, clock_now_ms());
	trouble_clear(txn);
}

/* "Not found" is only said after Plex was asked. */
static bool plex_answered(const struct outcome *outcome)
{
	return outcome->item_count > 0 || outcome->result == OUTCOME_NOT_FOUND ||
	       outcome->result == OUTCOME_AMBIGUOUS;
}

void settle_all_is_well(struct env *env)
{
	struct txn txn;

	store_begin(&txn, env->state.queue, TXN_WRITE);
	note_all_is_well(&txn);
	store_commit(&txn, NULL);
}

static enum settle_next next_after(const struct err *err)
{
	return err->kind == ERR_JOB || err->kind == ERR_LATER || err->kind == ERR_INPUT
		       ? SETTLE_GO_ON
		       : SETTLE_STOP;
}

void settle_log(const struct job *job, const struct err *err)
{
	switch (err->kind) {
	case ERR_BUDGET:
		log_debug("Left to the queue: %s", err->text);
		break;
	case ERR_JOB:
	case ERR_INPUT:
		log_error("Not written: %s", err->text);
		break;
	case ERR_LATER:
		if (gives_up(job, err))
			log_error("Given up after %u attempts: %s", LIMIT_ATTEMPTS, err->text);
		else
			log_warning("Tried again later: %s", err->text);
		break;
	default:
		break; /* stops the run: said once, by whoever runs it */
	}
}

/* The index may have gained the file between the look and the waiting, by
 * another process that found nobody waiting: then the look is worth repeating. */
static void check_gains(struct env *env, const struct outcome *outcome)
{
	struct txn txn;
	bool gained;

	store_begin(&txn, env->state.cache, TXN_READ);
	gained = library_index_gains(&txn) != outcome->gains;
	store_abort(&txn);
	if (env->state.cache == NULL || !gained)
		return;
	store_begin(&txn, env->state.queue, TXN_WRITE);
	for (size_t i = 0; i < outcome->name_count; i++)
		queue_wake(&txn, &outcome->names[i], true, clock_now_ms());
	store_commit(&txn, NULL);
}

/* The file names that the job waits for, and what to show of it. */
static struct job described(const struct job *job, const struct outcome *outcome)
{
	struct job full = *job;

	full.names = outcome->names;
	full.name_count = outcome->name_count;
	if (*outcome->path != '\0')
		full.path = outcome->path;
	return full;
}

static void count(struct env *env, const struct job *job, const struct outcome *outcome,
	const struct err *err)
{
	stats_count(&env->stats, STAT_JOBS);
	if (err != NULL && gives_up(job, err))
		stats_count(&env->stats, STAT_FAILED);
	if (err != NULL)
		return;
	if (outcome->result == OUTCOME_SYNCED)
		stats_count(&env->stats, STAT_SYNCED);
	if (outcome->result == OUTCOME_UNCHANGED)
		stats_count(&env->stats, STAT_UNCHANGED);
	if (outcome->result == OUTCOME_AMBIGUOUS)
		stats_count(&env->stats, STAT_FAILED);
}

enum settle_next settle_job(
	struct env *env, const struct job *job, const struct outcome *outcome, struct err *err)
{
	int64_t now = clock_now_ms();
	struct err store_err;
	struct txn txn;

	if (err == NULL)
		outcome_log(outcome);
	if (env->dry_run)
		return err == NULL ? SETTLE_GO_ON : next_after(err);
	count(env, job, outcome, err);
	store_begin(&txn, env->state.queue, TXN_WRITE);
	save_history(&txn, outcome, is_alive(&txn, job, outcome),
		err == NULL && outcome->result != OUTCOME_QUEUED, now);
	if (err == NULL && plex_answered(outcome))
		note_all_is_well(&txn);
	if (err != NULL)
		note_trouble(env, &txn, err);
	if (job != NULL) {
		struct job full = described(job, outcome);
		if (err == NULL)
			settle_success(env, &txn, &full, outcome);
		else
			settle_failure(&txn, &full, err);
	}
	if (!store_commit(&txn, &store_err)) {
		log_error("What became of scene %lld cannot be remembered: %s",
			(long long)outcome->scene, store_err.text);
		return SETTLE_STOP;
	}
	if (err == NULL && job != NULL &&
		(outcome->result == OUTCOME_NOT_FOUND || outcome->missing != NULL))
		check_gains(env, outcome);
	return err == NULL ? SETTLE_GO_ON : next_after(err);
}
