/*
 * timer.h - how long a piece of work took, and its steps.
 *
 * The line it writes is part of the public interface:
 *   sync_scene took 0.084s [stash 0.006 match 0.001 plex_get 0.012]
 * at debug level below one second, at info level from one second on.
 */
#ifndef PLEXSYNC_BASE_TIMER_H
#define PLEXSYNC_BASE_TIMER_H

#include <stddef.h>
#include <stdint.h>

#define TIMER_STEPS 12

struct timer {
	int64_t start_us;
	size_t count;
	struct {
		const char *name; /* a literal */
		int64_t us;
	} steps[TIMER_STEPS];
};

void timer_start(struct timer *);

/* Adds the time since 'since_us' (from clock_us()) to the named step; steps appear in the
 * order of their first use. */
void timer_add(struct timer *, const char *name, int64_t since_us);

/* As if nothing but the steps had taken time: for work that was done beside others. */
void timer_own(struct timer *);

/* Microseconds since timer_start. */
int64_t timer_us(const struct timer *);

/* Writes the line and returns the microseconds that it reports. */
int64_t timer_log(const struct timer *, const char *what);

#endif
