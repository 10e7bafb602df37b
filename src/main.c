/*
 * main.c - reads stdin or the command line, builds the environment, picks the
 * verb, answers.
 *
 * Without arguments Stash is talking: one JSON document on stdin, one on
 * stdout, whatever happens in between; logs go to stderr. With a verb it is a
 * person, or cron.
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

enum exit_status { EXIT_DONE = 0, EXIT_LEFT = 1, EXIT_USAGE = 2 };

static bool run_mode(struct env *env, const struct input *input, cJSON **output, struct err *err)
{
	struct cmd_request request = {.scene = input->scene_id,
		.library = input->library,
		.days = input->days,
		.hours = input->hours};
	const struct cmd *cmd = cmd_find(input->mode);
	bool left = false;

	if (cmd == NULL)
		return err_set(err, ERR_INPUT, "args.mode: \"%.40s\" is not known", input->mode);
	env->is_task = true;
	env->dry_run = input->dry_run;
	env->force = input->force;
	if ((env->dry_run && !(cmd->options & CMD_DRY_RUN)) ||
		(env->force && !(cmd->options & CMD_FORCE)))
		return err_set(err, ERR_INPUT, "%s takes neither dry_run nor force", cmd->name);
	return cmd->run(env, &request, output, &left, err);
}

/* What cannot be parsed is an error; the event in it is not lost for that. */
static void rescue(struct env *env, const struct input *input, struct err *err)
{
	struct err why = *err;

	if (!input->is_hook || !cmd_hook_queue_only(env, &input->hook))
		return;
	err_set(err, why.kind, "%.600s (scene %lld is queued all the same)", why.text,
		(long long)input->hook.id);
}

static bool serve(struct env *env, const char *text, size_t len, cJSON **output, struct err *err)
{
	struct input input;
	struct arena input_arena;
	bool parsed, done = false;

	arena_init(&input_arena);
	parsed = input_parse(text, len, &input, &input_arena, err);
	env_open(env, &input.stash, options_state_dir(input.stash.dir, &input_arena));
	if (!parsed)
		rescue(env, &input, err);
	else if (input.is_hook)
		done = cmd_hook(env, &input.hook, output, err);
	else
		done = run_mode(env, &input, output, err);
	env_close(env);
	arena_clear(&input_arena);
	return done;
}

static int serve_stash(void)
{
	struct env env;
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
		done = serve(&env, text, len, &output, &err);
	free(text);
	output_for_stash(output, done ? NULL : &err);
	cJSON_Delete(output);
	log_finish();
	return EXIT_DONE;
}

static int serve_person(int argc, char **argv)
{
	bool terminal = isatty(STDERR_FILENO) != 0, left = false;
	struct options options;
	struct env env;
	struct arena a;
	struct err err;
	cJSON *output = NULL;
	enum options_answer parsed;
	bool done;

	arena_init(&a);
	log_init(terminal ? LOG_TERMINAL : LOG_STASH, LOG_INFO);
	parsed = options_parse(argc, argv, &options, &a, &err);
	if (parsed != OPTIONS_RUN) {
		if (parsed == OPTIONS_WRONG)
			log_error("%s", err.text);
		arena_clear(&a);
		log_finish();
		return parsed == OPTIONS_WRONG ? EXIT_USAGE : EXIT_DONE;
	}
	log_init(terminal ? LOG_TERMINAL : LOG_STASH, options.verbose ? LOG_TRACE : LOG_INFO);
	env_open(&env, &options.stash, options.state_dir);
	env.overrides = options.overrides;
	env.dry_run = options.dry_run;
	env.force = options.force;
	done = options.cmd->run(&env, &options.request, &output, &left, &err);
	env_close(&env);
	if (done)
		output_for_person(output, options.json);
	else
		log_error("%s", err.text);
	cJSON_Delete(output);
	arena_clear(&a);
	log_finish();
	if (!done && err.kind == ERR_INPUT)
		return EXIT_USAGE;
	return done && !left ? EXIT_DONE : EXIT_LEFT;
}

/* Descriptors that the caller closed would be given to our own files, and the
 * log would be written into the state. */
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
