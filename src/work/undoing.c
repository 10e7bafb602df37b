#include "work/undoing.h"

#include <stdlib.h>

#include "base/log.h"
#include "push/report.h"
#include "push/undo.h"
#include "state/activity.h"
#include "state/owed.h"

/* Pushes of one run that are undone side by side. */
struct batch {
	const struct env *env;
	struct arena arena;
	struct activity entries[LIMIT_BATCH];
	struct undo undos[LIMIT_BATCH];
	size_t count;
	int64_t last; /* the oldest of them */
	bool more;    /* there are others after them */
};

static bool can_be_undone(const struct activity *entry)
{
	return entry->undone == 0 && activity_has_changes(entry);
}

/* --- what there is to undo ------------------------------------------------------------- */

static bool has_scene(const struct batch *batch, int64_t scene)
{
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->entries[i].scene == scene)
			return true;
	}
	return false;
}

/* False: it goes into the next batch, after the newer push of the same scene. */
static bool take(struct batch *batch, struct txn *txn, const struct activity *entry)
{
	if (batch->count == LIMIT_BATCH || has_scene(batch, entry->scene) ||
		activity_get(txn, entry->id, &batch->entries[batch->count], &batch->arena) != FOUND)
		return false;
	batch->count++;
	batch->last = entry->id;
	return true;
}

/* The next pushes of the run. 'count' (may be NULL): of all that there are. */
static bool collect(
	struct batch *batch, int64_t run, int64_t before, size_t *count, struct err *err)
{
	enum lookup found = FOUND;
	struct txn txn;

	batch->count = 0;
	batch->more = false;
	store_begin(&txn, batch->env->state->queue, TXN_READ);
	while (found == FOUND && (count != NULL || !batch->more)) {
		struct activity entry;
		struct arena a;
		arena_init(&a);
		found = activity_older(&txn, before, &entry, &a);
		before = entry.id;
		if (found == FOUND && entry.run == run && can_be_undone(&entry)) {
			/* In their order: none before one that has to wait. */
			batch->more = batch->more || !take(batch, &txn, &entry);
			if (count != NULL)
				++*count;
		}
		arena_clear(&a);
	}
	return store_commit(&txn, err);
}

/* --- one batch ---------------------------------------------------------------------------- */

static void say(const struct undo *undo)
{
	const struct push *push = &undo->push;
	long long scene = (long long)push->asked.scene;
	struct arena a;

	arena_init(&a);
	if (!undo->done)
		log_warning("Scene %lld \"%s\": not undone: %s", scene, push->scene.title,
			push->err.text);
	else
		log_info("Scene %lld \"%s\": %s %s%s%s%s%s", scene, push->scene.title,
			push->asked.dry_run ? "would put back" : "put back",
			push_written(push) != 0 ? report_fields(push_written(push), &a) : "nothing",
			push_kept(push) != 0 ? "; changed since, and kept: " : "",
			report_fields(push_kept(push), &a), push->reason ? "; " : "",
			push->reason ? push->reason : "");
	arena_clear(&a);
}

static cJSON *result_json(const struct undo *undo)
{
	cJSON *json = report_json(&undo->push);

	if (undo->done)
		return json;
	cJSON_ReplaceItemInObject(
		json, "result", cJSON_CreateString(activity_word(ACTIVITY_FAILED)));
	cJSON_DeleteItemFromObject(json, "reason");
	cJSON_AddStringToObject(json, "reason", undo->push.err.text);
	return json;
}

static void tally(const struct batch *batch, struct undoing_report *report)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct undo *undo = &batch->undos[i];
		say(undo);
		report->undone += undo->done && push_written(&undo->push) != 0;
		report->kept += undo->done && push_written(&undo->push) == 0;
		report->failed += !undo->done;
		if (report->results != NULL && cJSON_GetArraySize(report->results) < LIMIT_LISTED)
			cJSON_AddItemToArray(report->results, result_json(undo));
	}
}

static bool run_batch(struct batch *batch, bool dry_run, int64_t as, const struct owed_undo *next,
	struct err *err)
{
	for (size_t i = 0; i < batch->count; i++)
		undo_init(&batch->undos[i], &batch->entries[i], dry_run, &batch->arena);
	return undo_run(batch->env, batch->undos, batch->count, as, next, err);
}

static struct batch *batch_new(const struct env *env)
{
	struct batch *batch = arena_malloc(sizeof(*batch));

	*batch = (struct batch){.env = env};
	arena_init(&batch->arena);
	return batch;
}

static void batch_free(struct batch *batch)
{
	arena_clear(&batch->arena);
	free(batch);
}

/* --- one push ----------------------------------------------------------------------------------- */

static bool find(struct batch *batch, int64_t id, struct err *err)
{
	struct activity *entry = &batch->entries[0];
	struct txn txn;
	enum lookup found;

	store_begin(&txn, batch->env->state->queue, TXN_READ);
	found = activity_get(&txn, id, entry, &batch->arena);
	if (!store_commit(&txn, err))
		return false;
	if (found != FOUND)
		return err_set(err, ERR_INPUT,
			"args.entry: there is no entry %lld, or none any more", (long long)id);
	if (entry->undone != 0)
		return err_set(
			err, ERR_INPUT, "args.entry: entry %lld was undone already", (long long)id);
	batch->count = 1;
	return can_be_undone(entry) ||
	       err_set(err, ERR_INPUT, "args.entry: entry %lld changed nothing in Plex",
		       (long long)id);
}

bool undoing_entry(
	const struct env *env, int64_t entry, bool dry_run, cJSON **output, struct err *err)
{
	struct batch *batch = batch_new(env);
	bool done = find(batch, entry, err) && run_batch(batch, dry_run, 0, NULL, err);

	if (done) {
		say(&batch->undos[0]);
		*output = result_json(&batch->undos[0]);
		done = batch->undos[0].done;
		if (!done)
			*err = batch->undos[0].push.err;
	}
	batch_free(batch);
	return done;
}

/* --- a run ------------------------------------------------------------------------------------- */

/* Where it stopped, if some of it is owed. */
static bool begin(const struct env *env, int64_t run, struct owed_undo *owed, struct err *err)
{
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_READ);
	owed_undo_load(&txn, owed);
	if (!store_commit(&txn, err))
		return false;
	return owed->run == 0 || owed->run == run ||
	       err_set(err, ERR_INPUT,
		       "args.run: run %lld is being undone; wait until \"Process queue\" is done "
		       "with it",
		       (long long)owed->run);
}

static struct owed_undo next_of(const struct batch *batch, int64_t run, int64_t as)
{
	return batch->more ? (struct owed_undo){.run = run, .before = batch->last, .as = as}
			   : (struct owed_undo){.run = 0};
}

static bool undo_all(struct batch *batch, const struct owed_undo *from, bool dry_run, bool whole,
	struct undoing_report *report, struct err *err)
{
	bool done = collect(batch, from->run, from->before, &report->scenes, err);
	bool is_owed = from->before != 0;

	while (done && batch->count > 0) {
		struct owed_undo next = next_of(batch, from->run, from->as);
		is_owed |= batch->more;
		done = run_batch(batch, dry_run, from->as, is_owed ? &next : NULL, err);
		tally(batch, report);
		report->owed = batch->more && !whole && !dry_run;
		if (!batch->more || report->owed)
			break;
		arena_clear(&batch->arena);
		done = done && collect(batch, from->run, batch->last, NULL, err);
	}
	return done;
}

bool undoing_run(const struct env *env, int64_t run, bool dry_run, bool whole,
	struct undoing_report *report, struct err *err)
{
	struct batch *batch = batch_new(env);
	struct owed_undo owed;
	bool done;

	*report = (struct undoing_report){.results = cJSON_CreateArray()};
	done = begin(env, run, &owed, err);
	if (owed.run == 0)
		owed = (struct owed_undo){.run = run};
	done = done && undo_all(batch, &owed, dry_run, whole, report, err);
	if (done && report->scenes == 0)
		done = err_set(err, ERR_INPUT, "args.run: there is nothing to undo in run %lld",
			(long long)run);
	batch_free(batch);
	return done;
}

enum lookup undoing_owed(const struct env *env, struct err *err)
{
	struct undoing_report report = {.results = NULL};
	struct owed_undo owed = {.run = 0}, next;
	struct batch *batch;
	struct txn txn;
	bool done;

	store_begin(&txn, env->state->queue, TXN_READ);
	owed_undo_load(&txn, &owed);
	if (!store_commit(&txn, err))
		return FAILED;
	if (owed.run == 0)
		return ABSENT;
	batch = batch_new(env);
	done = env_read_settings(env, err) && collect(batch, owed.run, owed.before, NULL, err);
	next = next_of(batch, owed.run, owed.as);
	done = done && run_batch(batch, false, owed.as, &next, err);
	tally(batch, &report);
	batch_free(batch);
	return done ? FOUND : FAILED;
}
