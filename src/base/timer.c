#include "base/timer.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#define SLOW_US 1000000

void timer_start(struct timer *timer)
{
	timer->start_us = clock_us();
	timer->count = 0;
}

void timer_add(struct timer *timer, const char *name, int64_t since_us)
{
	size_t i = 0;

	while (i < timer->count && strcmp(timer->steps[i].name, name) != 0)
		i++;
	if (i == timer->count) {
		assert(timer->count < TIMER_STEPS);
		timer->steps[timer->count].name = name;
		timer->steps[timer->count++].us = 0;
	}
	timer->steps[i].us += clock_us() - since_us;
}

void timer_own(struct timer *timer)
{
	timer->start_us = clock_us();
	for (size_t i = 0; i < timer->count; i++)
		timer->start_us -= timer->steps[i].us;
}

int64_t timer_us(const struct timer *timer)
{
	return clock_us() - timer->start_us;
}

int64_t timer_log(const struct timer *timer, const char *what)
{
	int64_t total = timer_us(timer);
	struct arena a;
	struct str line;

	arena_init(&a);
	str_init(&line, &a);
	str_addf(&line, "%s took %.3fs", what, (double)total / 1e6);
	for (size_t i = 0; i < timer->count; i++)
		str_addf(&line, "%s%s %.3f", i == 0 ? " [" : " ", timer->steps[i].name,
			(double)timer->steps[i].us / 1e6);
	if (timer->count > 0)
		str_addc(&line, ']');
	log_at(total >= SLOW_US ? LOG_INFO : LOG_DEBUG, "%s", line.s);
	arena_clear(&a);
	return total;
}
