#include "push/decide.h"

#include "push/filter.h"
#include "push/report.h"
#include "push/values.h"

static bool end(struct push *push, enum push_result result, const char *reason)
{
	push->result = result;
	push->reason = reason;
	return false;
}

bool decide_scene(const struct env_settings *use, struct push *push)
{
	if (push->gone)
		return end(push, PUSH_IGNORED, "Stash has no such scene");
	push->ignored = filter_choice(&push->choice);
	if (push->ignored == NULL)
		push->ignored = filter_reason(&push->scene, &use->s, push->before.count > 0);
	if (push->ignored != NULL)
		return end(push, PUSH_IGNORED, push->ignored);
	/* Settings that the hook must obey were only learned with the scene. */
	if (request_in_hook(&push->asked) && use->s.hook_queue_only)
		return end(push, PUSH_QUEUED, "setting hookQueueOnly");
	values_of_scene(&push->scene, &use->s, push->tags, &push->ours, push->arena);
	values_notes(&push->scene, &use->s, push->tags, push->notes, push->arena);
	if (trouble_is_of_others(&push->trouble, use->trouble))
		push->trouble.text = "";
	push->content = values_digest(&push->ours, &push->scene, use->content);
	push->cover.etag = push->before.cover_etag;
	push->cover.sha1 = push->before.cover_sha1;
	return true;
}

/* Every edit moves an item's time forward; of a Plex where it does not, nothing is told by it. */
static bool has_gone_back(const struct item *item, const struct history *before)
{
	return before->updated > 0 && item->updated > 0 && item->updated < before->updated;
}

void decide_targets(const struct env_settings *use, struct push *push)
{
	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		bool went_back = has_gone_back(&target->item, &target->before);
		if (target->foreign)
			continue;
		/* Without a memory nobody knows whose a value in Plex is. */
		target->input = (struct plan_input){.ours = &push->ours,
			.theirs = &target->theirs,
			.then = &target->then,
			.base = &target->before,
			.keep_plex_edits = use->s.keep_plex_edits || push->asked.careful ||
					   target->before.unreadable,
			.unattended = push->asked.unattended,
			.force = push->asked.force,
			.retry = push->asked.retry,
			.restored = push->asked.restored || went_back,
			.went_back = went_back};
		values_of_item(&target->item, &target->theirs, push->arena);
		values_by(&push->scene, &use->s, &push->ours, &target->before.pushed, &target->then,
			push->arena);
		for (enum field f = 0; f < FIELD_COUNT; f++)
			target->input.locked[f] = item_is_locked(
				&target->item, fields_plex_name(f));
		plan_make(&target->input, &target->plan, push->arena);
		target->kept = target->plan.kept;
		target->refused = target->plan.refused;
	}
}

/* The first place in this state; NULL if there is none. */
static const struct place *first_place(const struct push *push, enum place_state state)
{
	for (size_t i = 0; i < push->place_count; i++) {
		if (push->places[i].state == state)
			return &push->places[i];
	}
	return NULL;
}

static const struct target *first_foreign(const struct push *push)
{
	for (size_t i = 0; i < push->target_count; i++) {
		if (push->targets[i]->foreign)
			return push->targets[i];
	}
	return NULL;
}

static const char *why_foreign(const struct target *target, struct arena *a)
{
	return arena_printf(a, "Plex item %s belongs to scene %lld, %s", target->item.rating_key,
		(long long)target->owner,
		target->owner_chose ? "for which a person chose it"
				    : "whose file it plays first or which claimed it first");
}

void decide_result(struct push *push)
{
	const struct place *unknown = first_place(push, PLACE_UNKNOWN),
			   *ambiguous = first_place(push, PLACE_AMBIGUOUS),
			   *absent = first_place(push, PLACE_ABSENT);
	const struct target *foreign = first_foreign(push);
	struct arena *a = push->arena;

	/* A hook pushes what it can: a file that Plex may not have waits by itself. */
	if (unknown != NULL && !(request_in_hook(&push->asked) && push_owned(push) > 0)) {
		end(push, PUSH_QUEUED,
			*push->trouble.text != '\0' ? push->trouble.text : unknown->why);
	} else if (push_held(push) != 0) {
		end(push, PUSH_AMBIGUOUS,
			arena_printf(a,
				"%s differ in Plex, are locked there, and were never pushed by "
				"this installation; save the scene in Stash to write Stash's "
				"values, or run \"Sync all scenes\" to do so for all",
				report_fields(push_held(push), a)));
	} else if (push_owned(push) > 0) {
		end(push, push_written(push) != 0 ? PUSH_SYNCED : PUSH_UNCHANGED, NULL);
		/* What is wrong with one file is not the reason of a scene that was pushed. */
		push->missing = ambiguous ? ambiguous->why
				: absent  ? absent->why
				: unknown ? unknown->why
					  : NULL;
		push->taken = foreign ? why_foreign(foreign, a) : NULL;
		push->refusal = report_refusal(push, a);
	} else if (foreign != NULL) {
		end(push, PUSH_AMBIGUOUS, why_foreign(foreign, a));
	} else if (ambiguous != NULL) {
		end(push, PUSH_AMBIGUOUS, ambiguous->why);
	} else {
		end(push, PUSH_NOT_FOUND, absent ? absent->why : "it has no file");
	}
}
