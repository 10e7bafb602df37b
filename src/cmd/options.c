/* options.c - see options.h. */
#include "cmd/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "http/http.h"

enum option_code {
	OPT_STASH_URL = 256,
	OPT_STASH_KEY,
	OPT_PLEX_URL,
	OPT_PLEX_TOKEN,
	OPT_STATE,
	OPT_SCENE,
	OPT_JSON,
	OPT_DRY_RUN,
	OPT_FORCE,
	OPT_LIBRARY,
	OPT_DAYS,
	OPT_HOURS
};

static const struct option long_options[] = {
	{"stash-url", required_argument, NULL, OPT_STASH_URL},
	{"stash-api-key-file", required_argument, NULL, OPT_STASH_KEY},
	{"plex-url", required_argument, NULL, OPT_PLEX_URL},
	{"plex-token-file", required_argument, NULL, OPT_PLEX_TOKEN},
	{"state", required_argument, NULL, OPT_STATE},
	{"scene", required_argument, NULL, OPT_SCENE},
	{"library", required_argument, NULL, OPT_LIBRARY},
	{"days", required_argument, NULL, OPT_DAYS},
	{"hours", required_argument, NULL, OPT_HOURS},
	{"json", no_argument, NULL, OPT_JSON},
	{"dry-run", no_argument, NULL, OPT_DRY_RUN},
	{"force", no_argument, NULL, OPT_FORCE},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static void print_general_help(void)
{
	printf("PlexSync %s - what you edit in Stash, you see in Plex.\n\n"
	       "Stash starts this program without arguments. At a terminal:\n\n"
	       "  plexsync VERB [options]\n\nVerbs:\n",
		PLEXSYNC_VERSION);
	for (size_t i = 0; i < cmd_count; i++)
		printf("  %-15s %s\n", cmd_table[i].name, cmd_table[i].summary);
	printf("\n\"plexsync VERB --help\" tells the options of a verb; --version the version.\n");
}

static void print_verb_options(const struct cmd *cmd)
{
	if (cmd->options & CMD_SCENE)
		printf("  --scene ID                 the scene's number in Stash\n");
	if (cmd->options & CMD_LIBRARY)
		printf("  --library NAME             one library of Plex, by name or number\n");
	if (cmd->options & CMD_DAYS)
		printf("  --days N                   only what is older than N days\n");
	if (cmd->options & CMD_HOURS)
		printf("  --hours N                  changed in the last N hours (24)\n");
	if (cmd->options & CMD_DRY_RUN)
		printf("  --dry-run                  say what would be written, and write "
		       "nothing\n");
	if (cmd->options & CMD_FORCE)
		printf("  --force                    Stash's values win, whatever was "
		       "remembered\n");
}

static void print_verb_help(const struct cmd *cmd)
{
	printf("plexsync %s: %s\n\nOptions:\n", cmd->name, cmd->summary);
	print_verb_options(cmd);
	printf("  --state DIR                where PlexSync keeps its state (PLEXSYNC_STATE);\n"
	       "                             else plexsync in Stash's folder ~/.stash\n"
	       "  --stash-url URL            Stash's address (PLEXSYNC_STASH_URL);\n"
	       "                             else http://127.0.0.1:9999\n"
	       "  --stash-api-key-file FILE  Stash's API key (or PLEXSYNC_STASH_API_KEY)\n"
	       "  --plex-url URL             in place of setting connectUrl (PLEXSYNC_PLEX_URL)\n"
	       "  --plex-token-file FILE     in place of setting connectToken "
	       "(PLEXSYNC_PLEX_TOKEN)\n"
	       "  --json                     print the answer as JSON\n"
	       "  -v, --verbose              log every step with its time\n\n"
	       "Exit status: 0 done, 1 failed or left queued, 2 wrong usage.\n");
}

static bool parse_number(const char *text, const char *what, int64_t *number, struct err *err)
{
	return str_number(text, number) ||
	       err_set(err, ERR_INPUT, "%s: \"%.40s\" is no number", what, text);
}

static bool parse_url(
	const char *text, const char *what, const char **url, struct arena *a, struct err *err)
{
	char *copy = arena_strdup(a, text);

	for (size_t len = strlen(copy); len > 0 && copy[len - 1] == '/'; len--)
		copy[len - 1] = '\0';
	*url = copy;
	return http_url_ok(copy) ||
	       err_set(err, ERR_INPUT, "%s is no address like http://192.168.1.10:9999", what);
}

static bool secret_from(
	const char *file, const char *what, const char **secret, struct arena *a, struct err *err)
{
	*secret = file_read_secret(a, file, what, err);
	log_secret(*secret);
	return *secret != NULL;
}

/* An option that this verb does not take is a mistake, not a wish. */
static bool takes(const struct cmd *cmd, unsigned option, const char *name, struct err *err)
{
	return (cmd->options & option) ||
	       err_set(err, ERR_INPUT, "%s does not take %s", cmd->name, name);
}

static bool apply(int code, const char *value, struct options *o, struct arena *a, struct err *err)
{
	switch (code) {
	case OPT_STASH_URL:
		return parse_url(value, "--stash-url", &o->stash.url, a, err);
	case OPT_STASH_KEY:
		return secret_from(value, "--stash-api-key-file", &o->stash.api_key, a, err);
	case OPT_PLEX_URL:
		return parse_url(value, "--plex-url", &o->overrides.plex_url, a, err);
	case OPT_PLEX_TOKEN:
		return secret_from(value, "--plex-token-file", &o->overrides.plex_token, a, err);
	case OPT_STATE:
		o->state_dir = value;
		return *value != '\0' || err_set(err, ERR_INPUT, "--state: the name is empty");
	case OPT_SCENE:
		return takes(o->cmd, CMD_SCENE, "--scene", err) &&
		       parse_number(value, "--scene", &o->request.scene, err) &&
		       (o->request.scene > 0 || err_set(err, ERR_INPUT, "--scene: 0 is no scene"));
	case OPT_LIBRARY:
		o->request.library = value;
		return takes(o->cmd, CMD_LIBRARY, "--library", err);
	case OPT_DAYS:
		return takes(o->cmd, CMD_DAYS, "--days", err) &&
		       parse_number(value, "--days", &o->request.days, err);
	case OPT_HOURS:
		return takes(o->cmd, CMD_HOURS, "--hours", err) &&
		       parse_number(value, "--hours", &o->request.hours, err);
	case OPT_DRY_RUN:
		return o->dry_run = takes(o->cmd, CMD_DRY_RUN, "--dry-run", err);
	case OPT_FORCE:
		return o->force = takes(o->cmd, CMD_FORCE, "--force", err);
	case OPT_JSON:
		return o->json = true;
	case 'v':
		return o->verbose = true;
	default:
		return err_set(err, ERR_INPUT, "unknown option, or one without its value");
	}
}

/* An empty variable counts as none. */
static const char *from_environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

/* A secret of the environment is a header's value, as one of a file is. */
static bool secret_from_environment(
	const char *name, const char **secret, struct arena *a, struct err *err)
{
	const char *value = from_environment(name);

	*secret = value ? str_trim(a, value) : NULL;
	log_secret(*secret);
	for (const char *p = *secret; p != NULL && *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(err, ERR_INPUT, "%s is no text of one line", name);
	}
	return true;
}

/* What no option said, the environment may. */
static bool apply_environment(struct options *o, struct arena *a, struct err *err)
{
	const char *stash_url = from_environment("PLEXSYNC_STASH_URL"),
		   *plex = from_environment("PLEXSYNC_PLEX_URL");

	if (o->stash.api_key == NULL &&
		!secret_from_environment("PLEXSYNC_STASH_API_KEY", &o->stash.api_key, a, err))
		return false;
	if (o->overrides.plex_token == NULL &&
		!secret_from_environment("PLEXSYNC_PLEX_TOKEN", &o->overrides.plex_token, a, err))
		return false;
	if (o->overrides.plex_url == NULL && plex != NULL &&
		!parse_url(plex, "PLEXSYNC_PLEX_URL", &o->overrides.plex_url, a, err))
		return false;
	if (o->stash.url != NULL)
		return true;
	if (stash_url != NULL)
		return parse_url(stash_url, "PLEXSYNC_STASH_URL", &o->stash.url, a, err);
	o->stash.url = "http://127.0.0.1:9999";
	return true;
}

const char *options_state_dir(const char *stash_dir, struct arena *a)
{
	const char *given = getenv("PLEXSYNC_STATE");

	if (given != NULL && *given != '\0')
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
					       "folder \"plexsync\" beside "
					       "Stash's config.yml");
}

/* No abbreviations: --plex-token with a token behind it would be --plex-token-file
 * with the token as a file's name. */
static bool is_whole(const char *arg, const struct option *option)
{
	size_t len = strlen(option->name);

	return strncmp(arg, "--", 2) == 0 && strncmp(arg + 2, option->name, len) == 0 &&
	       (arg[2 + len] == '\0' || arg[2 + len] == '=');
}

enum options_answer options_parse(
	int argc, char **argv, struct options *o, struct arena *a, struct err *err)
{
	int code, at = 2, found = -1;

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
	if (o->cmd == NULL) {
		err_set(err, ERR_INPUT, "\"%.40s\" is no verb of plexsync: see plexsync --help",
			argv[1]);
		return OPTIONS_WRONG;
	}
	opterr = 0;
	optind = 2;
	while ((code = getopt_long(argc, argv, "+vh", long_options, &found)) != -1) {
		if (found >= 0 && !is_whole(argv[at], &long_options[found]))
			code = '?';
		at = optind;
		found = -1;
		if (code == 'h') {
			print_verb_help(o->cmd);
			return OPTIONS_DONE;
		}
		if (!apply(code, optarg, o, a, err)) {
			err_context(err, "plexsync %s", o->cmd->name);
			return OPTIONS_WRONG;
		}
	}
	if (optind < argc) {
		err_set(err, ERR_INPUT, "plexsync %s: \"%.40s\" is one word too many", o->cmd->name,
			argv[optind]);
		return OPTIONS_WRONG;
	}
	return apply_environment(o, a, err) && find_state(o, a, err) ? OPTIONS_RUN : OPTIONS_WRONG;
}
