/*
 * fuzz_plan.c - a life of one item: Stash changes, a person changes Plex, Plex loses what was
 * written; pushes arrive, get lost, arrive and are not confirmed, or are refused or spelled
 * otherwise by Plex, in the order of the input.
 *
 * Asserted: a push after a settled one writes nothing, whatever Plex made of it; of a set
 * nobody's name goes but one that Stash had, what Stash adds arrives unless Plex refuses it,
 * what it drops goes if it came by us, and what a person took away, locking it, stays away, also
 * in a database that was put back, if a push had seen it; a title is never emptied; a forced push
 * brings all of Stash's values, and nothing is called refused in one that a person asked for
 * again.
 */
#include "fuzz.h"

#include "push/plan.h"
#include "../unit/remember.h"

/* Alike, folded alike, composed and not, with blanks, with nothing. */
static const char *const words[] = {"", "A", "a", "B", "C", "\xc3\x84", "A\xcc\x88", "\xc3\xa4",
	"A B", "A  B", "A\nB", "A\n\nB", " A ", "D", "\xce\xb1\xcd\x85\xcc\x81", "\xff"};

/* With it in front, only a text's beginning and digests are remembered. */
#define LENGTH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct life {
	struct arena *arena;
	struct fields ours, theirs;
	struct history history;
	/* Of sets: */
	struct str_list once_ours[FIELD_COUNT]; /* names that Stash ever had              */
	struct str_list by_us[FIELD_COUNT];	/* that are in Plex because we wrote them */
	struct str_list last[FIELD_COUNT];	/* that Stash had at the last push        */
	struct str_list settled[FIELD_COUNT];	/* seen in Plex, and Stash's ever since   */
	struct str_list away[FIELD_COUNT];	/* of those, what a person took away,     */
	struct str_list noticed[FIELD_COUNT];	/* and a push saw that it was             */
	struct str_list refused[FIELD_COUNT];	/* that Plex ever refused                 */
	struct plan_input in;
};

static char *fold(struct life *life, const char *name)
{
	return fields_name_key(utf8_clean_line(life->arena, name), life->arena);
}

static bool listed(struct life *life, const struct str_list *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (strcmp(fold(life, names->v[i]), fold(life, name)) == 0)
			return true;
	}
	return false;
}

/* Names of one list that are in the other one, or that are not. */
static struct str_list pick(
	struct life *life, const struct str_list *names, const struct str_list *others, bool in)
{
	struct str_list out;

	str_list_init(&out, life->arena);
	for (size_t i = 0; i < names->n; i++) {
		if (listed(life, others, names->v[i]) == in)
			str_list_add(&out, names->v[i]);
	}
	return out;
}

static char *word(struct fuzz *from)
{
	uint8_t which = fuzz_byte(from);

	if (which & 0x80)
		return fuzz_line(from);
	return arena_printf(from->arena, "%s%s", which & 0x40 ? LENGTH : "", words[which % 16]);
}

/* As values_of_scene makes them: clean, and each name once. */
static void change_stash(struct life *life, struct fuzz *from, enum field f)
{
	struct value *value = &life->ours.v[f];
	struct arena *a = life->arena;
	uint8_t count = fuzz_byte(from) % 5;

	*value = (struct value){.known = count < 4, .text = ""};
	str_list_init(&value->names, a);
	if (!fields_is_set(f)) {
		char *text = word(from);
		value->text = f == FIELD_SUMMARY ? str_trim(a, utf8_clean(a, text))
						 : utf8_clean_line(a, text);
		return;
	}
	life->settled[f] = life->away[f] = life->noticed[f] = value->names;
	for (; count > 0; count--) {
		char *name = utf8_clean_line(a, word(from));
		if (*name == '\0' || listed(life, &value->names, name))
			continue;
		str_list_add(&value->names, name);
		str_list_add(&life->once_ours[f], name);
	}
}

static void change_plex(struct life *life, struct fuzz *from, enum field f)
{
	struct value *value = &life->theirs.v[f];
	struct str_list names, before = value->names;

	life->in.locked[f] = true;
	if (!fields_is_set(f)) {
		value->text = word(from);
		return;
	}
	str_list_init(&names, life->arena);
	for (uint8_t kept = fuzz_byte(from), i = 0; i < 8 && i < value->names.n; i++) {
		if (kept >> i & 1)
			str_list_add(&names, value->names.v[i]);
	}
	if (fuzz_flag(from))
		str_list_add(&names, word(from));
	value->names = names;
	life->by_us[f] = pick(life, &life->by_us[f], &names, true);
	before = pick(life, &before, &names, false);
	before = pick(life, &before, &life->settled[f], true);
	for (size_t i = 0; i < before.n; i++)
		str_list_add(&life->away[f], before.v[i]);
	life->away[f] = pick(life, &life->away[f], &names, false);
	life->noticed[f] = pick(life, &life->noticed[f], &names, false);
}

static void check_set(struct life *life, const struct plan_field *planned, enum field f)
{
	const struct str_list *theirs = &life->theirs.v[f].names, *ours = &life->ours.v[f].names;

	assert(planned->result.names.n <= theirs->n + ours->n);
	for (size_t i = 0; i < planned->remove.n; i++) {
		assert(listed(life, &life->once_ours[f], planned->remove.v[i]));
		assert(!listed(life, ours, planned->remove.v[i]));
	}
	for (size_t i = 0; i < theirs->n; i++)
		assert(listed(life, &planned->result.names, theirs->v[i]) !=
			listed(life, &planned->remove, theirs->v[i]));
	for (size_t i = 0; i < planned->result.names.n; i++)
		assert(listed(life, theirs, planned->result.names.v[i]) ||
			listed(life, ours, planned->result.names.v[i]));
	if (life->in.force)
		assert(pick(life, ours, &planned->result.names, false).n == 0);
	else if (life->in.locked[f])
		assert(pick(life, life->in.restored ? &life->noticed[f] : &life->away[f],
			       &planned->result.names, true)
				.n == 0);
}

static void check_text(struct life *life, const struct plan_field *planned, enum field f)
{
	assert(planned->verdict != PLAN_WRITE || f != FIELD_TITLE || *planned->result.text != '\0');
	assert(!life->in.force || planned->verdict != PLAN_KEEP);
	assert(!planned->reset || planned->verdict == PLAN_WRITE);
}

static void check_plan(struct life *life, const struct plan *plan)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const struct plan_field *planned = &plan->f[f];
		assert((planned->verdict == PLAN_WRITE) == (plan->writes >> f & 1));
		assert(!planned->refused || !(life->in.force || life->in.retry));
		assert(planned->verdict != PLAN_HOLD || !life->in.force);
		if (!life->ours.v[f].known)
			assert(planned->verdict == PLAN_LEAVE);
		else if (fields_is_set(f))
			check_set(life, planned, f);
		else
			check_text(life, planned, f);
	}
}

static void look(struct life *life, struct plan *plan)
{
	life->in.ours = &life->ours;
	life->in.theirs = &life->theirs;
	life->in.base = &life->history;
	plan_make(&life->in, plan, life->arena);
	check_plan(life, plan);
}

/* What Plex takes, and makes of it. */
struct mood {
	bool refuses;  /* texts, and every other new name           */
	bool respells; /* it stores no more than the first two bytes */
};

static char *stored(struct life *life, const struct mood *mood, char *text)
{
	return mood->respells ? arena_strndup(life->arena, text, strnlen(text, 2)) : text;
}

static void take_names(
	struct life *life, const struct mood *mood, const struct plan_field *planned, enum field f)
{
	struct str_list *theirs = &life->theirs.v[f].names, *by_us = &life->by_us[f];
	struct str_list added = pick(life, &planned->result.names, theirs, false);

	*theirs = pick(life, &planned->result.names, theirs, true);
	*by_us = pick(life, by_us, theirs, true);
	for (size_t i = 0; i < added.n; i++) {
		char *name = stored(life, mood, added.v[i]);
		bool refused = mood->refuses && i % 2 == 0;
		bool alike = strcmp(fold(life, name), fold(life, added.v[i])) == 0;
		if (refused || !alike)
			str_list_add(&life->refused[f], added.v[i]);
		else
			str_list_add(by_us, name);
		if (!refused && !listed(life, theirs, name))
			str_list_add(theirs, name);
	}
	life->away[f] = pick(life, &life->away[f], &planned->result.names, false);
	life->noticed[f] = pick(life, &life->noticed[f], &planned->result.names, false);
}

/* What of the plan reaches Plex. */
static void write_fields(
	struct life *life, const struct mood *mood, const struct plan *plan, unsigned fields)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		struct value *theirs = &life->theirs.v[f];
		if ((plan->writes & fields & 1u << f) == 0)
			continue;
		life->in.locked[f] = true;
		if (fields_is_set(f))
			take_names(life, mood, &plan->f[f], f);
		else if (!mood->refuses)
			theirs->text = stored(
				life, mood, arena_strdup(life->arena, plan->f[f].result.text));
	}
}

/* All that was planned is in Plex: what Stash added since the last push, and
 * nothing of ours that it dropped. */
static void check_arrived(struct life *life, const struct plan *plan)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const struct value *ours = &life->ours.v[f], *theirs = &life->theirs.v[f];
		struct str_list added = pick(life, &ours->names, &life->last[f], false);
		struct str_list dropped = pick(life, &life->by_us[f], &ours->names, false);
		if (!fields_is_set(f) || !ours->known || plan->held & 1u << f)
			continue;
		added = pick(life, &added, &life->refused[f], false);
		assert(pick(life, &added, &theirs->names, false).n == 0);
		assert(pick(life, &dropped, &theirs->names, true).n == 0);
	}
}

/* Remembers the names of the sets that this push was about. */
static void note_push(struct life *life, const struct plan *plan, bool killed)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (life->ours.v[f].known && !(plan->held & 1u << f) &&
			(!killed || plan->writes & 1u << f))
			life->last[f] = life->ours.v[f].names;
	}
}

/* Nothing happened in between, so nothing is left to do, unless a person insists. */
static void check_settled(struct life *life)
{
	struct plan plan;

	life->in.force = life->in.retry = false;
	look(life, &plan);
	assert(plan.writes == 0);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		bool settled = plan.f[f].verdict == PLAN_SAME;
		assert(!settled || !life->history.meant.v[f].known);
		if (settled && fields_is_set(f))
			life->settled[f] = pick(
				life, &life->ours.v[f].names, &life->theirs.v[f].names, true);
	}
}

/* A push whose outcome is known has seen what a person took away. */
static void note_absent(struct life *life, const struct plan *plan, unsigned done)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		enum plan_verdict verdict = plan->f[f].verdict;
		if (fields_is_set(f) &&
			(verdict == PLAN_SAME || (verdict == PLAN_WRITE && done & 1u << f)))
			life->noticed[f] = pick(life, &plan->f[f].away, &life->away[f], true);
	}
}

static void push(struct life *life, struct fuzz *from)
{
	uint8_t fate = fuzz_byte(from);
	bool killed = fate & 0x80; /* after the requests left */
	unsigned arrive = fate & 0x40 ? fuzz_byte(from) : ~0u;
	unsigned done = fate & 0x20 ? arrive & fuzz_byte(from) : arrive;
	struct mood mood = {.refuses = fate & 0x10, .respells = fate & 0x08};
	struct plan_input in;
	struct history next;
	struct fields before = life->theirs;
	struct plan plan;

	look(life, &plan);
	in = life->in;
	in.theirs = &before;
	plan_intend(&in, &plan, &next, life->arena);
	write_fields(life, &mood, &plan, arrive);
	if (killed)
		life->history = next;
	else
		plan_settle(&in, &plan, done, &life->theirs, life->in.locked, &life->history,
			life->arena);
	life->history = remember(&life->history, life->arena);
	if (!killed && !life->in.went_back)
		note_absent(life, &plan, done);
	if ((plan.writes & ~arrive) == 0)
		check_arrived(life, &plan);
	note_push(life, &plan, killed);
	if (!killed && (plan.writes & ~done) == 0)
		check_settled(life);
}

static void step(struct life *life, struct fuzz *from)
{
	uint8_t what = fuzz_byte(from);
	enum field f = (enum field)(what >> 3 & 7) % FIELD_COUNT;

	switch (what & 7) {
	case 0:
	case 1:
		change_stash(life, from, f);
		break;
	case 2:
	case 3:
		change_plex(life, from, f);
		break;
	case 4:
		life->in.locked[f] = what & 0x40;
		life->in.keep_plex_edits = what & 0x80;
		break;
	case 5:
		life->in.force = what & 0x80;
		life->in.retry = what & 0x40;
		life->in.restored = what & 0x20;
		life->in.went_back = (what & 0x28) == 0x28;
		life->in.unattended = what & 0x10;
		break;
	default:
		push(life, from);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct life life = {0};
	struct arena a;
	struct fuzz from = {data, size, &a};

	arena_init(&a);
	life.arena = &a;
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		life.ours.v[f] = life.theirs.v[f] = (struct value){.known = true, .text = ""};
		str_list_init(&life.once_ours[f], &a);
		life.by_us[f] = life.last[f] = life.settled[f] = life.away[f] = life.once_ours[f];
		life.refused[f] = life.noticed[f] = life.once_ours[f];
	}
	for (int steps = 0; from.left > 0 && steps < 100; steps++)
		step(&life, &from);
	arena_clear(&a);
	return 0;
}
