#include "work/outage.h"

#include "base/clock.h"
#include "base/log.h"
#include "plex/library.h"
#include "push/settle.h"
#include "run/request.h"
#include "run/summon.h"
#include "state/breaker.h"

static struct breaker read_breaker(const struct env *env)
{
	struct breaker breaker;
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_READ);
	breaker_load(&txn, &breaker);
	store_abort(&txn);
	return breaker;
}

bool outage_is_fresh(const struct env *env)
{
	struct breaker breaker = read_breaker(env);

	return breaker_is_fresh(&breaker, clock_now_ms()) && summon_is_listed(env);
}

/* False, and early, if another task of Stash waits. */
static bool pass_time(const struct env *env, int64_t ms)
{
	while (ms > 0) {
		int64_t step = ms < LIMIT_OUTAGE_TURN_MS ? ms : LIMIT_OUTAGE_TURN_MS;
		if (summon_others_wait(env))
			return false;
		clock_sleep_ms(clock_outage_ms(step));
		ms -= step;
	}
	return true;
}

/* Asked with the settings of this moment: perhaps it is the address that was wrong. */
static bool is_away(const struct env *env, struct err *err)
{
	struct plex_time time = request_plex_time(NULL, LIMIT_OUTAGE_STEP_MS);
	struct library_list libraries;
	struct arena a;
	bool answers;

	arena_init(&a);
	answers = env_read_settings_again(env, err) &&
		  library_read(env->use->plex, &time, &libraries, &a, err);
	arena_clear(&a);
	return !answers && err->kind == ERR_SERVER && err->party == PARTY_PLEX;
}

enum outage outage_wait(const struct env *env, struct err *err)
{
	struct breaker breaker = read_breaker(env);
	int64_t now_ms = clock_now_ms(), elapsed_ms = clock_age_ms(now_ms, breaker.since_ms);
	int64_t next_ms = elapsed_ms, at;

	if (!outage_is_fresh(env))
		return OUTAGE_NONE;
	if (!breaker_allows(&breaker, now_ms))
		next_ms = breaker_next_look_ms(&breaker, elapsed_ms);
	log_info("Plex does not answer; waiting up to %lld s for it",
		(long long)(LIMIT_OUTAGE_MS - elapsed_ms) / 1000);
	for (; next_ms >= 0; next_ms = breaker_next_look_ms(&breaker, elapsed_ms)) {
		if (!pass_time(env, next_ms - elapsed_ms))
			return OUTAGE_IN_THE_WAY;
		at = clock_us();
		if (!is_away(env, err)) {
			log_info("After %lld s Plex is asked again", (long long)next_ms / 1000);
			return OUTAGE_OVER;
		}
		elapsed_ms = next_ms + (clock_us() - at) / 1000;
	}
	settle_trouble(env, err);
	log_info("Plex has not come back within %d s: the scenes wait until somebody looks again",
		LIMIT_OUTAGE_MS / 1000);
	return OUTAGE_LASTS;
}
