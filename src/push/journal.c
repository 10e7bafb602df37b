#include "push/journal.h"

#include "base/path.h"
#include "plex/picture.h"

static bool is_same(enum field f, const struct value *x, const struct value *y, struct arena *a)
{
	return fields_is_set(f) ? str_list_same(&x->names, &y->names) : value_alike(x, y->text, a);
}

static void add_change(struct activity_item *item, const struct target *target, enum field f,
	const struct value *before, bool locked_before, struct arena *a)
{
	const struct value *after = &target->now.v[f];
	bool locked_after = target->locked_now[f];

	if (!after->known) { /* nobody had to look again */
		after = &target->theirs.v[f];
		locked_after = target->input.locked[f];
	}
	if (!before->known || is_same(f, before, after, a))
		return;
	item->before.v[f] = *before;
	item->after.v[f] = *after;
	item->locked_before |= (locked_before ? 1u : 0) << f;
	item->locked_after |= (locked_after ? 1u : 0) << f;
}

/* A push that was killed before it could say so wrote the field, and nobody changed it since. */
static bool was_cut_off(const struct target *target, enum field f, struct arena *a)
{
	const struct history *base = target->input.base;

	if (fields_kind(f) == KIND_PICTURE || !base->replaced.v[f].known ||
		target->after.meant.v[f].known)
		return false;
	return fields_is_set(f) || (target->written & 1u << f) ||
	       value_alike(&base->seen.v[f], target->theirs.v[f].text, a);
}

static bool is_ours(const struct history *base, enum field f, const char *name, struct arena *a)
{
	return fields_has_name(&base->meant.v[f].names, name, a) ||
	       fields_has_name(&base->pushed.v[f].names, name, a);
}

/* What a field held before the first of some pushes that were cut off. Of a set a person may have
 * changed the rest meanwhile: only what we added is not in it, and what we removed is. */
static struct value held_before(const struct target *target, enum field f, struct arena *a)
{
	const struct history *base = target->input.base;
	const struct value *theirs = &target->theirs.v[f], *replaced = &base->replaced.v[f];
	struct value out = *replaced;

	if (!fields_is_set(f))
		return out;
	str_list_init(&out.names, a);
	for (size_t i = 0; i < theirs->names.n; i++) {
		char *name = theirs->names.v[i];
		if (fields_has_name(&replaced->names, name, a) || !is_ours(base, f, name, a))
			str_list_add(&out.names, name);
	}
	for (size_t i = 0; i < replaced->names.n; i++) {
		char *name = replaced->names.v[i];
		if (!fields_has_name(&theirs->names, name, a) && is_ours(base, f, name, a) &&
			!fields_has_name(&target->input.ours->v[f].names, name, a))
			str_list_add(&out.names, name);
	}
	return out;
}

static void add_changes(struct activity_item *item, const struct target *target, struct arena *a)
{
	const struct history *base = target->input.base;

	for (enum field f = 0; f < FIELD_COUNT; f++) {
		bool cut_off = was_cut_off(target, f, a);
		struct value before = cut_off ? held_before(target, f, a) : target->theirs.v[f];
		bool locked = cut_off ? (base->replaced_locked >> f & 1u) != 0
				      : target->input.locked[f];
		if (cut_off || (target->written & 1u << f))
			add_change(item, target, f, &before, locked, a);
	}
}

static void add_items(struct activity *entry, const struct push *push, struct arena *a)
{
	entry->items = arena_array(a, push->target_count, sizeof(*entry->items));
	for (size_t i = 0; i < push->target_count; i++) {
		const struct target *target = push->targets[i];
		struct activity_item *item = &entry->items[entry->count];
		if (target->foreign || !target->settled)
			continue;
		*item = (struct activity_item){.machine = target->machine,
			.rating_key = target->item.rating_key,
			.library = target->found.library,
			.path = target->found.path,
			.section = (uint32_t)target->section,
			.type = (uint32_t)target->type,
			.rule = target->rule};
		add_changes(item, target, a);
		entry->count++;
	}
}

static enum activity_result result_of(const struct push *push, bool gives_up, bool changed)
{
	if (changed)
		return ACTIVITY_SYNCED;
	if (gives_up || push->refusal != NULL)
		return ACTIVITY_FAILED;
	return push->result == PUSH_AMBIGUOUS ? ACTIVITY_AMBIGUOUS : ACTIVITY_NOT_FOUND;
}

/* Whether a push that changed nothing is worth an entry: if it is over for good, or says what it
 * did not say the last time. */
static bool is_news(const struct push *push, bool gives_up, const char *reason)
{
	bool told = push->job != NULL && str_eq(push->job->reason, reason ? reason : "");
	bool needs_somebody = push->result == PUSH_AMBIGUOUS || push->result == PUSH_NOT_FOUND ||
			      push->refusal != NULL;

	return gives_up || (push->pushed && needs_somebody && !told);
}

static const char *name_of(const struct push *push)
{
	const struct job *job = push->job;

	if (push->scene.title != NULL && *push->scene.title != '\0')
		return push->scene.title;
	if (push->scene.file_count > 0)
		return path_base(push->scene.files[0].path);
	return job == NULL ? "" : *job->title != '\0' ? job->title : path_base(job->path);
}

bool journal_entry(const struct push *push, bool gives_up, const char *reason,
	struct activity *entry, struct arena *a)
{
	bool changed;

	*entry = (struct activity){.us = (int64_t)(push->ms * 1e3),
		.scene = push->asked.scene,
		.kept = push_kept(push),
		.title = name_of(push),
		.reason = reason ? reason : ""};
	add_items(entry, push, a);
	changed = activity_has_changes(entry);
	entry->result = result_of(push, gives_up, changed);
	return changed || is_news(push, gives_up, reason);
}
