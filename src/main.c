/*
 * main.c - reads stdin or the command line, and runs the verb.
 *
 * Without arguments Stash is the caller: one JSON document on stdin and one on stdout; the
 * log goes to stderr. With a verb it is a person, or cron: the log is the answer, and stdout
 * is empty without --json.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/output.h"
#include "run/summon.h"
#include "work/intake.h"

enum exit_status { EXIT_DONE = 0, EXIT_LEFT = 1, EXIT_USAGE = 2 };

static bool run_mode(
	const struct env *env, const struct input *input, cJSON **output, struct err *err)
{
	const struct cmd *cmd = cmd_find(input->mode);
	struct cmd_answer answer;
	bool done;

	if (cmd == NULL)
		return err_set(err, ERR_INPUT, "args.mode: \"%.40s\" is not known", input->mode);
	done = cmd_run(cmd, env, &input->args, &answer, err);
	*output = answer.json;
	return done;
}

/* What cannot be parsed is an error, but the event in it is queued. */
static void rescue(const struct env *env, const struct input *input, struct err *err)
{
	struct err why = *err;

	if (!input->is_hook || !intake_rescued(env, &input->hook))
		return;
	summon_if_due(env);
	err_set(err, why.kind, "%.600s (scene %lld is queued all the same)", why.text,
		(long long)input->hook.id);
}

static bool serve(const char *text, size_t len, cJSON **output, struct err *err)
{
	const struct env *env;
	struct input input;
	struct arena a;
	bool parsed, done = false;

	arena_init(&a);
	parsed = input_parse(text, len, &input, &a, err);
	env = env_open(&(struct env_options){.stash = &input.stash,
		.state_dir = options_state_dir(input.stash.dir, &a),
		.is_task = parsed && !input.is_hook});
	if (!parsed)
		rescue(env, &input, err);
	else if (input.is_hook)
		done = cmd_hook(env, &input.hook, output, err);
	else
		done = run_mode(env, &input, output, err);
	env_close(env);
	arena_clear(&a);
	return done;
}

static int serve_stash(void)
{
	struct err err;
	cJSON *output = NULL;
	size_t len;
	char *text;
	bool done;

	log_init(LOG_STASH, LOG_TRACE);
	text = file_read_fd(STDIN_FILENO, LIMIT_INPUT_BYTES, &len);
	if (text == NULL)
		done = err_set(&err, ERR_INPUT, "plugin input: %s", strerror(errno));
	else
		done = serve(text, len, &output, &err);
	free(text);
	output_for_stash(output, done ? NULL : &err);
	cJSON_Delete(output);
	log_finish();
	return EXIT_DONE;
}

static int run_verb(const struct options *options)
{
	const struct env *env = env_open(&(struct env_options){.stash = &options->stash,
		.state_dir = options->state_dir,
		.overrides = options->overrides});
	struct cmd_answer answer;
	struct err err;
	bool done = cmd_run(options->cmd, env, &options->request, &answer, &err);

	env_close(env);
	if (!done)
		log_error("%s", err.text);
	else if (options->json)
		output_for_person(answer.json);
	cJSON_Delete(answer.json);
	if (!done && err.kind == ERR_INPUT)
		return EXIT_USAGE;
	return done && !answer.left ? EXIT_DONE : EXIT_LEFT;
}

static int serve_person(int argc, char **argv)
{
	enum log_style style = isatty(STDERR_FILENO) ? LOG_TERMINAL : LOG_STASH;
	enum options_answer parsed;
	struct options options;
	int status = EXIT_DONE;
	struct arena a;
	struct err err;

	arena_init(&a);
	log_init(style, LOG_INFO);
	parsed = options_parse(argc, argv, &options, &a, &err);
	if (parsed == OPTIONS_WRONG) {
		log_error("%s", err.text);
		status = EXIT_USAGE;
	} else if (parsed == OPTIONS_RUN) {
		log_init(style, options.verbose ? LOG_TRACE : LOG_INFO);
		status = run_verb(&options);
	}
	arena_clear(&a);
	log_finish();
	return status;
}

/* Our own files would get the descriptors that the caller closed, and the log would be
 * written into the state. */
static void keep_standard_descriptors(void)
{
	int fd = open("/dev/null", O_RDWR);

	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = dup(fd);
	if (fd > STDERR_FILENO)
		close(fd);
}

int main(int argc, char **argv)
{
	keep_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);
	umask(077);
	return argc > 1 ? serve_person(argc, argv) : serve_stash();
}
