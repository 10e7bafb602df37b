#include "push/settle.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "push/art.h"
#include "push/journal.h"
#include "push/recall.h"
#include "push/report.h"
#include "run/summon.h"
#include "state/breaker.h"
#include "state/look.h"
#include "state/pace.h"
#include "state/trouble.h"

/* --- decisions --------------------------------------------------------------- */

static void decide_success(const struct settle_facts *facts, struct settle_verdict *verdict)
{
	switch (facts->result) {
	case PUSH_SYNCED:
	case PUSH_UNCHANGED:
		verdict->job = facts->put_off	? SETTLE_LEAVE
			       : facts->refused ? SETTLE_FAIL
			       : facts->missing ? SETTLE_WAIT
						: SETTLE_ACK;
		break;
	case PUSH_IGNORED:
		verdict->job = SETTLE_ACK;
		break;
	case PUSH_NOT_FOUND:
		verdict->job = SETTLE_WAIT;
		break;
	case PUSH_AMBIGUOUS:
		verdict->job = SETTLE_FAIL;
		break;
	case PUSH_QUEUED:
	default:
		/* A hook leaves it to the drain. A drain that cannot say whether
		 * Plex has the file asks again later, as often as it takes. */
		verdict->job = facts->in_hook ? SETTLE_LEAVE : SETTLE_AGAIN;
	}
}

static void decide_failure(const struct settle_facts *facts, struct settle_verdict *verdict)
{
	verdict->next = PUSH_STOP;
	switch (facts->kind) {
	case ERR_JOB:
	case ERR_INPUT:
		verdict->job = SETTLE_FAIL;
		verdict->gives_up = true;
		verdict->next = PUSH_GO_ON;
		break;
	case ERR_LATER:
		verdict->gives_up = facts->attempts + 1 >= LIMIT_ATTEMPTS;
		verdict->job = verdict->gives_up ? SETTLE_FAIL : SETTLE_AGAIN;
		verdict->next = PUSH_GO_ON;
		break;
	case ERR_SERVER:
	case ERR_SETUP:
		verdict->job = SETTLE_KEEP;
		break;
	case ERR_STORE: /* what needs no new room still works */
		verdict->job = SETTLE_LEAVE;
		verdict->next = facts->full ? PUSH_PASS : PUSH_STOP;
		break;
	case ERR_BUDGET:
	case ERR_NONE:
	default:
		verdict->job = SETTLE_LEAVE;
	}
}

struct settle_verdict settle_decide(const struct settle_facts *facts)
{
	struct settle_verdict verdict = {
		.again_ms = queue_backoff_ms(facts->attempts, facts->scene)};

	if (facts->trouble_of_others)
		verdict.trouble = SETTLE_TROUBLE_OVER;
	if (!facts->failed) {
		decide_success(facts, &verdict);
		if (facts->plex_answered) {
			verdict.breaker = SETTLE_BREAKER_CLOSES;
			verdict.trouble = SETTLE_TROUBLE_OVER;
		}
		return verdict;
	}
	decide_failure(facts, &verdict);
	if (facts->kind == ERR_SERVER && facts->party == PARTY_PLEX)
		verdict.breaker = SETTLE_BREAKER_TRIPS;
	if (facts->kind == ERR_SETUP)
		verdict.trouble = SETTLE_TROUBLE_NOTED;
	return verdict;
}

/* The items that the scene claims: those of now, and, if not all could be dealt with,
 * those of before. */
static void remember_items(
	const struct push *push, bool complete, struct history_scene *out, struct arena *a)
{
	out->items = arena_array(a, push->target_count + push->before.count, sizeof(*out->items));
	for (size_t i = 0; i < push->target_count; i++) {
		const struct target *target = push->targets[i];
		if (target->settled)
			out->items[out->count++] = (struct history_item){
				arena_strdup(a, target->machine),
				arena_strdup(a, target->item.rating_key)};
	}
	for (size_t i = 0; !complete && i < push->before.count && out->count < LIMIT_ITEMS; i++) {
		const struct history_item *item = &push->before.items[i];
		if (recall_place(out, item->machine, item->rating_key) == out->count)
			out->items[out->count++] = *item;
	}
}

void settle_remember(const struct push *push, bool complete, int64_t now_ms,
	struct history_scene *out, struct arena *a)
{
	bool pushed = push->missing == NULL &&
		      (push->result == PUSH_SYNCED || push->result == PUSH_UNCHANGED);

	*out = (struct history_scene){
		.settled_ms = now_ms, .updated = "", .cover_etag = "", .cover_sha1 = ""};
	remember_items(push, complete, out, a);
	if (push->ignored != NULL)
		return;
	out->updated = push->scene.updated;
	out->cover_etag = push->cover.etag;
	out->cover_sha1 = push->cover.sha1;
	if (pushed)
		out->content = push->content;
	if (!complete) {
		out->settled_ms = push->before.settled_ms;
		out->content = push->before.content;
		out->updated = push->before.updated;
	}
}

/* "Not found" is only said after Plex was asked. */
static bool plex_answered(const struct push *push)
{
	return push_owned(push) > 0 || push->result == PUSH_NOT_FOUND ||
	       push->result == PUSH_AMBIGUOUS;
}

/* Of a file that is not where it was looked for the index has candidates. */
static bool is_put_off(const struct push *push)
{
	for (size_t i = 0; i < push->place_count; i++) {
		const struct place *place = &push->places[i];
		if (place->state == PLACE_UNKNOWN && place->where.count > 0)
			return true;
	}
	return false;
}

static struct settle_facts facts_of(const struct push *push)
{
	const struct err *err = push->pushed ? NULL : &push->err;

	return (struct settle_facts){.failed = err != NULL,
		.kind = err != NULL ? err->kind : ERR_NONE,
		.party = err != NULL ? err->party : PARTY_US,
		.full = err != NULL && err->kind == ERR_STORE && err->status == STORE_FULL,
		.result = push->result,
		.missing = push->missing != NULL || push->taken != NULL,
		.put_off = is_put_off(push),
		.refused = push->refusal != NULL,
		.plex_answered = plex_answered(push),
		.in_hook = request_in_hook(&push->asked),
		.attempts = push->job != NULL ? push->job->attempts : 0,
		.scene = push->asked.scene};
}

static struct settle_verdict verdict_of(const struct push *push)
{
	struct settle_facts facts = facts_of(push);

	return settle_decide(&facts);
}

/* For people; NULL: there is nothing to be said. */
static const char *reason_of(const struct push *push)
{
	return !push->pushed   ? push->err.text
	       : push->refusal ? push->refusal
	       : push->missing ? push->missing
	       : push->taken   ? push->taken
			       : push->reason;
}

/* --- one commit ------------------------------------------------------------------ */

/* Destroy removes the job in the transaction that frees the items. */
static bool is_alive(struct txn *txn, const struct push *push)
{
	struct job now;

	if (push->gone)
		return false;
	return push->job == NULL || queue_get(txn, push->job->scene, &now, push->arena) == FOUND;
}

void settle_given_up(struct txn *txn, const struct history_scene *before,
	const struct history_scene *after, int64_t now_ms)
{
	for (size_t i = 0; i < before->count; i++) {
		const struct history_item *item = &before->items[i];
		struct digest name = history_item_name(item->machine, item->rating_key);
		if (recall_place(after, item->machine, item->rating_key) == after->count)
			queue_wake(txn, &name, now_ms);
	}
}

static void save_history(
	struct txn *txn, const struct push *push, bool alive, bool complete, int64_t now_ms)
{
	struct history_scene scene = {.count = 0};
	size_t settled = 0;

	for (size_t i = 0; i < push->target_count; i++) {
		const struct target *target = push->targets[i];
		struct history history = target->after;
		if (!target->settled)
			continue;
		settled++;
		history_journalled(&history);
		if (!alive)
			history.owner = 0;
		choice_put_history(txn, target->machine, target->item.rating_key, &history,
			target->owner, now_ms);
	}
	if (!alive) {
		history_forget_scene(txn, push->asked.scene);
		if (push->gone)
			choice_put(txn, push->asked.scene, &(struct choice){.kind = CHOICE_AUTO},
				now_ms);
	} else if (complete || settled > 0) {
		settle_remember(push, complete, now_ms, &scene, push->arena);
		history_scene_put(txn, push->asked.scene, &scene);
	} else {
		return;
	}
	settle_given_up(txn, &push->before, &scene, now_ms);
}

/* Another scene's item may be freed, or lose a file to an item of its own. */
static void wait_for_item(struct job *job, const struct target *target)
{
	const struct item *item = &target->item;

	job->names[job->name_count++] = history_item_name(target->machine, item->rating_key);
	for (size_t i = 0; i < item->part_count && i < LIMIT_ITEMS; i++)
		job->names[job->name_count++] = path_name_digest(item->parts[i].path);
}

/* The file names and items that the job waits for, and what to show of it. */
static struct job described(const struct push *push, bool fails)
{
	size_t most = push->place_count + push->target_count * (1 + LIMIT_ITEMS);
	struct job job = *push->job;

	job.name_count = 0;
	job.names = arena_array(push->arena, most, sizeof(*job.names));
	for (size_t i = 0; i < push->target_count; i++) {
		if (push->targets[i]->foreign)
			wait_for_item(&job, push->targets[i]);
	}
	for (size_t i = 0; i < push->place_count; i++) {
		const struct place *place = &push->places[i];
		/* A job that failed is not tried again for a file that was not reached. */
		if (place->state != PLACE_FOUND && !(fails && place->state == PLACE_UNKNOWN))
			job.names[job.name_count++] = path_name_digest(place->file->path);
	}
	if (push->scene.file_count > 0) {
		job.path = push->scene.files[0].path;
		job.size = push->scene.files[0].size;
		job.duration_ms = push->scene.files[0].duration_ms;
	}
	if (push->scene.title != NULL)
		job.title = push->scene.title;
	return job;
}

static void settle_job(struct txn *txn, const struct push *push,
	const struct settle_verdict *verdict, const char *reason, int64_t now_ms)
{
	struct job job = described(push, verdict->job == SETTLE_FAIL);
	bool waits = verdict->job == SETTLE_WAIT || verdict->job == SETTLE_FAIL;

	if (waits && job.name_count > 0)
		look_begin(txn, now_ms);
	switch (verdict->job) {
	case SETTLE_ACK:
		queue_ack(txn, &job);
		break;
	case SETTLE_WAIT:
		queue_wait(txn, &job, reason);
		break;
	case SETTLE_FAIL:
		queue_fail(txn, &job, reason);
		break;
	case SETTLE_AGAIN:
		queue_defer(txn, &job, now_ms + verdict->again_ms, reason);
		break;
	case SETTLE_KEEP:
		queue_keep(txn, &job, now_ms, reason);
		break;
	case SETTLE_LEAVE:
	default:
		break;
	}
}

/* What concerns more than this job. */
static void settle_servers(const struct env *env, struct txn *txn,
	const struct settle_verdict *verdict, struct err *err, int64_t now_ms)
{
	struct breaker breaker;

	breaker_load(txn, &breaker);
	if (verdict->breaker == SETTLE_BREAKER_TRIPS) {
		err->told = breaker.open;
		breaker = breaker_tripped(&breaker, now_ms, err->retry_after_ms);
	}
	if (verdict->breaker == SETTLE_BREAKER_CLOSES)
		breaker = breaker_closed(&breaker, now_ms);
	breaker_save(txn, &breaker);
	if (verdict->trouble == SETTLE_TROUBLE_NOTED)
		err->told = !trouble_note(txn, err->text, env->use->trouble, now_ms);
	if (verdict->trouble == SETTLE_TROUBLE_OVER)
		trouble_clear(txn);
}

static int64_t ms_at_plex(const struct timer *timer)
{
	int64_t us = 0;

	for (size_t i = 0; i < timer->count; i++) {
		const char *name = timer->steps[i].name;
		if (strcmp(name, "stash") != 0 && strcmp(name, "plan") != 0)
			us += timer->steps[i].us;
	}
	return us / 1000;
}

/* How long Save had to wait decides whether the next one does. */
static void settle_pace(struct txn *txn, const struct push *push, const struct settle_facts *facts,
	struct err *err, int64_t now_ms)
{
	struct pace_facts met = {.out_of_time = facts->failed && facts->kind == ERR_BUDGET,
		.at_plex_ms = ms_at_plex(&push->timer),
		.plex_answered = facts->plex_answered,
		.stash_away = facts->failed && facts->kind == ERR_SERVER &&
			      facts->party == PARTY_STASH};
	struct pace pace;

	pace_load(txn, &pace);
	if (met.stash_away)
		err->told = pace.stash_away;
	pace = pace_after(&pace, &met, now_ms);
	pace_save(txn, &pace);
}

static void count(struct stats *stats, const struct push *push)
{
	bool failed = !push->pushed;

	if (request_in_hook(&push->asked))
		stats_time(stats, TIMING_HOOK,
			clock_us() + LIMIT_HOOK_MS * 1000 - push->asked.deadline_us);
	stats_count(stats, STAT_JOBS);
	if (verdict_of(push).gives_up ||
		(!failed && (push->result == PUSH_AMBIGUOUS || push->refusal != NULL)))
		stats_count(stats, STAT_FAILED);
	if (!failed && push->result == PUSH_SYNCED)
		stats_count(stats, STAT_SYNCED);
	if (!failed && push->result == PUSH_UNCHANGED && push->refusal == NULL)
		stats_count(stats, STAT_UNCHANGED);
}

/* The index may have gained the file, or other evidence, between the look and the waiting, by
 * another process that found nobody waiting: then the look is worth repeating. */
static void check_gains(const struct env *env, const struct push *push)
{
	for (size_t i = 0; i < push->place_count; i++) {
		const struct place *place = &push->places[i];
		struct digest name = path_name_digest(place->file->path);
		struct txn txn;
		bool waits = place->state == PLACE_ABSENT || place->state == PLACE_AMBIGUOUS;
		if (!waits || !locate_has_gained(env, &place->where))
			continue;
		store_begin(&txn, env->state->queue, TXN_WRITE);
		queue_wake(&txn, &name, clock_now_ms());
		store_commit(&txn, NULL);
	}
}

/* What it did is in the journal, from which it can be undone. */
static void note(const struct env *env, struct txn *txn, const struct push *push, bool gives_up,
	const char *reason, int64_t now_ms)
{
	struct activity entry;

	if (!journal_entry(push, gives_up, reason, &entry, push->arena))
		return;
	entry.at_ms = now_ms;
	entry.run = env_number(env, txn);
	activity_add(txn, &entry);
}

void settle_over(const struct env *env, struct push *push, bool pushed)
{
	push->over = true;
	push->pushed = pushed;
	push->next = verdict_of(push).next;
	push->stored = push->asked.dry_run || push->asked.forgetful; /* as far as it ever will */
	if (pushed)
		report_log(push);
	if (push->asked.dry_run)
		art_foretell(env, push);
	if (!push->stored)
		count(&env->run->stats, push);
}

static void settle_in(const struct env *env, struct txn *txn, struct push *push)
{
	struct settle_facts facts = facts_of(push);
	const char *reason = reason_of(push);
	int64_t now_ms = clock_now_ms();
	struct settle_verdict verdict;
	struct trouble trouble;

	trouble_load(txn, &trouble, push->arena);
	facts.trouble_of_others = env->use->known &&
				  trouble_is_of_others(&trouble, env->use->trouble);
	verdict = settle_decide(&facts);
	save_history(txn, push, is_alive(txn, push), push->pushed && push->result != PUSH_QUEUED,
		now_ms);
	art_note(env, txn, push);
	settle_servers(env, txn, &verdict, &push->err, now_ms);
	if (facts.in_hook)
		settle_pace(txn, push, &facts, &push->err, now_ms);
	if (push->job != NULL)
		settle_job(txn, push, &verdict, reason ? reason : "", now_ms);
	note(env, txn, push, verdict.gives_up, reason, now_ms);
}

/* Those of them that are over, in one commit. */
static bool store(const struct env *env, struct push *const *pushes, size_t count,
	enum drain_need *need, struct err *err)
{
	struct stats counted = env->run->stats;
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	for (size_t i = 0; i < count; i++) {
		if (pushes[i]->over && !pushes[i]->stored)
			settle_in(env, &txn, pushes[i]);
	}
	env_save(env, &txn);
	if (need != NULL)
		*need = summon_decide(env, &txn, 0);
	if (!store_commit(&txn, err)) {
		env->run->number = 0;
		env->run->stats = counted;
		return false;
	}
	env_report(env, false);
	return true;
}

/* It was done, and nobody will know. */
static void lose(struct push *push, const struct err *err)
{
	log_error("The result of scene %lld cannot be stored: %s", (long long)push->asked.scene,
		err->text);
	push->next = err->status == STORE_FULL ? PUSH_PASS : PUSH_STOP;
	if (push->pushed)
		push->err = *err;
}

/* What has no room together may have it one by one: one that is done gives back its job's. */
static void store_apart(const struct env *env, struct push *const *pushes, size_t count,
	enum drain_need *need, struct err *err)
{
	bool stopped = false;

	for (size_t i = 0; i < count; i++) {
		struct push *push = pushes[i];
		if (!push->over || push->stored)
			continue;
		if (count > 1 && !stopped)
			push->stored = store(env, &pushes[i], 1, need, err);
		if (push->stored)
			continue;
		if (stopped)
			push->next = PUSH_STOP;
		else
			lose(push, err);
		stopped |= push->next == PUSH_STOP;
	}
}

void settle_all(
	const struct env *env, struct push *const *pushes, size_t count, enum drain_need *need)
{
	struct push *pending[LIMIT_BATCH];
	size_t n = 0;
	struct err err;

	for (size_t i = 0; i < count; i++) {
		if (pushes[i]->over && !pushes[i]->stored)
			pending[n++] = pushes[i];
	}
	if (n == 0)
		return;
	if (store(env, pending, n, need, &err)) {
		for (size_t i = 0; i < n; i++)
			pending[i]->stored = true;
	} else {
		store_apart(env, pending, n, need, &err);
	}
	for (size_t i = 0; i < n; i++) {
		struct settle_verdict verdict = verdict_of(pending[i]);
		if (pending[i]->stored && pending[i]->job != NULL &&
			(verdict.job == SETTLE_WAIT || verdict.job == SETTLE_FAIL))
			check_gains(env, pending[i]);
	}
}

void settle_log(const struct push *push)
{
	const struct err *err = &push->err;
	struct settle_verdict verdict = verdict_of(push);

	if (err->kind == ERR_BUDGET)
		log_debug("Left to the queue: %s", err->text);
	else if (verdict.next != PUSH_GO_ON)
		return; /* said once, by whoever runs it */
	else if (err->kind != ERR_LATER)
		log_error("Not written: %s", err->text);
	else if (verdict.gives_up)
		log_error("Given up after %u attempts: %s", LIMIT_ATTEMPTS, err->text);
	else
		log_warning("Tried again later: %s", err->text);
}

/* --- outside of a push -------------------------------------------------------------- */

static void settle_alone(const struct env *env, const struct settle_facts *facts, struct err *err)
{
	struct settle_verdict verdict = settle_decide(facts);
	struct txn txn;

	if (env->state->queue == NULL)
		return;
	store_begin(&txn, env->state->queue, TXN_WRITE);
	settle_servers(env, &txn, &verdict, err, clock_now_ms());
	store_commit(&txn, NULL);
}

void settle_trouble(const struct env *env, struct err *err)
{
	struct settle_facts facts = {.failed = true, .kind = err->kind, .party = err->party};

	settle_alone(env, &facts, err);
}

void settle_all_is_well(const struct env *env)
{
	struct settle_facts facts = {.result = PUSH_UNCHANGED, .plex_answered = true};

	settle_alone(env, &facts, NULL);
}
