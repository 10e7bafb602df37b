#include "push/group.h"

#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "push/send.h"
#include "state/remembered.h"

/* The one target that is written; NULL if there are none or several. */
static struct target *only_target(const struct push *push)
{
	struct target *only = NULL;
	size_t count = 0;

	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		if (target->foreign || target->plan.writes == 0)
			continue;
		only = target;
		count++;
	}
	return count == 1 ? only : NULL;
}

static bool takes_lists(const struct env *env, const char *machine)
{
	struct txn txn;
	bool one_by_one;

	store_begin(&txn, env->state->queue, TXN_READ);
	one_by_one = remembered_one_by_one(&txn, machine);
	store_abort(&txn);
	return !one_by_one;
}

void group_make(
	const struct env *env, struct group *group, struct push *const *pushes, size_t count)
{
	bool asked = false;

	group->count = 0;
	for (size_t i = 0; count > 1 && i < count && i < LIMIT_BATCH; i++) {
		struct target *target = only_target(pushes[i]);
		if (pushes[i]->over || pushes[i]->left || target == NULL)
			continue;
		if (!asked && !takes_lists(env, target->machine))
			return;
		asked = true;
		group->pushes[group->count] = pushes[i];
		group->targets[group->count] = target;
		group->queries[group->count++] = send_query(env, pushes[i], target);
	}
}

static bool is_same(const struct group *group, size_t x, size_t y)
{
	return group->queries[x] != NULL && group->queries[y] != NULL &&
	       group->targets[x]->section == group->targets[y]->section &&
	       group->targets[x]->type == group->targets[y]->type &&
	       strcmp(group->queries[x], group->queries[y]) == 0;
}

/* What the path needs beside the query: the address, the library, and each key. */
static size_t path_bytes(const struct env *env, const struct group *group, size_t i)
{
	return strlen(plex_url(env->use->plex)) + 80 + strlen(group->queries[i]);
}

bool group_send(const struct env *env, struct group *group, const struct push *push, bool *broken,
	struct err *err)
{
	struct target *same[LIMIT_BATCH];
	size_t members[LIMIT_BATCH], n = 0, first = 0, bytes;
	enum send_result result;

	*broken = false;
	while (first < group->count && group->pushes[first] != push)
		first++;
	if (first == group->count || group->queries[first] == NULL)
		return first < group->count && group->targets[first]->shared;
	bytes = path_bytes(env, group, first);
	for (size_t i = first; i < group->count; i++) {
		bytes += strlen(group->targets[i]->item.rating_key) + 1;
		if (!is_same(group, first, i) || bytes > LIMIT_URL_BYTES)
			continue;
		members[n] = i;
		same[n++] = group->targets[i];
	}
	if (n < 2)
		return false;
	result = send_together(env, push, same, n, group->queries[first], err);
	for (size_t i = 0; i < n; i++)
		group->queries[members[i]] = NULL;
	*broken = result == SEND_BROKEN;
	return result == SEND_DONE;
}

void group_never_again(const struct env *env, const char *machine)
{
	struct txn txn;

	log_info("This Plex takes an edit of several items for one of the first of them: it gets "
		 "them one by one from now on");
	store_begin(&txn, env->state->queue, TXN_WRITE);
	remembered_note_one_by_one(&txn, machine);
	store_commit(&txn, NULL);
}
