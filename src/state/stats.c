/*
 * stats.c - see stats.h.
 *
 * CACHE_STATS "sums" → version 1, counters (count u32, u64 each), timings
 * (count u32, each: count u64, max u64, buckets used u32, (number u8, u64) each).
 */
#include "state/stats.h"

#include <math.h>

#include "state/state.h"

#define VERSION	  1
#define BUCKET_US 100.0

void stats_count(struct stats *stats, enum stats_counter counter)
{
	stats->counters[counter]++;
}

void stats_time(struct stats *stats, enum stat_timing which, int64_t us)
{
	struct stats_timing *timing = &stats->timing[which];
	double place = us > 0 ? ceil(log2((double)us / BUCKET_US) * 4) : 0;
	size_t bucket = place > 0 ? (size_t)place : 0;

	timing->buckets[bucket < STATS_BUCKETS ? bucket : STATS_BUCKETS - 1]++;
	timing->count++;
	if (us > 0 && (uint64_t)us > timing->max_us)
		timing->max_us = (uint64_t)us;
}

double stats_percentile(const struct stats_timing *timing, unsigned percent)
{
	uint64_t below = 0, wanted = (timing->count * percent + 99) / 100;
	double longest = (double)timing->max_us / 1e3;

	if (timing->count == 0)
		return 0;
	for (size_t i = 0; i < STATS_BUCKETS; i++) {
		below += timing->buckets[i];
		if (below >= wanted) {
			double edge = BUCKET_US / 1e3 * exp2((double)i / 4);
			return edge < longest && i + 1 < STATS_BUCKETS ? edge : longest;
		}
	}
	return longest;
}

const char *stats_timing_name(enum stat_timing which)
{
	static const char *const names[TIMING_COUNT] = {"sync", "hook", "drain", "index"};

	return names[which];
}

static struct bytes sums_key(void)
{
	return (struct bytes){"sums", 4};
}

static void read_timing(struct record_reader *in, struct stats_timing *timing)
{
	timing->count = record_u64(in);
	timing->max_us = record_u64(in);
	for (uint32_t used = record_u32(in); used > 0 && !in->bad; used--) {
		uint8_t bucket = record_u8(in);
		uint64_t n = record_u64(in);
		if (bucket < STATS_BUCKETS)
			timing->buckets[bucket] = n;
	}
}

void stats_load(struct txn *txn, struct stats *stats)
{
	struct record_reader in;
	struct bytes value;
	struct arena a;

	*stats = (struct stats){0};
	if (store_get(txn, CACHE_STATS, sums_key(), &value) != FOUND)
		return;
	arena_init(&a);
	record_open(&in, value, &a);
	if (record_u8(&in) == VERSION) {
		uint32_t count = record_u32(&in);
		for (uint32_t i = 0; i < count && !in.bad; i++) {
			uint64_t n = record_u64(&in);
			if (i < STAT_COUNT)
				stats->counters[i] = n;
		}
		count = record_u32(&in);
		for (uint32_t i = 0; i < count && !in.bad; i++) {
			struct stats_timing timing = {0};
			read_timing(&in, &timing);
			if (i < TIMING_COUNT)
				stats->timing[i] = timing;
		}
	}
	if (!record_ok(&in))
		*stats = (struct stats){0};
	arena_clear(&a);
}

static void write_timing(struct str *out, const struct stats_timing *timing)
{
	uint32_t used = 0;

	for (size_t i = 0; i < STATS_BUCKETS; i++)
		used += timing->buckets[i] > 0;
	record_put_u64(out, timing->count);
	record_put_u64(out, timing->max_us);
	record_put_u32(out, used);
	for (size_t i = 0; i < STATS_BUCKETS; i++) {
		if (timing->buckets[i] == 0)
			continue;
		record_put_u8(out, (uint8_t)i);
		record_put_u64(out, timing->buckets[i]);
	}
}

static void save(struct txn *txn, const struct stats *stats)
{
	struct arena a;
	struct str out;

	arena_init(&a);
	str_init(&out, &a);
	record_put_u8(&out, VERSION);
	record_put_u32(&out, STAT_COUNT);
	for (size_t i = 0; i < STAT_COUNT; i++)
		record_put_u64(&out, stats->counters[i]);
	record_put_u32(&out, TIMING_COUNT);
	for (size_t i = 0; i < TIMING_COUNT; i++)
		write_timing(&out, &stats->timing[i]);
	store_put(txn, CACHE_STATS, sums_key(), record_bytes(&out));
	arena_clear(&a);
}

void stats_flush(struct txn *txn, struct stats *ours, struct stats *sums)
{
	stats_load(txn, sums);
	for (size_t i = 0; i < STAT_COUNT; i++)
		sums->counters[i] += ours->counters[i];
	for (size_t i = 0; i < TIMING_COUNT; i++) {
		sums->timing[i].count += ours->timing[i].count;
		if (ours->timing[i].max_us > sums->timing[i].max_us)
			sums->timing[i].max_us = ours->timing[i].max_us;
		for (size_t b = 0; b < STATS_BUCKETS; b++)
			sums->timing[i].buckets[b] += ours->timing[i].buckets[b];
	}
	*ours = (struct stats){0};
	save(txn, sums);
}
