/* status.c - what is in the state: for the log page, for a person, for a script. */
#include <math.h>

#include "base/clock.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "state/breaker.h"
#include "state/library_index.h"
#include "state/match_cache.h"
#include "state/queue.h"

/* Jobs that one list shows; the counts tell of the rest. */
#define LISTED 100
#define LOGGED 8

struct view {
	struct queue_counts queue;
	struct breaker breaker;
	struct stats stats;
	struct match_cache_size matches;
	size_t library_index_rows;
	int64_t index_age_s; /* of the library that was confirmed longest ago */
	int64_t now_ms;
};

/* When a job is tried again, in words. */
static const char *next_try(const struct job *job, int64_t now_ms, struct arena *a)
{
	if (job->state == JOB_WAITING)
		return "when Plex has the file, or with the next edit";
	if (job->state == JOB_FAILED)
		return "with the next edit, or by \"Retry failed scenes\"";
	if (queue_is_due(job->due_ms, now_ms))
		return "with the next drain";
	return arena_printf(a, "in %lld s", (long long)(job->due_ms - now_ms + 999) / 1000);
}

/* A job that was never tried has nothing to tell. */
static bool is_listed(const struct job *job)
{
	return job->state != JOB_READY || *job->reason != '\0';
}

static cJSON *job_list(struct txn *txn, enum job_state state, int64_t now_ms)
{
	cJSON *list = cJSON_CreateArray();
	int listed = 0;
	struct arena a;
	struct job job = {0};

	arena_init(&a);
	while (listed < LISTED && queue_next(txn, state, job.scene, &job, &a) == FOUND) {
		cJSON *entry;
		if (is_listed(&job)) {
			entry = cJSON_CreateObject();
			cJSON_AddStringToObject(
				entry, "scene_id", arena_printf(&a, "%lld", (long long)job.scene));
			cJSON_AddStringToObject(entry, "path", log_path(job.path));
			cJSON_AddStringToObject(entry, "reason", job.reason);
			cJSON_AddNumberToObject(entry, "attempts", job.attempts);
			cJSON_AddStringToObject(entry, "next_try", next_try(&job, now_ms, &a));
			cJSON_AddItemToArray(list, entry);
			listed++;
		}
		arena_clear(&a);
	}
	arena_clear(&a);
	return list;
}

/* Lists of jobs, as in the answer. */
struct lists {
	cJSON *failed, *waiting, *retrying;
};

static bool read_queue(struct env *env, struct view *view, struct lists *lists, struct err *err)
{
	struct txn txn;

	store_begin(&txn, env->state.queue, TXN_READ);
	queue_count(&txn, view->now_ms, &view->queue);
	breaker_load(&txn, &view->breaker);
	lists->failed = job_list(&txn, JOB_FAILED, view->now_ms);
	lists->waiting = job_list(&txn, JOB_WAITING, view->now_ms);
	lists->retrying = job_list(&txn, JOB_READY, view->now_ms);
	return store_commit(&txn, err);
}

static void read_cache(struct env *env, struct view *view)
{
	struct library_index index;
	struct txn txn;

	store_begin(&txn, state_cache(&env->state), TXN_READ);
	stats_load(&txn, &view->stats);
	match_cache_size(&txn, &view->matches);
	library_index_load(&txn, &index, &env->arena);
	view->library_index_rows = library_index_rows(&txn);
	store_abort(&txn);
	view->index_age_s = 0;
	for (size_t i = 0; i < index.count; i++) {
		int64_t age = clock_age_ms(view->now_ms, index.sections[i].confirmed_ms) / 1000;
		if (age > view->index_age_s)
			view->index_age_s = age;
	}
}

static void add_number(cJSON *to, const char *name, double number)
{
	cJSON_AddNumberToObject(to, name, number);
}

static void add_queue(cJSON *to, const struct view *view)
{
	cJSON *queue = cJSON_AddObjectToObject(to, "queue");

	add_number(queue, "ready", (double)view->queue.ready);
	add_number(queue, "due", (double)view->queue.due);
	add_number(queue, "waiting", (double)view->queue.waiting);
	add_number(queue, "failed", (double)view->queue.failed);
}

static void add_caches(cJSON *to, const struct view *view)
{
	const uint64_t *counters = view->stats.counters;
	cJSON *matches = cJSON_AddObjectToObject(to, "match_cache");
	cJSON *libraries = cJSON_AddObjectToObject(to, "library_cache");

	add_number(matches, "hits", (double)counters[STAT_MATCH_HITS]);
	add_number(matches, "misses", (double)counters[STAT_MATCH_MISSES]);
	add_number(matches, "entries", (double)view->matches.entries);
	add_number(matches, "bytes", (double)view->matches.bytes);
	add_number(libraries, "hits", (double)counters[STAT_INDEX_HITS]);
	add_number(libraries, "misses", (double)counters[STAT_INDEX_MISSES]);
	add_number(libraries, "items", (double)view->library_index_rows);
	add_number(libraries, "age_s", (double)view->index_age_s);
}

static double tenth(double ms)
{
	return round(ms * 10) / 10;
}

static void add_timing(cJSON *to, const struct view *view)
{
	cJSON *all = cJSON_AddObjectToObject(to, "timing_ms");

	for (enum stat_timing t = 0; t < TIMING_COUNT; t++) {
		const struct stats_timing *timing = &view->stats.timing[t];
		cJSON *one = cJSON_AddObjectToObject(all, stats_timing_name(t));
		add_number(one, "count", (double)timing->count);
		add_number(one, "p50", tenth(stats_percentile(timing, 50)));
		add_number(one, "p95", tenth(stats_percentile(timing, 95)));
		add_number(one, "max", tenth((double)timing->max_us / 1e3));
	}
}

static void add_totals(cJSON *to, const struct view *view)
{
	const uint64_t *counters = view->stats.counters;
	cJSON *totals = cJSON_AddObjectToObject(to, "totals");

	add_number(totals, "synced", (double)counters[STAT_SYNCED]);
	add_number(totals, "unchanged", (double)counters[STAT_UNCHANGED]);
	add_number(totals, "failed", (double)counters[STAT_FAILED]);
}

static void log_view(const struct view *view)
{
	const struct stats_timing *sync = &view->stats.timing[TIMING_SYNC];

	log_info("Queue: %zu due, %zu to be tried again later, %zu wait for Plex, %zu failed",
		view->queue.due, view->queue.ready - view->queue.due, view->queue.waiting,
		view->queue.failed);
	log_info("Plex: %s",
		view->breaker.open ? "did not answer when it was last tried" : "no trouble known");
	log_info("Match cache: %zu files; library cache: %zu files", view->matches.entries,
		view->library_index_rows);
	log_info("Scenes so far: %llu written, %llu unchanged, %llu failed; half of them took up "
		 "to %.0f ms, 95%% up to %.0f ms",
		(unsigned long long)view->stats.counters[STAT_SYNCED],
		(unsigned long long)view->stats.counters[STAT_UNCHANGED],
		(unsigned long long)view->stats.counters[STAT_FAILED], stats_percentile(sync, 50),
		stats_percentile(sync, 95));
}

static const char *text_of(const cJSON *job, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(job, name));
}

/* Stash's page shows its last 30 lines. 'all': how many there are, listed or not. */
static void log_jobs(const cJSON *jobs, const char *word, const char *words, size_t all)
{
	const cJSON *job;
	size_t shown = 0;

	cJSON_ArrayForEach(job, jobs)
	{
		const char *path = text_of(job, "path");
		if (shown++ == LOGGED)
			break;
		log_info("Scene %s %s: %s%s%s%s; next try: %s", text_of(job, "scene_id"), word,
			text_of(job, "reason"), *path ? " (" : "", path, *path ? ")" : "",
			text_of(job, "next_try"));
	}
	if (all > LOGGED)
		log_info("%zu more %s", all - LOGGED, words);
}

bool cmd_status(struct env *env, const struct cmd_request *request, cJSON **output, bool *left,
	struct err *err)
{
	struct view view = {.now_ms = clock_now_ms()};
	struct lists lists;
	cJSON *plex;

	(void)request;
	(void)left;
	if (env->state.queue == NULL)
		return err_set(err, ERR_STORE, "there is no state to show");
	if (!read_queue(env, &view, &lists, err)) {
		cJSON_Delete(lists.failed);
		cJSON_Delete(lists.waiting);
		cJSON_Delete(lists.retrying);
		return false;
	}
	read_cache(env, &view);
	log_view(&view);
	log_jobs(lists.failed, "failed", "failed", view.queue.failed);
	log_jobs(lists.retrying, "was not written", "were not written",
		(size_t)cJSON_GetArraySize(lists.retrying));
	log_jobs(lists.waiting, "waits", "wait", view.queue.waiting);
	*output = cJSON_CreateObject();
	add_queue(*output, &view);
	add_caches(*output, &view);
	plex = cJSON_AddObjectToObject(*output, "plex");
	cJSON_AddStringToObject(plex, "breaker", breaker_word(&view.breaker, view.now_ms));
	add_totals(*output, &view);
	add_timing(*output, &view);
	cJSON_AddItemToObject(*output, "failed", lists.failed);
	cJSON_AddItemToObject(*output, "retrying", lists.retrying);
	cJSON_AddItemToObject(*output, "unmatched", lists.waiting);
	return true;
}
