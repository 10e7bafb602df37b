/* stats.c - see stats.h. The record is QUEUE_META "stats": see code_stats(). */
#include "state/stats.h"

#include <string.h>

#include "state/tables.h"
#include "store/entry.h"

#define VERSION 2

static const struct bytes stats_key = {"stats", 5};

/* What takes up to FIRST_US is in the first bucket; each further doubling has four. */
#define FIRST_US      64u
#define FIRST_US_BITS 6

void stats_count(struct stats *stats, enum stats_counter counter)
{
	stats->counters[counter]++;
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

void stats_add(struct txn *txn, struct stats *ours, struct stats *sums)
{
	static const struct stats nothing;

	stats_load(txn, sums);
	if (memcmp(ours, &nothing, sizeof(nothing)) == 0)
		return;
	for (size_t i = 0; i < STAT_COUNT; i++)
		sums->counters[i] += ours->counters[i];
	for (size_t i = 0; i < TIMING_COUNT; i++)
		add_timing(&sums->timing[i], &ours->timing[i]);
	*ours = nothing;
	entry_save(txn, QUEUE_META, stats_key, code_stats, sums, sizeof(*sums));
}
