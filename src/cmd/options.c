#include "cmd/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "http/http.h"

enum kind { FLAG, NUMBER, SCENE, TEXT, URL, SECRET /* in a file */ };

/* Parsing, the environment and help walk these rows. */
struct row {
	const char *name;
	char letter;	   /* '\0': none */
	const char *value; /* what help calls it; NULL: it takes none */
	unsigned takes;	   /* CMD_…; 0: every verb takes it */
	enum kind kind;
	size_t at; /* of its member in struct options */
	const char *environment, *help, *otherwise;
};

#define AT(member) offsetof(struct options, member)

static const struct row rows[] = {
	{"scene", 0, "ID", CMD_SCENE, SCENE, AT(request.scene), NULL, "the scene's number in Stash",
		NULL},
	{"key", 0, "K", CMD_CHOICE, NUMBER, AT(request.key), NULL,
		"the item that plays it, by its key in Plex", NULL},
	{"none", 0, NULL, CMD_CHOICE, FLAG, AT(request.none), NULL,
		"it is not in Plex: leave it alone", NULL},
	{"auto", 0, NULL, CMD_CHOICE, FLAG, AT(request.automatic), NULL, "forget what was chosen",
		NULL},
	{"library", 0, "NAME", CMD_LIBRARY, TEXT, AT(request.library), NULL,
		"one library of Plex, by name or number", NULL},
	{"days", 0, "N", CMD_DAYS, NUMBER, AT(request.days), NULL, "only what is older than N days",
		NULL},
	{"hours", 0, "N", CMD_HOURS, NUMBER, AT(request.hours), NULL,
		"changed in the last N hours (24)", NULL},
	{"entry", 0, "N", CMD_ENTRY, NUMBER, AT(request.entry), NULL,
		"the push with this number in the list of \"activity\"", NULL},
	{"run", 0, "N", CMD_ENTRY, NUMBER, AT(request.run), NULL, "all pushes of this run", NULL},
	{"dry-run", 0, NULL, CMD_DRY_RUN, FLAG, AT(request.dry_run), NULL,
		"say what would be written, and write nothing", NULL},
	{"force", 0, NULL, CMD_FORCE, FLAG, AT(request.force), NULL,
		"Stash's values win, whatever was remembered", NULL},
	{"state", 0, "DIR", 0, TEXT, AT(state_dir), "PLEXSYNC_STATE",
		"where PlexSync keeps its state", "default: plexsync in Stash's folder ~/.stash"},
	{"stash-url", 0, "URL", 0, URL, AT(stash.url), "PLEXSYNC_STASH_URL", "Stash's address",
		"default: http://127.0.0.1:9999"},
	{"stash-api-key-file", 0, "FILE", 0, SECRET, AT(stash.api_key), "PLEXSYNC_STASH_API_KEY",
		"Stash's API key", NULL},
	{"plex-url", 0, "URL", 0, URL, AT(overrides.plex_url), "PLEXSYNC_PLEX_URL",
		"instead of setting connectUrl", NULL},
	{"plex-token-file", 0, "FILE", 0, SECRET, AT(overrides.plex_token), "PLEXSYNC_PLEX_TOKEN",
		"instead of setting connectToken", NULL},
	{"json", 0, NULL, 0, FLAG, AT(json), NULL, "print the answer as JSON", NULL},
	{"verbose", 'v', NULL, 0, FLAG, AT(verbose), NULL, "log every step with its time", NULL},
	{"help", 'h', NULL, 0, FLAG, AT(help), NULL, "print this help", NULL},
};

#define ROWS (sizeof(rows) / sizeof(*rows))

static void print_general_help(void)
{
	printf("PlexSync %s - what you edit in Stash, you see in Plex.\n\n"
	       "Stash starts this program without arguments. At a terminal:\n\n"
	       "  plexsync VERB [options]\n\nVerbs:\n",
		PLEXSYNC_VERSION);
	for (size_t i = 0; i < cmd_count; i++) {
		if (!(cmd_table[i].options & CMD_OPERATION))
			printf("  %-15s %s\n", cmd_table[i].name, cmd_table[i].summary);
	}
	printf("\n\"plexsync VERB --help\" lists the options of a verb; --version the version.\n");
}

static void print_row(const struct row *row)
{
	char name[32];

	snprintf(name, sizeof(name), "%s--%s%s%s",
		row->letter ? (const char[]){'-', row->letter, ',', ' ', '\0'} : "", row->name,
		row->value ? " " : "", row->value ? row->value : "");
	printf("  %-26s %s", name, row->help);
	if (row->environment != NULL)
		printf(" (%s)", row->environment);
	if (row->otherwise != NULL)
		printf(";\n%29s%s", "", row->otherwise);
	printf("\n");
}

static void print_verb_help(const struct cmd *cmd)
{
	printf("plexsync %s: %s\n\nOptions:\n", cmd->name, cmd->summary);
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].takes == 0 || (cmd->options & rows[i].takes))
			print_row(&rows[i]);
	}
	printf("\nExit status: 0 done, 1 failed or left queued, 2 wrong usage.\n");
}

static bool parse_number(
	const struct row *row, const char *what, const char *text, int64_t *number, struct err *err)
{
	if (!str_number(text, number))
		return err_set(err, ERR_INPUT, "%s: \"%.40s\" is not a number", what, text);
	return row->kind != SCENE || *number > 0 ||
	       err_set(err, ERR_INPUT, "%s: 0 is not a scene", what);
}

/* An option names a file; the variable is the secret itself. */
static char *read_secret(
	const struct row *row, const char *what, const char *text, struct arena *a, struct err *err)
{
	char *secret;

	if (what != row->environment)
		return file_read_secret(a, text, what, err);
	secret = str_trim(a, text);
	if (str_one_line(secret))
		return secret;
	err_set(err, ERR_INPUT, "%s is not a single line of text", what);
	return NULL;
}

/* 'what': the option with its dashes, or the variable that the value is from. */
static bool apply(const struct row *row, const char *what, const char *value, struct options *o,
	struct arena *a, struct err *err)
{
	void *to = (char *)o + row->at;
	const char **text = to;

	switch (row->kind) {
	case NUMBER:
	case SCENE:
		return parse_number(row, what, value, to, err);
	case TEXT:
		*text = value;
		return *value != '\0' || err_set(err, ERR_INPUT, "%s: the name is empty", what);
	case URL:
		*text = str_no_slashes(a, value);
		return http_url_ok(*text) ||
		       err_set(err, ERR_INPUT, "%s is not an address like http://192.168.1.10:9999",
			       what);
	case SECRET:
		*text = read_secret(row, what, value, a, err);
		log_secret(*text);
		return *text != NULL;
	case FLAG:
	default:
		return *(bool *)to = true;
	}
}

/* An empty variable counts as none. */
static const char *from_environment(const char *name)
{
	const char *value = name ? getenv(name) : NULL;

	return value != NULL && *value != '\0' ? value : NULL;
}

/* The environment gives what no option did. */
static bool apply_environment(struct options *o, struct arena *a, struct err *err)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		const char *value = from_environment(row->environment);
		if (value != NULL && *(const char **)(void *)((char *)o + row->at) == NULL &&
			!apply(row, row->environment, value, o, a, err))
			return false;
	}
	if (o->stash.url == NULL)
		o->stash.url = "http://127.0.0.1:9999";
	return true;
}

const char *options_state_dir(const char *stash_dir, struct arena *a)
{
	const char *given = from_environment("PLEXSYNC_STATE");

	if (given != NULL)
		return arena_strdup(a, given);
	return stash_dir && *stash_dir ? arena_printf(a, "%s/plexsync", stash_dir) : NULL;
}

/* Stash's own default folder, if it is there. */
static const char *default_stash_dir(struct arena *a)
{
	const char *home = getenv("HOME");
	const char *dir = home ? arena_printf(a, "%s/.stash", home) : NULL;
	struct stat st;

	return dir != NULL && stat(dir, &st) == 0 ? dir : NULL;
}

static bool find_state(struct options *o, struct arena *a, struct err *err)
{
	if (o->state_dir == NULL)
		o->state_dir = options_state_dir(default_stash_dir(a), a);
	return o->state_dir != NULL || err_set(err, ERR_INPUT,
					       "where is PlexSync's state? Give --state DIR: the "
					       "folder \"plexsync\" beside Stash's config.yml");
}

/* The option that a word names. Abbreviations do not count: of --plex-token SECRET the secret
 * would be taken as a file's name. *value: what follows its '=', or NULL. */
static const struct row *find(const char *word, const char **value)
{
	*value = NULL;
	for (const struct row *row = rows; row < rows + ROWS; row++) {
		size_t len = strlen(row->name);
		if (word[0] == '-' && word[1] != '\0' && word[1] == row->letter && word[2] == '\0')
			return row;
		if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, row->name, len) != 0)
			continue;
		if (word[2 + len] == '=')
			*value = word + 2 + len + 1;
		if (word[2 + len] == '=' || word[2 + len] == '\0')
			return row;
	}
	return NULL;
}

/* One word, and the next one if that is its value. */
static bool parse_word(
	int argc, char **argv, int *at, struct options *o, struct arena *a, struct err *err)
{
	const char *word = argv[*at], *value;
	const struct row *row = find(word, &value);

	if (word[0] != '-')
		return err_set(err, ERR_INPUT, "\"%.40s\" is unexpected here", word);
	if (row != NULL && row->value != NULL && value == NULL && *at + 1 < argc)
		value = argv[++*at];
	if (row == NULL || (row->value == NULL) != (value == NULL))
		return err_set(err, ERR_INPUT, "unknown option, or its value is missing");
	if (row->takes != 0 && !(o->cmd->options & row->takes))
		return err_set(err, ERR_INPUT, "%s does not take --%s", o->cmd->name, row->name);
	return apply(row, arena_printf(a, "--%s", row->name), value ? value : "", o, a, err);
}

static enum options_answer parse_verb(
	int argc, char **argv, struct options *o, struct arena *a, struct err *err)
{
	for (int at = 2; at < argc; at++) {
		if (!parse_word(argc, argv, &at, o, a, err)) {
			err_context(err, "plexsync %s", o->cmd->name);
			return OPTIONS_WRONG;
		}
		if (o->help) {
			print_verb_help(o->cmd);
			return OPTIONS_DONE;
		}
	}
	return apply_environment(o, a, err) && find_state(o, a, err) ? OPTIONS_RUN : OPTIONS_WRONG;
}

enum options_answer options_parse(
	int argc, char **argv, struct options *o, struct arena *a, struct err *err)
{
	*o = (struct options){.request = {.days = -1, .hours = -1}};
	if (strcmp(argv[1], "--version") == 0) {
		printf("plexsync %s\n", PLEXSYNC_VERSION);
		return OPTIONS_DONE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_general_help();
		return OPTIONS_DONE;
	}
	o->cmd = cmd_find(argv[1]);
	if (o->cmd != NULL && !(o->cmd->options & CMD_OPERATION))
		return parse_verb(argc, argv, o, a, err);
	err_set(err, ERR_INPUT, "\"%.40s\" is not a verb of plexsync: see plexsync --help",
		argv[1]);
	return OPTIONS_WRONG;
}
