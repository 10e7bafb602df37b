/*
 * stats.h - lifetime counters and timing, for the status and the log.
 *
 * A process collects into a struct stats of its own and adds that to the stored one in the
 * transaction on the queue that ends a job. There is a sum of everything, and one of each
 * hour of the last week.
 */
#ifndef PLEXSYNC_STATE_STATS_H
#define PLEXSYNC_STATE_STATS_H

#include <stdint.h>

#include "base/arena.h"
#include "store/store.h"

/* Stored by number: add at the end, never renumber. */
enum stats_counter {
	STAT_JOBS = 0,
	STAT_SYNCED,
	STAT_UNCHANGED,
	STAT_FAILED,
	STAT_MATCH_HITS,
	STAT_MATCH_MISSES,
	STAT_INDEX_HITS,
	STAT_INDEX_MISSES,
	STAT_STEPS, /* microseconds of each step of a push, in the order of stats_step_name() */
	STAT_COUNT = STAT_STEPS + 7
};

#define STATS_STEPS (STAT_COUNT - STAT_STEPS)

/* What is timed. Stored by number as well. */
enum stat_timing { TIMING_SYNC = 0, TIMING_HOOK, TIMING_DRAIN, TIMING_INDEX, TIMING_COUNT };

/* Four buckets per doubling: the first one counts what took up to 64 µs, the last one
 * what took more than 13 minutes. */
#define STATS_BUCKETS 96

struct stats_timing {
	uint64_t count, max_us;
	uint64_t buckets[STATS_BUCKETS];
};

struct stats {
	uint64_t counters[STAT_COUNT];
	struct stats_timing timing[TIMING_COUNT];
};

void stats_count(struct stats *, enum stats_counter);
void stats_time(struct stats *, enum stat_timing, int64_t us);
/* Adds to a step of a push, by its name in the log; others are not counted. */
void stats_step(struct stats *, const char *name, int64_t us);

/* Adds 'ours' to what is stored, in the caller's write transaction on the queue, sets it
 * to zero, and gives the new sums. Writes nothing if there is nothing to add. */
void stats_add(struct txn *, struct stats *ours, struct stats *sums, int64_t now_ms);
/* All zero if there are none, or they cannot be read. */
void stats_load(struct txn *, struct stats *);

/* Jobs that are done from here on are those of a drain. */
void stats_begin_drain(struct txn *);
/* How many they are, by the sums of now. */
uint64_t stats_drained(struct txn *, const struct stats *sums);

/* One hour with pushes. */
#define STATS_HOUR_S 3600
struct stats_hour {
	int64_t t; /* when it began, seconds since 1970 */
	uint32_t synced, unchanged, failed, p50_us, p95_us;
};

/* Those of the last week, the present one included, in order. Returns how many. */
size_t stats_hours(struct txn *, int64_t now_ms, struct stats_hour **, struct arena *);

/* Milliseconds below which 'percent' of the samples lie (the upper edge of the
 * bucket, and never more than the longest sample); 0 without samples. */
double stats_percentile(const struct stats_timing *, unsigned percent);

/* "sync", "hook", … */
const char *stats_timing_name(enum stat_timing);
/* "stash", "match", … of 0 to STATS_STEPS - 1 */
const char *stats_step_name(size_t step);

#endif
