/* env.c - see env.h. */
#include "run/env.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/library_index.h"
#include "state/trouble.h"

#define JOBS_PER_LINE 10

void env_open(struct env *env, const struct input_connection *connection, const char *state_dir)
{
	struct remembered remembered;
	struct txn txn;
	struct err err;

	*env = (struct env){.begun_ms = clock_now_ms()};
	arena_init(&env->arena);
	if (!state_open(&env->state, state_dir, &err))
		log_warning("Nothing can be remembered: %s", err.text);
	store_begin(&txn, env->state.queue, TXN_READ);
	state_remembered(&txn, &remembered);
	store_abort(&txn);
	log_hide_paths(remembered.hide_paths);
	if (connection->url != NULL)
		env->stash = stash_open(connection, remembered.only_groups);
}

void env_close(struct env *env)
{
	plex_close(env->plex);
	stash_close(env->stash);
	state_close(&env->state);
	arena_clear(&env->arena);
}

bool env_in_hook(const struct env *env)
{
	return env->deadline_us != 0;
}

struct stash_time env_stash_time(const struct env *env)
{
	struct stash_time time = {.ms = LIMIT_REQUEST_MS};

	if (env_in_hook(env)) {
		int64_t left = (env->deadline_us - clock_us()) / 1000;
		time = (struct stash_time){.ms = left > 0 ? left : 0, .own = true};
	}
	return time;
}

struct plex_time env_plex_time(const struct env *env, int64_t request_ms)
{
	return (struct plex_time){.deadline_us = env->deadline_us, .request_ms = request_ms};
}

static bool same_server(const struct settings *x, const struct settings *y)
{
	return str_eq(x->plex_url, y->plex_url) && str_eq(x->plex_token, y->plex_token) &&
	       str_eq(x->ca_file, y->ca_file) && x->skip_verify == y->skip_verify;
}

static void add_list(struct str *text, const struct str_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		str_addf(text, "%s\n", list->v[i]);
}

/* A match that was found under other settings must be looked for again. */
static void add_match_settings(struct str *text, const struct settings *settings)
{
	str_addf(text, "%s\n%s\n%d\n", settings->plex_url, settings->path_map,
		settings->match_by_name);
	add_list(text, &settings->libraries);
}

/* Which pictures are pushed is in no value of a scene. */
static void add_push_settings(struct str *text, const struct settings *settings)
{
	add_match_settings(text, settings);
	str_addf(text, "%d %d\n", settings->no.poster, settings->no.background);
}

/* What decides which scenes are pushed, and what of them. */
static void add_all_settings(struct str *text, const struct settings *settings)
{
	add_match_settings(text, settings);
	str_addn(text, &settings->no, sizeof(settings->no));
	add_list(text, &settings->ignore_tags);
	str_addf(text, "%s\n%d\n", settings->skip_tag, settings->only_organized);
}

static void add_connection_settings(struct str *text, const struct settings *settings)
{
	add_match_settings(text, settings);
	str_addf(text, "%s\n%s\n%d\n", settings->plex_token,
		settings->ca_file ? settings->ca_file : "", settings->skip_verify);
}

static uint64_t digest_settings(
	const struct settings *settings, void (*add)(struct str *, const struct settings *))
{
	struct digest digest;
	struct arena a;
	struct str text;
	uint64_t n;

	arena_init(&a);
	str_init(&text, &a);
	add(&text, settings);
	digest = digest_of(text.s, text.len);
	memcpy(&n, digest.bytes, sizeof(n));
	arena_clear(&a);
	return n;
}

/* Copies what the caller's arena holds. */
static void copy_settings(struct env *env, const struct settings *from)
{
	struct settings *to = &env->settings;
	struct arena *a = &env->arena;

	*to = *from;
	to->plex_url = arena_strdup(a, from->plex_url);
	to->plex_token = arena_strdup(a, from->plex_token);
	to->path_map = arena_strdup(a, from->path_map);
	to->skip_tag = arena_strdup(a, from->skip_tag);
	to->ca_file = arena_strdup(a, from->ca_file);
	str_list_init(&to->ignore_tags, a);
	for (size_t i = 0; i < from->ignore_tags.n; i++)
		str_list_add(&to->ignore_tags, arena_strdup(a, from->ignore_tags.v[i]));
	str_list_init(&to->libraries, a);
	for (size_t i = 0; i < from->libraries.n; i++)
		str_list_add(&to->libraries, arena_strdup(a, from->libraries.v[i]));
}

static bool same_settings(const struct settings *x, const struct settings *y)
{
	return same_server(x, y) && memcmp(&x->no, &y->no, sizeof(x->no)) == 0 &&
	       str_list_same(&x->ignore_tags, &y->ignore_tags) &&
	       str_list_same(&x->libraries, &y->libraries) && str_eq(x->path_map, y->path_map) &&
	       str_eq(x->skip_tag, y->skip_tag) && x->keep_plex_edits == y->keep_plex_edits &&
	       x->hook_queue_only == y->hook_queue_only && x->hide_paths == y->hide_paths &&
	       x->match_by_name == y->match_by_name && x->only_organized == y->only_organized;
}

/* Settings that were changed since they failed deserve a new start. */
static void forget_trouble_of_others(struct env *env)
{
	struct txn txn;
	bool others;

	store_begin(&txn, env->state.queue, TXN_READ);
	others = trouble_is_of_others(&txn, env->settings_digest);
	store_abort(&txn);
	if (!others)
		return;
	store_begin(&txn, env->state.queue, TXN_WRITE);
	trouble_clear(&txn);
	store_commit(&txn, NULL);
}

static void remember(struct env *env)
{
	struct remembered now = {.hook_queue_only = env->settings.hook_queue_only,
		.hide_paths = env->settings.hide_paths,
		.only_groups = stash_only_groups(env->stash)};
	struct remembered before;
	struct txn txn;

	env->only_groups = now.only_groups;
	store_begin(&txn, env->state.queue, TXN_READ);
	state_remembered(&txn, &before);
	store_abort(&txn);
	if (before.hook_queue_only == now.hook_queue_only && before.hide_paths == now.hide_paths &&
		before.only_groups == now.only_groups)
		return;
	store_begin(&txn, env->state.queue, TXN_WRITE);
	state_remember(&txn, &now);
	store_commit(&txn, NULL);
}

static void open_plex(struct env *env)
{
	struct plex_options options = {.url = env->settings.plex_url,
		.token = env->settings.plex_token,
		.client_id = state_client_id(&env->state, &env->arena),
		.trust = {.insecure = env->settings.skip_verify, .ca_file = env->settings.ca_file}};

	plex_close(env->plex);
	env->plex = plex_open(&options);
	env->machine = NULL;
}

bool env_use_settings(struct env *env, const struct settings *read, struct err *err)
{
	struct settings settings = *read;
	bool other_server;

	if (env->overrides.plex_url != NULL)
		settings.plex_url = env->overrides.plex_url;
	if (env->overrides.plex_token != NULL)
		settings.plex_token = env->overrides.plex_token;
	env->settings_digest = digest_settings(&settings, add_connection_settings);
	if (!settings_check(&settings, err))
		return false;
	if (env->settings_known && same_settings(&settings, &env->settings)) {
		if (stash_only_groups(env->stash) != env->only_groups)
			remember(env); /* it was learned behind the settings */
		return true;
	}
	other_server = !env->settings_known || !same_server(&settings, &env->settings);
	if (!path_map_parse(settings.path_map, &env->path_map, &env->arena, err))
		return false;
	copy_settings(env, &settings);
	env->match_settings = digest_settings(&env->settings, add_match_settings);
	env->push_settings = digest_settings(&env->settings, add_push_settings);
	env->all_settings = digest_settings(&env->settings, add_all_settings);
	log_hide_paths(settings.hide_paths);
	remember(env);
	forget_trouble_of_others(env);
	if (other_server)
		open_plex(env);
	env->settings_known = true;
	return true;
}

bool env_read_settings(struct env *env, struct err *err)
{
	struct settings settings;
	struct scene none;
	struct arena a;
	bool done;

	if (env->settings_known)
		return true;
	if (env->stash == NULL)
		return err_set(
			err, ERR_INPUT, "the address of Stash is not known: use --stash-url");
	arena_init(&a);
	done = stash_read(env->stash, 0, env_stash_time(env), &none, &settings, &a, err) == FOUND &&
	       env_use_settings(env, &settings, err);
	arena_clear(&a);
	return done;
}

bool env_machine(struct env *env, const char **machine, struct err *err)
{
	struct plex_time time = env_plex_time(env, LIMIT_REQUEST_MS);
	struct library_index index;
	struct txn txn;

	if (env->machine == NULL) {
		store_begin(&txn, state_cache(&env->state), TXN_READ);
		if (library_index_load(&txn, &index, &env->arena) && *index.machine != '\0' &&
			strcmp(index.url, plex_url(env->plex)) == 0)
			env->machine = arena_strdup(&env->arena, index.machine);
		store_abort(&txn);
	}
	if (env->machine == NULL &&
		!plex_identity(env->plex, &time, &env->machine, &env->arena, err))
		return false;
	*machine = env->machine;
	return true;
}

static void log_rate(enum log_level level, const char *what, uint64_t hits, uint64_t misses)
{
	if (hits + misses == 0)
		return;
	log_at(level, "%s cache: %.1f%% hit rate (%llu hits, %llu misses)", what,
		100.0 * (double)hits / (double)(hits + misses), (unsigned long long)hits,
		(unsigned long long)misses);
}

void env_flush_stats(struct env *env, bool always)
{
	uint64_t jobs = env->stats.counters[STAT_JOBS];
	struct stats sums;
	struct txn txn;

	if (state_cache(&env->state) == NULL)
		return;
	store_begin(&txn, env->state.cache, TXN_WRITE);
	state_touch_cache(&env->state);
	stats_flush(&txn, &env->stats, &sums);
	if (!store_commit(&txn, NULL))
		return;
	env->unreported += jobs;
	if (always ? env->unreported == 0
		   : jobs == 0 || sums.counters[STAT_JOBS] / JOBS_PER_LINE ==
					  (sums.counters[STAT_JOBS] - jobs) / JOBS_PER_LINE)
		return;
	env->unreported = 0;
	log_rate(LOG_INFO, "Match", sums.counters[STAT_MATCH_HITS],
		sums.counters[STAT_MATCH_MISSES]);
	log_rate(LOG_DEBUG, "Library", sums.counters[STAT_INDEX_HITS],
		sums.counters[STAT_INDEX_MISSES]);
}
