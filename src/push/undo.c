#include "push/undo.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "push/ahead.h"
#include "push/report.h"
#include "push/undo_picture.h"
#include "push/values.h"
#include "push/write.h"

/* Another process that pushes the scene at this moment is waited for. */
#define BUSY_MS	     50
#define BUSY_MOST_MS 2000

/* --- the items ------------------------------------------------------------------------- */

void undo_init(struct undo *undo, const struct activity *entry, bool dry_run, struct arena *a)
{
	struct request asked = {.scene = entry->scene, .dry_run = dry_run, .retry = true};

	*undo = (struct undo){.entry = entry};
	push_init(&undo->push, &asked, NULL, a);
	undo->push.scene.title = entry->title;
	undo->push.recalled = true;
	undo->fields = arena_array(a, entry->count, sizeof(*undo->fields));
	for (size_t i = 0; i < entry->count; i++) {
		const struct activity_item *item = &entry->items[i];
		struct target *target = arena_alloc(a, sizeof(*target));
		*target = (struct target){.found = {.rating_key = item->rating_key,
						  .library = item->library,
						  .section = (int)item->section,
						  .path = item->path},
			.rule = (enum match_rule)(item->rule < MATCH_RULES ? item->rule : 0),
			.section = (int)item->section,
			.type = (int)item->type,
			.machine = item->machine};
		undo->push.targets[undo->push.target_count++] = target;
	}
}

static void leave(struct undo *undo, struct target *target, const char *why)
{
	target->foreign = true;
	undo->why = undo->why ? undo->why : why;
}

/* Only an item that is still the one that was written to. */
static const char *why_not(
	const struct target *target, const struct undo *undo, const char *machine, bool there)
{
	struct arena *a = undo->push.arena;
	const char *key = target->found.rating_key;

	if (strcmp(machine, target->machine) != 0)
		return "it was written to another Plex server";
	if (!there)
		return arena_printf(a, "Plex does not have item %s any more", key);
	if (item_part(&target->item, target->found.path) == NULL)
		return arena_printf(a, "Plex item %s does not play %s any more", key,
			log_path(target->found.path));
	if (target->before.unreadable)
		return "what is remembered of it cannot be read";
	if (target->before.owner != 0 && target->before.owner != undo->entry->scene)
		return arena_printf(a, "Plex item %s belongs to scene %lld now", key,
			(long long)target->before.owner);
	return NULL;
}

static bool recall(const struct env *env, struct undo *undo, struct err *err)
{
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_READ);
	for (size_t i = 0; i < undo->push.target_count; i++) {
		struct target *target = undo->push.targets[i];
		if (history_get(&txn, target->machine, target->found.rating_key, &target->before,
			    undo->push.arena) == FAILED)
			break;
		target->owner = target->before.owner;
	}
	return store_commit(&txn, err);
}

static bool gather(const struct env *env, struct undo *undo, struct err *err)
{
	struct push *push = &undo->push;
	const char *machine;

	if (!env_machine(env, &machine, err) || !recall(env, undo, err))
		return false;
	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		enum lookup found = write_read(
			env, push, target->found.rating_key, &target->item, err);
		const char *why;
		if (found == FAILED)
			return false;
		why = why_not(target, undo, machine, found == FOUND);
		if (why != NULL)
			leave(undo, target, why);
	}
	return push_owned(push) > 0 || err_set(err, ERR_JOB, "%s", undo->why ? undo->why : "");
}

/* --- what is to be done ------------------------------------------------------------ */

static void plan_field(struct target *target, enum field f, const struct undo_field *undone,
	bool had_lock, struct fields *ours)
{
	struct plan_field *planned = &target->plan.f[f];
	unsigned bit = 1u << f;

	if (undone->verdict == UNDO_KEEP || undone->verdict == UNDO_LOST)
		target->kept |= bit;
	if (undone->verdict != UNDO_WRITE)
		return;
	*planned = (struct plan_field){.verdict = PLAN_WRITE,
		.edits = true,
		.unlock = !had_lock,
		.result = undone->result,
		.remove = undone->remove};
	ours->v[f] = undone->result;
	target->plan.writes |= bit;
}

static void say_lost(struct undo *undo, enum field f)
{
	undo->why = arena_printf(undo->push.arena,
		"what %s held before is longer than %u KiB, or had a secret in it, and was not "
		"kept as a whole",
		fields_name(f), LIMIT_WHOLE_BYTES >> 10);
}

static void decide_target(struct undo *undo, size_t at)
{
	const struct activity_item *item = &undo->entry->items[at];
	struct target *target = undo->push.targets[at];
	struct arena *a = undo->push.arena;
	struct fields *ours = arena_alloc(a, sizeof(*ours));

	*ours = (struct fields){0};
	values_of_item(&target->item, &target->theirs, a);
	target->input = (struct plan_input){
		.ours = ours, .theirs = &target->theirs, .base = &target->before};
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		struct undo_field *undone = &undo->fields[at][f];
		target->input.locked[f] = item_is_locked(&target->item, fields_plex_name(f));
		if (!target->theirs.v[f].known) /* a picture */
			continue;
		*undone = undo_field_decide(
			f, &item->before.v[f], &item->after.v[f], &target->theirs.v[f], a);
		plan_field(target, f, undone, (item->locked_before >> f & 1u) != 0, ours);
		if (undone->verdict == UNDO_LOST)
			say_lost(undo, f);
	}
	target->after = target->before;
	target->intends = target->plan.writes != 0;
	undo_field_forget_locks(&target->after, target->plan.writes);
}

static void decide(struct undo *undo)
{
	for (size_t i = 0; i < undo->push.target_count; i++) {
		if (!undo->push.targets[i]->foreign)
			decide_target(undo, i);
	}
}

/* --- doing it --------------------------------------------------------------------------- */

/* The fields that are put back, by this undo or by one that was cut off. */
static void conclude_target(struct undo *undo, size_t at)
{
	struct target *target = undo->push.targets[at];

	if (undo->push.asked.dry_run)
		target->written = target->plan.writes;
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (undo->fields[at][f].verdict == UNDO_BACK)
			target->written |= 1u << f;
	}
	target->kept |= target->plan.writes & ~target->written;
	target->after = target->before;
	undo_field_forget_locks(&target->after, target->written);
}

static bool conclude(const struct env *env, struct undo *undo, struct err *err)
{
	struct push *push = &undo->push;

	if (!push->asked.dry_run && !write_conclude(env, push, err))
		return false;
	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		if (target->foreign)
			continue;
		conclude_target(undo, i);
		if (!undo_pictures(env, push, target, &undo->entry->items[i], undo->fields[i],
			    &undo->why, err))
			return false;
	}
	push->result = push_written(push) != 0 ? PUSH_UNDONE : PUSH_UNCHANGED;
	push->reason = undo->why;
	return true;
}

/* --- the journal -------------------------------------------------------------------------- */

/* What the push wrote is what the undo replaced. After a kill that is all that is known of it. */
static void note_field(const struct undo *undo, size_t at, enum field f, struct activity_item *to)
{
	const struct activity_item *from = &undo->entry->items[at];
	const struct target *target = undo->push.targets[at];
	const struct undo_field *undone = &undo->fields[at][f];
	const struct value *now = target->looked ? &target->now.v[f] : &target->theirs.v[f];
	bool locked = target->looked ? target->locked_now[f] : target->input.locked[f], changed;

	if (!now->known) { /* a picture */
		now = &undone->result;
		locked = (from->locked_before >> f & 1u) != 0;
	}
	to->after.v[f] = *now;
	to->before.v[f] = from->after.v[f];
	if (fields_is_set(f))
		to->before.v[f] = undone->verdict == UNDO_WRITE
					  ? target->theirs.v[f]
					  : undo_field_take_back(now, &from->after.v[f],
						    &from->before.v[f], NULL, &changed,
						    undo->push.arena);
	to->locked_before |= from->locked_after & 1u << f;
	to->locked_after |= (locked ? 1u : 0) << f;
}

static void note(const struct undo *undo, struct activity *entry)
{
	const struct push *push = &undo->push;

	*entry = (struct activity){.at_ms = clock_now_ms(),
		.us = (int64_t)(push->ms * 1e3),
		.scene = undo->entry->scene,
		.result = ACTIVITY_UNDONE,
		.kept = push_kept(push),
		.title = undo->entry->title,
		.reason = undo->why ? undo->why : "",
		.undoes = undo->entry->id,
		.items = arena_array(push->arena, push->target_count, sizeof(*entry->items))};
	for (size_t i = 0; i < push->target_count; i++) {
		const struct target *target = push->targets[i];
		struct activity_item *to = &entry->items[entry->count];
		if (target->foreign)
			continue;
		*to = undo->entry->items[i];
		to->before = to->after = (struct fields){0};
		to->locked_before = to->locked_after = 0;
		for (enum field f = 0; f < FIELD_COUNT; f++) {
			if (target->written & 1u << f)
				note_field(undo, i, f, to);
		}
		entry->count++;
	}
}

/* Unless somebody else has undone it meanwhile. */
static void enter(struct txn *txn, const struct undo *undo, int64_t run)
{
	struct activity entry, undone;
	const struct push *push = &undo->push;

	if (activity_get(txn, undo->entry->id, &undone, push->arena) != FOUND || undone.undone != 0)
		return;
	note(undo, &entry);
	entry.run = run;
	activity_add(txn, &entry);
	undone.undone = entry.id != 0 ? entry.id : undone.id;
	activity_put(txn, &undone);
}

static bool settle(const struct env *env, struct undo *undos, size_t count, int64_t as,
	const struct owed_undo *next, struct err *err)
{
	struct owed_undo owed;
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	for (size_t i = 0; i < count; i++) {
		const struct push *push = &undos[i].push;
		for (size_t t = 0; t < push->target_count; t++) {
			const struct target *target = push->targets[t];
			if (undos[i].done && !target->foreign && target->written != 0)
				choice_put_history(&txn, target->machine, target->found.rating_key,
					&target->after, target->owner, clock_now_ms());
		}
		if (undos[i].done && push->result == PUSH_UNDONE)
			enter(&txn, &undos[i], as != 0 ? as : env_number(env, &txn));
	}
	if (next != NULL) {
		owed = *next;
		if (owed.run != 0)
			owed.as = as != 0 ? as : env_number(env, &txn);
		owed_undo_save(&txn, &owed);
	}
	return store_commit(&txn, err);
}

/* --- side by side --------------------------------------------------------------------------- */

struct side {
	const struct env *env;
	struct undo *undos;
	size_t count;
	struct push *pushes[LIMIT_BATCH];
	struct ahead ahead;
	bool stopped;
	struct err err; /* of what stopped all */
};

/* One failed; perhaps all would. */
static void fail(struct side *side, struct undo *undo)
{
	const struct err *err = &undo->push.err;

	undo->push.over = true;
	if (err->kind == ERR_JOB || err->kind == ERR_LATER || err->kind == ERR_INPUT)
		return;
	side->stopped = true;
	side->err = *err;
}

/* The next that is on its way. */
static struct undo *next_of(struct side *side, size_t *at)
{
	while (!side->stopped && *at < side->count) {
		struct undo *undo = &side->undos[(*at)++];
		if (!undo->push.over)
			return undo;
	}
	return NULL;
}

static void read_ahead(struct side *side, struct str_list *keys)
{
	if (side->count < 2 || side->stopped)
		return;
	side->stopped = !ahead_read_items(side->env, &side->ahead, keys, &side->err);
}

static bool lock(const struct env *env, const struct undo *undo, struct err *err)
{
	for (int waited = 0; waited < BUSY_MOST_MS; waited += BUSY_MS) {
		if (undo->push.asked.dry_run ||
			lock_try_scene(&env->state->locks, undo->entry->scene) == FOUND)
			return true;
		clock_sleep_ms(BUSY_MS);
	}
	return err_set(err, ERR_LATER, "another process is pushing it right now");
}

static void read_items(struct side *side)
{
	struct str_list keys;
	struct undo *undo;

	str_list_init(&keys, side->ahead.arena);
	for (size_t at = 0; (undo = next_of(side, &at)) != NULL;) {
		if (!lock(side->env, undo, &undo->push.err))
			fail(side, undo);
		for (size_t i = 0; i < undo->push.target_count; i++)
			str_list_add(&keys, arena_strdup(side->ahead.arena,
						    undo->push.targets[i]->found.rating_key));
	}
	read_ahead(side, &keys);
}

static void send(struct side *side)
{
	struct str_list keys;
	struct undo *undo;

	for (size_t at = 0; (undo = next_of(side, &at)) != NULL;) {
		if (!gather(side->env, undo, &undo->push.err))
			fail(side, undo);
		else
			decide(undo);
	}
	if (!side->stopped && !write_intents(side->env, side->pushes, side->count, &side->err))
		side->stopped = true;
	for (size_t at = 0; (undo = next_of(side, &at)) != NULL;) {
		if (!write_send(side->env, &undo->push, &undo->push.err))
			fail(side, undo);
	}
	str_list_init(&keys, side->ahead.arena);
	for (size_t at = 0; (undo = next_of(side, &at)) != NULL;)
		write_keys(&undo->push, &keys);
	read_ahead(side, &keys);
}

bool undo_run(const struct env *env, struct undo *undos, size_t count, int64_t as,
	const struct owed_undo *next, struct err *err)
{
	struct side side = {.env = env, .undos = undos, .count = count};
	struct undo *undo;
	bool dry_run = count > 0 && undos[0].push.asked.dry_run, done = true;

	side.ahead.arena = count > 0 ? undos[0].push.arena : env->arena;
	for (size_t i = 0; i < count; i++) {
		side.pushes[i] = &undos[i].push;
		undos[i].push.ahead = count > 1 ? &side.ahead : NULL;
	}
	read_items(&side);
	send(&side);
	for (size_t at = 0; (undo = next_of(&side, &at)) != NULL;) {
		undo->done = conclude(env, undo, &undo->push.err);
		undo->push.ms = (double)timer_log(&undo->push.timer, "undo") / 1e3;
		if (!undo->done)
			fail(&side, undo);
		undo->push.over = true;
	}
	if (!dry_run)
		done = settle(env, undos, count, as, side.stopped ? NULL : next, err);
	for (size_t i = 0; i < count && !dry_run; i++)
		lock_release_scene(&env->state->locks, undos[i].entry->scene);
	if (done && side.stopped)
		*err = side.err;
	return done && !side.stopped;
}
