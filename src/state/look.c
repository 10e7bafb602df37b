/* look.c - see look.h. QUEUE_META "look": version 1, begun, next. */
#include "state/look.h"

#include "base/limits.h"
#include "state/queue.h"
#include "state/tables.h"
#include "store/entry.h"

#define VERSION 1

void look_load(struct txn *txn, struct look *look)
{
	int64_t stored[2];

	entry_load_numbers(txn, QUEUE_META, "look", VERSION, stored, 2);
	*look = (struct look){stored[0], stored[1]};
}

static void save(struct txn *txn, const struct look *look)
{
	const int64_t stored[] = {look->begun_ms, look->next_ms};

	entry_save_numbers(txn, QUEUE_META, "look", VERSION, stored, 2);
}

static bool any_waits(struct txn *txn)
{
	struct digest name = {{0}};

	return queue_next_awaited(txn, &name) == FOUND;
}

/* A look for others that is sooner stays: one wait after another must not put it off for
 * ever. */
static void begin(struct txn *txn, bool others_wait, int64_t now_ms)
{
	struct look look;

	look_load(txn, &look);
	look.begun_ms = now_ms;
	if (!others_wait || look.next_ms > now_ms + LIMIT_LOOK_FIRST_MS)
		look.next_ms = now_ms + LIMIT_LOOK_FIRST_MS;
	save(txn, &look);
}

void look_begin(struct txn *txn, int64_t now_ms)
{
	begin(txn, any_waits(txn), now_ms);
}

void look_soon(struct txn *txn, int64_t now_ms)
{
	if (any_waits(txn))
		begin(txn, true, now_ms);
}

void look_done(struct txn *txn, int64_t at_ms)
{
	struct look look;

	if (!any_waits(txn))
		return;
	look_load(txn, &look);
	look.next_ms = look_next_ms(look.begun_ms, at_ms);
	save(txn, &look);
}

void look_failed(struct txn *txn, int64_t now_ms)
{
	struct look look;

	if (!look_due(txn, now_ms))
		return;
	look_load(txn, &look);
	look.next_ms = now_ms + LIMIT_LOOK_FIRST_MS;
	save(txn, &look);
}

bool look_due(struct txn *txn, int64_t now_ms)
{
	struct look look;

	look_load(txn, &look);
	return look_is_due(&look, now_ms) && any_waits(txn);
}

bool look_is_due(const struct look *look, int64_t now_ms)
{
	return look->next_ms <= now_ms || look->next_ms - now_ms > LIMIT_LOOK_MOST_MS;
}

int64_t look_next_ms(int64_t begun_ms, int64_t now_ms)
{
	static const int64_t minutes[] = {1, 2, 5, 10, 20, 40};
	/* A look may have been just before the wait. */
	int64_t age = begun_ms < 0 ? INT64_MAX : now_ms - begun_ms;

	for (size_t i = 0; age > -LIMIT_LOOK_MOST_MS && i < sizeof(minutes) / sizeof(*minutes);
		i++) {
		int64_t next_ms = begun_ms + minutes[i] * LIMIT_LOOK_FIRST_MS;
		/* One that is further away would count as due: the clock was set back. */
		if (minutes[i] * LIMIT_LOOK_FIRST_MS > age && next_ms - now_ms < LIMIT_LOOK_MOST_MS)
			return next_ms;
	}
	return now_ms + LIMIT_LOOK_MOST_MS;
}
