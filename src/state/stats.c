/*
 * stats.c - see stats.h.
 *
 * QUEUE_META  "stats"         the sum of everything: see code_stats()
 *             "stats-hour"    the hour that is not over yet: see code_hour()
 *             "stats-hours"   those before it, one row each: see code_hours()
 *             "stats-drain"   how many jobs were done when the last drain began, u64
 *
 * An hour that is over needs no more than its percentiles, so the record that every job
 * writes stays small, and the rows are written once an hour.
 */
#include "state/stats.h"

#include <string.h>

#include "state/tables.h"
#include "store/entry.h"

#define VERSION 2

#define HOURS_VERSION 1
#define WEEK_S	      (7 * 24 * 3600)

static const struct bytes stats_key = {"stats", 5};
static const struct bytes hour_key = {"stats-hour", 10}, hours_key = {"stats-hours", 11};

/* What takes up to FIRST_US is in the first bucket; each further doubling has four. */
#define FIRST_US      64u
#define FIRST_US_BITS 6

void stats_count(struct stats *stats, enum stats_counter counter)
{
	stats->counters[counter]++;
}

const char *stats_step_name(size_t step)
{
	static const char *const names[STATS_STEPS] = {
		"stash", "match", "plex_get", "plan", "plex_put", "plex_check", "pictures"};

	return names[step];
}

void stats_step(struct stats *stats, const char *name, int64_t us)
{
	for (size_t i = 0; us > 0 && i < STATS_STEPS; i++) {
		if (strcmp(name, stats_step_name(i)) == 0)
			stats->counters[STAT_STEPS + i] += (uint64_t)us;
	}
}

/* By the highest bit, and the two bits below it. */
static size_t bucket_of(uint64_t us)
{
	size_t bits = 0, bucket;

	if (us <= FIRST_US)
		return 0;
	us--; /* an edge belongs to the bucket below it */
	while (us >> bits > 1)
		bits++;
	bucket = 1 + (bits - FIRST_US_BITS) * 4 + (us >> (bits - 2) & 3);
	return bucket < STATS_BUCKETS ? bucket : STATS_BUCKETS - 1;
}

/* The longest time that a bucket counts. */
static uint64_t edge_us(size_t bucket)
{
	uint64_t quarters = bucket > 0 ? 4 + (bucket - 1) % 4 + 1 : 4;

	return quarters << (FIRST_US_BITS - 2 + (bucket > 0 ? (bucket - 1) / 4 : 0));
}

void stats_time(struct stats *stats, enum stat_timing which, int64_t us)
{
	struct stats_timing *timing = &stats->timing[which];
	uint64_t time = us > 0 ? (uint64_t)us : 0;

	timing->buckets[bucket_of(time)]++;
	timing->count++;
	if (time > timing->max_us)
		timing->max_us = time;
}

double stats_percentile(const struct stats_timing *timing, unsigned percent)
{
	uint64_t below = 0, wanted = (timing->count * percent + 99) / 100, us = timing->max_us;

	if (timing->count == 0)
		return 0;
	for (size_t i = 0; i + 1 < STATS_BUCKETS; i++) {
		below += timing->buckets[i];
		if (below < wanted)
			continue;
		us = edge_us(i) < us ? edge_us(i) : us;
		break;
	}
	return (double)us / 1e3;
}

const char *stats_timing_name(enum stat_timing which)
{
	static const char *const names[TIMING_COUNT] = {"sync", "hook", "drain", "index"};

	return names[which];
}

/* The number of buckets in use, then for each its number and what it counts. */
static void code_timing(struct record *r, struct stats_timing *timing)
{
	uint8_t used = 0;

	for (size_t i = 0; i < STATS_BUCKETS; i++)
		used = (uint8_t)(used + (timing->buckets[i] > 0));
	record_u64(r, &timing->count);
	record_u64(r, &timing->max_us);
	record_u8(r, &used);
	for (uint8_t bucket = 0; used > 0 && !r->bad; used--, bucket++) {
		uint64_t beyond = 0;
		while (r->writes && timing->buckets[bucket] == 0)
			bucket++;
		record_u8(r, &bucket);
		record_u64(r, bucket < STATS_BUCKETS ? &timing->buckets[bucket] : &beyond);
	}
}

/* A later version may count more things: what this one does not know is skipped. */
static void code_stats(struct record *r, void *what)
{
	struct stats *stats = what;
	uint8_t version = VERSION, counters = STAT_COUNT, timings = TIMING_COUNT;

	record_u8(r, &version);
	record_refuse(r, version == VERSION);
	record_u8(r, &counters);
	for (size_t i = 0; i < counters && !r->bad; i++) {
		uint64_t beyond = 0;
		record_u64(r, i < STAT_COUNT ? &stats->counters[i] : &beyond);
	}
	record_u8(r, &timings);
	for (size_t i = 0; i < timings && !r->bad; i++) {
		struct stats_timing beyond = {0};
		code_timing(r, i < TIMING_COUNT ? &stats->timing[i] : &beyond);
	}
}

void stats_load(struct txn *txn, struct stats *stats)
{
	entry_load(txn, QUEUE_META, stats_key, code_stats, stats, sizeof(*stats), NULL);
}

static void add_timing(struct stats_timing *sum, const struct stats_timing *ours)
{
	sum->count += ours->count;
	if (ours->max_us > sum->max_us)
		sum->max_us = ours->max_us;
	for (size_t b = 0; b < STATS_BUCKETS; b++)
		sum->buckets[b] += ours->buckets[b];
}

static void add_stats(struct stats *sum, const struct stats *ours)
{
	for (size_t i = 0; i < STAT_COUNT; i++)
		sum->counters[i] += ours->counters[i];
	for (size_t i = 0; i < TIMING_COUNT; i++)
		add_timing(&sum->timing[i], &ours->timing[i]);
}

/* --- hour by hour ----------------------------------------------------------------- */

struct hour {
	int64_t t;
	struct stats stats;
};

struct hours {
	struct stats_hour *v;
	size_t n;
};

static void code_hour(struct record *r, void *what)
{
	struct hour *hour = what;

	record_i64(r, &hour->t);
	code_stats(r, &hour->stats);
}

static void code_hours(struct record *r, void *what)
{
	struct hours *hours = what;
	uint8_t version = HOURS_VERSION;

	record_u8(r, &version);
	record_refuse(r, version == HOURS_VERSION);
	hours->v = record_list(r, hours->v, &hours->n, sizeof(*hours->v), 28);
	for (size_t i = 0; i < hours->n; i++) {
		struct stats_hour *row = &hours->v[i];
		record_i64(r, &row->t);
		record_u32(r, &row->synced);
		record_u32(r, &row->unchanged);
		record_u32(r, &row->failed);
		record_u32(r, &row->p50_us);
		record_u32(r, &row->p95_us);
	}
}

static uint32_t small(double number)
{
	return number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}

static struct stats_hour row_of(const struct hour *hour)
{
	const uint64_t *counters = hour->stats.counters;
	const struct stats_timing *sync = &hour->stats.timing[TIMING_SYNC];

	return (struct stats_hour){.t = hour->t,
		.synced = small((double)counters[STAT_SYNCED]),
		.unchanged = small((double)counters[STAT_UNCHANGED]),
		.failed = small((double)counters[STAT_FAILED]),
		.p50_us = small(stats_percentile(sync, 50) * 1e3),
		.p95_us = small(stats_percentile(sync, 95) * 1e3)};
}

static bool is_empty(const struct stats_hour *row)
{
	return row->synced + row->unchanged + row->failed == 0;
}

/* A clock that was set back brings an hour a second time: its counts add up. */
static void merge(struct stats_hour *into, const struct stats_hour *row)
{
	into->synced += row->synced;
	into->unchanged += row->unchanged;
	into->failed += row->failed;
	into->p50_us = row->p50_us > into->p50_us ? row->p50_us : into->p50_us;
	into->p95_us = row->p95_us > into->p95_us ? row->p95_us : into->p95_us;
}

/* Those of another week are left out: if they are to come, the clock was wrong. */
static void append(struct hours *all, const struct stats_hour *row, int64_t now_s)
{
	if (row->t > now_s || row->t <= now_s - WEEK_S)
		return;
	if (all->n > 0 && all->v[all->n - 1].t == row->t)
		merge(&all->v[all->n - 1], row);
	else
		all->v[all->n++] = *row;
}

/* The rows in order, with one more. */
static struct hours with_row(
	const struct hours *old, const struct stats_hour *row, int64_t now_s, struct arena *a)
{
	struct hours all = {.v = arena_array(a, old->n + 1, sizeof(*all.v))};
	bool placed = is_empty(row);

	for (size_t i = 0; i < old->n; i++) {
		if (!placed && old->v[i].t >= row->t) {
			append(&all, row, now_s);
			placed = true;
		}
		append(&all, &old->v[i], now_s);
	}
	if (!placed)
		append(&all, row, now_s);
	return all;
}

size_t stats_hours(struct txn *txn, int64_t now_ms, struct stats_hour **rows, struct arena *a)
{
	struct hours hours;
	struct stats_hour row;
	struct hour hour;

	entry_load(txn, QUEUE_META, hours_key, code_hours, &hours, sizeof(hours), a);
	entry_load(txn, QUEUE_META, hour_key, code_hour, &hour, sizeof(hour), NULL);
	row = row_of(&hour);
	hours = with_row(&hours, &row, now_ms / 1000, a);
	*rows = hours.v;
	return hours.n;
}

static void add_hour(struct txn *txn, const struct stats *ours, int64_t now_ms)
{
	struct hour hour;
	int64_t t = now_ms / 1000 / STATS_HOUR_S * STATS_HOUR_S;

	entry_load(txn, QUEUE_META, hour_key, code_hour, &hour, sizeof(hour), NULL);
	if (hour.t != t) {
		struct hours hours;
		struct arena a;
		arena_init(&a);
		hours.n = stats_hours(txn, now_ms, &hours.v, &a);
		entry_save(txn, QUEUE_META, hours_key, code_hours, &hours, sizeof(hours));
		arena_clear(&a);
		hour = (struct hour){.t = t};
	}
	add_stats(&hour.stats, ours);
	entry_save(txn, QUEUE_META, hour_key, code_hour, &hour, sizeof(hour));
}

/* --- the sums --------------------------------------------------------------------- */

void stats_add(struct txn *txn, struct stats *ours, struct stats *sums, int64_t now_ms)
{
	static const struct stats nothing;

	stats_load(txn, sums);
	if (memcmp(ours, &nothing, sizeof(nothing)) == 0)
		return;
	add_stats(sums, ours);
	add_hour(txn, ours, now_ms);
	*ours = nothing;
	entry_save(txn, QUEUE_META, stats_key, code_stats, sums, sizeof(*sums));
}

void stats_begin_drain(struct txn *txn)
{
	struct stats sums;
	int64_t jobs;

	stats_load(txn, &sums);
	jobs = (int64_t)sums.counters[STAT_JOBS];
	entry_save_numbers(txn, QUEUE_META, "stats-drain", ENTRY_PLAIN, &jobs, 1);
}

uint64_t stats_drained(struct txn *txn, const struct stats *sums)
{
	uint64_t jobs = sums->counters[STAT_JOBS];
	int64_t before;

	return entry_load_numbers(txn, QUEUE_META, "stats-drain", ENTRY_PLAIN, &before, 1) &&
			       (uint64_t)before < jobs
		       ? jobs - (uint64_t)before
		       : 0;
}
