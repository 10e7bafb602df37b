/*
 * test_stats.c - counters and timing: buckets and percentiles, sums over
 * several processes' worth of flushes, records of other versions.
 */
#include "helpers.h"

#include <math.h>

#include "base/log.h"
#include "state/state.h"
#include "state/tables.h"
#include "state/stats.h"

static char dir[TEMP_BYTES];
static struct state state;
static struct txn txn;

static int setup(void **unused)
{
	struct err err;

	(void)unused;
	temp_make(dir);
	if (!state_open(&state, dir, &err))
		return -1;
	store_begin(&txn, state.queue, TXN_WRITE);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	store_abort(&txn);
	state_close(&state);
	temp_remove(dir);
	return 0;
}

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-9 + 1e-9 * fabs(b);
}

static void test_no_samples(void **unused)
{
	struct stats stats = {0};

	(void)unused;
	assert_true(near(stats_percentile(&stats.timing[TIMING_SYNC], 50), 0));
	assert_true(near(stats_percentile(&stats.timing[TIMING_SYNC], 100), 0));
}

/* One sample: every percentile is that sample, never more than the longest. */
static void test_one_sample(void **unused)
{
	static const int64_t samples[] = {0, 1, 99, 100, 101, 119, 200, 1000, 84000, 1000000,
		60000000, (int64_t)600 * 1000000, (int64_t)3600 * 1000000,
		(int64_t)86400 * 1000000};
	static const unsigned percents[] = {1, 50, 95, 100};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(samples); i++) {
		struct stats stats = {0};
		double ms = (double)samples[i] / 1000;
		char name[40];
		snprintf(name, sizeof(name), "%lld us", (long long)samples[i]);
		stats_time(&stats, TIMING_DRAIN, samples[i]);
		ok &= row_int(name, (int64_t)stats.timing[TIMING_DRAIN].count, 1);
		ok &= row_int(name, (int64_t)stats.timing[TIMING_DRAIN].max_us, samples[i]);
		for (size_t j = 0; j < ROWS(percents); j++) {
			double got = stats_percentile(&stats.timing[TIMING_DRAIN], percents[j]);
			ok &= row_true(name, near(got, ms));
		}
	}
	assert_true(ok);
}

/* Four per doubling, and every time in the bucket whose upper edge is the next one. */
static void test_bucket_edges(void **unused)
{
	int64_t edge = 64;
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i + 1 < STATS_BUCKETS; i++) {
		struct stats stats = {0};
		const struct stats_timing *timing = &stats.timing[TIMING_SYNC];
		char name[40];
		snprintf(name, sizeof(name), "bucket %zu", i);
		stats_time(&stats, TIMING_SYNC, edge);
		ok &= row_int(name, (int64_t)timing->buckets[i], 1);
		stats_time(&stats, TIMING_SYNC, edge + 1);
		ok &= row_int(name, (int64_t)timing->buckets[i], 1);
		ok &= row_int(name, (int64_t)timing->buckets[i + 1], 1);
		ok &= row_true(name, near(stats_percentile(timing, 50), (double)edge / 1000));
		edge += (int64_t)16 << (i / 4);
	}
	assert_int_equal(edge, ((int64_t)64 << 23) / 4 * 7); /* 23 doublings and three quarters */
	assert_true(ok);
}

static void test_percentiles(void **unused)
{
	static const unsigned percents[] = {1, 10, 50, 90, 95, 99, 100};
	struct stats stats = {0};
	const struct stats_timing *timing = &stats.timing[TIMING_SYNC];
	double last = 0;
	bool ok = true;

	(void)unused;
	for (int64_t ms = 1; ms <= 1000; ms++)
		stats_time(&stats, TIMING_SYNC, ms * 1000);
	for (size_t i = 0; i < ROWS(percents); i++) {
		double got = stats_percentile(timing, percents[i]), exact = percents[i] * 10.0;
		ok &= row_true("not below the exact one", got >= exact - 1e-9);
		ok &= row_true("not a bucket too high", got <= exact * 1.25 + 1e-9);
		ok &= row_true("in order", got >= last);
		last = got;
	}
	assert_true(near(last, 1000)); /* the longest, not its bucket's edge */
	assert_true(ok);
}

static void test_rare_slow_ones(void **unused)
{
	struct stats stats = {0};

	(void)unused;
	for (int i = 0; i < 99; i++)
		stats_time(&stats, TIMING_SYNC, 112);
	stats_time(&stats, TIMING_SYNC, 5000000);
	assert_true(near(stats_percentile(&stats.timing[TIMING_SYNC], 50), 0.112));
	assert_true(near(stats_percentile(&stats.timing[TIMING_SYNC], 99), 0.112));
	assert_true(near(stats_percentile(&stats.timing[TIMING_SYNC], 100), 5000));
}

/* A time below zero cannot be, and must not become the longest of all. */
static void test_negative_time(void **unused)
{
	struct stats stats = {0};

	(void)unused;
	stats_time(&stats, TIMING_SYNC, -1);
	assert_true(stats.timing[TIMING_SYNC].max_us == 0);
	assert_int_equal(stats.timing[TIMING_SYNC].count, 1);
}

static void test_flush_adds_up(void **unused)
{
	struct stats ours = {0}, sums, loaded;

	(void)unused;
	stats_load(&txn, &loaded);
	assert_true(loaded.counters[STAT_JOBS] == 0);
	for (int i = 0; i < 3; i++) {
		stats_count(&ours, STAT_JOBS);
		stats_count(&ours, STAT_MATCH_HITS);
		stats_count(&ours, STAT_MATCH_HITS);
		stats_time(&ours, TIMING_SYNC, 1000 * (3 - i));
		stats_time(&ours, TIMING_INDEX, 77);
		stats_add(&txn, &ours, &sums, 0);
		assert_true(ours.counters[STAT_JOBS] == 0);
		assert_true(ours.timing[TIMING_SYNC].count == 0);
		assert_true(ours.timing[TIMING_SYNC].max_us == 0);
		assert_true(sums.counters[STAT_JOBS] == (uint64_t)i + 1);
		assert_true(sums.counters[STAT_MATCH_HITS] == 2 * (uint64_t)i + 2);
	}
	stats_load(&txn, &loaded);
	assert_memory_equal(&loaded, &sums, sizeof(sums));
	assert_true(loaded.timing[TIMING_SYNC].count == 3);
	assert_true(loaded.timing[TIMING_SYNC].max_us == 3000);
	assert_true(loaded.timing[TIMING_INDEX].count == 3);
	assert_true(loaded.counters[STAT_FAILED] == 0);
}

static void test_every_bucket_is_kept(void **unused)
{
	struct stats ours = {0}, sums, loaded;

	(void)unused;
	for (size_t t = 0; t < TIMING_COUNT; t++) {
		for (size_t b = 0; b < STATS_BUCKETS; b++)
			ours.timing[t].buckets[b] = (t + 1) * 1000 + b;
	}
	for (size_t c = 0; c < STAT_COUNT; c++)
		ours.counters[c] = UINT64_MAX - c;
	stats_add(&txn, &ours, &sums, 0);
	stats_load(&txn, &loaded);
	assert_memory_equal(&loaded, &sums, sizeof(sums));
	assert_true(loaded.counters[0] == UINT64_MAX);
}

static void put_record(const void *record, size_t len)
{
	store_put(&txn, QUEUE_META, (struct bytes){"stats", 5}, (struct bytes){record, len});
}

/* A later version counts more things; what we know of is still read. */
static void test_more_counters_than_known(void **unused)
{
	uint8_t version = 2, counters = STAT_COUNT + 3, timings = TIMING_COUNT + 1, used = 2;
	uint8_t third = 3, unknown = 250; /* a bucket that we do not have */
	uint64_t longest = 100, nine = 9;
	struct arena a;
	struct record r;
	struct stats loaded;

	(void)unused;
	arena_init(&a);
	record_write(&r, &a);
	record_u8(&r, &version);
	record_u8(&r, &counters);
	for (uint64_t n = 1; n <= counters; n++)
		record_u64(&r, &n);
	record_u8(&r, &timings);
	for (uint64_t n = 1; n <= timings; n++) {
		record_u64(&r, &n);
		record_u64(&r, &longest);
		record_u8(&r, &used);
		record_u8(&r, &third);
		record_u64(&r, &nine);
		record_u8(&r, &unknown);
		record_u64(&r, &nine);
	}
	put_record(r.out.s, r.out.len);
	arena_clear(&a);
	stats_load(&txn, &loaded);
	assert_true(loaded.counters[STAT_COUNT - 1] == STAT_COUNT);
	assert_true(loaded.timing[TIMING_COUNT - 1].count == TIMING_COUNT);
	assert_true(loaded.timing[0].buckets[3] == 9);
}

/* A commit that has nothing to add costs the store no write. */
static void test_nothing_to_add(void **unused)
{
	struct stats ours = {0}, sums;
	struct bytes value;

	(void)unused;
	stats_add(&txn, &ours, &sums, 0);
	assert_int_equal(store_get(&txn, QUEUE_META, (struct bytes){"stats", 5}, &value), ABSENT);
	stats_time(&ours, TIMING_HOOK, 0);
	stats_add(&txn, &ours, &sums, 0);
	assert_int_equal(store_get(&txn, QUEUE_META, (struct bytes){"stats", 5}, &value), FOUND);
}

static void test_damaged(void **unused)
{
	static const struct {
		const char *name, *record;
		size_t len;
	} rows[] = {
		{"empty", "", 0},
		{"unknown version", "\x09\0\0\0\0\0\0\0\0", 9},
		{"cut", "\x02\1\0\0", 4},
		{"too many counters", "\x02\xff\0\0\0\0\0\0\0\1", 10},
		{"too many timings", "\x02\0\xff", 3},
		{"too many buckets", "\x02\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\xff", 20},
		{"too long", "\x02\0\0\0", 4},
	};
	struct stats zero = {0}, loaded;
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		memset(&loaded, 0xa5, sizeof(loaded));
		put_record(rows[i].record, rows[i].len);
		stats_load(&txn, &loaded);
		ok &= row_true(rows[i].name, memcmp(&loaded, &zero, sizeof(zero)) == 0);
	}
	assert_true(ok);
}

static void test_no_store(void **unused)
{
	struct stats ours = {0}, sums;
	struct txn none;

	(void)unused;
	stats_count(&ours, STAT_JOBS);
	store_begin(&none, NULL, TXN_WRITE);
	stats_add(&none, &ours, &sums, 0);
	assert_true(sums.counters[STAT_JOBS] == 1);
	assert_false(store_commit(&none, NULL));
}

/* So many pushes of an hour, so many hours after the beginning. */
static void pushes(int64_t hour, int count, enum stats_counter what, int64_t us)
{
	struct stats ours = {0}, sums;

	for (int i = 0; i < count; i++) {
		stats_count(&ours, what);
		stats_time(&ours, TIMING_SYNC, us);
	}
	stats_add(&txn, &ours, &sums, hour * STATS_HOUR_S * 1000 + 1);
}

/* "hour:synced+unchanged+failed …", as of an hour. */
static const char *hours_text(int64_t now)
{
	static char text[4096];
	struct stats_hour *rows;
	struct arena a;
	size_t count, len = 0;

	arena_init(&a);
	count = stats_hours(&txn, now * STATS_HOUR_S * 1000 + 2, &rows, &a);
	text[0] = '\0';
	for (size_t i = 0; i < count && len < sizeof(text) - 64; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%lld:%u+%u+%u",
			i > 0 ? " " : "", (long long)rows[i].t / STATS_HOUR_S, rows[i].synced,
			rows[i].unchanged, rows[i].failed);
	arena_clear(&a);
	return text;
}

static void test_hours(void **unused)
{
	struct stats_hour *rows;
	struct arena a;

	(void)unused;
	assert_string_equal(hours_text(1000), "");
	pushes(1000, 2, STAT_SYNCED, 1000);
	pushes(1000, 1, STAT_FAILED, 64000);
	pushes(1000, 1, STAT_MATCH_HITS, 1); /* no push */
	pushes(1002, 3, STAT_UNCHANGED, 500);
	assert_string_equal(hours_text(1002), "1000:2+0+1 1002:0+3+0");
	arena_init(&a);
	stats_hours(&txn, 1002 * (int64_t)STATS_HOUR_S * 1000, &rows, &a);
	assert_true(rows[0].p50_us <= 1024 && rows[0].p95_us == 64000);
	assert_int_equal(rows[1].p95_us, 500);
	arena_clear(&a);
	/* after a week, and with an hour in which nothing was pushed */
	pushes(1003, 1, STAT_MATCH_HITS, 1);
	pushes(1168, 1, STAT_SYNCED, 1);
	assert_string_equal(hours_text(1168), "1002:0+3+0 1168:1+0+0");
	pushes(1171, 1, STAT_SYNCED, 1);
	assert_string_equal(hours_text(1171), "1168:1+0+0 1171:1+0+0");
}

/* Set back, an hour comes again; what was to come is dropped by and by. */
static void test_hours_of_a_clock_that_moves(void **unused)
{
	(void)unused;
	pushes(1000, 1, STAT_SYNCED, 1);
	pushes(1005, 1, STAT_SYNCED, 1);
	pushes(1000, 2, STAT_FAILED, 1);
	assert_string_equal(hours_text(1000), "1000:1+0+2");
	pushes(1001, 1, STAT_UNCHANGED, 1);
	assert_string_equal(hours_text(1001), "1000:1+0+2 1001:0+1+0");
	assert_string_equal(hours_text(100000), "");
}

/* A busy year takes no more room than a week. */
static void test_hours_are_bounded(void **unused)
{
	static const struct bytes key = {"stats-hours", 11};
	struct bytes value;

	(void)unused;
	for (int64_t hour = 1; hour < 24 * 365; hour++)
		pushes(hour, 1, STAT_SYNCED, 1000);
	assert_int_equal(store_get(&txn, QUEUE_META, key, &value), FOUND);
	assert_true(value.len <= 5 + 28 * 24 * 7);
}

static void test_steps(void **unused)
{
	struct stats stats = {0};

	(void)unused;
	stats_step(&stats, "stash", 7);
	stats_step(&stats, "pictures", 5);
	stats_step(&stats, "pictures", 4);
	stats_step(&stats, "lunch", 99);
	assert_true(stats.counters[STAT_STEPS] == 7);
	assert_true(stats.counters[STAT_COUNT - 1] == 9);
}

static void test_drained(void **unused)
{
	struct stats ours = {0}, sums = {0};

	(void)unused;
	assert_true(stats_drained(&txn, &sums) == 0);
	stats_count(&ours, STAT_JOBS);
	stats_add(&txn, &ours, &sums, 0);
	stats_begin_drain(&txn);
	assert_true(stats_drained(&txn, &sums) == 0);
	stats_count(&ours, STAT_JOBS);
	stats_count(&ours, STAT_JOBS);
	stats_add(&txn, &ours, &sums, 0);
	assert_true(stats_drained(&txn, &sums) == 2);
}

static void test_names(void **unused)
{
	(void)unused;
	assert_string_equal(stats_timing_name(TIMING_SYNC), "sync");
	assert_string_equal(stats_timing_name(TIMING_HOOK), "hook");
	for (int t = 0; t < TIMING_COUNT; t++)
		assert_non_null(stats_timing_name((enum stat_timing)t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_hours, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hours_of_a_clock_that_moves, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hours_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_drained, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_samples, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_sample, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bucket_edges, setup, teardown),
		cmocka_unit_test_setup_teardown(test_percentiles, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rare_slow_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(test_negative_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flush_adds_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_bucket_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_more_counters_than_known, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_to_add, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_store, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
