/*
 * test_options.c - the command line of a person: verbs and the options that
 * each takes, the environment where no option speaks, and where the state is.
 */
#include "helpers.h"

#include <getopt.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "cmd/options.h"

static struct arena arena;
static char dir[TEMP_BYTES];

static void clear_environment(void)
{
	static const char *const names[] = {"PLEXSYNC_STASH_URL", "PLEXSYNC_STASH_API_KEY",
		"PLEXSYNC_PLEX_URL", "PLEXSYNC_PLEX_TOKEN", "PLEXSYNC_STATE"};

	for (size_t i = 0; i < ROWS(names); i++)
		unsetenv(names[i]);
	setenv("HOME", dir, 1); /* without a .stash in it */
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	temp_make(dir);
	clear_environment();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	clear_environment();
	temp_remove(dir);
	arena_clear(&arena);
	return 0;
}

/* A line of words, separated by blanks; the first one is the program's name. */
static enum options_answer parse(const char *line, struct options *options, struct err *err)
{
	struct str_list words = str_split(&arena, line, ' ');
	char *none[] = {words.v[0], NULL};
	int argc = (int)words.n;

	str_list_add(&words, NULL);
	/* getopt remembers where it was within a word of the last command line. */
	optind = 0;
	getopt(1, none, "+");
	*err = (struct err){.text = ""};
	return options_parse(argc, words.v, options, &arena, err);
}

/* Printed help goes nowhere. */
static enum options_answer parse_silently(const char *line, char *printed, size_t size)
{
	FILE *file = tmpfile();
	int kept = dup(STDOUT_FILENO);
	enum options_answer answer;
	struct options options;
	struct err err;

	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	answer = parse(line, &options, &err);
	fflush(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	rewind(file);
	printed[fread(printed, 1, size - 1, file)] = '\0';
	fclose(file);
	return answer;
}

static void test_defaults(void **state)
{
	struct options o;
	struct err err;

	(void)state;
	assert_int_equal(parse("plexsync drain --state /s", &o, &err), OPTIONS_RUN);
	assert_string_equal(o.cmd->name, "drain");
	assert_int_equal(o.request.scene, 0);
	assert_null(o.request.library);
	assert_int_equal(o.request.days, -1);
	assert_string_equal(o.stash.url, "http://127.0.0.1:9999");
	assert_null(o.stash.api_key);
	assert_null(o.stash.cookie);
	assert_null(o.overrides.plex_url);
	assert_null(o.overrides.plex_token);
	assert_string_equal(o.state_dir, "/s");
	assert_false(o.request.dry_run || o.request.force || o.json || o.verbose);
}

static void write_file(const char *name, const char *text)
{
	char path[2 * TEMP_BYTES];
	FILE *file = fopen(temp_path(path, dir, name), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void test_all_options(void **state)
{
	struct options o;
	struct err err;

	(void)state;
	write_file("key", "apiKeyOfStash\n");
	write_file("token", " tokenOfPlex \n");
	assert_int_equal(parse(arena_printf(&arena,
				       "plexsync sync-scene --scene 45 --dry-run --force --json -v "
				       "--stash-url "
				       "http://stash:9999/ --stash-api-key-file %s/key --plex-url "
				       "https://plex:32400// "
				       "--plex-token-file=%s/token --state=/s",
				       dir, dir),
				 &o, &err),
		OPTIONS_RUN);
	assert_string_equal(o.cmd->name, "sync-scene");
	assert_int_equal(o.request.scene, 45);
	assert_true(o.request.dry_run && o.request.force && o.json && o.verbose);
	assert_string_equal(o.stash.url, "http://stash:9999");
	assert_string_equal(o.stash.api_key, "apiKeyOfStash");
	assert_string_equal(o.overrides.plex_url, "https://plex:32400");
	assert_string_equal(o.overrides.plex_token, "tokenOfPlex");
	assert_string_equal(o.state_dir, "/s");
}

static void test_what_is_accepted(void **state)
{
	static const struct {
		const char *line;
		enum options_answer answer;
		const char *says; /* of a wrong one */
	} rows[] = {
		{"plexsync status --state /s", OPTIONS_RUN, NULL},
		{"plexsync tick --state /s --verbose", OPTIONS_RUN, NULL},
		{"plexsync clear-failed --days 7 --state /s", OPTIONS_RUN, NULL},
		{"plexsync clear-failed --days 0 --state /s", OPTIONS_RUN, NULL},
		{"plexsync clear-cache --library Films --state /s", OPTIONS_RUN, NULL},
		{"plexsync sync-scene --scene 45 --state /s", OPTIONS_RUN, NULL},
		{"plexsync retry-failed --scene 45 --state /s", OPTIONS_RUN, NULL},
		{"plexsync rebuild-index --state /s", OPTIONS_RUN, NULL},

		{"plexsync nothing", OPTIONS_WRONG, "nothing"},
		{"plexsync Drain", OPTIONS_WRONG, "Drain"},
		{"plexsync drai", OPTIONS_WRONG, "drai"},
		{"plexsync --state /s drain", OPTIONS_WRONG, "--state"},
		{"plexsync -v", OPTIONS_WRONG, "-v"},
		{"plexsync drain now --state /s", OPTIONS_WRONG, "now"},
		{"plexsync drain --state /s now", OPTIONS_WRONG, "now"},
		{"plexsync drain -- now", OPTIONS_WRONG, "option"},
		{"plexsync drain --nothing", OPTIONS_WRONG, "option"},
		{"plexsync drain -x", OPTIONS_WRONG, "option"},
		{"plexsync drain --state", OPTIONS_WRONG, "option"},
		{"plexsync drain --json=1 --state /s", OPTIONS_WRONG, "option"},

		{"plexsync drain --scene 45 --state /s", OPTIONS_WRONG, "--scene"},
		{"plexsync drain --dry-run --state /s", OPTIONS_WRONG, "--dry-run"},
		{"plexsync status --force --state /s", OPTIONS_WRONG, "--force"},
		{"plexsync drain --days 3 --state /s", OPTIONS_WRONG, "--days"},
		{"plexsync drain --library Films --state /s", OPTIONS_WRONG, "--library"},
		{"plexsync retry-failed --dry-run --state /s", OPTIONS_WRONG, "--dry-run"},

		{"plexsync sync-scene --scene x --state /s", OPTIONS_WRONG, "--scene"},
		{"plexsync sync-scene --scene -4 --state /s", OPTIONS_WRONG, "--scene"},
		{"plexsync sync-scene --scene 4.5 --state /s", OPTIONS_WRONG, "--scene"},
		{"plexsync sync-scene --scene= --state /s", OPTIONS_WRONG, "--scene"},
		{"plexsync sync-scene --scene 99999999999999999999 --state /s", OPTIONS_WRONG,
			"--scene"},
		{"plexsync clear-failed --days x --state /s", OPTIONS_WRONG, "--days"},
		{"plexsync clear-failed --days -1 --state /s", OPTIONS_WRONG, "--days"},
		/* There is no scene 0; and "none" would mean all of them. */
		{"plexsync retry-failed --scene 0 --state /s", OPTIONS_WRONG, "--scene"},

		{"plexsync drain --stash-url stash:9999 --state /s", OPTIONS_WRONG, "--stash-url"},
		{"plexsync drain --plex-url plex:32400 --state /s", OPTIONS_WRONG, "--plex-url"},
		{"plexsync drain --plex-url http://ana:secret@plex --state /s", OPTIONS_WRONG,
			"--plex-url"},
		{"plexsync drain --plex-token-file /does/not/exist --state /s", OPTIONS_WRONG,
			"--plex-token-file"},
		{"plexsync drain --stash-api-key-file /does/not/exist --state /s", OPTIONS_WRONG,
			"--stash-api-key-file"},
		{"plexsync drain", OPTIONS_WRONG, "--state"},
		{"plexsync drain --state= ", OPTIONS_WRONG, "--state"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct options o;
		struct err err;
		ok &= row_int(rows[i].line, parse(rows[i].line, &o, &err), rows[i].answer);
		if (rows[i].answer != OPTIONS_WRONG)
			continue;
		ok &= row_true(rows[i].line, strstr(err.text, rows[i].says) != NULL);
		ok &= row_true(rows[i].line, strstr(err.text, "secret") == NULL);
	}
	assert_true(ok);
}

/* Every verb by its table: it takes what the table says, and nothing else. */
static void test_every_verb(void **state)
{
	static const struct {
		unsigned option;
		const char *words;
	} options[] = {
		{CMD_SCENE, "--scene 45"},
		{CMD_DRY_RUN, "--dry-run"},
		{CMD_FORCE, "--force"},
		{CMD_LIBRARY, "--library Films"},
		{CMD_DAYS, "--days 7"},
	};
	bool ok = true;

	(void)state;
	for (size_t c = 0; c < cmd_count; c++) {
		for (size_t i = 0; i < ROWS(options); i++) {
			const char *line = arena_printf(&arena, "plexsync %s --state /s %s",
				cmd_table[c].name, options[i].words);
			bool takes = (cmd_table[c].options & options[i].option) != 0;
			struct options o;
			struct err err;
			ok &= row_int(
				line, parse(line, &o, &err), takes ? OPTIONS_RUN : OPTIONS_WRONG);
			ok &= row_true(line, o.cmd == &cmd_table[c]);
		}
	}
	assert_true(ok);
}

static void test_help(void **state)
{
	char printed[8192];

	(void)state;
	assert_int_equal(parse_silently("plexsync --help", printed, sizeof(printed)), OPTIONS_DONE);
	for (size_t c = 0; c < cmd_count; c++) {
		const char *line = arena_printf(&arena, "\n  %s ", cmd_table[c].name);
		bool is_operation = cmd_table[c].options & CMD_OPERATION;
		assert_true((strstr(printed, line) == NULL) == is_operation);
	}
	assert_int_equal(parse_silently("plexsync -h", printed, sizeof(printed)), OPTIONS_DONE);
	assert_int_equal(
		parse_silently("plexsync --version", printed, sizeof(printed)), OPTIONS_DONE);
	assert_string_equal(printed, "plexsync " PLEXSYNC_VERSION "\n");
	assert_int_equal(parse_silently("plexsync clear-failed --help", printed, sizeof(printed)),
		OPTIONS_DONE);
	assert_non_null(strstr(printed, "--days"));
	assert_null(strstr(printed, "--scene"));
	assert_non_null(strstr(printed, "PLEXSYNC_PLEX_TOKEN"));
	/* A verb's help asks for nothing else. */
	assert_int_equal(parse_silently("plexsync drain -v --help now", printed, sizeof(printed)),
		OPTIONS_DONE);
}

static void test_environment(void **state)
{
	struct options o;
	struct err err;

	(void)state;
	setenv("PLEXSYNC_STASH_URL", "http://stash:1/", 1);
	setenv("PLEXSYNC_STASH_API_KEY", "keyOfEnvironment", 1);
	setenv("PLEXSYNC_PLEX_URL", "http://plex:2/", 1);
	setenv("PLEXSYNC_PLEX_TOKEN", "tokenOfEnvironment", 1);
	setenv("PLEXSYNC_STATE", "/env", 1);
	assert_int_equal(parse("plexsync drain", &o, &err), OPTIONS_RUN);
	assert_string_equal(o.stash.url, "http://stash:1");
	assert_string_equal(o.stash.api_key, "keyOfEnvironment");
	assert_string_equal(o.overrides.plex_url, "http://plex:2");
	assert_string_equal(o.overrides.plex_token, "tokenOfEnvironment");
	assert_string_equal(o.state_dir, "/env");
	/* What an option says counts. */
	write_file("key", "keyOfFile");
	write_file("token", "tokenOfFile");
	assert_int_equal(
		parse(arena_printf(&arena,
			      "plexsync drain --stash-url http://s --plex-url http://p --state /s "
			      "--stash-api-key-file %s/key --plex-token-file %s/token",
			      dir, dir),
			&o, &err),
		OPTIONS_RUN);
	assert_string_equal(o.stash.url, "http://s");
	assert_string_equal(o.stash.api_key, "keyOfFile");
	assert_string_equal(o.overrides.plex_url, "http://p");
	assert_string_equal(o.overrides.plex_token, "tokenOfFile");
	assert_string_equal(o.state_dir, "/s");
	/* Also over an environment that makes no sense. */
	setenv("PLEXSYNC_STASH_URL", "stash", 1);
	setenv("PLEXSYNC_PLEX_URL", "plex", 1);
	assert_int_equal(parse("plexsync drain --stash-url http://s --plex-url http://p", &o, &err),
		OPTIONS_RUN);
	assert_int_equal(parse("plexsync drain --stash-url http://s", &o, &err), OPTIONS_WRONG);
	assert_non_null(strstr(err.text, "PLEXSYNC_PLEX_URL"));
	assert_int_equal(parse("plexsync drain --plex-url http://p", &o, &err), OPTIONS_WRONG);
	assert_non_null(strstr(err.text, "PLEXSYNC_STASH_URL"));
}

static void test_environment_is_secret(void **state)
{
	char line[] = "keyOfEnvironment tokenOfEnvironment";
	struct options o;
	struct err err;

	(void)state;
	setenv("PLEXSYNC_STASH_API_KEY", "keyOfEnvironment", 1);
	setenv("PLEXSYNC_PLEX_TOKEN", "tokenOfEnvironment", 1);
	assert_int_equal(parse("plexsync drain --state /s", &o, &err), OPTIONS_RUN);
	log_mask(line);
	assert_null(strstr(line, "Environment"));
}

/* compose files pass on variables that nobody set: as empty ones. */
static void test_empty_environment_says_nothing(void **state)
{
	struct options o;
	struct err err;
	bool ok = true;

	(void)state;
	setenv("PLEXSYNC_STASH_API_KEY", "", 1);
	setenv("PLEXSYNC_PLEX_TOKEN", "", 1);
	setenv("PLEXSYNC_STATE", "", 1);
	ok &= row_int(
		"key, token, state", parse("plexsync drain --state /s", &o, &err), OPTIONS_RUN);
	ok &= row_text("key", o.stash.api_key, NULL);
	ok &= row_text("token", o.overrides.plex_token, NULL);
	setenv("PLEXSYNC_STASH_URL", "", 1);
	ok &= row_int("Stash's URL", parse("plexsync drain --state /s", &o, &err), OPTIONS_RUN);
	ok &= row_text("Stash's URL", o.stash.url, "http://127.0.0.1:9999");
	unsetenv("PLEXSYNC_STASH_URL");
	setenv("PLEXSYNC_PLEX_URL", "", 1);
	ok &= row_int("Plex's URL", parse("plexsync drain --state /s", &o, &err), OPTIONS_RUN);
	ok &= row_text("Plex's URL", o.overrides.plex_url, NULL);
	assert_true(ok);
}

static void test_state(void **state)
{
	char path[2 * TEMP_BYTES];
	struct options o;
	struct err err;

	(void)state;
	assert_null(options_state_dir(NULL, &arena));
	assert_null(options_state_dir("", &arena));
	assert_string_equal(options_state_dir("/root/.stash", &arena), "/root/.stash/plexsync");
	setenv("PLEXSYNC_STATE", "", 1);
	assert_string_equal(options_state_dir("/root/.stash", &arena), "/root/.stash/plexsync");
	setenv("PLEXSYNC_STATE", "/env", 1);
	assert_string_equal(options_state_dir("/root/.stash", &arena), "/env");
	assert_string_equal(options_state_dir(NULL, &arena), "/env");
	unsetenv("PLEXSYNC_STATE");
	/* A person need not say it where Stash's own folder is the usual one. */
	assert_int_equal(parse("plexsync drain", &o, &err), OPTIONS_WRONG);
	assert_int_equal(mkdir(temp_path(path, dir, ".stash"), 0700), 0);
	assert_int_equal(parse("plexsync drain", &o, &err), OPTIONS_RUN);
	assert_string_equal(o.state_dir, arena_printf(&arena, "%s/.stash/plexsync", dir));
	unsetenv("HOME");
	assert_int_equal(parse("plexsync drain", &o, &err), OPTIONS_WRONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_options, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_accepted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_verb, setup, teardown),
		cmocka_unit_test_setup_teardown(test_help, setup, teardown),
		cmocka_unit_test_setup_teardown(test_environment, setup, teardown),
		cmocka_unit_test_setup_teardown(test_environment_is_secret, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_empty_environment_says_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state, setup, teardown),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
