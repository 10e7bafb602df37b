#include "push/recall.h"

#include <string.h>

void recall_in(struct txn *txn, struct push *push)
{
	struct history_scene *before = &push->before;

	push->recalled = true;
	choice_get(txn, push->asked.scene, &push->choice, push->arena);
	trouble_load(txn, &push->trouble, push->arena);
	if (history_scene_get(txn, push->asked.scene, before, push->arena) == FAILED)
		return;
	push->known = arena_array(push->arena, before->count, sizeof(*push->known));
	for (size_t i = 0; i < before->count; i++) {
		const struct history_item *item = &before->items[i];
		if (history_get(txn, item->machine, item->rating_key, &push->known[i],
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
	push->choice = (struct choice){.kind = CHOICE_AUTO};
	push->trouble.text = "";
	push->asked.careful = true;
	return push->asked.forgetful; /* else it is tried again when the state can be read */
}

size_t recall_place(const struct history_scene *scene, const char *machine, const char *rating_key)
{
	size_t i = 0;

	while (i < scene->count && (strcmp(scene->items[i].machine, machine) != 0 ||
					   strcmp(scene->items[i].rating_key, rating_key) != 0))
		i++;
	return i;
}

static void recall_owner(struct txn *txn, int64_t scene, const char *machine,
	const char *rating_key, struct recall_owner *owner)
{
	owner->chosen = choice_number(txn, scene, machine, rating_key);
	owner->lives = owner->chosen > 0 || history_owns(txn, scene, machine, rating_key);
}

bool recall_item(const struct env *env, const struct push *push, const char *machine,
	const char *rating_key, struct history *history, struct recall_owner *owner,
	struct err *err)
{
	size_t place = recall_place(&push->before, machine, rating_key);
	struct txn txn;

	*history = place < push->before.count ? push->known[place] : (struct history){0};
	*owner = (struct recall_owner){.lives = false};
	if (env->state->queue == NULL || history->owner == push->asked.scene)
		return true;
	store_begin(&txn, env->state->queue, TXN_READ);
	if (history_get(&txn, machine, rating_key, history, push->arena) == FOUND &&
		history->owner != 0)
		recall_owner(&txn, history->owner, machine, rating_key, owner);
	history->unreadable |= txn.failed;
	return store_commit(&txn, err) || push->asked.forgetful;
}
