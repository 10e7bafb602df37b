#include "run/env.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "run/request.h"
#include "stash/connect.h"
#include "state/activity.h"
#include "state/library_index.h"
#include "state/owed.h"

#define JOBS_PER_LINE 10

/* Everything that a struct env points to, in one piece. */
struct env_house {
	struct env env;
	struct arena arena, match_arena;
	struct state state;
	struct env_settings use;
	struct env_run run;
};

/* The launcher says that it has just put this executable into its place. */
static void note_update(struct state *state)
{
	struct txn txn;

	if (getenv("PLEXSYNC_SETTLED") == NULL)
		return;
	store_begin(&txn, state->queue, TXN_WRITE);
	owed_all_missed(&txn);
	store_commit(&txn, NULL);
}

const struct env *env_open(const struct env_options *options)
{
	struct env_house *house = arena_malloc(sizeof(*house));
	struct env *env = &house->env;
	struct err err;

	*house = (struct env_house){.env = {.overrides = options->overrides,
					    .begun_ms = clock_now_ms(),
					    .is_task = options->is_task}};
	env->house = house;
	env->arena = &house->arena;
	env->state = &house->state;
	env->use = &house->use;
	env->run = &house->run;
	arena_init(env->arena);
	env->run->match_arena = &house->match_arena;
	arena_init(env->run->match_arena);
	str_list_init(&env->run->scans, env->arena);
	str_list_init(&env->run->refused_scans, env->arena);
	if (!state_open(env->state, options->state_dir, &err))
		log_warning("Nothing can be remembered: %s", err.text);
	note_update(env->state);
	if (options->stash->url != NULL)
		env->stash = stash_open(options->stash);
	return env;
}

void env_close(const struct env *env)
{
	struct env_house *house = env->house;

	plex_close(house->use.plex);
	stash_close(house->env.stash);
	state_close(&house->state);
	arena_clear(&house->match_arena);
	arena_clear(&house->arena);
	free(house);
}

void env_recall(const struct env *env, struct txn *txn)
{
	remembered_load(txn, &env->run->remembered, env->arena);
	env->run->tags_known = tag_cover_get(txn, &env->run->tags_before, env->arena) == FOUND;
	log_hide_paths(env->run->remembered.hide_paths);
	if (env->stash != NULL)
		stash_set_lacking(env->stash, env->run->remembered.stash_lacking);
}

/* --- the settings in use ---------------------------------------------------- */

const char *env_client_id(const struct env *env)
{
	struct remembered *remembered = &env->run->remembered;

	if (remembered->client_id == NULL)
		remembered->client_id = remembered_make_client_id(env->state, env->arena);
	return remembered->client_id;
}

static void open_plex(const struct env *env)
{
	const struct settings *s = &env->use->s;
	struct plex_options options = {.url = s->plex_url,
		.token = s->plex_token,
		.client_id = env_client_id(env),
		.trust = {.insecure = s->skip_verify, .ca_file = s->ca_file}};

	plex_close(env->use->plex);
	env->use->plex = plex_open(&options);
	env->run->machine = NULL;
	env->run->shows_uploads = 0;
}

/* Under what a scene's content is compared: it is stored with every scene, so that another
 * formula would have all of them pushed again. */
static uint64_t content_digest(const struct settings *s)
{
	struct digest digest;
	struct arena a;
	struct str text;
	uint64_t n;

	arena_init(&a);
	str_init(&text, &a);
	str_addf(&text, "%s\n%s\n%d\n", s->plex_url, s->path_map, s->match_by_name);
	for (size_t i = 0; i < s->libraries.n; i++)
		str_addf(&text, "%s\n", s->libraries.v[i]);
	str_addf(&text, "%d %d\n", s->no.poster, s->no.background);
	if (s->collection_art) /* of all scenes it has to be known in which collections they are */
		str_add(&text, "art\n");
	digest = digest_of(text.s, text.len);
	memcpy(&n, digest.bytes, sizeof(n));
	arena_clear(&a);
	return n;
}

bool env_use_settings(const struct env *env, const struct settings *read, struct err *err)
{
	struct env_settings *use = env->use;
	struct settings settings = *read;
	bool other_server;

	if (env->overrides.plex_url != NULL)
		settings.plex_url = connect_url(env->arena, env->overrides.plex_url);
	if (env->overrides.plex_token != NULL)
		settings.plex_token = env->overrides.plex_token;
	use->trouble = settings_digest(&settings, SETTINGS_OF_TROUBLE);
	if (!settings_check(&settings, err))
		return false;
	if (use->known && settings_same(&settings, &use->s, SETTINGS_ALL))
		return true;
	other_server = !use->known || !settings_same(&settings, &use->s, SETTINGS_CONNECTION);
	if (!path_map_parse(settings.path_map, &use->path_map, env->arena, err))
		return false;
	settings_copy(&use->s, &settings, env->arena);
	use->match = settings_digest(&use->s, SETTINGS_MATCH);
	use->content = content_digest(&use->s);
	use->tags = settings_digest(&use->s, SETTINGS_TAGS);
	use->sweep = settings_digest(&use->s, SETTINGS_OF_SWEEP);
	log_hide_paths(settings.hide_paths);
	if (other_server)
		open_plex(env);
	use->known = true;
	return true;
}

bool env_read_settings(const struct env *env, struct err *err)
{
	return env->use->known || env_read_settings_again(env, err);
}

bool env_read_settings_again(const struct env *env, struct err *err)
{
	struct settings settings;
	struct scene none;
	struct arena a;
	bool done;

	arena_init(&a);
	done = stash_read(env->stash, 0, request_stash_time(NULL), &none, &settings, &a, err) ==
		       FOUND &&
	       env_use_settings(env, &settings, err);
	arena_clear(&a);
	return done;
}

/* --- what the run learns ---------------------------------------------------- */

bool env_machine(const struct env *env, const char **machine, struct err *err)
{
	struct plex_time time = request_plex_time(NULL, LIMIT_REQUEST_MS);

	if (env->run->machine == NULL &&
		!plex_identity(env->use->plex, &time, &env->run->machine, env->arena, err))
		return false;
	*machine = env->run->machine;
	return true;
}

void env_learn_machine(const struct env *env, const struct library_index *index)
{
	if (env->run->machine == NULL && *index->machine != '\0' &&
		strcmp(index->url, plex_url(env->use->plex)) == 0)
		env->run->machine = arena_strdup(env->arena, index->machine);
}

const struct env_match *env_match(const struct env *env, const char *path)
{
	for (size_t i = env->run->match_count; i > 0; i--) {
		if (strcmp(env->run->matches[i - 1].path, path) == 0)
			return &env->run->matches[i - 1];
	}
	return NULL;
}

void env_note_match(const struct env *env, const char *path, const struct match_entry *entry)
{
	struct env_run *run = env->run;
	struct env_match *match;

	if (run->match_count == ENV_MATCHES)
		env_flush_matches(env, true);
	match = &run->matches[run->match_count++];
	*match = (struct env_match){.path = arena_strdup(run->match_arena, path)};
	if (entry != NULL)
		match->entry = *entry;
	for (size_t i = 0; i < match->entry.count; i++)
		match->entry.items[i].rating_key = arena_strdup(
			run->match_arena, match->entry.items[i].rating_key);
}

void env_flush_matches(const struct env *env, bool in_hook)
{
	struct env_run *run = env->run;
	struct txn txn;

	if (run->match_count > 0 &&
		state_begin_cache(env->state, &txn, in_hook ? TXN_TRY : TXN_WRITE)) {
		for (size_t i = 0; i < run->match_count; i++) {
			const struct env_match *match = &run->matches[i];
			if (match->entry.count > 0)
				match_cache_put(&txn, match->path, &match->entry);
			else
				match_cache_forget(&txn, match->path);
		}
		store_commit(&txn, NULL);
	}
	run->match_count = 0;
	arena_clear(run->match_arena);
}

/* What the next run has to know before it reads the settings. */
static bool is_news(const struct env *env, struct remembered *now)
{
	const struct remembered *was = &env->run->remembered;

	*now = *was;
	now->hook_queue_only = env->use->s.hook_queue_only;
	now->hide_paths = env->use->s.hide_paths;
	now->stash_lacking = env->stash != NULL ? (uint8_t)stash_lacking(env->stash)
						: was->stash_lacking;
	return env->use->known && (now->hook_queue_only != was->hook_queue_only ||
					  now->hide_paths != was->hide_paths ||
					  now->stash_lacking != was->stash_lacking);
}

void env_save(const struct env *env, struct txn *txn)
{
	struct env_run *run = env->run;
	struct remembered now;

	if (is_news(env, &now)) {
		remembered_save(txn, &now);
		run->remembered = now;
	}
	if (run->tags_are_news)
		tag_cover_put(txn, run->tags);
	run->tags_are_news = false;
	run->added = run->stats.counters[STAT_JOBS];
	run->unreported += run->added;
	stats_add(txn, &run->stats, &run->sums, clock_now_ms());
}

int64_t env_number(const struct env *env, struct txn *txn)
{
	if (env->run->number == 0)
		env->run->number = activity_new_run(txn);
	return env->run->number;
}

static void log_rate(enum log_level level, const char *what, uint64_t hits, uint64_t misses)
{
	if (hits + misses == 0)
		return;
	log_at(level, "%s cache: %.1f%% hit rate (%llu hits, %llu misses)", what,
		100.0 * (double)hits / (double)(hits + misses), (unsigned long long)hits,
		(unsigned long long)misses);
}

void env_report(const struct env *env, bool always)
{
	struct env_run *run = env->run;
	const uint64_t *sums = run->sums.counters;
	uint64_t jobs = sums[STAT_JOBS],
		 tenths = jobs / JOBS_PER_LINE - (jobs - run->added) / JOBS_PER_LINE;

	if (always)
		tenths = run->unreported > 0;
	if (tenths > 0)
		run->unreported = always ? 0 : jobs % JOBS_PER_LINE;
	for (; tenths > 0; tenths--) {
		log_rate(LOG_INFO, "Match", sums[STAT_MATCH_HITS], sums[STAT_MATCH_MISSES]);
		log_rate(LOG_DEBUG, "Library", sums[STAT_INDEX_HITS], sums[STAT_INDEX_MISSES]);
	}
}

void env_flush(const struct env *env, bool always)
{
	static const struct stats none;
	struct remembered now;
	struct txn txn;

	if (env->state->queue == NULL ||
		(memcmp(&env->run->stats, &none, sizeof(none)) == 0 && !is_news(env, &now) &&
			!(always && env->run->unreported > 0)))
		return;
	store_begin(&txn, env->state->queue, TXN_WRITE);
	env_save(env, &txn);
	if (store_commit(&txn, NULL))
		env_report(env, always);
}
