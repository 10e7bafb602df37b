/*
 * test_write.c - what of an edit is taken as done: lists of names only where somebody has
 * looked at what Plex made of them.
 */
#include "answers.h"
#include "arena_open.h"

#include "base/log.h"
#include "push/decide.h"
#include "push/write.h"

#define TITLE	(1u << FIELD_TITLE)
#define SUMMARY (1u << FIELD_SUMMARY)
#define TAGS	(1u << FIELD_TAGS)

/* Item 55 after the edit. */
#define ITEM(more)                                                                                 \
	"{\"MediaContainer\":{\"Metadata\":[{\"ratingKey\":\"55\",\"type\":\"movie\"" more "}]}}"
#define BARE   ITEM("")
#define TITLED ITEM(",\"title\":\"Harbour Lights\"")
#define NOW    ITEM(",\"title\":\"Harbour Lights\",\"Genre\":[{\"tag\":\"harbour\"}]")

static const char *long_text(void)
{
	char *text = arena_alloc(&arena, 9001);

	memset(text, 'x', 9000);
	text[9000] = '\0';
	return text;
}

/* A scene with a title and a tag, and perhaps a text that needs a request of its own. */
static void begin(struct push *push, struct target *target, const char *details)
{
	struct request asked = {.scene = 45, .forgetful = true};
	struct fields *ours = &push->ours, *theirs = &target->theirs;

	push_init(push, &asked, NULL, &arena);
	ours->v[FIELD_TITLE] = (struct value){.known = true, .text = "Harbour Lights"};
	ours->v[FIELD_TAGS] = (struct value){.known = true, .text = ""};
	ours->v[FIELD_TAGS].names = str_split(&arena, "harbour", ',');
	if (details != NULL)
		ours->v[FIELD_SUMMARY] = (struct value){.known = true, .text = details};
	*target = (struct target){
		.item.rating_key = "55", .machine = "server", .section = 1, .type = 1};
	for (enum field f = 0; f < FIELD_COUNT; f++)
		theirs->v[f] = (struct value){.known = true, .text = ""};
	target->input = (struct plan_input){
		.ours = ours, .theirs = theirs, .base = &target->before};
	plan_make(&target->input, &target->plan, &arena);
	push->targets[push->target_count++] = target;
}

struct row {
	const char *name;
	const char *answers[4];
	size_t asked; /* of them; whoever asks more gets the next one */
	bool long_text, done;
	unsigned written, refused, pushed,
		meant; /* fields of the three, of those that are planned */
};

static unsigned known(const struct fields *fields)
{
	unsigned bits = 0;

	for (enum field f = 0; f < FIELD_COUNT; f++)
		bits |= fields->v[f].known ? 1u << f : 0;
	return bits & (TITLE | SUMMARY | TAGS);
}

static bool write_it(const struct env *env, struct push *push, struct err *err)
{
	struct push *pushes[] = {push};

	write_plan(push);
	if (!write_intents(env, pushes, 1, err))
		return false;
	write_send(env, push, err);
	return write_conclude(env, push, err);
}

static bool check(const struct row *row)
{
	struct env_settings use = {.known = true};
	struct env_run run = {0};
	struct state none = {.queue = NULL};
	struct env env = {.arena = &arena, .state = &none, .use = &use, .run = &run};
	static struct answers answers;
	struct target target;
	struct push push;
	struct err err;
	bool ok = true;

	answers_start(&answers, row->answers, ROWS(row->answers));
	use.plex = plex_open(
		&(struct plex_options){.url = answers.url, .token = "t", .client_id = "c"});
	begin(&push, &target, row->long_text ? long_text() : NULL);
	ok &= row_int(row->name, write_it(&env, &push, &err), row->done);
	if (!row->done)
		ok &= row_true(row->name, err.kind == ERR_LATER || err.kind == ERR_SERVER);
	plex_close(use.plex);
	ok &= row_int(row->name, (int64_t)answers_stop(&answers), (int64_t)row->asked);
	ok &= row_true(row->name, target.settled);
	ok &= row_int(row->name, target.written, row->written);
	ok &= row_int(row->name, target.refused, row->refused);
	ok &= row_int(row->name, known(&target.after.refused), row->refused);
	ok &= row_int(row->name, known(&target.after.pushed), row->pushed);
	ok &= row_int(row->name, known(&target.after.meant), row->meant);
	return ok;
}

static void test_done(void **state)
{
	static const struct row rows[] = {
		/* name, answers, asked, long text, done, written, refused, pushed, meant */
		{"written, and looked at", {"", NOW, NOW}, 2, false, true, TITLE | TAGS, 0,
			TITLE | TAGS, 0},
		{"nothing was taken, together or alone", {"!500", "!500", "!500", NOW}, 3, false,
			false, 0, 0, 0, TITLE | TAGS},
		{"taken, and the look failed", {"", "!500", NOW}, 2, false, false, 0, 0, 0,
			TITLE | TAGS},
		{"taken, and the item is gone", {"", "!404", NOW}, 2, false, false, 0, 0, 0,
			TITLE | TAGS},
		{"the server goes away: nobody looks", {"", "!503", NOW}, 2, true, false, 0, 0, 0,
			TITLE | SUMMARY | TAGS},
		{"Plex says yes, and keeps nothing of one", {"", "", NOW}, 3, true, true,
			TITLE | TAGS, SUMMARY, TITLE | TAGS, 0},
		{"the second one is too long: the rest is looked at", {"", "!414", NOW}, 3, true,
			true, TITLE | TAGS, SUMMARY, TITLE | TAGS, 0},
		{"refused together: one by one", {"!409", "", "!409", TITLED}, 4, false, true,
			TITLE, TAGS, TITLE | TAGS, 0},
		{"its own 500, for one of them", {"!500", "", "!500", TITLED}, 4, false, true,
			TITLE, TAGS, TITLE | TAGS, 0},
		{"all of it is refused", {"!400", "!400", "!400", BARE}, 4, false, true, 0,
			TITLE | TAGS, TAGS, 0},
		{"not there any more", {"!404", "!404", "!404", "!404"}, 4, false, false, 0, 0, 0,
			TITLE | TAGS},
		{"there, and takes neither value", {"!404", "!404", "!404", BARE}, 4, false, true,
			0, TITLE | TAGS, TAGS, 0},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= check(&rows[i]);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_done, setup, teardown)};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("write", tests, NULL, NULL);
}
