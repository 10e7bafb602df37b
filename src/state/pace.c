/* pace.c - see pace.h. QUEUE_META "pace": version 1, slow, held, stash_away; absent if all is
 * well and always was. */
#include "state/pace.h"

#include "base/clock.h"
#include "base/limits.h"
#include "state/tables.h"
#include "store/entry.h"

#define VERSION 1
#define NUMBERS 3

void pace_load(struct txn *txn, struct pace *pace)
{
	int64_t stored[NUMBERS];

	entry_load_numbers(txn, QUEUE_META, "pace", VERSION, stored, NUMBERS);
	*pace = (struct pace){stored[0], stored[1], stored[2] != 0};
}

void pace_save(struct txn *txn, const struct pace *pace)
{
	const int64_t stored[NUMBERS] = {pace->slow, pace->held_ms, pace->stash_away};
	struct pace before;

	pace_load(txn, &before);
	if (before.slow != pace->slow || before.held_ms != pace->held_ms ||
		before.stash_away != pace->stash_away)
		entry_save_numbers(txn, QUEUE_META, "pace", VERSION, stored, NUMBERS);
}

bool pace_note_stash(struct txn *txn, bool away)
{
	struct pace pace;
	bool is_news;

	pace_load(txn, &pace);
	is_news = pace.stash_away != away;
	pace.stash_away = away;
	pace_save(txn, &pace);
	return is_news;
}

bool pace_holds(const struct pace *pace, int64_t now_ms)
{
	int64_t age = clock_age_ms(now_ms, pace->held_ms);

	return pace->slow >= LIMIT_SLOW_HOOKS && age >= 0 && age < LIMIT_SLOW_HOLD_MS;
}

struct pace pace_after(const struct pace *pace, const struct pace_facts *facts, int64_t now_ms)
{
	bool slow = facts->out_of_time || facts->at_plex_ms > LIMIT_SLOW_MS;
	struct pace after = *pace;

	after.stash_away = facts->stash_away;
	if (slow)
		after.held_ms = now_ms;
	if (facts->out_of_time)
		after.slow = LIMIT_SLOW_HOOKS;
	else if (slow && pace->slow < LIMIT_SLOW_HOOKS)
		after.slow++;
	else if (!slow && facts->plex_answered)
		after.slow = after.held_ms = 0;
	return after;
}
