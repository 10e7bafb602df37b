/*
 * stats.h - lifetime counters and timing, for the status and the log.
 *
 * A process collects into a struct stats of its own and adds that to the stored one in the
 * transaction on the queue that ends a job.
 */
#ifndef PLEXSYNC_STATE_STATS_H
#define PLEXSYNC_STATE_STATS_H

#include <stdint.h>

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
	STAT_COUNT
};

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

/* Adds 'ours' to what is stored, in the caller's write transaction on the queue, sets it
 * to zero, and gives the new sums. Writes nothing if there is nothing to add. */
void stats_add(struct txn *, struct stats *ours, struct stats *sums);
/* All zero if there are none, or they cannot be read. */
void stats_load(struct txn *, struct stats *);

/* Milliseconds below which 'percent' of the samples lie (the upper edge of the
 * bucket, and never more than the longest sample); 0 without samples. */
double stats_percentile(const struct stats_timing *, unsigned percent);

/* "sync", "hook", … */
const char *stats_timing_name(enum stat_timing);

#endif
