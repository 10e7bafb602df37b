/*
 * art.c - see art.h.
 *
 * The owner of a collection, in its history, is the group or studio whose art it has: two that are
 * called alike share one collection, and the first one's art stays.
 */
#include "push/art.h"

#include <string.h>

#include "base/log.h"
#include "push/decide.h"
#include "push/judge.h"
#include "push/pictures.h"
#include "push/report.h"
#include "push/values.h"
#include "push/write.h"

#define OWNER_SHIFT 56 /* above any id */

/* --- what a push of a scene tells ------------------------------------------------ */

/* A collection that a push put an item into. */
struct seen {
	enum input_noun noun;
	int64_t id;
	const char *name;
	const struct target *target;
};

typedef void each_seen(const struct env *, void *what, const struct seen *, struct arena *);

/* 'field': of the target's, as it is now or would be. */
static void each_of(const struct env *env, const struct push *push, const struct target *target,
	enum field field, each_seen *act, void *what)
{
	const struct scene *scene = &push->scene;
	const struct settings *s = &env->use->s;
	bool is_group = field == FIELD_COLLECTIONS;
	const struct value *names = push->asked.dry_run ? &push->ours.v[field]
							: &target->after.pushed.v[field];
	size_t count = is_group ? scene->groups.n : 1 + scene->parent_studios.n;

	for (size_t i = 0; names->known && i < count; i++) {
		const char *name = is_group ? scene->groups.v[i]
				   : i == 0 ? scene->studio
					    : scene->parent_studios.v[i - 1];
		struct seen seen = {.noun = is_group ? NOUN_GROUP : NOUN_STUDIO,
			.id = is_group ? scene->group_ids[i]
			      : i == 0 ? scene->studio_id
				       : scene->parent_ids[i - 1],
			.name = values_collection(
				name, is_group ? s->group_prefix : s->studio_prefix, push->arena),
			.target = target};
		if (seen.id > 0 && *seen.name != '\0' &&
			fields_has_name(&names->names, seen.name, push->arena))
			act(env, what, &seen, push->arena);
	}
}

static void each_seen_of(const struct env *env, const struct push *push, each_seen *act, void *what)
{
	for (size_t i = 0; i < push->target_count; i++) {
		const struct target *target = push->targets[i];
		if (target->foreign || target->machine == NULL)
			continue;
		if (!push->asked.dry_run && !target->settled)
			continue;
		each_of(env, push, target, FIELD_COLLECTIONS, act, what);
		each_of(env, push, target, FIELD_STUDIO_COLLECTION, act, what);
	}
}

static bool is_known(struct txn *txn, const struct seen *seen, struct art *art, struct arena *a)
{
	struct digest name = art_name(seen->name);

	return art_get(txn, (uint8_t)seen->noun, seen->id, seen->target->machine,
		       seen->target->section, art, a) == FOUND &&
	       memcmp(&art->name, &name, sizeof(name)) == 0;
}

static void note(const struct env *env, void *what, const struct seen *seen, struct arena *a)
{
	struct txn *txn = what;
	struct art art;

	(void)env;
	if (is_known(txn, seen, &art, a))
		return;
	art = (struct art){.noun = (uint8_t)seen->noun,
		.id = seen->id,
		.machine = seen->target->machine,
		.section = seen->target->section,
		.name = art_name(seen->name)};
	art_put(txn, &art);
	art_owe(txn, art.noun, art.id);
}

void art_note(const struct env *env, struct txn *txn, const struct push *push)
{
	if (env->use->known && env->use->s.collection_art)
		each_seen_of(env, push, note, txn);
}

static void foretell(const struct env *env, void *what, const struct seen *seen, struct arena *a)
{
	struct str_list *told = &env->run->foretold;
	char *line = arena_printf(env->arena, "\"%s\", from %s %lld in Stash", seen->name,
		input_noun_word(seen->noun), (long long)seen->id);
	struct art art;

	if (told->arena == NULL)
		str_list_init(told, env->arena);
	if (is_known(what, seen, &art, a) || str_list_has(told, line))
		return;
	str_list_add(told, line);
	log_info("Poster and summary would follow for the collection %s", line);
}

void art_foretell(const struct env *env, const struct push *push)
{
	struct txn txn;

	if (!env->use->known || !env->use->s.collection_art || env->state->queue == NULL)
		return;
	store_begin(&txn, env->state->queue, TXN_READ);
	each_seen_of(env, push, foretell, &txn);
	store_abort(&txn);
}

/* --- which collection --------------------------------------------------------------- */

enum art_step art_decide(const struct art_facts *facts)
{
	bool absent = facts->plain + facts->smart == 0;

	if (!facts->found || !facts->same_name)
		return ART_FORGET;
	if (absent && facts->hidden)
		return ART_HIDDEN;
	if (absent && facts->dealt_with)
		return ART_FORGET;
	if (facts->plain == 0)
		return absent ? ART_ABSENT : ART_SMART;
	return facts->same && facts->there && !facts->again ? ART_SAME : ART_LOOK;
}

/* One case on its way. */
struct work {
	const struct env *env;
	struct art_case *at;
	struct arena *arena;
	const char *name; /* of the collection */
	struct digest stash;
	int64_t owner;
};

static struct digest digest_of_stash(
	const struct stash_art *stash, const char *name, struct arena *a)
{
	return digest_text(
		arena_printf(a, "%s\n%s\n%s\n%s", name, stash->picture, stash->stamp, stash->text));
}

static bool is_named(const struct work *work, const struct collection *collection)
{
	return fields_same_name(collection->title, work->name, work->arena);
}

/* Where the settings leave the collections alone, their art is, too. */
static bool is_left_alone(const struct work *work)
{
	const struct settings *s = &work->env->use->s;

	return work->at->stash->noun == NOUN_GROUP ? s->no.collections : s->no.studio_collection;
}

static struct art_facts facts_of(const struct work *work)
{
	const struct art_case *at = work->at;
	const struct art *entry = at->entry;
	struct digest name = art_name(work->name);
	struct art_facts facts = {.found = at->stash->found && !is_left_alone(work),
		.same_name = memcmp(&name, &entry->name, sizeof(name)) == 0,
		.same = memcmp(&work->stash, &entry->stash, sizeof(work->stash)) == 0,
		.dealt_with = *entry->rating_key != '\0',
		.again = entry->restored || entry->force,
		.hidden = at->collections->left_out.n > 0};

	for (size_t i = 0; i < at->collections->n; i++) {
		const struct collection *collection = &at->collections->v[i];
		if (!is_named(work, collection))
			continue;
		facts.smart += collection->smart;
		facts.plain += !collection->smart;
		facts.there |= !collection->smart &&
			       str_eq(collection->rating_key, entry->rating_key);
	}
	return facts;
}

/* An item that a scene has, and that a push put into a collection of this name. */
static bool is_our_item(struct work *work, struct txn *txn, const char *rating_key)
{
	enum field field = work->at->stash->noun == NOUN_GROUP ? FIELD_COLLECTIONS
							       : FIELD_STUDIO_COLLECTION;
	struct history history;

	return history_get(txn, work->at->entry->machine, rating_key, &history, work->arena) ==
		       FOUND &&
	       history.owner != 0 && history.pushed.v[field].known &&
	       fields_has_name(&history.pushed.v[field].names, work->name, work->arena);
}

static enum lookup holds_ours(struct work *work, const char *collection, struct err *err)
{
	struct plex_time time = request_plex_time(NULL, LIMIT_PAGE_MS);
	size_t received = 1;
	bool ours = false;

	for (int64_t start = 0; !ours && received > 0; start += (int64_t)received) {
		struct str_list keys;
		struct txn txn;
		if (!collection_items(work->env->use->plex, collection, start, &time, &keys,
			    &received, work->arena, err))
			return err->status == 404 ? ABSENT : FAILED;
		store_begin(&txn, work->env->state->queue, TXN_READ);
		for (size_t i = 0; !ours && i < keys.n; i++)
			ours = is_our_item(work, &txn, keys.v[i]);
		if (!store_commit(&txn, err))
			return FAILED;
	}
	return ours ? FOUND : ABSENT;
}

/* FOUND; ABSENT with the trouble. */
static enum lookup find(struct work *work, const char **key, struct err *err)
{
	struct art_case *at = work->at;

	*key = NULL;
	for (size_t i = 0; i < at->collections->n; i++) {
		const struct collection *collection = &at->collections->v[i];
		enum lookup ours;
		if (collection->smart || !is_named(work, collection))
			continue;
		ours = holds_ours(work, collection->rating_key, err);
		if (ours == FAILED)
			return FAILED;
		if (ours == FOUND && *key != NULL) {
			at->trouble = "the library has two collections of this name; they are left "
				      "alone";
			return ABSENT;
		}
		if (ours == FOUND)
			*key = collection->rating_key;
	}
	if (*key == NULL)
		at->trouble = "no item that PlexSync put into it is in it any more; it is left "
			      "alone";
	return *key != NULL ? FOUND : ABSENT;
}

/* --- its art ---------------------------------------------------------------------------- */

/* Another group or studio of the same name has its art there. */
static bool is_anothers(const struct work *work, struct txn *txn, int64_t owner, const char *key)
{
	const struct art *entry = work->at->entry;
	struct art other;

	return owner != 0 && owner != work->owner &&
	       art_get(txn, (uint8_t)(owner >> OWNER_SHIFT),
		       owner & ((INT64_C(1) << OWNER_SHIFT) - 1), entry->machine, entry->section,
		       &other, work->arena) == FOUND &&
	       memcmp(&other.name, &entry->name, sizeof(other.name)) == 0 &&
	       str_eq(other.rating_key, key);
}

/* What is remembered of the collection. ABSENT with the trouble if it is another's. */
static enum lookup recall(
	struct work *work, const char *key, struct history *history, struct err *err)
{
	struct txn txn;
	bool anothers;

	store_begin(&txn, work->env->state->queue, TXN_READ);
	if (history_get(&txn, work->at->entry->machine, key, history, work->arena) == FAILED)
		history->unreadable = true;
	anothers = is_anothers(work, &txn, history->owner, key);
	if (!store_commit(&txn, err))
		return FAILED;
	if (anothers)
		work->at->trouble = "a group or studio of the same name has its poster and summary "
				    "there; they stay";
	return anothers ? ABSENT : FOUND;
}

static void prepare(struct work *work, struct push *push, struct target *target)
{
	const struct art_case *at = work->at;
	struct request asked = {.dry_run = at->dry_run,
		.unattended = true,
		.restored = at->entry->restored,
		.force = at->entry->force};

	push_init(push, &asked, NULL, work->arena);
	push->is_art = push->recalled = push->gathered = true;
	push->cover = (struct push_cover){
		.path = at->stash->picture, .etag = at->entry->etag, .sha1 = at->entry->sha1};
	values_of_collection(at->stash->text, &push->ours, work->arena);
	target->machine = at->entry->machine;
	target->section = at->entry->section;
	target->type = COLLECTION_TYPE;
	target->owner = target->before.owner;
	target->before.owner = work->owner;
	push->targets[push->target_count++] = target;
	decide_targets(work->env->use, push);
}

static bool write_picture(const struct work *work, struct push *push, struct err *err)
{
	if (*push->cover.path == '\0')
		return true;
	pictures_push(work->env, &push, 1, NULL, NULL, NULL);
	if (!push->pictured)
		*err = push->err;
	return push->pictured;
}

static bool write(struct work *work, struct push *push, struct err *err)
{
	const struct env *env = work->env;
	bool sent;

	write_plan(push);
	if (push->asked.dry_run)
		return write_picture(work, push, err);
	if (!write_intents(env, &push, 1, err))
		return false;
	sent = write_send(env, push, err);
	if (!write_conclude(env, push, err) || !sent)
		return false;
	return write_picture(work, push, err);
}

static void report(const struct work *work, const struct push *push)
{
	const struct art_case *at = work->at;
	unsigned kept = push_kept(push) | push_held(push);

	if (push_written(push) != 0)
		log_info("Collection \"%s\" (%s): %s %s, from %s %lld in Stash", work->name,
			at->library->title, at->dry_run ? "would write" : "wrote",
			report_fields(push_written(push), work->arena),
			input_noun_word(at->stash->noun), (long long)at->stash->id);
	if (kept != 0)
		log_info("Collection \"%s\" (%s): %s stay as in Plex", work->name,
			at->library->title, report_fields(kept, work->arena));
}

/* What Plex did not take is not tried again until Stash has something else. */
static const char *refusal(const struct push *push, struct arena *a)
{
	const char *text = report_refusal(push, a);

	if (text != NULL || push->notes[FIELD_POSTER] != NULL)
		return text ? text : push->notes[FIELD_POSTER];
	if (push_refused(push) & 1u << FIELD_POSTER)
		return arena_printf(a, "its picture is larger than the %u MB that Plex takes",
			LIMIT_PICTURE_BYTES >> 20);
	return NULL;
}

static void conclude(struct work *work, struct push *push, const struct target *target, bool done)
{
	struct art_case *at = work->at;
	struct art *entry = at->entry;

	report(work, push);
	at->changed = true;
	at->trouble = refusal(push, work->arena);
	if (target->settled) {
		at->key = entry->rating_key = target->item.rating_key;
		at->after = target->after;
		history_journalled(&at->after);
	}
	entry->etag = push->cover.etag;
	entry->sha1 = push->cover.sha1;
	if (done) {
		entry->stash = work->stash;
		entry->restored = entry->force = false;
	}
}

const char *art_later(const struct err *err, struct arena *a)
{
	return arena_printf(
		a, "%s; it is tried again when all scenes are compared the next time", err->text);
}

/* True also where the error is this collection's alone: it is the trouble then. */
static bool is_its_own(struct work *work, struct err *err)
{
	if (err->kind != ERR_JOB && err->kind != ERR_LATER)
		return err_context(
			err, "collection \"%s\" (%s)", work->name, work->at->library->title);
	work->at->trouble = art_later(err, work->arena);
	return true;
}

static bool look(struct work *work, struct err *err)
{
	struct plex_time time = request_plex_time(NULL, LIMIT_REQUEST_MS);
	struct target *target = arena_alloc(work->arena, sizeof(*target));
	struct push *push = arena_alloc(work->arena, sizeof(*push));
	const char *key;
	enum lookup found = find(work, &key, err);
	bool done;

	*target = (struct target){.settled = false};
	if (found == FOUND)
		found = recall(work, key, &target->before, err);
	if (found == FOUND) {
		found = item_get(work->env->use->plex, key, &time, &target->item, work->arena, err);
		if (found == ABSENT)
			work->at->trouble = "it vanished meanwhile";
	}
	if (found == FAILED)
		judge_item(work->env, NULL, "to show the collection", err, work->arena);
	if (found != FOUND)
		return found == ABSENT || is_its_own(work, err);
	prepare(work, push, target);
	done = write(work, push, err);
	conclude(work, push, target, done);
	return done || is_its_own(work, err);
}

static const char *prefix_of(const struct work *work)
{
	const struct settings *s = &work->env->use->s;

	return work->at->stash->noun == NOUN_GROUP ? s->group_prefix : s->studio_prefix;
}

bool art_push(const struct env *env, struct art_case *at, struct arena *a, struct err *err)
{
	struct work work = {.env = env,
		.at = at,
		.arena = a,
		.owner = (int64_t)at->entry->noun << OWNER_SHIFT | at->entry->id};
	struct art_facts facts;

	work.name = values_collection(at->stash->name, prefix_of(&work), a);
	work.stash = digest_of_stash(at->stash, work.name, a);
	at->name = work.name;
	facts = facts_of(&work);
	switch (art_decide(&facts)) {
	case ART_FORGET:
		at->forget = true;
		return true;
	case ART_ABSENT:
		at->trouble = "Plex does not have it";
		return true;
	case ART_HIDDEN:
		at->trouble = arena_printf(a,
			"Plex cannot list all collections, and this may be one of those (%s)",
			at->collections->left_out.v[0]);
		return true;
	case ART_SMART:
		at->trouble = "it is a smart collection in Plex; it is left alone";
		return true;
	case ART_LOOK:
		return look(&work, err);
	case ART_SAME:
	default:
		return true;
	}
}
