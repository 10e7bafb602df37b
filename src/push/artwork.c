/*
 * artwork.c - see artwork.h.
 *
 * Of the fields FIELD_POSTER and FIELD_BACKGROUND in the history of an item, 'pushed'
 * is the SHA-1 of the picture that was put there, 'meant' of one that may have been,
 * 'seen' of the cover that was last dealt with, also if Plex's own was left, and
 * 'replaced' Plex's key of the picture that the first push took the place of.
 */
#include "push/artwork.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "plex/edit.h"
#include "plex/picture.h"
#include "push/judge.h"
#include "push/values.h"

/* What was uploaded is not always listed at once. */
#define LOOKS	3
#define LOOK_MS 300

static const enum field picture_fields[] = {
	[PICTURE_POSTER] = FIELD_POSTER, [PICTURE_BACKGROUND] = FIELD_BACKGROUND};

void artwork_init(struct artwork *artwork, struct env *env, int64_t scene, const char *etag,
	const char *sha1, struct arena *a)
{
	*artwork = (struct artwork){
		.env = env, .scene = scene, .etag = etag, .sha1 = sha1, .arena = a};
}

bool artwork_wanted(const struct settings *settings)
{
	return !settings->no.poster || !settings->no.background;
}

/* --- Stash's cover ------------------------------------------------------------ */

/* Asks Stash; 'known': a cover that did not change need not be sent. */
static bool fetch(struct artwork *artwork, const char *known, struct err *err)
{
	struct env *env = artwork->env;
	struct stash_cover cover;

	switch (stash_read_cover(env->stash, artwork->scene, known, env_stash_time(env), &cover,
		artwork->arena, err)) {
	case FAILED:
		return false;
	case ABSENT:
		artwork->etag = cover.etag;
		artwork->sha1 = "";
		break;
	case FOUND:
	default:
		if (cover.same)
			break;
		artwork->etag = cover.etag;
		artwork->data = cover.data;
		artwork->len = cover.len;
		artwork->sha1 = digest_sha1(cover.data, cover.len, artwork->arena);
	}
	artwork->asked = true;
	return true;
}

static bool need_cover(struct artwork *artwork, struct err *err)
{
	return artwork->asked || fetch(artwork, artwork->etag, err);
}

static bool need_bytes(struct artwork *artwork, struct err *err)
{
	return artwork->data != NULL || fetch(artwork, "", err);
}

/* --- one picture of one item ----------------------------------------------------- */

struct step {
	struct artwork *artwork;
	struct artwork_item *to;
	enum picture_kind kind;
	enum field field;
	struct value *pushed, *seen, *meant;
	struct picture_list list;
};

static struct value known_text(const char *text)
{
	return (struct value){.known = true, .text = text};
}

static bool is_text(const struct value *value, const char *text)
{
	return value->known && strcmp(value->text, text) == 0;
}

static bool read_list(struct step *step, struct err *err)
{
	struct env *env = step->artwork->env;
	struct plex_time time = env_plex_time(env, LIMIT_REQUEST_MS);

	return picture_read(env->plex, step->to->item->rating_key, step->kind, &time, &step->list,
		step->artwork->arena, err);
}

/* A person chose it: it is locked, and it is none of ours. What nobody chose is not
 * locked. */
static bool is_chosen(const struct step *step)
{
	const struct picture *selected = picture_selected(&step->list);

	if (selected == NULL || !item_is_locked(step->to->item, values_plex_name(step->field)))
		return false;
	return !(step->pushed->known && picture_is(selected, step->pushed->text)) &&
	       !(step->meant->known && picture_is(selected, step->meant->text));
}

static void keep_replaced(struct step *step)
{
	const struct picture *selected = picture_selected(&step->list);
	struct value *replaced = &step->to->history->replaced.v[step->field];

	if (selected != NULL && !step->pushed->known && !step->meant->known && !replaced->known &&
		strlen(selected->key) <= LIMIT_REPLACED_BYTES)
		*replaced = known_text(selected->key);
}

/* Recorded before anything leaves: a picture that is selected by it is ours also if
 * nobody lived to see it, and is still to be locked. */
static bool record_intent(struct step *step, struct err *err)
{
	struct env *env = step->artwork->env;
	struct txn txn;

	keep_replaced(step);
	*step->meant = known_text(step->artwork->sha1);
	step->to->history->pending = true;
	store_begin(&txn, env->state.queue, TXN_WRITE);
	history_put(&txn, step->to->machine, step->to->item->rating_key, step->to->history);
	return store_commit(&txn, err);
}

static bool upload(struct step *step, struct err *err)
{
	struct artwork *artwork = step->artwork;
	struct plex_time time = env_plex_time(artwork->env, LIMIT_UPLOAD_MS);

	if (!picture_upload(artwork->env->plex, step->to->item->rating_key, step->kind,
		    artwork->data, artwork->len, &time, err)) {
		/* Too many at a time. */
		if (err->status == 413)
			err->kind = ERR_LATER;
		return false;
	}
	for (int look = 0; look < LOOKS; look++) {
		if (look > 0)
			clock_sleep_ms(LOOK_MS);
		if (!read_list(step, err))
			return false;
		if (picture_find(&step->list, artwork->sha1) != NULL)
			return true;
	}
	return err_set(err, ERR_LATER, "Plex took the picture and does not list it");
}

static bool select_it(struct step *step, const struct picture *picture, struct err *err)
{
	struct env *env = step->artwork->env;
	struct plex_time time = env_plex_time(env, LIMIT_REQUEST_MS);

	return picture->selected || picture_select(env->plex, step->to->item->rating_key,
					    step->kind, picture->key, &time, err);
}

static bool put_picture(struct step *step, struct err *err)
{
	struct artwork *artwork = step->artwork;

	bool there = picture_find(&step->list, artwork->sha1) != NULL;

	if (!there && !need_bytes(artwork, err))
		return false;
	if (!there && artwork->data == NULL)
		return true; /* taken back between the two questions */
	if (!there && artwork->len > LIMIT_PICTURE_BYTES) {
		step->to->refused |= 1u << step->field;
		return true;
	}
	if (!record_intent(step, err) || (!there && !upload(step, err)))
		return false;
	if (!select_it(step, picture_find(&step->list, artwork->sha1), err))
		return false;
	*step->pushed = known_text(artwork->sha1);
	step->to->done |= 1u << step->field;
	return true;
}

/* Nothing is asked if this very cover was dealt with before. */
static bool push_picture(struct step *step, struct err *err)
{
	struct artwork *artwork = step->artwork;
	unsigned bit = 1u << step->field;
	const struct picture *selected;

	if (is_text(step->seen, artwork->sha1) && !artwork->env->force) {
		if (!is_text(step->pushed, artwork->sha1))
			step->to->kept |= bit;
		return true;
	}
	if (!read_list(step, err))
		return false;
	selected = picture_selected(&step->list);
	if (selected != NULL && picture_is(selected, artwork->sha1)) {
		*step->pushed = known_text(artwork->sha1);
		/* By an upload that nobody lived to confirm: it is still to be locked. */
		if (is_text(step->meant, artwork->sha1))
			step->to->done |= bit;
	} else if (is_chosen(step) && !artwork->env->force) {
		step->to->kept |= bit;
	} else if (artwork->env->dry_run) {
		step->to->done |= bit;
		return true;
	} else if (!put_picture(step, err)) {
		return false;
	}
	if (step->to->done & bit) { /* until it is locked it is only meant */
		*step->meant = known_text(artwork->sha1);
		return true;
	}
	*step->seen = known_text(artwork->sha1);
	*step->meant = (struct value){0};
	return true;
}

/* --- all of it -------------------------------------------------------------------- */

/* What was put there stays there, whatever an agent finds. */
static bool lock(struct artwork *artwork, struct artwork_item *to, struct err *err)
{
	struct plex_time time = env_plex_time(artwork->env, LIMIT_REQUEST_MS);
	struct edit_change changes[2];
	struct edit edit = {.section = to->section,
		.type = to->type,
		.rating_key = to->item->rating_key,
		.changes = changes};
	struct edit_request *requests;

	for (size_t kind = 0; kind < 2; kind++) {
		enum field field = picture_fields[kind];
		if (to->done & 1u << field)
			changes[edit.count++] = (struct edit_change){
				.fields = 1u << field, .name = values_plex_name(field)};
	}
	if (edit.count == 0 || artwork->env->dry_run)
		return true;
	edit_build(&edit, strlen(plex_url(artwork->env->plex)), &requests, artwork->arena);
	return plex_put(artwork->env->plex, requests[0].path, &time, err);
}

static bool push_both(struct artwork *artwork, struct artwork_item *to, struct err *err)
{
	const struct settings *settings = &artwork->env->settings;
	const bool off[] = {[PICTURE_POSTER] = settings->no.poster,
		[PICTURE_BACKGROUND] = settings->no.background};

	for (size_t kind = 0; kind < 2; kind++) {
		enum field field = picture_fields[kind];
		struct step step = {.artwork = artwork,
			.to = to,
			.kind = (enum picture_kind)kind,
			.field = field,
			.pushed = &to->history->pushed.v[field],
			.seen = &to->history->seen.v[field],
			.meant = &to->history->meant.v[field]};
		if (!off[kind] && !push_picture(&step, err))
			return err_context(err, "%s", fields_name(field));
	}
	return true;
}

/* What was written is locked, and dealt with; or it was not, and stays meant: the next
 * try finds it, and locks it. */
static void conclude(struct artwork *artwork, struct artwork_item *to, bool locked)
{
	for (size_t kind = 0; kind < 2 && !artwork->env->dry_run; kind++) {
		enum field field = picture_fields[kind];
		if (!(to->done & 1u << field))
			continue;
		if (!locked) {
			to->done &= ~(1u << field);
			continue;
		}
		to->history->seen.v[field] = known_text(artwork->sha1);
		to->history->meant.v[field] = (struct value){0};
	}
}

static void note_pending(struct history *history)
{
	history->pending = false;
	for (enum field f = 0; f < FIELD_COUNT; f++)
		history->pending |= history->meant.v[f].known;
}

bool artwork_push(struct artwork *artwork, struct artwork_item *to, struct err *err)
{
	bool done;

	if (!need_cover(artwork, err))
		return err_context(err, "cover");
	if (*artwork->sha1 == '\0')
		return true;
	done = push_both(artwork, to, err) && lock(artwork, to, err);
	conclude(artwork, to, done);
	if (!done) {
		judge_item(artwork->env, "its pictures", err, artwork->arena);
		/* Gone between reading and writing: found anew next time. */
		if (err->status == 404)
			err->kind = ERR_LATER;
	}
	note_pending(to->history);
	return done;
}
