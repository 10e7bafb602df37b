#include "push/undo_picture.h"

#include <string.h>

#include "plex/edit.h"
#include "push/judge.h"
#include "push/picture_decide.h"
#include "push/values.h"

static const enum field fields_of[] = {
	[PICTURE_POSTER] = FIELD_POSTER, [PICTURE_BACKGROUND] = FIELD_BACKGROUND};

/* One picture on its way back. */
struct step {
	const struct env *env;
	const struct push *push;
	struct target *target;
	const struct activity_item *item;
	enum picture_kind kind;
	enum field field;
	const char **why;
	const char *former; /* the key of what is to be shown; "": none; NULL: nobody knows */
};

static bool is_shown(const char *key, const char *now)
{
	return key != NULL && picture_same(key, now);
}

/* Uploaded by this push, or by another one that is remembered. */
static bool is_ours(const struct step *step, const struct picture *picture)
{
	const struct history *after = &step->target->after;

	return picture_same(picture->key, step->item->after.v[step->field].text) ||
	       picture_is_value(picture, &after->pushed.v[step->field]) ||
	       picture_is_value(picture, &after->seen.v[step->field]) ||
	       picture_was_ours(after, step->field, picture);
}

/* What Plex itself chose among its pictures: taken for the one that it lists first. Beside others,
 * one that somebody uploaded may have been the one: NULL. */
static const char *plex_choice(const struct step *step, const struct picture_list *list)
{
	const char *first = "";
	bool uploaded = false;
	size_t others = 0;

	for (size_t i = 0; i < list->n; i++) {
		const char *key = list->v[i].key;
		if (is_ours(step, &list->v[i]))
			continue;
		first = others++ == 0 ? key : first;
		uploaded |= *picture_sha1(key) != '\0';
	}
	return others > 1 && uploaded ? NULL : first;
}

static const char *find_former(const struct step *step, const struct picture_list *list)
{
	const char *before = step->item->before.v[step->field].text;

	return strcmp(before, ACTIVITY_PLEX_CHOICE) == 0 ? plex_choice(step, list) : before;
}

static enum undo_verdict decide(const struct step *step, const struct picture_list *list)
{
	const struct picture *shown = picture_selected(list);
	const char *now = shown ? shown->key : "";

	if (is_shown(step->item->after.v[step->field].text, now))
		return UNDO_WRITE;
	return is_shown(step->former, now) ? UNDO_BACK : UNDO_KEEP;
}

/* The key under which Plex lists it; NULL: it does not. */
static const char *listed(const struct picture_list *list, const char *key)
{
	for (size_t i = 0; i < list->n; i++) {
		if (picture_same(list->v[i].key, key))
			return list->v[i].key;
	}
	return NULL;
}

static const char *why_not(const struct step *step, const struct picture_list *list)
{
	if (step->former == NULL)
		return "Plex has several backgrounds, and which of them it showed is not known: "
		       "choose one in Plex";
	return *step->former != '\0' && listed(list, step->former) == NULL
		       ? "Plex does not have the former picture any more"
		       : NULL;
}

/* Unless it is a dry run. *left: it cannot be, and stays as it is. */
static bool show(struct step *step, const struct picture_list *list, bool *left, struct err *err)
{
	struct plex_time time = request_plex_time(&step->push->asked, LIMIT_REQUEST_MS);
	struct arena *a = step->push->arena;
	const char *item = step->target->item.rating_key, *why = why_not(step, list);
	bool done;

	*left = why != NULL;
	if (*left)
		*step->why = why;
	if (*left || step->push->asked.dry_run)
		return true;
	if (*step->former != '\0')
		return picture_select(step->env->use->plex, item, step->kind,
			listed(list, step->former), &time, err);
	/* It showed none, or made one from the film itself. */
	done = plex_send(step->env->use->plex, "DELETE",
		arena_printf(a, "/library/metadata/%s/%s", item, fields_plex_name(step->field)),
		NULL, 0, &time, err);
	*left = !done && err->status == 404;
	if (*left)
		*step->why = "Plex showed no picture before, and this version of it cannot be "
			     "told to show none";
	return done || *left;
}

/* Plex locks what is selected. */
static bool put_lock(struct step *step, struct err *err)
{
	struct plex_time time = request_plex_time(&step->push->asked, LIMIT_REQUEST_MS);
	struct edit_change change = {.fields = 1u << step->field,
		.name = fields_plex_name(step->field),
		.unlock = (step->item->locked_before >> step->field & 1u) == 0};
	struct edit edit = {.section = step->target->section,
		.type = step->target->type,
		.rating_key = step->target->item.rating_key,
		.changes = &change,
		.count = 1};
	struct edit_request *requests;

	edit_build(&edit, strlen(plex_url(step->env->use->plex)), &requests, step->push->arena);
	return plex_send(step->env->use->plex, "PUT", requests[0].path, NULL, 0, &time, err);
}

/* A picture that is ours again is not one that a person chose. */
static void remember(struct step *step)
{
	struct history *after = &step->target->after;
	const struct picture back = {.key = step->former};
	bool ours = picture_was_ours(after, step->field, &back);

	after->previous.v[step->field] = after->pushed.v[step->field];
	picture_note_ours(after, step->field, ours ? picture_sha1(step->former) : NULL);
}

static bool put_back(struct step *step, struct undo_field *undone, struct err *err)
{
	struct plex_time time = request_plex_time(&step->push->asked, LIMIT_REQUEST_MS);
	struct target *target = step->target;
	unsigned bit = 1u << step->field;
	struct picture_list list;
	bool left = false;

	if (!picture_read(step->env->use->plex, target->item.rating_key, step->kind, &time, &list,
		    step->push->arena, err))
		return false;
	step->former = find_former(step, &list);
	undone->verdict = decide(step, &list);
	undone->result = (struct value){.known = step->former != NULL, .text = step->former};
	if (undone->verdict == UNDO_WRITE && !show(step, &list, &left, err))
		return false;
	if (undone->verdict == UNDO_KEEP || left) {
		target->kept |= bit;
		return true;
	}
	if (!step->push->asked.dry_run && !put_lock(step, err))
		return false;
	target->written |= bit;
	remember(step);
	return true;
}

bool undo_pictures(const struct env *env, const struct push *push, struct target *target,
	const struct activity_item *item, struct undo_field fields[FIELD_COUNT], const char **why,
	struct err *err)
{
	for (size_t kind = 0; kind < sizeof(fields_of) / sizeof(*fields_of); kind++) {
		enum field f = fields_of[kind];
		struct step step = {.env = env,
			.push = push,
			.target = target,
			.item = item,
			.kind = (enum picture_kind)kind,
			.field = f,
			.why = why};
		if (!item->before.v[f].known)
			continue;
		if (push->asked.dry_run &&
			push->ahead != NULL) { /* of many: nobody waits for that */
			target->written |= 1u << f;
			continue;
		}
		if (!put_back(&step, &fields[f], err)) {
			judge_item(env, &push->asked, "its pictures", err, push->arena);
			return false;
		}
	}
	return true;
}
