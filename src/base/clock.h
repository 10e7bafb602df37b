/*
 * clock.h - the two clocks: what time it is, and how long something took.
 *
 * The wall clock orders what is stored, and can jump: nothing may rely on it moving
 * forward. A test build adds PLEXSYNC_TEST_CLOCK milliseconds to it.
 */
#ifndef PLEXSYNC_BASE_CLOCK_H
#define PLEXSYNC_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds since 1970. */
int64_t clock_now_ms(void);

/* Microseconds of a clock that only moves forward; only differences mean anything. */
int64_t clock_us(void);

/* How long ago 'then_ms' was; -1 if it is in the future or negative. */
int64_t clock_age_ms(int64_t now_ms, int64_t then_ms);

/* A number that is another one every day. */
int64_t clock_day(int64_t ms);

/* "2026-01-31T09:07:53+01:00", as Stash writes times, to milliseconds since 1970.
 * False for any other text. */
bool clock_parse(const char *text, int64_t *ms);

void clock_sleep_ms(int64_t ms);

/* How long to wait before giving up, or to go on before others get their turn: 'ms'. A
 * test build divides it by PLEXSYNC_TEST_HURRY. */
int64_t clock_patience_ms(int64_t ms);
/* The same for the end of an outage: divided by PLEXSYNC_TEST_OUTAGE. */
int64_t clock_outage_ms(int64_t ms);

#endif
