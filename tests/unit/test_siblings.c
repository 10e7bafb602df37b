/*
 * test_siblings.c - fields that are one list in Plex: Stash's groups, the studio's name and, if
 * the settings want it, tags, all collections. A table of situations, and a simulation of
 * thousands of small histories.
 */
#include "arena_open.h"

#include "base/str.h"
#include "push/plan.h"
#include "remember.h"

#define G FIELD_COLLECTIONS
#define T FIELD_STUDIO_COLLECTION
#define C FIELD_TAG_COLLECTIONS

/* "A, B": two names; "": none; NULL: nothing is known. */
static struct value set_value(const char *names)
{
	struct value value = {.known = names != NULL, .text = ""};

	value.names = str_split(&arena, names ? names : "", ',');
	return value;
}

static const char *join(const struct str_list *names)
{
	struct str text;

	str_init(&text, &arena);
	for (size_t i = 0; i < names->n; i++)
		str_addf(&text, "%s%s", i > 0 ? ", " : "", names->v[i]);
	return text.s ? text.s : "";
}

struct situation {
	struct fields ours, theirs;
	struct history base;
	struct plan_input in;
	struct plan plan;
};

static void situation_init(struct situation *s)
{
	*s = (struct situation){0};
	for (enum field f = 0; f < FIELD_COUNT; f++)
		s->theirs.v[f] = set_value("");
	s->in = (struct plan_input){.ours = &s->ours, .theirs = &s->theirs, .base = &s->base};
}

static void plan_now(struct situation *s)
{
	s->in.base = &s->base;
	plan_make(&s->in, &s->plan, &arena);
}

/* What Plex holds after they are written, as send.c puts them together. */
static struct value written(const struct situation *s, unsigned fields)
{
	struct value out = {.known = true, .text = ""};
	const struct plan_field *any = &s->plan.f[fields & 1u << G ? G : fields & 1u << T ? T : C];

	str_list_init(&out.names, &arena);
	for (size_t i = 0; i < any->result.names.n; i++)
		str_list_add(&out.names, any->result.names.v[i]);
	return out;
}

/* --- a table ------------------------------------------------------------------ */

static void test_table(void **state)
{
	static const struct {
		const char *name;
		const char *groups_then, *studio_then, *groups, *studio, *plex;
		const char *result; /* NULL: nothing is written */
		bool kept;
	} rows[] = {
		{"first push", NULL, NULL, "A, B", "S", "X", "X, A, B, S", false},
		{"first push, all there", NULL, NULL, "A", "S", "S, X, A", NULL, false},
		{"first push of nothing", NULL, NULL, "", "", "X", NULL, false},
		{"the same name twice", NULL, NULL, "A, S", "S", "", "A, S", false},
		{"the same name in other letters", NULL, NULL, "s", "S", "", "s", false},
		{"nothing changed", "A", "S", "A", "S", "A, S, X", NULL, false},
		{"a group goes", "A, B", "S", "B", "S", "A, B, S, X", "B, S, X", false},
		{"the studio goes", "A", "S", "A", "", "A, S, X", "A, X", false},
		{"both change", "A", "S", "B", "T", "A, S, X", "X, B, T", false},
		{"all go", "A, B", "S", "", "", "A, B, S", "", false},
		{"a group goes that is the studio's", "S, A", "S", "A", "S", "S, A", NULL, false},
		{"the studio goes that is a group's", "S, A", "S", "S, A", "", "S, A", NULL, false},
		{"both of one name go", "S", "S", "", "", "S, X", "X", false},
		{"they change places", "A", "S", "S", "A", "A, S", NULL, false},
		{"the group becomes the studio", "A", "S", "", "A", "A, S", "A", false},
		{"groups are off", "A", "S", NULL, "T", "A, S", "A, T", false},
		{"groups are off, and have the studio's name", "S", "S", NULL, "T", "S", "S, T",
			false},
		{"the studio is off", "A", "S", "B", NULL, "A, S", "S, B", false},
		{"both are off", "A", "S", NULL, NULL, "A, S", NULL, false},
		{"a person removed a group", "A, B", "S", "A, B", "S", "B, S", NULL, true},
		{"a person removed the studio", "A", "S", "A", "S", "A", NULL, true},
		{"a person removed one, Stash adds another", "A", "S", "A, B", "S", "S", "S, B",
			true},
		{"a person removed the group, the studio is called so", "A", "S", "A", "A", "S",
			"A", true},
		{"a person's own stays when all go", "A", "S", "", "", "A, S, X", "X", false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		unsigned wanted = 1u << G | 1u << T, writes;
		struct situation s;
		situation_init(&s);
		s.ours.v[G] = set_value(rows[i].groups);
		s.ours.v[T] = set_value(rows[i].studio);
		s.theirs.v[G] = s.theirs.v[T] = set_value(rows[i].plex);
		s.base.pushed.v[G] = s.base.seen.v[G] = set_value(rows[i].groups_then);
		s.base.pushed.v[T] = s.base.seen.v[T] = set_value(rows[i].studio_then);
		plan_now(&s);
		writes = s.plan.writes;
		ok &= row_true(rows[i].name, (writes & ~wanted) == 0);
		ok &= row_int(rows[i].name, writes != 0, rows[i].result != NULL);
		ok &= row_int(rows[i].name, s.plan.kept != 0, rows[i].kept);
		if (writes != 0 && rows[i].result != NULL) {
			struct value now = written(&s, writes);
			ok &= row_text(rows[i].name, join(&now.names), rows[i].result);
		}
		if (s.plan.f[G].result.known && s.plan.f[T].result.known)
			ok &= row_text(rows[i].name, join(&s.plan.f[G].result.names),
				join(&s.plan.f[T].result.names));
	}
	assert_true(ok);
}

/* --- a simulation --------------------------------------------------------------- */

#define CASES	  20000
#define OUR_NAMES 3 /* of 'universe': Stash's; the rest is other people's */

static const char *const universe[] = {"A", "B", "C", "X", "Y"};

/* The fields, and what Stash has for them: any names, one or none, or any if the settings say so. */
static const enum field fields_of[] = {G, T, C};
enum { GROUPS, STUDIO, TAGS, PARTS };

struct sim {
	uint64_t random;
	unsigned stash[PARTS], plex; /* bit i for universe[i] */
	unsigned removed;	     /* by a person, and not known to have come back */
	bool steady;		     /* since a complete push of all nothing changed but Plex */
	bool off[PARTS];
	struct history history;
	struct str trace;
	const char *why;
};

static unsigned roll(struct sim *s, unsigned n)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (unsigned)(s->random >> 33) % n;
}

static struct value mask_value(unsigned mask)
{
	struct value value = set_value("");

	for (size_t i = 0; i < ROWS(universe); i++) {
		if (mask & 1u << i)
			str_list_add(&value.names, arena_strdup(&arena, universe[i]));
	}
	return value;
}

static unsigned value_mask(const struct str_list *names)
{
	unsigned mask = 0;

	for (size_t n = 0; n < names->n; n++) {
		for (size_t i = 0; i < ROWS(universe); i++)
			mask |= strcmp(names->v[n], universe[i]) == 0 ? 1u << i : 0;
	}
	return mask;
}

static void must(struct sim *s, bool ok, const char *why)
{
	if (!ok && s->why == NULL)
		s->why = why;
}

static void look(const struct sim *s, struct situation *now)
{
	situation_init(now);
	for (size_t p = 0; p < PARTS; p++) {
		if (!s->off[p])
			now->ours.v[fields_of[p]] = mask_value(s->stash[p]);
		now->theirs.v[fields_of[p]] = mask_value(s->plex);
	}
	now->base = s->history;
	plan_now(now);
}

static void check(struct sim *s, unsigned before)
{
	unsigned ours = (1u << OUR_NAMES) - 1, wanted = 0;
	bool all_on = true;
	struct situation again;

	for (size_t p = 0; p < PARTS; p++) {
		wanted |= s->off[p] ? 0 : s->stash[p];
		all_on &= !s->off[p];
	}
	must(s, (before & ~ours & ~s->plex) == 0, "a foreign name vanished");
	must(s, (wanted & ~s->plex & ~s->removed) == 0, "what Stash has did not arrive");
	must(s, !all_on || (s->plex & ours & ~wanted) == 0, "what Stash dropped is still there");
	must(s, !s->steady || (s->plex & s->removed) == 0, "what a person removed came back");
	look(s, &again);
	must(s, again.plan.writes == 0, "a second plan writes");
}

enum ending { COMPLETE, KILLED_EARLY, KILLED_LATE, FAILED_LATE, ENDINGS };

static void push(struct sim *s, enum ending ending)
{
	static const char *const words[] = {"push", "killed-early", "killed-late", "failed-late"};
	unsigned before = s->plex, writes;
	struct situation now;
	struct history after;
	struct fields left;

	str_addf(&s->trace, " %s", words[ending]);
	look(s, &now);
	writes = now.plan.writes;
	if (writes != 0) {
		plan_intend(&now.in, &now.plan, &after, &arena);
		s->history = remember(&after, &arena);
		if (ending != KILLED_EARLY) {
			struct value holds = written(&now, writes);
			s->plex = value_mask(&holds.names);
		}
	}
	left = now.theirs;
	left.v[G] = left.v[T] = left.v[C] = mask_value(s->plex);
	if (ending == COMPLETE || ending == FAILED_LATE) {
		plan_settle(&now.in, &now.plan, ending == COMPLETE ? writes : 0, &left,
			now.in.locked, &after, &arena);
		s->history = remember(&after, &arena);
	}
	if (ending == COMPLETE)
		check(s, before);
	s->steady = ending == COMPLETE && !s->off[GROUPS] && !s->off[STUDIO] && !s->off[TAGS];
	s->removed &= ~s->plex;
}

static void person(struct sim *s)
{
	unsigned bit = 1u << roll(s, ROWS(universe));

	if (s->plex & bit) {
		s->plex &= ~bit;
		s->removed |= bit;
	} else if (bit >= 1u << OUR_NAMES) {
		s->plex |= bit;
		s->removed &= ~bit;
	}
	str_addf(&s->trace, " plex=%x", s->plex);
}

static void step(struct sim *s, bool switches, bool doubts)
{
	unsigned what = roll(s, 9);

	s->steady &= what > 2 && what < 8 && (what != 5 || !switches);
	switch (what) {
	case 0:
	case 1:
		s->stash[GROUPS] = roll(s, 1u << OUR_NAMES);
		str_addf(&s->trace, " groups=%x", s->stash[GROUPS]);
		break;
	case 2:
		s->stash[STUDIO] = (1u << roll(s, OUR_NAMES + 1)) & ((1u << OUR_NAMES) - 1);
		str_addf(&s->trace, " studio=%x", s->stash[STUDIO]);
		break;
	case 3:
	case 4:
		person(s);
		break;
	case 5:
		if (switches) {
			for (size_t p = 0; p < PARTS; p++)
				s->off[p] ^= roll(s, 2) == 0;
			str_addf(&s->trace, " off=%d%d%d", s->off[GROUPS], s->off[STUDIO],
				s->off[TAGS]);
			break;
		}
		__attribute__((fallthrough));
	case 6:
	case 7:
		push(s, doubts ? (enum ending)roll(s, ENDINGS) : COMPLETE);
		break;
	default: /* tags are collections, or they are something else again */
		s->stash[TAGS] = roll(s, 2) == 0 ? roll(s, 1u << OUR_NAMES) : 0;
		str_addf(&s->trace, " tags=%x", s->stash[TAGS]);
	}
}

static bool simulate(const char *name, bool switches, bool doubts)
{
	size_t failures = 0;

	for (uint64_t seed = 1; seed <= CASES; seed++) {
		struct sim s = {.random = seed * 0x9e3779b97f4a7c15u + 1};
		size_t steps;
		roll(&s, 2);
		str_init(&s.trace, &arena);
		steps = 2 + roll(&s, 9);
		while (steps-- > 0 && s.why == NULL)
			step(&s, switches, doubts);
		s.off[GROUPS] = s.off[STUDIO] = s.off[TAGS] = false;
		if (s.why == NULL)
			push(&s, COMPLETE);
		if (s.why != NULL && failures++ == 0)
			print_error("%s: %s (seed %llu:%s)\n", name, s.why,
				(unsigned long long)seed, s.trace.s);
		arena_clear(&arena);
	}
	if (failures > 0)
		print_error("%s: %zu of %d histories fail\n", name, failures, CASES);
	return failures == 0;
}

static void test_histories(void **state)
{
	bool ok = simulate("all on", false, false);

	(void)state;
	ok &= simulate("all on, doubt", false, true);
	ok &= simulate("on and off", true, false);
	ok &= simulate("on and off, doubt", true, true);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_table, setup, teardown),
		cmocka_unit_test_setup_teardown(test_histories, setup, teardown),
	};

	return cmocka_run_group_tests_name("siblings", tests, NULL, NULL);
}
