/* recall.c - see recall.h. */
#include "push/recall.h"

#include <string.h>

void recall_in(struct txn *txn, struct push *push)
{
	struct history_scene *before = &push->before;

	push->recalled = true;
	if (history_scene_get(txn, push->asked.scene, before, push->arena) == FAILED)
		return;
	push->known = arena_array(push->arena, before->count, sizeof(*push->known));
	for (size_t i = 0; i < before->count; i++) {
		struct push_known *known = &push->known[i];
		known->machine = before->items[i].machine;
		known->rating_key = before->items[i].rating_key;
		if (history_get(txn, known->machine, known->rating_key, &known->history,
			    push->arena) == FAILED)
			return;
	}
}

bool recall_scene(const struct env *env, struct push *push, struct err *err)
{
	struct txn txn;

	if (env->state->queue == NULL || push->recalled)
		return true;
	store_begin(&txn, env->state->queue, TXN_READ);
	recall_in(&txn, push);
	if (store_commit(&txn, err))
		return true;
	push->before.count = 0;
	push->asked.careful = true;
	return push->asked.forgetful; /* else it is tried again when the state can be read */
}

static const struct history *known_history(
	const struct push *push, const char *machine, const char *rating_key)
{
	for (size_t i = 0; i < push->before.count; i++) {
		const struct push_known *known = &push->known[i];
		if (strcmp(known->machine, machine) == 0 &&
			strcmp(known->rating_key, rating_key) == 0)
			return &known->history;
	}
	return NULL;
}

bool recall_item(const struct env *env, const struct push *push, const char *machine,
	const char *rating_key, struct history *history, bool *owner_lives, struct err *err)
{
	const struct history *known = known_history(push, machine, rating_key);
	struct txn txn;

	*history = known != NULL ? *known : (struct history){0};
	*owner_lives = false;
	if (env->state->queue == NULL || (known != NULL && known->owner == push->asked.scene))
		return true;
	store_begin(&txn, env->state->queue, TXN_READ);
	if (history_get(&txn, machine, rating_key, history, push->arena) == FOUND)
		*owner_lives = history->owner != 0 &&
			       history_owns(&txn, history->owner, machine, rating_key);
	history->unreadable |= txn.failed;
	return store_commit(&txn, err) || push->asked.forgetful;
}
