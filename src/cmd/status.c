/* status.c - what is in the state. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cmd/candidate.h"
#include "cmd/cmd.h"
#include "cmd/output.h"
#include "state/breaker.h"
#include "state/drain_record.h"
#include "state/library_index.h"
#include "state/look.h"
#include "state/match_cache.h"
#include "state/pace.h"
#include "state/queue.h"

/* Jobs of a list that are logged; the counts include the rest. */
#define LOGGED 8

/* What a person looks through. No job is in two of them. */
enum group { GROUP_UNDECIDED, GROUP_TROUBLED, GROUP_UNMATCHED, GROUPS };
static const char *const group_names[] = {"undecided", "troubled", "unmatched"};

/* The rows that are asked for: of one group, or (GROUPS) of each state. */
struct page {
	enum group group;
	int64_t offset, limit;
	struct str_list words; /* that a row has to have, folded */
	int64_t found;	       /* rows that have them, on whatever page */
};

struct view {
	struct drain_record drain;
	uint64_t drained; /* jobs, since the last drain began */
	struct stats_hour *hours;
	size_t hour_count;
	struct queue_counts queue;
	size_t groups[GROUPS];
	struct breaker breaker;
	struct pace pace;
	struct look look;
	struct stats stats;
	struct match_cache_size matches;
	struct store_fill queue_fill, cache_fill;
	struct library_index index;
	struct txn cache; /* open while rows are made, if 'cached' */
	bool cached;
	size_t index_rows;
	int64_t index_age_s; /* of the library that was confirmed longest ago */
	int64_t now_ms;
};

/* When a job is tried again, in words. */
static const char *next_try(const struct job *job, int64_t now_ms, struct arena *a)
{
	if (job->state == JOB_WAITING)
		return "when Plex has the file, or with the next edit";
	if (job->state == JOB_FAILED)
		return job->name_count > 0 ? "when that changes in Plex, with the next edit, or by "
					     "\"Retry failed scenes\""
					   : "with the next edit, or by \"Retry failed scenes\"";
	if (queue_is_due(job->due_ms, now_ms))
		return "with the next drain";
	return arena_printf(a, "in %lld s", (long long)(job->due_ms - now_ms + 999) / 1000);
}

/* Files in Plex of the same name, as the index has them now, of a job that waits for one. */
static void add_candidates(cJSON *entry, const struct job *job, struct view *view, struct arena *a)
{
	cJSON *list = cJSON_AddArrayToObject(entry, "candidates");
	struct scene_file file = {
		.path = job->path, .size = job->size, .duration_ms = job->duration_ms};
	struct index_part *parts = arena_array(a, LIMIT_CANDIDATES_SHOWN, sizeof(*parts));
	size_t count = 0;

	if (view->cached && *job->path != '\0' && job->name_count > 0)
		count = library_index_by_name(
			&view->cache, &view->index, job->path, parts, LIMIT_CANDIDATES_SHOWN, a);
	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(
			list, candidate_json(&view->index, &parts[i], &file, job->path, a));
}

static cJSON *job_json(const struct job *job, struct view *view, struct arena *a)
{
	cJSON *entry = cJSON_CreateObject();
	bool is_later = job->state == JOB_READY && !queue_is_due(job->due_ms, view->now_ms);

	cJSON_AddStringToObject(entry, "scene_id", arena_printf(a, "%lld", (long long)job->scene));
	cJSON_AddStringToObject(entry, "title", job->title);
	cJSON_AddStringToObject(entry, "path", log_path(job->path));
	cJSON_AddStringToObject(entry, "reason", job->reason);
	cJSON_AddNumberToObject(entry, "attempts", job->attempts);
	cJSON_AddStringToObject(entry, "next_try", next_try(job, view->now_ms, a));
	cJSON_AddItemToObject(entry, "next_try_at", output_time(is_later ? job->due_ms : 0));
	add_candidates(entry, job, view, a);
	return entry;
}

static enum group group_of(const struct job *job)
{
	if (job->state == JOB_WAITING)
		return GROUP_UNMATCHED;
	/* It failed for want of evidence, or of an item that is another scene's. */
	return job->state == JOB_FAILED && job->name_count > 0 ? GROUP_UNDECIDED : GROUP_TROUBLED;
}

static bool is_wanted(const struct job *job, const struct page *page, struct arena *a)
{
	const char *text;

	if (page->group != GROUPS && page->group != group_of(job))
		return false;
	if (page->words.n == 0)
		return true;
	text = arena_printf(a, "%lld %s %s %s", (long long)job->scene, job->title,
		log_path(job->path), job->reason);
	return utf8_has_words(a, text, &page->words);
}

/* Counts the jobs of a state by their groups, and lists those that are on the page. */
static void add_jobs(
	cJSON *list, struct txn *txn, enum job_state state, struct page *page, struct view *view)
{
	struct arena a;
	struct job job = {0};

	arena_init(&a);
	while (queue_next(txn, state, job.scene, &job, &a) == FOUND) {
		/* One that was never tried has nothing to report. */
		bool told = state != JOB_READY || *job.reason != '\0';
		view->groups[group_of(&job)] += told;
		if (told && is_wanted(&job, page, &a)) {
			if (page->found >= page->offset && cJSON_GetArraySize(list) < page->limit)
				cJSON_AddItemToArray(list, job_json(&job, view, &a));
			page->found++;
		}
		arena_clear(&a);
	}
	arena_clear(&a);
}

static void add_lists(cJSON *json, struct txn *txn, struct page *page, struct view *view)
{
	static const struct {
		const char *name;
		enum job_state state;
	} lists[] = {{"failed", JOB_FAILED}, {"retrying", JOB_READY}, {"unmatched", JOB_WAITING}};
	bool one = page->group != GROUPS;
	cJSON *list = one ? cJSON_AddArrayToObject(json, "rows") : NULL;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		if (!one) {
			list = cJSON_AddArrayToObject(json, lists[i].name);
			page->found = 0;
		}
		add_jobs(list, txn, lists[i].state, page, view);
	}
	if (one)
		cJSON_AddNumberToObject(json, "found", (double)page->found);
}

static bool read_queue(
	const struct env *env, struct page *page, struct view *view, cJSON *json, struct err *err)
{
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_READ);
	queue_count(&txn, view->now_ms, &view->queue);
	breaker_load(&txn, &view->breaker);
	pace_load(&txn, &view->pace);
	look_load(&txn, &view->look);
	stats_load(&txn, &view->stats);
	drain_record_load(&txn, &view->drain);
	view->drained = stats_drained(&txn, &view->stats);
	view->hour_count = stats_hours(&txn, view->now_ms, &view->hours, env->arena);
	view->queue_fill = store_fill(&txn);
	add_lists(json, &txn, page, view);
	return store_commit(&txn, err);
}

/* Leaves the transaction open, for the candidates. */
static void read_cache(const struct env *env, struct view *view)
{
	const struct library_index *index = &view->index;

	view->cached = state_begin_cache(env->state, &view->cache, TXN_READ);
	if (!view->cached)
		return; /* nothing is cached, then */
	match_cache_size(&view->cache, &view->matches);
	library_index_load(&view->cache, &view->index, env->arena);
	view->index_rows = library_index_rows(&view->cache);
	view->cache_fill = store_fill(&view->cache);
	for (size_t i = 0; i < index->count; i++) {
		int64_t age = clock_age_ms(view->now_ms, index->sections[i].confirmed_ms) / 1000;
		if (age > view->index_age_s)
			view->index_age_s = age;
	}
}

/* Until a time, in seconds; 0: it is over, or so far away that the clock was set back. */
static long long left_s(int64_t then_ms, int64_t now_ms, int64_t most_ms)
{
	int64_t ms = then_ms - now_ms;

	return ms < 0 || ms > most_ms ? 0 : (long long)(ms + 999) / 1000;
}

static const char *next_look(const struct view *view, struct arena *a)
{
	long long s = left_s(view->look.next_ms, view->now_ms, LIMIT_LOOK_MOST_MS);

	return s == 0 ? "with the next event" : arena_printf(a, "in %lld s", s);
}

/* How long Save only queues yet. */
static long long held_s(const struct view *view)
{
	return left_s(view->pace.held_ms + LIMIT_SLOW_HOLD_MS, view->now_ms, LIMIT_SLOW_HOLD_MS);
}

static void add_number(cJSON *to, const char *name, uint64_t value)
{
	cJSON_AddNumberToObject(to, name, (double)value);
}

static void add_view(cJSON *to, const struct view *view)
{
	const uint64_t *counters = view->stats.counters;
	cJSON *part = cJSON_AddObjectToObject(to, "queue");

	add_number(part, "ready", view->queue.ready);
	add_number(part, "due", view->queue.due);
	add_number(part, "waiting", view->queue.waiting);
	add_number(part, "failed", view->queue.failed);
	part = cJSON_AddObjectToObject(to, "needs");
	for (size_t i = 0; i < GROUPS; i++)
		add_number(part, group_names[i], view->groups[i]);
	part = cJSON_AddObjectToObject(to, "match_cache");
	add_number(part, "hits", counters[STAT_MATCH_HITS]);
	add_number(part, "misses", counters[STAT_MATCH_MISSES]);
	add_number(part, "entries", view->matches.entries);
	add_number(part, "bytes", view->matches.bytes);
	part = cJSON_AddObjectToObject(to, "library_cache");
	add_number(part, "hits", counters[STAT_INDEX_HITS]);
	add_number(part, "misses", counters[STAT_INDEX_MISSES]);
	add_number(part, "items", view->index_rows);
	add_number(part, "age_s", (uint64_t)view->index_age_s);
	part = cJSON_AddObjectToObject(to, "totals");
	add_number(part, "synced", counters[STAT_SYNCED]);
	add_number(part, "unchanged", counters[STAT_UNCHANGED]);
	add_number(part, "failed", counters[STAT_FAILED]);
	part = cJSON_AddObjectToObject(to, "plex");
	cJSON_AddStringToObject(part, "breaker", breaker_word(&view->breaker, view->now_ms));
	if (view->queue.waiting > 0)
		add_number(part, "next_look_s",
			(uint64_t)left_s(view->look.next_ms, view->now_ms, LIMIT_LOOK_MOST_MS));
	if (view->breaker.open)
		add_number(part, "next_try_s",
			(uint64_t)left_s(
				view->breaker.probe_ms, view->now_ms, LIMIT_RETRY_AFTER_MS));
	if (pace_holds(&view->pace, view->now_ms))
		add_number(part, "slow_s", (uint64_t)held_s(view));
}

static void add_fill(cJSON *to, const char *name, const struct store_fill *fill)
{
	cJSON *part = cJSON_AddObjectToObject(to, name);

	add_number(part, "bytes", fill->bytes);
	add_number(part, "limit", fill->limit);
}

static void add_ms(cJSON *to, const char *name, double ms)
{
	cJSON_AddNumberToObject(to, name, round(ms * 10) / 10);
}

static void add_timing(cJSON *to, const struct view *view)
{
	for (enum stat_timing t = 0; t < TIMING_COUNT; t++) {
		const struct stats_timing *timing = &view->stats.timing[t];
		cJSON *part = cJSON_AddObjectToObject(to, stats_timing_name(t));
		add_number(part, "count", timing->count);
		add_ms(part, "p50", stats_percentile(timing, 50));
		add_ms(part, "p95", stats_percentile(timing, 95));
		add_ms(part, "max", (double)timing->max_us / 1e3);
	}
}

/* "running" is believed while the lock of the drain is held, see drain_record.h. */
static void add_drain(cJSON *to, const struct env *env, const struct view *view)
{
	static const char *const words[] = {
		[DRAIN_IDLE] = "idle", [DRAIN_ASKED] = "asked", [DRAIN_RUNNING] = "running"};
	enum drain_state state = view->drain.state;
	cJSON *part = cJSON_AddObjectToObject(to, "drain");

	if (state == DRAIN_RUNNING && !lock_held(&env->state->locks, LOCK_DRAIN))
		state = DRAIN_IDLE;
	cJSON_AddStringToObject(part, "state", words[state]);
	add_number(part, "done", state == DRAIN_RUNNING ? view->drained : 0);
	add_number(part, "total",
		state == DRAIN_RUNNING ? view->drained + view->queue.due
		: state == DRAIN_ASKED ? view->queue.due
				       : 0);
}

static void add_series(cJSON *to, const struct view *view)
{
	cJSON *part = cJSON_AddObjectToObject(to, "series"), *points;

	add_number(part, "bucket_s", STATS_HOUR_S);
	points = cJSON_AddArrayToObject(part, "points");
	for (size_t i = 0; i < view->hour_count; i++) {
		const struct stats_hour *hour = &view->hours[i];
		cJSON *point = cJSON_CreateObject();
		add_number(point, "t", (uint64_t)hour->t);
		add_number(point, "synced", hour->synced);
		add_number(point, "unchanged", hour->unchanged);
		add_number(point, "failed", hour->failed);
		add_ms(point, "p50", hour->p50_us / 1e3);
		add_ms(point, "p95", hour->p95_us / 1e3);
		cJSON_AddItemToArray(points, point);
	}
	part = cJSON_AddObjectToObject(to, "steps");
	for (size_t i = 0; i < STATS_STEPS; i++)
		add_ms(part, stats_step_name(i),
			(double)view->stats.counters[STAT_STEPS + i] / 1e3);
}

static void log_counts(const struct view *view, struct arena *a)
{
	const struct stats_timing *sync = &view->stats.timing[TIMING_SYNC];

	log_info("Queue: %zu due, %zu to be tried again later, %zu wait for Plex, %zu failed",
		view->queue.due, view->queue.ready - view->queue.due, view->queue.waiting,
		view->queue.failed);
	if (view->queue.waiting > 0)
		log_info("Whether Plex has what waits is looked for %s", next_look(view, a));
	if (view->breaker.open)
		log_info("Plex: did not answer the last time it was asked; next try in %lld s",
			left_s(view->breaker.probe_ms, view->now_ms, LIMIT_RETRY_AFTER_MS));
	else if (pace_holds(&view->pace, view->now_ms))
		log_info("Plex: slow; Save only queues, for another %lld s", held_s(view));
	else
		log_info("Plex: no trouble known");
	log_info("Match cache: %zu files; library cache: %zu files", view->matches.entries,
		view->index_rows);
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

/* Stash's log page shows 30 lines. 'all': how many jobs there are, listed or not. */
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

static void log_view(const struct view *view, const cJSON *json, struct arena *a)
{
	const cJSON *retrying = cJSON_GetObjectItem(json, "retrying");

	log_counts(view, a);
	log_jobs(cJSON_GetObjectItem(json, "failed"), "failed", "failed", view->queue.failed);
	log_jobs(retrying, "was not written", "were not written",
		(size_t)cJSON_GetArraySize(retrying));
	log_jobs(cJSON_GetObjectItem(json, "unmatched"), "waits", "wait", view->queue.waiting);
}

static bool parse_page(
	const struct input_args *request, struct page *page, struct arena *a, struct err *err)
{
	*page = (struct page){.group = request->list ? GROUP_UNDECIDED : GROUPS,
		.offset = request->offset,
		.limit = request->limit > 0 ? request->limit : LIMIT_LISTED};
	if (request->text != NULL)
		page->words = str_split(a, utf8_fold(a, request->text), ' ');
	while (page->group < GROUPS && strcmp(group_names[page->group], request->list) != 0)
		page->group++;
	return request->list == NULL || page->group < GROUPS ||
	       err_set(err, ERR_INPUT, "args.list is not undecided, troubled or unmatched");
}

bool cmd_status(const struct env *env, const struct input_args *request, struct cmd_answer *answer,
	struct err *err)
{
	struct view view = {.now_ms = clock_now_ms()};
	cJSON *json = cJSON_CreateObject(), *fills;
	struct page page;
	bool read;

	answer->json = json;
	if (!parse_page(request, &page, env->arena, err))
		return false;
	read_cache(env, &view);
	read = read_queue(env, &page, &view, json, err);
	if (view.cached)
		store_abort(&view.cache);
	if (!read)
		return false;
	cJSON_AddStringToObject(json, "version", PLEXSYNC_VERSION);
	/* Whoever asks for rows reads the answer, and does so every few seconds. */
	if (request->limit == 0 && request->list == NULL)
		log_view(&view, json, env->arena);
	add_view(json, &view);
	fills = cJSON_AddObjectToObject(json, "state");
	add_fill(fills, "queue", &view.queue_fill);
	add_fill(fills, "cache", &view.cache_fill);
	add_timing(cJSON_AddObjectToObject(json, "timing_ms"), &view);
	add_drain(json, env, &view);
	add_series(json, &view);
	return true;
}
