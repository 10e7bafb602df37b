/*
 * test_plan.c - the three-way merge: a table of base x ours x theirs for texts
 * and for sets, short ones and such as are remembered by digests, what is recorded before and after a push, and a simulation of
 * thousands of small histories against a Plex of a few lines.
 *
 * The simulation knows what Plex really held at every moment, and asserts the
 * promises: what Stash changed arrives, what a person changed in Plex stays,
 * nothing is written twice, whatever became of the pushes in between.
 */
#include "arena_open.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "push/plan.h"
#include "remember.h"

/* Of the sanitizer; where there is none, nothing is counted. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

/* More than is remembered of a text, with a character across the end of that. */
#define FILLER "x" E8 E8 E8 E8 E8 E8 E8 E8
#define E8     "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"

/* Every text and name of the tables and histories gets it in front. */
static bool long_values;

static const char *lengthen(const char *text)
{
	size_t blanks = strspn(text, " \n");

	if (!long_values || *text == '\0')
		return text;
	return arena_printf(&arena, "%.*s" FILLER "%s", (int)blanks, text, text + blanks);
}

static const char *brief(const char *text)
{
	return strncmp(text, FILLER, strlen(FILLER)) == 0 ? text + strlen(FILLER) : text;
}

/* NULL: nothing is known. */
static struct value text_value(const char *text)
{
	return (struct value){.known = text != NULL, .text = text ? lengthen(text) : ""};
}

/* "A, B": two names; "": none; NULL: nothing is known. */
static struct value set_value(const char *names)
{
	struct value value = text_value(names ? "" : NULL);

	value.names = str_split(&arena, names ? names : "", ',');
	for (size_t i = 0; i < value.names.n; i++)
		value.names.v[i] = arena_strdup(&arena, lengthen(value.names.v[i]));
	return value;
}

static struct value field_value(enum field f, const char *text)
{
	return fields_is_set(f) ? set_value(text) : text_value(text);
}

static const char *join(const struct str_list *names)
{
	struct str text;

	str_init(&text, &arena);
	for (size_t i = 0; i < names->n; i++)
		str_addf(&text, "%s%s", i > 0 ? ", " : "", brief(names->v[i]));
	return text.s;
}

/* One field's situation; everything else is empty on both sides. */
struct situation {
	struct fields ours, theirs, then;
	struct history base, remembered;
	struct plan_input in;
	struct plan plan;
};

static void situation_init(struct situation *s)
{
	memset(s, 0, sizeof(*s));
	for (enum field f = 0; f < FIELD_COUNT; f++)
		s->theirs.v[f] = field_value(f, "");
	s->in.ours = &s->ours;
	s->in.theirs = &s->theirs;
	s->in.then = &s->then;
	s->in.base = &s->base;
}

/* plan_make puts a settled base in the place of the one that is given. */
static void make(struct situation *s)
{
	s->remembered = remember(&s->base, &arena);
	s->in.base = &s->remembered;
	plan_make(&s->in, &s->plan, &arena);
}

/* --- texts ------------------------------------------------------------------ */

#define S PLAN_SAME
#define W PLAN_WRITE
#define K PLAN_KEEP
#define L PLAN_LEAVE

/* pushed, seen, meant: NULL if not known. Verdicts: by default, with
 * fieldKeepPlexEdits, with force. */
struct text_row {
	const char *name;
	const char *pushed, *seen, *meant, *ours, *theirs;
	enum plan_verdict plain, keep, force;
};

static bool text_table(enum field f, bool locked, const struct text_row *rows, size_t n)
{
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		const struct text_row *row = &rows[i];
		const enum plan_verdict want[] = {row->plain, row->keep, row->force, row->force};
		static const char *const modes[] = {"", " (keep)", " (force)", " (keep and force)"};
		struct situation s;
		situation_init(&s);
		s.ours.v[f] = text_value(row->ours);
		s.theirs.v[f] = text_value(row->theirs);
		s.base.pushed.v[f] = text_value(row->pushed);
		s.base.seen.v[f] = text_value(row->seen);
		s.base.meant.v[f] = text_value(row->meant);
		s.in.locked[f] = locked;
		for (size_t mode = 0; mode < ROWS(modes); mode++) {
			const char *name = arena_printf(&arena, "%s%s", row->name, modes[mode]);
			const struct plan_field *got = &s.plan.f[f];
			s.in.keep_plex_edits = mode == 1 || mode == 3;
			s.in.force = mode >= 2;
			make(&s);
			ok &= row_int(name, got->verdict, want[mode]);
			ok &= row_int(name, s.plan.writes, want[mode] == W ? 1u << f : 0);
			ok &= row_int(name, s.plan.kept, want[mode] == K ? 1u << f : 0);
			ok &= row_int(name, got->kept, want[mode] == K);
			if (want[mode] == W)
				ok &= row_text(name, brief(got->result.text), row->ours);
		}
	}
	return ok;
}

/* Short, and as long as is remembered by digests. */
static bool text_tables(enum field f, bool locked, const struct text_row *rows, size_t n)
{
	bool ok = text_table(f, locked, rows, n);

	long_values = true;
	ok &= row_true("long texts", text_table(f, locked, rows, n));
	long_values = false;
	return ok;
}

static void test_text(void **state)
{
	static const struct text_row rows[] = {
		/* name, pushed, seen, meant, ours, theirs, plain, keep, force */
		{"Stash says nothing: field off", NULL, NULL, NULL, NULL, "X", L, L, L},
		{"field off, was pushed", "A", "A", NULL, NULL, "X", L, L, L},

		{"first push", NULL, NULL, NULL, "A", "", W, W, W},
		{"first push, Plex has another", NULL, NULL, NULL, "A", "X", W, K, W},
		{"first push, Plex has it", NULL, NULL, NULL, "A", "A", S, S, S},
		{"first push, both empty", NULL, NULL, NULL, "", "", S, S, S},
		{"first push, Stash empty", NULL, NULL, NULL, "", "X", L, L, L},
		{"case counts", NULL, NULL, NULL, "harbour", "Harbour", W, K, W},
		{"blanks at the ends do not", NULL, NULL, NULL, "A", " A\n", S, S, S},
		{"line ends of another system do not", NULL, NULL, NULL, "A\nB", "A\r\nB", S, S, S},
		{"composition does not", NULL, NULL, NULL, "Caf\xc3\xa9", "Cafe\xcc\x81", S, S, S},

		{"nothing changed", "A", "A", NULL, "A", "A", S, S, S},
		{"Stash changed", "A", "A", NULL, "B", "A", W, W, W},
		{"Plex changed", "A", "A", NULL, "A", "X", K, K, W},
		{"both changed", "A", "A", NULL, "B", "X", W, K, W},
		{"both changed to the same", "A", "A", NULL, "B", "B", S, S, S},
		{"Plex emptied", "A", "A", NULL, "A", "", K, K, W},
		{"Plex emptied, Stash changed", "A", "A", NULL, "B", "", W, K, W},

		{"Stash emptied", "A", "A", NULL, "", "A", W, W, W},
		{"Stash emptied, Plex changed", "A", "A", NULL, "", "X", W, K, W},
		{"both emptied", "A", "A", NULL, "", "", S, S, S},
		{"was emptied, Plex filled", "", "", NULL, "", "X", L, L, L},
		{"was emptied, Plex filled, Stash too", "", "", NULL, "B", "X", W, K, W},
		{"was emptied, Stash filled", "", "", NULL, "B", "", W, W, W},

		{"Plex spells it its way", "A--B", "A-B", NULL, "A--B", "A-B", L, L, W},
		{"its way, Stash changed", "A--B", "A-B", NULL, "C", "A-B", W, W, W},
		{"its way, Plex changed", "A--B", "A-B", NULL, "A--B", "X", K, K, W},
		{"its way, Stash emptied", "A--B", "A-B", NULL, "", "A-B", W, W, W},
		{"Plex changed to what was pushed", "A--B", "A-B", NULL, "A--B", "A--B", S, S, S},

		{"pending, arrived", "A", "A", "B", "B", "B", S, S, S},
		{"pending, not arrived", "A", "A", "B", "B", "A", W, W, W},
		{"pending, edited meanwhile", "A", "A", "B", "B", "X", W, K, W},
		{"pending, arrived, Stash went on", "A", "A", "B", "C", "B", W, W, W},
		{"pending, not arrived, Stash went on", "A", "A", "B", "C", "A", W, W, W},
		{"pending, edited, Stash went on", "A", "A", "B", "C", "X", W, K, W},
		{"pending, arrived, Stash went back", "A", "A", "B", "A", "B", W, W, W},
		{"pending, not arrived, Stash went back", "A", "A", "B", "A", "A", S, S, S},
		{"pending, edited, Stash went back", "A", "A", "B", "A", "X", K, K, W},
		{"pending, arrived, Stash emptied", "A", "A", "B", "", "B", W, W, W},
		{"pending emptying, arrived", "A", "A", "", "", "", S, S, S},
		{"pending emptying, not arrived", "A", "A", "", "", "A", W, W, W},
		{"pending emptying, arrived, Stash went back", "A", "A", "", "A", "", W, W, W},
		{"pending, its way, not arrived, went back", "A--B", "A-B", "C", "A--B", "A-B", L,
			L, W},

		{"first push pending, arrived", NULL, NULL, "B", "B", "B", S, S, S},
		{"first push pending, arrived, went on", NULL, NULL, "B", "C", "B", W, W, W},
		{"first push pending, arrived, emptied", NULL, NULL, "B", "", "B", W, W, W},
		{"first push pending, not arrived", NULL, NULL, "B", "B", "", W, W, W},
		{"first push pending, Plex has another", NULL, NULL, "B", "B", "X", W, K, W},
		{"first push pending, not arrived, went on", NULL, NULL, "B", "C", "", W, W, W},
		/* Plex's text is not ours and never was: nothing to clear. */
		{"first push pending, not arrived, emptied", NULL, NULL, "B", "", "X", L, L, L},
	};

	(void)state;
	assert_true(text_tables(FIELD_SUMMARY, false, rows, ROWS(rows)));
	assert_true(text_tables(FIELD_STUDIO, true, rows, ROWS(rows)));
	assert_true(text_tables(FIELD_DATE, false, rows, ROWS(rows)));
}

/* "Text keeps its paragraphs": giving a text some is a change like any other. */
static void test_paragraphs(void **state)
{
	static const struct text_row rows[] = {
		{"Stash made paragraphs", "A B", "A B", NULL, "A\n\nB", "A B", W, W, W},
		{"Stash joined them", "A\n\nB", "A\n\nB", NULL, "A B", "A\n\nB", W, W, W},
		{"first push, Plex has one line", NULL, NULL, NULL, "A\n\nB", "A B", W, K, W},
		{"Plex adds blanks", "A B", "A B", NULL, "A B", " A  B\n", S, S, S},
		{"Stash adds blanks", "A B", "A B", NULL, "A  B", "A B", W, W, W},
		{"Stash adds blanks, Plex changed", "A B", "A B", NULL, "A  B", "X", W, K, W},
		{"Plex joins, Stash went on", "A\n\nB", "A B", NULL, "C", "A  B", W, W, W},
		{"Plex makes paragraphs of what it has", "A B", "A B", NULL, "A B", "A\n\nB", S, S,
			S},
		{"pending, arrived, with other blanks", "A", "A", "B\n\nC", "D", "B C", W, W, W},
		{"Plex keeps no paragraphs", "A\n\nB", "A B", NULL, "A\n\nB", "A B", S, S, S},
	};

	(void)state;
	assert_true(text_tables(FIELD_SUMMARY, false, rows, ROWS(rows)));
}

static void test_title(void **state)
{
	/* Plex makes a title of the file's name until somebody, locking it,
	 * gives another; and a title is never cleared. */
	static const struct text_row both[] = {
		{"Stash has none", NULL, NULL, NULL, "", "harbour.lights.2014", L, L, L},
		{"Stash emptied", "A", "A", NULL, "", "A", L, L, L},
		{"Stash emptied, Plex changed", "A", "A", NULL, "", "X", L, L, L},
		{"Stash emptied, pending arrived", "A", "A", "B", "", "B", L, L, L},
		{"both empty", NULL, NULL, NULL, "", "", S, S, S},
		{"Plex changed", "A", "A", NULL, "A", "X", K, K, W},
		{"both changed", "A", "A", NULL, "B", "X", W, K, W},
		{"Stash changed", "A", "A", NULL, "B", "A", W, W, W},
		{"first push, Plex has it", NULL, NULL, NULL, "A", "A", S, S, S},
	};
	static const struct text_row unlocked[] = {
		{"first push", NULL, NULL, NULL, "A", "harbour.lights.2014", W, W, W},
		{"first push pending, not arrived", NULL, NULL, "A", "A", "harbour.lights.2014", W,
			W, W},
	};
	static const struct text_row locked[] = {
		{"first push, locked", NULL, NULL, NULL, "A", "X", W, K, W},
		{"first push, locked and empty", NULL, NULL, NULL, "A", "", W, W, W},
		{"first push pending, edited meanwhile", NULL, NULL, "A", "A", "X", W, K, W},
	};

	(void)state;
	assert_true(text_tables(FIELD_TITLE, false, both, ROWS(both)));
	assert_true(text_tables(FIELD_TITLE, true, both, ROWS(both)));
	assert_true(text_tables(FIELD_TITLE, false, unlocked, ROWS(unlocked)));
	assert_true(text_tables(FIELD_TITLE, true, locked, ROWS(locked)));
}

/* --- sets ------------------------------------------------------------------- */

struct set_row {
	const char *name;
	const char *pushed, *meant, *ours, *theirs;
	enum plan_verdict verdict;
	const char *result, *remove;
	bool kept;
	bool forced; /* with force nothing is kept: the names come back */
};

static bool set_table(enum field f, const struct set_row *rows, size_t n)
{
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		const struct set_row *row = &rows[i];
		struct situation s;
		situation_init(&s);
		s.ours.v[f] = set_value(row->ours);
		s.theirs.v[f] = set_value(row->theirs);
		s.base.pushed.v[f] = s.base.seen.v[f] = set_value(row->pushed);
		s.base.meant.v[f] = set_value(row->meant);
		for (int keep = 0; keep < 2; keep++) {
			const struct plan_field *got = &s.plan.f[f];
			s.in.keep_plex_edits = keep == 1;
			s.in.force = row->forced;
			make(&s);
			ok &= row_int(row->name, got->verdict, row->verdict);
			ok &= row_int(row->name, got->kept, row->kept);
			ok &= row_int(row->name, s.plan.writes, row->verdict == W ? 1u << f : 0);
			ok &= row_int(row->name, s.plan.kept, row->kept ? 1u << f : 0);
			if (row->verdict != W)
				continue;
			ok &= row_text(row->name, join(&got->result.names), row->result);
			ok &= row_text(row->name, join(&got->remove), row->remove);
		}
	}
	return ok;
}

static bool set_tables(enum field f, const struct set_row *rows, size_t n)
{
	bool ok = set_table(f, rows, n);

	long_values = true;
	ok &= row_true("long names", set_table(f, rows, n));
	long_values = false;
	return ok;
}

static void test_set(void **state)
{
	static const struct set_row rows[] = {
		/* name, pushed, meant, ours, theirs, verdict, result, remove, kept, forced */
		{"field off", "A", NULL, NULL, "A, X", L, "", "", false, false},
		{"first push", NULL, NULL, "A, B", "", W, "A, B", "", false, false},
		{"first push beside others", NULL, NULL, "A, B", "X", W, "X, A, B", "", false,
			false},
		{"first push, some there", NULL, NULL, "A, B", "B, X", W, "B, X, A", "", false,
			false},
		{"first push, all there", NULL, NULL, "A, B", "X, B, A", S, "", "", false, false},
		{"first push of nothing", NULL, NULL, "", "X", S, "", "", false, false},
		{"both empty", NULL, NULL, "", "", S, "", "", false, false},

		{"nothing changed", "A, B", NULL, "A, B", "A, B", S, "", "", false, false},
		{"the order does not count", "A, B", NULL, "B, A", "A, B", S, "", "", false, false},
		{"another spelling in Plex does not count", "a, B", NULL, "a, B", "A, b", S, "", "",
			false, false},
		{"another spelling in Stash, in Plex too", "A, b", NULL, "a, B", "a, B", S, "", "",
			false, false},
		{"composition does not count", NULL, NULL, "Caf\xc3\xa9", "CAFE\xcc\x81", S, "", "",
			false, false},
		{"Stash added", "A", NULL, "A, B", "A", W, "A, B", "", false, false},
		{"Stash dropped", "A, B", NULL, "A", "A, B", W, "A", "B", false, false},
		{"Stash dropped all", "A, B", NULL, "", "A, B", W, "", "A, B", false, false},
		{"Stash replaced", "A", NULL, "B", "A, X", W, "X, B", "A", false, false},
		{"dropped one that is gone", "A, B", NULL, "A", "A, X", S, "", "", false, false},
		{"dropped, in other case", "A, B", NULL, "A", "A, b", W, "A", "b", false, false},
		{"dropped, there in two cases", "B", NULL, "", "B, X, b", W, "X", "B, b", false,
			false},

		{"a person added", "A", NULL, "A", "A, X", S, "", "", false, false},
		{"a person removed", "A, B", NULL, "A, B", "A", S, "", "", true, false},
		{"a person removed, force", "A, B", NULL, "A, B", "A", W, "A, B", "", false, true},
		{"a person removed all", "A, B", NULL, "A, B", "", S, "", "", true, false},
		{"a person removed, Stash added", "A, B", NULL, "A, B, C", "A, X", W, "A, X, C", "",
			true, false},
		{"the same, force", "A, B", NULL, "A, B, C", "A, X", W, "A, X, B, C", "", false,
			true},
		{"a person removed, Stash too", "A, B", NULL, "A", "A", S, "", "", false, false},
		{"a person added what Stash added", "A", NULL, "A, B", "A, B", S, "", "", false,
			false},
		{"force takes no foreign name away", "A", NULL, "A", "A, X", S, "", "", false,
			true},

		{"pending, arrived", "A", "A, B", "A, B", "A, B", S, "", "", false, false},
		{"pending, not arrived", "A", "A, B", "A, B", "A", W, "A, B", "", false, false},
		{"pending, half arrived", "A", "A, B, C", "A, B, C", "A, C", W, "A, C, B", "",
			false, false},
		{"pending, arrived, taken back", "A", "A, B", "A", "A, B", W, "A", "B", false,
			false},
		{"pending, not arrived, taken back", "A", "A, B", "A", "A", S, "", "", false,
			false},
		{"pending removal, arrived", "A, B", "A", "A", "A", S, "", "", false, false},
		{"pending removal, not arrived", "A, B", "A", "A", "A, B", W, "A", "B", false,
			false},
		{"pending removal, arrived, taken back", "A, B", "A", "A, B", "A", W, "A, B", "",
			false, false},
		{"pending, a person removed one of both", "A, B", "A, B, C", "A, B, C", "A", W,
			"A, C", "", true, false},
		{"pending, Stash went on", "A", "B", "C", "B, X", W, "X, C", "B", false, false},
		{"pending, not arrived, went on", "A", "B", "C", "A, X", W, "X, C", "A", false,
			false},
		{"first push pending, arrived", NULL, "A", "A", "A, X", S, "", "", false, false},
		{"first push pending, not arrived", NULL, "A", "A", "X", W, "X, A", "", false,
			false},
		{"first push pending, arrived, dropped", NULL, "A", "", "A, X", W, "X", "A", false,
			false},
		{"first push pending, not arrived, dropped", NULL, "A", "", "X", S, "", "", false,
			false},
	};

	(void)state;
	assert_true(set_tables(FIELD_TAGS, rows, ROWS(rows)));
	assert_true(set_tables(FIELD_PERFORMERS, rows, ROWS(rows)));
	/* Two of one list (see test_siblings.c), each with the other one switched off. */
	assert_true(set_tables(FIELD_COLLECTIONS, rows, ROWS(rows)));
	assert_true(set_tables(FIELD_STUDIO_COLLECTION, rows, ROWS(rows)));
}

/* --- all fields together ---------------------------------------------------- */

static void test_many_fields(void **state)
{
	struct situation s;

	(void)state;
	situation_init(&s);
	s.ours.v[FIELD_TITLE] = text_value("Harbour Lights");
	s.ours.v[FIELD_SUMMARY] = text_value("B");
	s.ours.v[FIELD_DATE] = text_value("2014-05-01");
	s.ours.v[FIELD_PERFORMERS] = set_value("Ana Duarte");
	s.ours.v[FIELD_TAGS] = set_value("Drama");
	s.theirs.v[FIELD_TITLE] = text_value("harbour.lights");
	s.theirs.v[FIELD_SUMMARY] = text_value("X");
	s.base.pushed.v[FIELD_SUMMARY] = s.base.seen.v[FIELD_SUMMARY] = text_value("B");
	s.theirs.v[FIELD_DATE] = text_value("2014-05-01");
	s.theirs.v[FIELD_STUDIO] = text_value("X");
	s.base.pushed.v[FIELD_TAGS] = s.base.seen.v[FIELD_TAGS] = set_value("Drama");
	make(&s);
	assert_int_equal(s.plan.writes, 1u << FIELD_TITLE | 1u << FIELD_PERFORMERS);
	assert_int_equal(s.plan.kept, 1u << FIELD_SUMMARY | 1u << FIELD_TAGS);
	assert_int_equal(s.plan.f[FIELD_DATE].verdict, PLAN_SAME);
	assert_int_equal(s.plan.f[FIELD_STUDIO].verdict, PLAN_LEAVE);
}

/* --- what is recorded ------------------------------------------------------- */

static bool value_row(const char *row, enum field f, const struct value *got, const char *want)
{
	if (!got->known || want == NULL)
		return row_int(row, got->known, want != NULL);
	return row_text(row, fields_is_set(f) ? join(&got->names) : got->text, want);
}

static void test_intend(void **state)
{
	struct situation s;
	struct history after;
	bool ok = true;

	(void)state;
	situation_init(&s);
	s.ours.v[FIELD_TITLE] = text_value("B");
	s.theirs.v[FIELD_TITLE] = text_value("A");
	s.base.pushed.v[FIELD_TITLE] = s.base.seen.v[FIELD_TITLE] = text_value("A");
	s.ours.v[FIELD_SUMMARY] = text_value("new");
	s.theirs.v[FIELD_SUMMARY] = text_value("old");
	s.ours.v[FIELD_TAGS] = set_value("T");
	s.theirs.v[FIELD_TAGS] = set_value("X, Y");
	s.ours.v[FIELD_DATE] = text_value("2014-01-01");
	s.theirs.v[FIELD_DATE] = text_value("2014-01-01");
	s.base.owner = 42;
	s.base.pushed_ms = 7;
	make(&s);
	plan_intend(&s.in, &s.plan, &after, &arena);
	assert_int_equal(after.owner, 42);
	assert_int_equal(after.pushed_ms, 7);
	ok &= value_row("meant title", FIELD_TITLE, &after.meant.v[FIELD_TITLE], "B");
	ok &= value_row("pushed title stays", FIELD_TITLE, &after.pushed.v[FIELD_TITLE], "A");
	ok &= value_row("meant summary", FIELD_SUMMARY, &after.meant.v[FIELD_SUMMARY], "new");
	ok &= value_row("meant tags", FIELD_TAGS, &after.meant.v[FIELD_TAGS], "T");
	ok &= value_row("nothing meant", FIELD_DATE, &after.meant.v[FIELD_DATE], NULL);
	assert_true(ok);
}

static void test_settle(void **state)
{
	struct situation s;
	struct history after;
	struct fields now;
	bool ok = true;

	(void)state;
	situation_init(&s);
	s.ours.v[FIELD_TITLE] = text_value("B--1");
	s.theirs.v[FIELD_TITLE] = text_value("A");
	s.ours.v[FIELD_SUMMARY] = text_value("new");
	s.ours.v[FIELD_DATE] = text_value("2014-01-01");
	s.theirs.v[FIELD_DATE] = text_value("2014-01-01");
	s.ours.v[FIELD_STUDIO] = text_value("A");
	s.theirs.v[FIELD_STUDIO] = text_value("X");
	s.base.pushed.v[FIELD_STUDIO] = s.base.seen.v[FIELD_STUDIO] = text_value("A");
	s.ours.v[FIELD_TAGS] = set_value("T");
	make(&s);
	now = s.theirs;
	now.v[FIELD_TITLE] = text_value("B-1");
	now.v[FIELD_TAGS] = set_value("t, Z");
	plan_settle(&s.in, &s.plan, 1u << FIELD_TITLE | 1u << FIELD_TAGS, &now, s.in.locked, &after,
		&arena);
	ok &= value_row("done: pushed", FIELD_TITLE, &after.pushed.v[FIELD_TITLE], "B--1");
	ok &= value_row("done: seen", FIELD_TITLE, &after.seen.v[FIELD_TITLE], "B-1");
	ok &= value_row("done: meant", FIELD_TITLE, &after.meant.v[FIELD_TITLE], NULL);
	ok &= value_row("set: pushed", FIELD_TAGS, &after.pushed.v[FIELD_TAGS], "T");
	ok &= value_row("not done: pushed", FIELD_SUMMARY, &after.pushed.v[FIELD_SUMMARY], NULL);
	ok &= value_row("not done: meant", FIELD_SUMMARY, &after.meant.v[FIELD_SUMMARY], "new");
	ok &= value_row("same: pushed", FIELD_DATE, &after.pushed.v[FIELD_DATE], "2014-01-01");
	ok &= value_row("kept: pushed", FIELD_STUDIO, &after.pushed.v[FIELD_STUDIO], "A");
	ok &= value_row("kept: seen", FIELD_STUDIO, &after.seen.v[FIELD_STUDIO], "A");
	plan_settle(&s.in, &s.plan, s.plan.writes, &now, s.in.locked, &after, &arena);
	for (enum field f = 0; f < FIELD_COUNT; f++)
		ok &= value_row("all is done", f, &after.meant.v[f], NULL);
	assert_true(ok);
}

/* A push of unknown outcome is not forgotten while its field is switched off:
 * what Plex holds is ours, and follows Stash once the field is on again. */
static void test_pending_survives_a_field_that_is_off(void **state)
{
	struct situation s;
	struct history after;
	bool ok = true;

	(void)state;
	situation_init(&s);
	s.in.keep_plex_edits = true;
	s.base.pushed.v[FIELD_STUDIO] = s.base.seen.v[FIELD_STUDIO] = text_value("A");
	s.base.meant.v[FIELD_STUDIO] = text_value("B");
	s.theirs.v[FIELD_STUDIO] = text_value("B");
	s.base.meant.v[FIELD_TAGS] = set_value("T");
	s.theirs.v[FIELD_TAGS] = set_value("T");
	s.ours.v[FIELD_SUMMARY] = text_value("new"); /* the one field that is on */
	make(&s);
	plan_settle(&s.in, &s.plan, s.plan.writes, &s.theirs, s.in.locked, &after, &arena);
	s.base = after;
	s.ours.v[FIELD_STUDIO] = text_value("A");
	s.ours.v[FIELD_TAGS] = set_value("");
	make(&s);
	ok &= row_int("text", s.plan.f[FIELD_STUDIO].verdict, PLAN_WRITE);
	ok &= row_text("set", join(&s.plan.f[FIELD_TAGS].remove), "T");
	assert_true(ok);
}

/* --- what Plex makes of a value, refuses, or loses ------------------------------- */

static void test_outcome(void **state)
{
	static const struct {
		const char *name;
		enum field field;
		const char *ours, *before, *now;
		enum plan_outcome outcome;
	} rows[] = {
		{"as it is", FIELD_TITLE, "A", "X", "A", PLAN_TAKEN},
		{"one blank for two", FIELD_TITLE, "A  B", "X", "A B", PLAN_TAKEN},
		{"nothing changed", FIELD_TITLE, "A", "X", "X", PLAN_NOT_TAKEN},
		{"nothing came", FIELD_TITLE, "A", "", "", PLAN_NOT_TAKEN},
		{"it vanished", FIELD_STUDIO, "A", "X", "", PLAN_NOT_TAKEN},
		{"cut", FIELD_SUMMARY, "A long text", "X", "A long", PLAN_TAKEN},
		{"cleared", FIELD_SUMMARY, "", "X", "", PLAN_TAKEN},
		{"not cleared", FIELD_SUMMARY, "", "X", "X", PLAN_NOT_TAKEN},
		{"the day before", FIELD_DATE, "2024-03-01", "", "2024-02-29", PLAN_TAKEN},
		{"two days are another date", FIELD_DATE, "2024-03-02", "2024-02-29", "2024-02-29",
			PLAN_NOT_TAKEN},
		{"New Year's Eve", FIELD_DATE, "2024-01-01", "", "2023-12-31", PLAN_TAKEN},
		{"half stars", FIELD_RATING, "3.3", "8", "3.5", PLAN_TAKEN},
		{"whole stars", FIELD_RATING, "3.3", "8", "4", PLAN_TAKEN},
		{"another rating", FIELD_RATING, "3.3", "5", "5", PLAN_NOT_TAKEN},
		{"all names", FIELD_TAGS, "A, B", "X", "X, a, B", PLAN_TAKEN},
		{"one blank for two in a name", FIELD_PERFORMERS, "Ann  Bee", "", "Ann Bee",
			PLAN_TAKEN},
		{"a typographic apostrophe", FIELD_TAGS, "Ana's", "", "Ana\xe2\x80\x99s",
			PLAN_TAKEN},
		{"another name in its place", FIELD_TAGS, "A, B", "X", "X, A, M",
			PLAN_TAKEN_PARTLY},
		{"some names", FIELD_TAGS, "A, B", "X", "X, A", PLAN_TAKEN_PARTLY},
		{"no name", FIELD_TAGS, "A, B", "X", "X", PLAN_NOT_TAKEN},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct situation s;
		struct fields now;
		situation_init(&s);
		s.ours.v[rows[i].field] = field_value(rows[i].field, rows[i].ours);
		s.theirs.v[rows[i].field] = field_value(rows[i].field, rows[i].before);
		make(&s);
		now = s.theirs;
		now.v[rows[i].field] = field_value(rows[i].field, rows[i].now);
		ok &= row_int(rows[i].name,
			plan_outcome(&s.in, &s.plan, rows[i].field, &now, false, &arena),
			rows[i].outcome);
	}
	assert_true(ok);
}

/* What is as before was not taken, unless the lock came, or Plex is known to make that of values
 * like this. Of a shared edit all of them are tried alone but what is known of this very value. */
static void test_outcome_of_a_small_change(void **state)
{
	static const struct {
		const char *name;
		enum field field;
		const char *pushed, *seen, *ours, *there;
		enum plan_outcome outcome, locks;
		bool still;
	} rows[] = {
		{"a day", FIELD_DATE, NULL, NULL, "2024-03-02", "2024-03-01", PLAN_NOT_TAKEN,
			PLAN_TAKEN, true},
		{"half a star", FIELD_RATING, NULL, NULL, "8.5", "8", PLAN_NOT_TAKEN, PLAN_TAKEN,
			true},
		{"an apostrophe", FIELD_STUDIO, NULL, NULL, "Ana\xe2\x80\x99s", "Ana's",
			PLAN_NOT_TAKEN, PLAN_TAKEN, true},
		{"half a star since the last push", FIELD_RATING, "8", "8", "8.5", "8",
			PLAN_NOT_TAKEN, PLAN_TAKEN, true},
		{"of a Plex that keeps whole stars", FIELD_RATING, "8.2", "8", "8.3", "8",
			PLAN_TAKEN, PLAN_TAKEN, true},
		{"of a Plex with its own typography", FIELD_STUDIO, "Ana's", "Ana\xe2\x80\x99s",
			"Ana\xe2\x80\x98s", "Ana\xe2\x80\x99s", PLAN_TAKEN, PLAN_TAKEN, true},
		{"the same, forced", FIELD_DATE, "2024-03-01", "2024-02-29", "2024-03-01",
			"2024-02-29", PLAN_TAKEN, PLAN_TAKEN, false},
		{"more than that", FIELD_RATING, "8.2", "8", "3", "8", PLAN_NOT_TAKEN,
			PLAN_NOT_TAKEN, true},
		{"as it is", FIELD_RATING, "7", "7", "8", "8", PLAN_TAKEN, PLAN_TAKEN, false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		enum field f = rows[i].field;
		struct situation s;
		situation_init(&s);
		s.ours.v[f] = text_value(rows[i].ours);
		s.theirs.v[f] = text_value(rows[i].there);
		s.base.pushed.v[f] = text_value(rows[i].pushed);
		s.base.seen.v[f] = text_value(rows[i].seen);
		make(&s);
		ok &= row_int(rows[i].name,
			plan_outcome(&s.in, &s.plan, f, &s.theirs, false, &arena), rows[i].outcome);
		ok &= row_int(rows[i].name,
			plan_outcome(&s.in, &s.plan, f, &s.theirs, true, &arena), rows[i].locks);
		ok &= row_int(
			rows[i].name, plan_stood_still(&s.in, f, &s.theirs, &arena), rows[i].still);
	}
	assert_true(ok);
}

/* A push that was killed before anybody looked did not arrive where all is as before it. */
static void test_a_small_change_that_did_not_arrive(void **state)
{
	static const struct {
		const char *name, *previous, *theirs;
		enum plan_verdict verdict;
	} rows[] = {
		{"as before", "8", "8", PLAN_WRITE},
		{"half stars", "6", "8.5", PLAN_LEAVE},
		{"as it is", "8", "8.3", PLAN_SAME},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct situation s;
		situation_init(&s);
		s.ours.v[FIELD_RATING] = s.base.meant.v[FIELD_RATING] = text_value("8.3");
		s.base.pushed.v[FIELD_RATING] = s.base.seen.v[FIELD_RATING] =
			s.base.previous.v[FIELD_RATING] = text_value(rows[i].previous);
		s.theirs.v[FIELD_RATING] = text_value(rows[i].theirs);
		make(&s);
		ok &= row_int(rows[i].name, s.plan.f[FIELD_RATING].verdict, rows[i].verdict);
	}
	assert_true(ok);
}

/* Of a push that was killed before anybody looked: what Plex made of its value is not told from
 * what it held before by the next push, which changes nothing. */
static void test_outcome_of_a_second_try(void **state)
{
	static const struct {
		const char *name, *original, *seen, *meant, *theirs;
		enum plan_outcome outcome;
	} rows[] = {
		{"the first one was cut", "O", "A", "A long text", "A long", PLAN_TAKEN},
		{"and was the first of all", "O", NULL, "A long text", "A long", PLAN_TAKEN},
		{"it did nothing", "O", "A", "A long text", "A", PLAN_NOT_TAKEN},
		{"it did nothing, the first of all", "O", NULL, "A long text", "O", PLAN_NOT_TAKEN},
		{"it was of another value", "O", "A", "B", "A long", PLAN_NOT_TAKEN},
		{"there was none", "O", "A", NULL, "A long", PLAN_NOT_TAKEN},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct situation s;
		situation_init(&s);
		s.ours.v[FIELD_SUMMARY] = text_value("A long text");
		s.theirs.v[FIELD_SUMMARY] = text_value(rows[i].theirs);
		s.base.original.v[FIELD_SUMMARY] = text_value(rows[i].original);
		s.base.pushed.v[FIELD_SUMMARY] = s.base.seen.v[FIELD_SUMMARY] = text_value(
			rows[i].seen);
		s.base.meant.v[FIELD_SUMMARY] = text_value(rows[i].meant);
		make(&s);
		ok &= row_int(rows[i].name, s.plan.f[FIELD_SUMMARY].verdict, PLAN_WRITE);
		ok &= row_int(rows[i].name,
			plan_outcome(&s.in, &s.plan, FIELD_SUMMARY, &s.theirs, false, &arena),
			rows[i].outcome);
	}
	assert_true(ok);
}

/* Of a value whose spelling in Plex is known nothing changes when it is sent once more. */
static void test_outcome_of_a_known_spelling(void **state)
{
	static const struct {
		const char *name, *pushed, *seen, *ours, *theirs;
		enum plan_outcome outcome;
	} rows[] = {
		{"forced", "A long text", "A lg txt", "A long text", "A lg txt", PLAN_TAKEN},
		{"the end of a text that is cut", "A long text", "A long", "A long one", "A long",
			PLAN_TAKEN},
		{"a longer text that is refused", "A long", "A long", "A long one", "A long",
			PLAN_NOT_TAKEN},
		{"another value", "A long text", "A lg txt", "Others", "A lg txt", PLAN_NOT_TAKEN},
		{"another one in Plex", "A long text", "A lg txt", "A long text", "X",
			PLAN_NOT_TAKEN},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct situation s;
		situation_init(&s);
		s.ours.v[FIELD_SUMMARY] = text_value(rows[i].ours);
		s.theirs.v[FIELD_SUMMARY] = text_value(rows[i].theirs);
		s.base.pushed.v[FIELD_SUMMARY] = text_value(rows[i].pushed);
		s.base.seen.v[FIELD_SUMMARY] = text_value(rows[i].seen);
		s.in.force = true;
		make(&s);
		ok &= row_int(rows[i].name,
			plan_outcome(&s.in, &s.plan, FIELD_SUMMARY, &s.theirs, false, &arena),
			rows[i].outcome);
	}
	assert_true(ok);
}

/* What was refused is not sent again until it changes, or a person asks. */
static void test_refused(void **state)
{
	static const struct {
		const char *name;
		enum field field;
		const char *pushed, *refused, *ours, *theirs;
		bool retry, force;
		enum plan_verdict verdict;
		bool told;
		const char *result;
	} rows[] = {
		{"again", FIELD_TITLE, "A", "B", "B", "A", false, false, PLAN_REFUSED, true, ""},
		{"never pushed", FIELD_TITLE, NULL, "B", "B", "", false, false, PLAN_REFUSED, true,
			""},
		{"it changed", FIELD_TITLE, "A", "B", "C", "A", false, false, W, false, "C"},
		{"a person asks", FIELD_TITLE, "A", "B", "B", "A", true, false, W, false, "B"},
		{"force", FIELD_TITLE, "A", "B", "B", "A", false, true, W, false, "B"},
		{"Plex has it now", FIELD_TITLE, "A", "B", "B", "B", false, false, S, false, ""},
		{"back to what was pushed", FIELD_TITLE, "A", "B", "A", "A", false, false, S, false,
			""},
		{"a name again", FIELD_TAGS, "A", "B", "A, B", "A", false, false, S, true, ""},
		{"beside a new one", FIELD_TAGS, "A", "B", "A, B, C", "A", false, false, W, true,
			"A, C"},
		{"a name, a person asks", FIELD_TAGS, "A", "B", "A, B", "A", true, false, W, false,
			"A, B"},
		{"a name that Plex has now", FIELD_TAGS, "A", "B", "A, B", "A, B", false, false, S,
			false, ""},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		enum field f = rows[i].field;
		struct situation s;
		struct history after;
		situation_init(&s);
		s.ours.v[f] = field_value(f, rows[i].ours);
		s.theirs.v[f] = field_value(f, rows[i].theirs);
		s.base.pushed.v[f] = s.base.seen.v[f] = field_value(f, rows[i].pushed);
		s.base.refused.v[f] = field_value(f, rows[i].refused);
		s.base.previous.v[f] = field_value(f, "P");
		s.in.retry = rows[i].retry;
		s.in.force = rows[i].force;
		make(&s);
		ok &= row_int(rows[i].name, s.plan.f[f].verdict, rows[i].verdict);
		ok &= row_int(rows[i].name, s.plan.refused != 0, rows[i].told);
		if (rows[i].verdict == W)
			ok &= row_text(rows[i].name,
				fields_is_set(f) ? join(&s.plan.f[f].result.names)
						 : s.plan.f[f].result.text,
				rows[i].result);
		/* Nothing comes of it: the same is refused again, and nothing else. */
		plan_settle(&s.in, &s.plan, s.plan.writes, &s.theirs, s.in.locked, &after, &arena);
		ok &= row_int(rows[i].name, after.refused.v[f].known,
			rows[i].verdict == W || rows[i].told);
		ok &= row_int(rows[i].name, after.meant.v[f].known, false);
		/* Nor is what Plex shows now what it goes back to when it loses a push. */
		ok &= row_text(rows[i].name,
			fields_is_set(f) ? join(&after.previous.v[f].names)
					 : after.previous.v[f].text,
			"P");
	}
	assert_true(ok);
}

static void test_reset(void **state)
{
	static const struct {
		const char *name;
		enum field field;
		const char *original, *previous, *pushed, *ours, *theirs;
		bool was_locked, locked, restored;
		enum plan_verdict verdict;
	} rows[] = {
		{"as before, unlocked", FIELD_TITLE, "O", "O", "A", "A", "O", true, false, false,
			W},
		{"empty, unlocked", FIELD_DATE, "O", "O", "A", "A", "", true, false, false, W},
		{"a sort title that is the title", FIELD_SORT_TITLE, "O", "O", "A", "A",
			"The Title", true, false, false, W},
		{"or that without its article", FIELD_SORT_TITLE, "O", "O", "A", "A", "Title", true,
			false, false, W},
		{"the title, locked: a person", FIELD_SORT_TITLE, "O", "O", "A", "A", "The Title",
			true, true, false, K},
		{"a sort title of its own, unlocked", FIELD_SORT_TITLE, "O", "O", "A", "A",
			"Title 2", true, false, false, K},
		{"as before, locked: a person", FIELD_TITLE, "O", "O", "A", "A", "O", true, true,
			false, K},
		{"emptied by a person", FIELD_DATE, "O", "O", "A", "A", "", true, true, false, K},
		{"something else, unlocked", FIELD_TITLE, "O", "O", "A", "A", "X", true, false,
			false, K},
		/* Plex may not say that a rating is locked: then its absence proves nothing. */
		{"never seen locked", FIELD_RATING, "", "", "8", "8", "", false, false, false, K},
		{"never seen locked, restored: empty", FIELD_RATING, "", "", "8", "8", "", false,
			false, true, W},
		{"never seen locked, restored: the push before the last", FIELD_RATING, "", "6",
			"8", "8", "6", false, false, true, W},
		{"never seen locked, restored: a person's", FIELD_RATING, "", "", "8", "8", "4",
			false, false, true, K},
		{"never seen locked, and locked", FIELD_RATING, "", "6", "8", "8", "6", false, true,
			true, K},
		{"names, never seen locked, restored", FIELD_TAGS, "", "A", "A, B", "A, B", "A",
			false, false, true, W},
		{"the push before the last, unlocked", FIELD_TITLE, "O", "A", "B", "B", "A", true,
			false, false, K},
		{"restored: the push before the last", FIELD_TITLE, "O", "A", "B", "B", "A", true,
			true, true, W},
		{"restored: as before all", FIELD_TITLE, "O", "A", "B", "B", "O", true, true, true,
			W},
		{"restored: a person's", FIELD_TITLE, "O", "A", "B", "B", "X", true, true, true, K},
		{"names, unlocked and empty", FIELD_TAGS, "O", "O", "A, B", "A, B", "", true, false,
			false, W},
		{"names, as before", FIELD_TAGS, "O", "O", "A", "A", "o", true, false, false, W},
		{"names, as before and locked", FIELD_TAGS, "O", "O", "A", "A", "O", true, true,
			false, S},
		{"names, others", FIELD_TAGS, "O", "O", "A", "A", "O, X", true, false, false, S},
		{"names, restored", FIELD_TAGS, "", "A", "A, B", "A, B", "A", true, true, true, W},
		{"names, restored, and another", FIELD_TAGS, "", "A", "A, B", "A, B", "A, X", true,
			true, true, W},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		enum field f = rows[i].field;
		struct situation s;
		situation_init(&s);
		s.ours.v[f] = field_value(f, rows[i].ours);
		s.theirs.v[FIELD_TITLE] = text_value("The Title");
		s.theirs.v[f] = field_value(f, rows[i].theirs);
		s.base.pushed.v[f] = s.base.seen.v[f] = field_value(f, rows[i].pushed);
		s.base.original.v[f] = field_value(f, rows[i].original);
		s.base.previous.v[f] = field_value(f, rows[i].previous);
		s.base.locked = rows[i].was_locked ? 1u << f : 0;
		s.base.original_locked = 1u << f;
		s.in.locked[f] = rows[i].locked;
		s.in.restored = rows[i].restored;
		s.in.keep_plex_edits = true;
		make(&s);
		ok &= row_int(rows[i].name, s.plan.f[f].verdict, rows[i].verdict);
		ok &= row_int(rows[i].name, s.plan.reset != 0, rows[i].verdict == W);
		/* What Stash dropped meanwhile does not take Plex's own away. */
		s.ours.v[f] = field_value(f, "");
		make(&s);
		if (rows[i].verdict == W)
			ok &= row_int(
				rows[i].name, s.plan.writes & ~(f == FIELD_TAGS ? 1u << f : 0), 0);
	}
	assert_true(ok);
}

/* In a database that was put back: what we had written before, and what a person was seen to do. */
static void test_past(void **state)
{
	static const struct {
		const char *name;
		enum field field;
		const char *original, *former, *left, *dropped, *pushed, *ours, *theirs;
		bool restored, went_back;
		enum plan_verdict verdict;
		const char *result;
	} rows[] = {
		{"two pushes ago", FIELD_TITLE, "O", "A", NULL, NULL, "C", "C", "A", true, false, W,
			"C"},
		{"the same, nothing was put back", FIELD_TITLE, "O", "A", NULL, NULL, "C", "C", "A",
			false, false, K, ""},
		{"a person's, that was seen", FIELD_TITLE, "O", "A", "A", NULL, "C", "C", "A", true,
			false, K, ""},
		{"a person's, as before all", FIELD_TITLE, "O", NULL, "O", NULL, "C", "C", "O",
			true, false, K, ""},
		{"as before all, but locked since, which nobody saw", FIELD_TITLE, "O", NULL, NULL,
			NULL, "C", "C", "O", true, false, K, ""},
		{"names, the same", FIELD_TAGS, "", NULL, NULL, NULL, "A", "A", "", true, false, S,
			""},
		{"the item is older than our push", FIELD_TITLE, "O", NULL, NULL, NULL, "C", "C",
			"X", true, true, W, "C"},
		{"but a person had it", FIELD_TITLE, "O", NULL, "Y", NULL, "C", "C", "X", true,
			true, K, ""},
		{"cleared since", FIELD_SUMMARY, "O", "A", NULL, NULL, "", "", "A", true, false, W,
			""},
		{"cleared since, as before all", FIELD_SUMMARY, "O", "O", NULL, NULL, "", "", "O",
			true, false, L, ""},
		{"cleared since, a person's", FIELD_SUMMARY, "O", NULL, NULL, NULL, "", "", "X",
			true, false, L, ""},
		{"a former list", FIELD_TAGS, "", "A", NULL, NULL, "A, B, C", "A, B, C", "A", true,
			false, W, "A, B, C"},
		{"but for a name that a person took away", FIELD_TAGS, "", "A", "B", NULL,
			"A, B, C", "A, B, C", "A", true, false, W, "A, C"},
		{"an older item, and a name that a person took away", FIELD_TAGS, "", NULL, "B",
			NULL, "A, B", "A, B", "X", true, true, W, "X, A"},
		{"a name that Stash dropped", FIELD_TAGS, "", "A, D", NULL, "D", "A", "A", "A, D",
			true, false, W, "A"},
		{"and that was there before all", FIELD_TAGS, "D", "A, D", NULL, "D", "A", "A",
			"A, D", true, false, S, "A, D"},
		{"and that somebody gave it", FIELD_TAGS, "", NULL, NULL, "D", "A, B", "A, B",
			"A, B, D", true, false, S, "A, B, D"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		enum field f = rows[i].field;
		struct value former = field_value(f, rows[i].former);
		struct situation s;
		situation_init(&s);
		s.ours.v[f] = field_value(f, rows[i].ours);
		s.theirs.v[f] = field_value(f, rows[i].theirs);
		s.base.pushed.v[f] = s.base.seen.v[f] = field_value(f, rows[i].pushed);
		s.base.original.v[f] = field_value(f, rows[i].original);
		s.base.locked = 1u << f;
		if (rows[i].former != NULL)
			past_note(&s.base.past, f, PAST_FORMER, past_value(f, &former, &arena));
		if (rows[i].left != NULL)
			past_note(&s.base.past, f, PAST_LEFT,
				fields_is_set(f) ? past_name(lengthen(rows[i].left), &arena)
						 : digest_text(lengthen(rows[i].left)));
		if (rows[i].dropped != NULL)
			past_note(&s.base.past, f, PAST_DROPPED,
				past_name(lengthen(rows[i].dropped), &arena));
		s.in.locked[f] = true;
		s.in.restored = rows[i].restored;
		s.in.went_back = rows[i].went_back;
		make(&s);
		ok &= row_int(rows[i].name, s.plan.f[f].verdict, rows[i].verdict);
		ok &= row_int(rows[i].name, s.plan.reset != 0, rows[i].verdict == W);
		if (fields_is_set(f) || rows[i].verdict == W)
			ok &= row_text(rows[i].name,
				fields_is_set(f) ? join(&s.plan.f[f].result.names)
						 : brief(s.plan.f[f].result.text),
				rows[i].result);
	}
	assert_true(ok);
}

/* A name that Plex does not remove is ours still: told, and tried again when a person asks. */
static void test_leftover(void **state)
{
	struct history after;
	struct fields now;
	struct situation s;

	(void)state;
	situation_init(&s);
	s.ours.v[FIELD_TAGS] = set_value("A");
	s.theirs.v[FIELD_TAGS] = set_value("A, B");
	s.base.pushed.v[FIELD_TAGS] = s.base.seen.v[FIELD_TAGS] = set_value("A, B");
	now = s.theirs;
	make(&s);
	assert_string_equal(join(&s.plan.f[FIELD_TAGS].remove), "B");
	assert_int_equal(
		plan_outcome(&s.in, &s.plan, FIELD_TAGS, &now, false, &arena), PLAN_NOT_TAKEN);
	plan_settle(&s.in, &s.plan, s.plan.writes, &now, s.in.locked, &after, &arena);
	assert_string_equal(join(&after.refused.v[FIELD_TAGS].names), "B");

	s.base = after;
	make(&s);
	assert_int_equal(s.plan.writes, 0);
	assert_int_equal(s.plan.refused, 1u << FIELD_TAGS);
	plan_settle(&s.in, &s.plan, 0, &now, s.in.locked, &after, &arena);
	assert_string_equal(join(&after.refused.v[FIELD_TAGS].names), "B");

	s.base = after;
	s.ours.v[FIELD_TAGS] = set_value("A, C"); /* C is taken, B is not sent again */
	make(&s);
	assert_string_equal(join(&s.plan.f[FIELD_TAGS].remove), "");
	now.v[FIELD_TAGS] = s.plan.f[FIELD_TAGS].result;
	assert_int_equal(
		plan_outcome(&s.in, &s.plan, FIELD_TAGS, &now, false, &arena), PLAN_TAKEN_PARTLY);
	plan_settle(&s.in, &s.plan, s.plan.writes, &now, s.in.locked, &after, &arena);

	s.base = after;
	s.theirs.v[FIELD_TAGS] = now.v[FIELD_TAGS];
	s.in.retry = true;
	make(&s);
	assert_string_equal(join(&s.plan.f[FIELD_TAGS].remove), "B");
	now.v[FIELD_TAGS] = s.plan.f[FIELD_TAGS].result;
	assert_int_equal(plan_outcome(&s.in, &s.plan, FIELD_TAGS, &now, false, &arena), PLAN_TAKEN);
	plan_settle(&s.in, &s.plan, s.plan.writes, &now, s.in.locked, &after, &arena);
	assert_false(after.refused.v[FIELD_TAGS].known);
	assert_string_equal(join(&after.pushed.v[FIELD_TAGS].names), "A, C");
}

/* What a person took away stays away, also if our own write then leaves what was there before the
 * first push, in a library that was restored; unless the item loses all, lock included. */
static void test_restored_but_taken_away(void **state)
{
	static const struct {
		const char *name, *original, *theirs, *result;
	} rows[] = {
		{"nothing is left", "", "B", ""},
		{"what was there before all is left", "O", "O, B", "O"},
		{"and something else", "O", "O, B, X", "O, X"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct situation s;
		struct history after;
		struct fields now;
		situation_init(&s);
		now = s.theirs;
		s.ours.v[FIELD_TAGS] = set_value("A");
		s.theirs.v[FIELD_TAGS] = set_value(rows[i].theirs);
		s.base.pushed.v[FIELD_TAGS] = s.base.seen.v[FIELD_TAGS] = set_value("A, B");
		s.base.original.v[FIELD_TAGS] = set_value(rows[i].original);
		s.base.locked = 1u << FIELD_TAGS;
		s.in.locked[FIELD_TAGS] = s.in.restored = true;
		for (int pushes = 0; pushes < 3; pushes++) {
			make(&s);
			ok &= row_int(rows[i].name, s.plan.writes != 0, pushes == 0);
			ok &= row_text(rows[i].name, join(&s.plan.f[FIELD_TAGS].result.names),
				rows[i].result);
			now.v[FIELD_TAGS] = s.plan.f[FIELD_TAGS].result;
			plan_settle(
				&s.in, &s.plan, s.plan.writes, &now, s.in.locked, &after, &arena);
			s.base = after;
			s.theirs.v[FIELD_TAGS] = now.v[FIELD_TAGS];
		}
		s.theirs.v[FIELD_TAGS] = set_value("");
		s.in.locked[FIELD_TAGS] = false;
		make(&s);
		ok &= row_text(rows[i].name, join(&s.plan.f[FIELD_TAGS].result.names), "A");
	}
	assert_true(ok);
}

/* A name that is spelled otherwise in Stash since the last push is written once. */
static void test_respelled(void **state)
{
	static const struct {
		const char *name, *pushed, *ours, *theirs, *respell;
	} rows[] = {
		{"renamed", "pov, Sea", "POV, Sea", "pov, Sea, x", "POV"},
		{"renamed, and Plex has it", "pov", "POV", "POV", ""},
		{"Plex has another spelling all along", "pov", "pov", "Pov", ""},
		{"never pushed", NULL, "POV", "pov", ""},
		{"two blanks became one", "Ann  Bee", "Ann Bee", "Ann  Bee", "Ann Bee"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct situation s;
		struct history after;
		situation_init(&s);
		s.ours.v[FIELD_TAGS] = set_value(rows[i].ours);
		s.theirs.v[FIELD_TAGS] = set_value(rows[i].theirs);
		s.base.pushed.v[FIELD_TAGS] = s.base.seen.v[FIELD_TAGS] = set_value(rows[i].pushed);
		make(&s);
		ok &= row_text(rows[i].name, join(&s.plan.f[FIELD_TAGS].respell), rows[i].respell);
		ok &= row_int(rows[i].name, s.plan.writes != 0, *rows[i].respell != '\0');
		ok &= row_int(rows[i].name, s.plan.f[FIELD_TAGS].edits, false);
		/* Plex keeps its own: that is the end of it. */
		plan_settle(&s.in, &s.plan, s.plan.writes, &s.theirs, s.in.locked, &after, &arena);
		s.base = after;
		make(&s);
		ok &= row_int(rows[i].name, s.plan.writes, 0);
	}
	assert_true(ok);
}

/* --- two pushes in a row of which nobody knows the outcome -------------------- */

/* Plans and records the intent; what Plex holds then is the caller's to say. */
static enum plan_verdict abandon(struct situation *s, enum field f, const char *ours)
{
	struct history after;

	s->ours.v[f] = field_value(f, ours);
	make(s);
	plan_intend(&s->in, &s->plan, &after, &arena);
	s->base = after;
	return s->plan.f[f].verdict;
}

static void test_two_abandoned_pushes_of_a_text(void **state)
{
	struct situation s;
	bool ok = true;

	(void)state;
	for (int keep = 0; keep < 2; keep++) {
		situation_init(&s);
		s.in.keep_plex_edits = keep == 1;
		s.base.pushed.v[FIELD_SUMMARY] = s.base.seen.v[FIELD_SUMMARY] = text_value("A");
		s.theirs.v[FIELD_SUMMARY] = text_value("A");
		assert_int_equal(abandon(&s, FIELD_SUMMARY, "B"), PLAN_WRITE);
		s.theirs.v[FIELD_SUMMARY] = text_value("B"); /* it did arrive */
		assert_int_equal(abandon(&s, FIELD_SUMMARY, "C"), PLAN_WRITE);
		/* This one did not: Plex still holds B, which is ours. */
		ok &= row_int("again", abandon(&s, FIELD_SUMMARY, "C"), PLAN_WRITE);
		ok &= row_int("back to A", abandon(&s, FIELD_SUMMARY, "A"), PLAN_WRITE);
	}
	assert_true(ok);
}

static void test_two_abandoned_pushes_of_a_set(void **state)
{
	struct situation s;
	bool ok = true;

	(void)state;
	situation_init(&s);
	s.base.pushed.v[FIELD_TAGS] = s.base.seen.v[FIELD_TAGS] = set_value("A");
	s.theirs.v[FIELD_TAGS] = set_value("A");
	abandon(&s, FIELD_TAGS, "A, B");
	s.theirs.v[FIELD_TAGS] = set_value("A, B"); /* arrived */
	abandon(&s, FIELD_TAGS, "A, C");	    /* not */
	abandon(&s, FIELD_TAGS, "A, C");
	ok &= row_text("B was ours", join(&s.plan.f[FIELD_TAGS].remove), "B");

	situation_init(&s);
	s.base.pushed.v[FIELD_TAGS] = s.base.seen.v[FIELD_TAGS] = set_value("A");
	s.theirs.v[FIELD_TAGS] = set_value("A");
	abandon(&s, FIELD_TAGS, "");
	s.theirs.v[FIELD_TAGS] = set_value(""); /* arrived: A is gone */
	abandon(&s, FIELD_TAGS, "A");		/* not */
	abandon(&s, FIELD_TAGS, "A");
	ok &= row_int("nobody removed A but we", s.plan.f[FIELD_TAGS].kept, false);
	ok &= row_text("A comes back", join(&s.plan.f[FIELD_TAGS].result.names), "A");
	assert_true(ok);
}

/* --- settings ----------------------------------------------------------------- */

/* 'then': what the settings of the last push would make of the scene as it is now. */
static void test_another_setting_is_no_edit(void **state)
{
	static const struct {
		const char *name, *pushed, *then, *ours, *theirs;
		enum plan_verdict plain, keep;
	} rows[] = {
		{"another format", "A", "A", "A (2020)", "A", W, W},
		{"another format, and Plex was edited", "A", "A", "A (2020)", "X", K, K},
		{"the scene changed, too", "A", "B", "B (2020)", "X", W, K},
		{"the scene changed, Plex did not", "A", "B", "B (2020)", "A", W, W},
		{"the format makes the same", "A", "A", "A", "X", K, K},
		{"Plex has what the new one makes", "A", "A", "A (2020)", "A (2020)", S, S},
		{"the setting is emptied", "XXX", "XXX", "", "XXX", W, W},
		{"the setting is emptied, and Plex was edited", "XXX", "XXX", "", "X", K, K},
		{"no setting has a part in it", "A", NULL, "B", "X", W, K},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct situation s;
		situation_init(&s);
		s.ours.v[FIELD_SORT_TITLE] = text_value(rows[i].ours);
		s.theirs.v[FIELD_SORT_TITLE] = text_value(rows[i].theirs);
		s.then.v[FIELD_SORT_TITLE] = text_value(rows[i].then);
		s.base.pushed.v[FIELD_SORT_TITLE] = text_value(rows[i].pushed);
		s.base.seen.v[FIELD_SORT_TITLE] = text_value(rows[i].pushed);
		make(&s);
		ok &= row_int(rows[i].name, s.plan.f[FIELD_SORT_TITLE].verdict, rows[i].plain);
		s.in.keep_plex_edits = true;
		make(&s);
		ok &= row_int(rows[i].name, s.plan.f[FIELD_SORT_TITLE].verdict, rows[i].keep);
		s.in.force = true;
		make(&s);
		ok &= row_int(rows[i].name, s.plan.f[FIELD_SORT_TITLE].verdict,
			rows[i].plain == S ? S : W);
	}
	assert_true(ok);
}

/* Names whose order is given go in it; what order Plex makes of them is not argued with. */
static void test_names_in_their_order(void **state)
{
	static const struct {
		const char *name, *pushed, *ours, *theirs;
		bool ordered;
		enum plan_verdict verdict;
		const char *result;
	} rows[] = {
		{"first push", NULL, "B, A", "X", true, W, "B, A, X"},
		{"without order", NULL, "B, A", "X", false, W, "X, B, A"},
		{"the same", "B, A", "B, A", "B, A", true, S, NULL},
		{"Plex sorts them", "B, A", "B, A", "A, B", true, S, NULL},
		{"another order", "B, A", "A, B", "B, A", true, W, "A, B"},
		{"another order, without order", "B, A", "A, B", "B, A", false, S, NULL},
		{"another order, Plex sorts them", "B, A", "A, B", "A, B", true, S, NULL},
		{"another order, Plex has its own", "C, B, A", "A, B, C", "B, A, C", true, S, NULL},
		{"one goes", "B, A", "A", "B, A", true, W, "A"},
		{"one comes", "B", "A, B", "B, X", true, W, "A, B, X"},
		{"a person took one away", "B, A", "A, B", "A, X", true, S, NULL},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct plan_field *got;
		struct situation s;
		situation_init(&s);
		s.ours.v[FIELD_PERFORMERS] = set_value(rows[i].ours);
		s.ours.v[FIELD_PERFORMERS].ordered = rows[i].ordered;
		s.theirs.v[FIELD_PERFORMERS] = set_value(rows[i].theirs);
		s.base.pushed.v[FIELD_PERFORMERS] = set_value(rows[i].pushed);
		s.base.seen.v[FIELD_PERFORMERS] = set_value(rows[i].pushed);
		make(&s);
		got = &s.plan.f[FIELD_PERFORMERS];
		ok &= row_int(rows[i].name, got->verdict, rows[i].verdict);
		if (rows[i].verdict == W)
			ok &= row_text(rows[i].name, join(&got->result.names), rows[i].result);
	}
	assert_true(ok);
}

/* --- simulation --------------------------------------------------------------- */

#define CASES	  3000
#define MOST_OPS  9
#define OUR_NAMES 4 /* of 'universe': Stash's; the rest is other people's */

#define REFUSED (1u << 2) /* "C", where Plex refuses it */

static const char *const universe[] = {"A", "B", "C", "D", "X", "Y", "Z"};

enum author { ORIGINAL, PERSON, US };

/* One field of one item, and what really happened to it. */
struct sim {
	enum field field;
	bool keep, off, failed;
	bool ordered, backwards; /* Stash's names have an order, and this one; Plex sorts them */
	bool respells;		 /* Plex keeps "A!" as "A" */
	bool person_is_like_us;	 /* a person may enter what Stash has, too */
	bool refuses;		 /* Plex takes no "C" */
	bool locked;		 /* in Plex */
	bool lost;		 /* an item lost what was written, and has not been pushed since */
	unsigned lost_set;	 /* of a set: the names */
	uint64_t random;
	struct history history;
	struct str trace;
	size_t ops;
	const char *why;
	/* A text. */
	const char *stash, *plex, *original;
	const char *source;    /* Stash's own, of which a setting, the format, makes 'stash' */
	const char *format;    /* what stands before it */
	const char *confirmed; /* Stash's own at the last confirmed push; NULL: none */
	enum author author;    /* of what Plex holds */
	bool doubt;	       /* a push of unknown outcome since then */
	/* A set, bit i for universe[i]. */
	unsigned stash_set, plex_set, original_set;
	unsigned removed; /* by a person, and not known to have come back */
	unsigned certain; /* confirmed, and of every push since then */
};

static unsigned roll(struct sim *s, unsigned n)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (unsigned)(s->random >> 33) % n;
}

static void must(struct sim *s, bool ok, const char *why)
{
	if (ok || s->failed)
		return;
	s->failed = true;
	s->why = why;
}

static struct value mask_value(unsigned mask)
{
	struct value value = set_value("");

	for (size_t i = 0; i < ROWS(universe); i++) {
		if (mask & 1u << i)
			str_list_add(&value.names, arena_strdup(&arena, lengthen(universe[i])));
	}
	return value;
}

static unsigned value_mask(const struct str_list *names)
{
	unsigned mask = 0;

	for (size_t n = 0; n < names->n; n++) {
		for (size_t i = 0; i < ROWS(universe); i++)
			mask |= strcmp(brief(names->v[n]), universe[i]) == 0 ? 1u << i : 0;
	}
	return mask;
}

static const char *spell(const struct sim *s, const char *text)
{
	return s->respells ? arena_strndup(&arena, text, strcspn(text, "!")) : text;
}

static bool is_text(const struct sim *s)
{
	return !fields_is_set(s->field);
}

static struct value plex_value(const struct sim *s)
{
	return is_text(s) ? text_value(s->plex) : mask_value(s->plex_set);
}

static const char *made(const char *format, const char *source)
{
	return *source == '\0' ? "" : arena_printf(&arena, "%s%s", format, source);
}

static struct value made_value(const char *format, const char *source)
{
	struct value value = text_value(made(format, source));

	value.by = format;
	return value;
}

static struct value stash_value(const struct sim *s)
{
	struct value value;

	if (s->off)
		return text_value(NULL);
	if (is_text(s))
		return made_value(s->format, s->source);
	value = mask_value(s->stash_set);
	value.ordered = s->ordered;
	for (size_t i = 0, n = value.names.n; s->backwards && i < n / 2; i++) {
		char *name = value.names.v[i];
		value.names.v[i] = value.names.v[n - 1 - i];
		value.names.v[n - 1 - i] = name;
	}
	return value;
}

/* Another setting makes another value of what Stash has. */
static void change_format(struct sim *s)
{
	static const char *const formats[] = {"", "f", "g"};

	s->format = formats[roll(s, 3)];
	s->backwards = s->ordered && roll(s, 2) == 0;
	s->stash = made(s->format, s->source);
	str_addf(&s->trace, " format=%s", s->format);
}

static void stash_edit(struct sim *s)
{
	static const char *const texts[] = {"", "A", "B", "C", "A!"};
	struct value names;

	s->source = texts[roll(s, s->respells ? 5 : 4)];
	s->stash = made(s->format, s->source);
	s->stash_set = roll(s, 1u << OUR_NAMES);
	names = mask_value(s->stash_set);
	str_addf(&s->trace, " stash=%s", is_text(s) ? s->stash : join(&names.names));
}

static void plex_edit(struct sim *s)
{
	static const char *const texts[] = {"", "X", "Y", "Z", "A", "B"};
	const char *text = texts[roll(s, s->person_is_like_us ? 6 : 4)];
	unsigned bit = 1u << roll(s, ROWS(universe));
	bool ours = bit < 1u << OUR_NAMES;
	struct value now;

	if (is_text(s) && strcmp(text, s->plex) == 0)
		return;
	if (is_text(s)) {
		s->plex = text;
		s->author = PERSON;
	} else if (s->plex_set & bit) {
		s->plex_set &= ~bit;
		s->removed |= bit;
	} else if (!ours || s->person_is_like_us) {
		s->plex_set |= bit;
		s->removed &= ~bit;
	} else {
		return;
	}
	s->locked = true;
	s->lost = false; /* and locked again: what is not there was taken away by a person */
	s->removed |= s->lost_set & ~s->plex_set;
	s->lost_set = 0;
	if (!s->history.original.v[s->field].known) {
		s->original = s->plex;
		s->original_set = s->plex_set;
	}
	now = plex_value(s);
	str_addf(&s->trace, " plex=%s", is_text(s) ? s->plex : join(&now.names));
}

/* Plex forgets what was written, and the locks: it was matched anew. */
static void plex_reset(struct sim *s)
{
	bool was_written = s->locked && s->confirmed != NULL && s->author == US && !s->doubt;

	s->lost = was_written || (s->lost && s->author == ORIGINAL);
	s->plex = s->original;
	s->plex_set = s->original_set;
	s->author = ORIGINAL;
	s->locked = false;
	s->removed = 0;
	s->lost_set |= s->certain;
	str_add(&s->trace, " reset");
}

static void make_plan(const struct sim *s, bool force, struct situation *now)
{
	situation_init(now);
	now->ours.v[s->field] = stash_value(s);
	now->theirs.v[s->field] = plex_value(s);
	now->base = s->history;
	if (is_text(s) && s->history.pushed.v[s->field].known) {
		const char *by = s->history.pushed.v[s->field].by;
		now->then.v[s->field] = made_value(by ? by : "", s->source);
	}
	now->in.keep_plex_edits = s->keep;
	now->in.force = force;
	now->in.locked[s->field] = s->locked;
	make(now);
}

/* Plex obeys. 'half': it heeds the names that come and not those that go. */
static void apply(struct sim *s, const struct plan_field *planned, bool half)
{
	unsigned result = value_mask(&planned->result.names), remove = value_mask(&planned->remove);

	if (s->refuses && is_text(s) && strcmp(brief(planned->result.text), "C") == 0)
		return;
	if (s->refuses)
		result &= ~REFUSED | s->plex_set;
	s->locked = true;
	if (is_text(s)) {
		s->plex = spell(s, brief(planned->result.text));
		s->author = US;
		return;
	}
	s->plex_set = half ? s->plex_set | result : (s->plex_set | result) & ~remove;
	s->removed &= ~s->plex_set;
}

/* What there was before a push. */
struct before {
	const char *text;
	enum author author;
	unsigned set, certain;
};

/* What a complete push must have done to a text. */
static void check_text(struct sim *s, bool force, const struct before *before)
{
	bool title = s->field == FIELD_TITLE, filled = *s->stash != '\0';
	bool was_filled = *before->text != '\0', was_ours = before->author == US;
	bool changed = s->confirmed == NULL || strcmp(s->confirmed, s->source) != 0;
	bool stays = strcmp(before->text, s->plex) == 0;
	/* Before, too, if Plex made of it what it had already: nobody can tell that from a no. */
	bool refused = (s->refuses && strcmp(s->stash, "C") == 0) ||
		       value_is(&s->history.refused.v[s->field], lengthen(s->stash));
	bool arrived = strcmp(s->plex, spell(s, s->stash)) == 0;

	if (refused)
		must(s, stays || force, "what Plex refuses changes nothing");
	else if (filled && s->lost)
		must(s, arrived, "what was lost with its lock comes back");
	else if (!filled && title)
		must(s, stays, "a title is never cleared");
	else if (!filled && before->author == ORIGINAL)
		must(s, stays, "what was never ours is not cleared");
	else if (!filled && was_ours)
		must(s, arrived, "what we wrote is cleared");
	else if (filled && force)
		must(s, arrived, "with force Stash's value ends in Plex");
	else if (filled && was_ours)
		must(s, arrived, "what we wrote follows Stash");
	else if (filled && s->keep && before->author == ORIGINAL && (title || !was_filled))
		must(s, arrived, "what nobody filled in is filled in");
	else if (s->keep && was_filled && !force)
		must(s, stays, "with fieldKeepPlexEdits Plex's value stays");
	else if (filled && !s->keep && changed && !s->doubt)
		must(s, arrived, "what changed in Stash goes to Plex");
	else if (!s->keep && !changed && !s->doubt && before->author == PERSON && !force)
		must(s, stays, "what a person changed stays");
}

static void check_set(struct sim *s, bool force, const struct before *before)
{
	unsigned ours = (1u << OUR_NAMES) - 1, missing = s->stash_set & ~s->plex_set;

	missing &= s->refuses ? ~REFUSED : ~0u;
	must(s, (before->set & ~ours & ~s->plex_set) == 0, "a foreign name vanished");
	must(s, (missing & ~s->removed) == 0, "what Stash has did not arrive");
	must(s, !force || missing == 0, "with force all of Stash's names end in Plex");
	must(s, force || (s->plex_set & before->certain) == 0, "what a person removed came back");
	if (!s->person_is_like_us)
		must(s, (s->plex_set & ours & ~s->stash_set) == 0,
			"what Stash dropped is still there");
}

/* Before the outcome is recorded: what was promised of this push. */
static void check_push(struct sim *s, bool force, const struct before *before)
{
	if (s->off)
		must(s, strcmp(before->text, s->plex) == 0 && before->set == s->plex_set,
			"the field is off");
	else if (!is_text(s))
		check_set(s, force, before);
	else if (!s->person_is_like_us)
		check_text(s, force, before);
}

static void check_second_plan(struct sim *s)
{
	struct situation again;

	make_plan(s, false, &again);
	must(s, again.plan.writes == 0, "a second plan writes");
}

enum ending {
	COMPLETE,
	KILLED_EARLY, /* the intent is recorded, the request never left */
	KILLED_LATE,  /* Plex obeyed, nobody noticed                    */
	FAILED_EARLY, /* the request failed, and did nothing            */
	FAILED_LATE,  /* it failed for us, and Plex obeyed              */
	ENDINGS
};

static bool arrives(enum ending ending)
{
	return ending == COMPLETE || ending == KILLED_LATE || ending == FAILED_LATE;
}

/* The end of a push, as far as somebody lives to see it. */
static void settle(struct sim *s, const struct situation *now, enum ending ending)
{
	const struct plan_field *planned = &now->plan.f[s->field];
	bool locked[FIELD_COUNT] = {false};
	struct fields left = now->theirs;
	struct history after;

	if (ending == KILLED_EARLY || ending == KILLED_LATE)
		return;
	if (ending == COMPLETE && planned->verdict == PLAN_WRITE)
		left.v[s->field] = plex_value(s);
	locked[s->field] = s->locked;
	plan_settle(
		&now->in, &now->plan, ending == COMPLETE ? ~0u : 0, &left, locked, &after, &arena);
	s->history = after;
	if (planned->verdict == PLAN_SAME ||
		(planned->verdict == PLAN_WRITE && ending == COMPLETE)) {
		if (!after.refused.v[s->field].known)
			s->confirmed = s->source;
		s->doubt = false;
		s->certain = s->stash_set & (s->refuses ? ~REFUSED : ~0u);
		s->removed &= s->stash_set;
	}
}

static void push(struct sim *s, enum ending ending, bool force)
{
	static const char *const words[] = {
		"push", "killed-early", "killed-late", "failed-early", "failed-late"};
	struct before before = {s->plex, s->author, s->plex_set, s->certain & s->removed};
	struct situation now;
	const struct plan_field *planned = &now.plan.f[s->field];
	struct history after;

	str_addf(&s->trace, " %s%s", words[ending], force ? "-force" : "");
	make_plan(s, force, &now);
	must(s, planned->verdict != PLAN_KEEP || s->author != US || s->person_is_like_us,
		"our own value was taken for an edit");
	if (planned->verdict == PLAN_WRITE) {
		plan_intend(&now.in, &now.plan, &after, &arena);
		s->history = after;
		if (arrives(ending))
			apply(s, planned, ending != COMPLETE && roll(s, 2) == 0);
	}
	if (ending == COMPLETE)
		check_push(s, force, &before);
	if (planned->verdict == PLAN_WRITE) {
		s->doubt = true;
		s->certain &= s->stash_set;
	}
	settle(s, &now, ending);
	if (ending == COMPLETE)
		check_second_plan(s);
	s->lost &= ending != COMPLETE;
	s->lost_set = ending != COMPLETE ? s->lost_set : 0;
}

/* What a run of the simulation tries. */
struct sim_kind {
	const char *name;
	enum field field;
	bool keep, respells, person_is_like_us;
	bool forces, switches, doubts;
	bool resets, refuses, formats, ordered;
};

static void sim_init(struct sim *s, const struct sim_kind *kind, uint64_t seed)
{
	*s = (struct sim){.field = kind->field,
		.keep = kind->keep,
		.respells = kind->respells,
		.person_is_like_us = kind->person_is_like_us,
		.refuses = kind->refuses,
		.ordered = kind->ordered,
		.stash = "",
		.source = "",
		.format = "",
		.plex = "",
		.random = seed * 0x9e3779b97f4a7c15u + 1};
	roll(s, 2);
	str_init(&s->trace, &arena);
	if (roll(s, 2) == 0) {
		s->plex = "O";
		s->plex_set = 1u << OUR_NAMES;
	}
	s->original = s->plex;
	s->original_set = s->plex_set;
	str_addf(&s->trace, "%s", *s->plex ? "plex filled" : "plex empty");
	stash_edit(s);
}

static enum ending random_ending(struct sim *s, const struct sim_kind *kind)
{
	enum ending ending = (enum ending)roll(s, kind->doubts ? ENDINGS + 2 : 1);

	if (ending >= ENDINGS)
		return COMPLETE;
	/* How Plex spells a text is only learned by reading it. */
	return kind->respells && arrives(ending) ? COMPLETE : ending;
}

static void step(struct sim *s, const struct sim_kind *kind)
{
	s->ops++;
	switch (roll(s, 8)) {
	case 0:
	case 1:
		stash_edit(s);
		break;
	case 2:
	case 3:
		plex_edit(s);
		break;
	case 4:
		if (kind->switches) {
			s->off = !s->off;
			str_add(&s->trace, s->off ? " off" : " on");
			break;
		}
		if (kind->resets) {
			plex_reset(s);
			break;
		}
		if (kind->formats) {
			change_format(s);
			break;
		}
		__attribute__((fallthrough));
	default:
		push(s, random_ending(s, kind), kind->forces && roll(s, 4) == 0);
	}
}

/* Every kind of failure is told once, by its shortest history. */
static bool simulate(const struct sim_kind *kind)
{
	static char traces[8][1024];
	const char *whys[8] = {NULL};
	size_t shortest[8], failures = 0, n = 0;

	for (uint64_t seed = 1; seed <= (long_values ? CASES / 5 : CASES); seed++) {
		struct sim s;
		size_t ops, w = 0;
		sim_init(&s, kind, seed);
		ops = 2 + roll(&s, MOST_OPS);
		while (s.ops < ops && !s.failed)
			step(&s, kind);
		if (!s.failed) /* whatever there was before, this one is complete */
			push(&s, COMPLETE, false);
		failures += s.failed;
		while (s.failed && w < n && whys[w] != s.why)
			w++;
		if (s.failed && w < ROWS(whys) && (w == n || s.ops < shortest[w])) {
			n += w == n;
			whys[w] = s.why;
			shortest[w] = s.ops;
			snprintf(traces[w], sizeof(traces[w]), "seed %llu: %s",
				(unsigned long long)seed, s.trace.s);
		}
		arena_clear(&arena);
	}
	for (size_t w = 0; w < n; w++)
		print_error("%s: %s (%s)\n", kind->name, whys[w], traces[w]);
	if (failures > 0)
		print_error("%s: %zu of %d histories fail\n", kind->name, failures, CASES);
	return failures == 0;
}

static bool simulate_all(const struct sim_kind *kinds, size_t n)
{
	bool ok = true;

	for (size_t i = 0; i < 2 * n; i++) {
		long_values = i >= n;
		ok &= row_true(long_values ? "long" : "short", simulate(&kinds[i % n]));
	}
	long_values = false;
	return ok;
}

static void test_histories(void **state)
{
	static const struct sim_kind kinds[] = {
		{"text", FIELD_SUMMARY, .switches = true},
		{"text, keep", FIELD_SUMMARY, .keep = true, .switches = true},
		{"text, force", FIELD_SUMMARY, .forces = true, .switches = true},
		{"text, Plex respells", FIELD_SUMMARY, .respells = true, .forces = true,
			.switches = true, .doubts = true},
		{"text, Plex respells, keep", FIELD_SUMMARY, .keep = true, .respells = true,
			.forces = true, .switches = true, .doubts = true},
		{"text, same values", FIELD_SUMMARY, .person_is_like_us = true, .forces = true,
			.switches = true, .doubts = true},
		{"title", FIELD_TITLE, .forces = true, .switches = true},
		{"title, keep", FIELD_TITLE, .keep = true, .forces = true, .switches = true},
		{"set", FIELD_TAGS, .switches = true},
		{"set, keep", FIELD_TAGS, .keep = true, .switches = true},
		{"set, force", FIELD_PERFORMERS, .forces = true, .switches = true},
		{"set, same names", FIELD_TAGS, .person_is_like_us = true, .forces = true,
			.switches = true, .doubts = true},
		{"groups", FIELD_COLLECTIONS, .forces = true, .switches = true},
		{"studio's collection", FIELD_STUDIO_COLLECTION, .person_is_like_us = true,
			.forces = true, .switches = true, .doubts = true},
		{"rating", FIELD_RATING, .forces = true, .switches = true},
		{"text, Plex loses it", FIELD_SUMMARY, .resets = true},
		{"text, Plex loses it, keep", FIELD_SUMMARY, .keep = true, .resets = true},
		{"title, Plex loses it", FIELD_TITLE, .forces = true, .resets = true},
		{"set, Plex loses it", FIELD_TAGS, .resets = true},
		{"text, Plex refuses one", FIELD_STUDIO, .refuses = true, .switches = true},
		{"text, Plex refuses and loses", FIELD_STUDIO, .refuses = true, .resets = true},
		{"set, Plex refuses one", FIELD_PERFORMERS, .refuses = true, .switches = true},
		{"set, Plex refuses and loses", FIELD_TAGS, .refuses = true, .resets = true},
		{"title by a format", FIELD_TITLE, .formats = true},
		{"title by a format, keep", FIELD_TITLE, .keep = true, .formats = true},
		{"sort title", FIELD_SORT_TITLE, .forces = true, .formats = true},
		{"content rating", FIELD_CONTENT_RATING, .formats = true, .switches = true},
		{"critic rating", FIELD_CRITIC_RATING, .forces = true, .switches = true},
		{"performers in an order", FIELD_PERFORMERS, .formats = true, .ordered = true},
		{"labels", FIELD_LABELS, .forces = true, .switches = true},
		{"tags as collections", FIELD_TAG_COLLECTIONS, .switches = true},
	};
	(void)state;
	assert_true(simulate_all(kinds, ROWS(kinds)));
}

/* The same with pushes of which nobody knows what became of them. */
static void test_histories_with_doubt(void **state)
{
	static const struct sim_kind kinds[] = {
		{"text, doubt", FIELD_SUMMARY, .doubts = true},
		{"text, doubt, keep", FIELD_SUMMARY, .keep = true, .doubts = true},
		{"text, doubt, force", FIELD_SUMMARY, .forces = true, .doubts = true},
		{"text, doubt, on and off", FIELD_SUMMARY, .forces = true, .switches = true,
			.doubts = true},
		{"text, doubt, on and off, keep", FIELD_SUMMARY, .keep = true, .forces = true,
			.switches = true, .doubts = true},
		{"title, doubt", FIELD_TITLE, .forces = true, .switches = true, .doubts = true},
		{"title, doubt, keep", FIELD_TITLE, .keep = true, .forces = true, .switches = true,
			.doubts = true},
		{"title by a format, doubt", FIELD_TITLE, .formats = true, .doubts = true},
		{"sort title by a format, doubt, force", FIELD_SORT_TITLE, .forces = true,
			.formats = true, .doubts = true},
		{"performers in an order, doubt", FIELD_PERFORMERS, .forces = true, .formats = true,
			.ordered = true, .doubts = true},
		{"set, doubt", FIELD_TAGS, .doubts = true},
		{"set, doubt, on and off", FIELD_TAGS, .switches = true, .doubts = true},
		{"set, doubt, force", FIELD_PERFORMERS, .keep = true, .forces = true,
			.switches = true, .doubts = true},
	};
	(void)state;
	assert_true(simulate_all(kinds, ROWS(kinds)));
}

/* --- size -------------------------------------------------------------------- */

static size_t allocated(void)
{
	return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes()
						       : 0;
}

/* A long cast, and as many tags, are no reason to keep a Save waiting, nor to
 * fill the memory of a job. */
static void test_large_sets_are_cheap(void **state)
{
	struct situation s;
	struct value many = set_value(""), others = set_value("");
	size_t bytes;

	(void)state;
	for (int i = 0; i < 300; i++) {
		str_list_add(&many.names, arena_printf(&arena, "Tag number %d", i));
		str_list_add(&others.names, arena_printf(&arena, "Another's tag %d", i));
	}
	situation_init(&s);
	s.ours.v[FIELD_TAGS] = many;
	s.theirs.v[FIELD_TAGS] = others;
	s.base.pushed.v[FIELD_TAGS] = s.base.seen.v[FIELD_TAGS] = many;
	s.base.meant.v[FIELD_TAGS] = many;
	bytes = allocated();
	make(&s);
	bytes = allocated() - bytes;
	assert_int_equal(s.plan.f[FIELD_TAGS].verdict, PLAN_SAME);
	if (bytes > 2u << 20)
		fail_msg("300 tags take %zu KiB", bytes >> 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paragraphs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_title, setup, teardown),
		cmocka_unit_test_setup_teardown(test_set, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_intend, setup, teardown),
		cmocka_unit_test_setup_teardown(test_settle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_outcome, setup, teardown),
		cmocka_unit_test_setup_teardown(test_outcome_of_a_small_change, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_small_change_that_did_not_arrive, setup, teardown),
		cmocka_unit_test_setup_teardown(test_outcome_of_a_second_try, setup, teardown),
		cmocka_unit_test_setup_teardown(test_outcome_of_a_known_spelling, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_past, setup, teardown),
		cmocka_unit_test_setup_teardown(test_leftover, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reset, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restored_but_taken_away, setup, teardown),
		cmocka_unit_test_setup_teardown(test_respelled, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_pending_survives_a_field_that_is_off, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_two_abandoned_pushes_of_a_text, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_two_abandoned_pushes_of_a_set, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_setting_is_no_edit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_in_their_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_histories, setup, teardown),
		cmocka_unit_test_setup_teardown(test_histories_with_doubt, setup, teardown),
		cmocka_unit_test_setup_teardown(test_large_sets_are_cheap, setup, teardown),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
