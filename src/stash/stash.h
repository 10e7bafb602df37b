/*
 * stash.h - requests to the Stash that called us, over GraphQL.
 *
 * Authenticated by the session cookie of the plugin input (a refreshed one is adopted) or by
 * an API key. Stash's certificate cannot match 127.0.0.1, so it is verified only at a remote
 * address that a person gave; the setting tlsSkipVerify has no part in that.
 */
#ifndef PLEXSYNC_STASH_STASH_H
#define PLEXSYNC_STASH_STASH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "stash/input.h"
#include "stash/scene.h"
#include "stash/settings.h"

#define STASH_PLUGIN_ID "plexsync"

struct stash;

struct stash *stash_open(const struct input_connection *);
void stash_close(struct stash *);

/* What Stash was found to lack of a scene (scene.h); remember it for the next process: every
 * query that Stash does not understand is an error in its log. */
unsigned stash_lacking(const struct stash *);
void stash_set_lacking(struct stash *, unsigned parts);
/* Stash may be another one by now: it is asked for everything again, but for movies, which do not
 * come back. */
void stash_try_all(struct stash *);

/* Time for one request. 'own': it is the caller's own budget (ERR_BUDGET). */
struct stash_time {
	int64_t ms;
	bool own;
};

/* Settings and, unless 'id' is 0, the scene, in one request.
 * FOUND; ABSENT: there is no such scene (settings are set); FAILED with
 *   ERR_SERVER  Stash is unreachable or refuses the session: keep every job
 *   ERR_SETUP   a setting is wrong
 *   ERR_LATER   an answer that makes no sense
 *   ERR_BUDGET  the time was up */
enum lookup stash_read(struct stash *, int64_t id, struct stash_time, struct scene *,
	struct settings *, struct arena *, struct err *);

/* The same for several scenes, in one request: found[i] and scenes[i] are of ids[i]; FAILED for
 * one that makes no sense. False as stash_read's FAILED; with ERR_LATER one of them may be to
 * blame. */
bool stash_read_many(struct stash *, const int64_t *ids, size_t count, struct stash_time,
	enum lookup *found, struct scene *scenes, struct settings *, struct arena *, struct err *);

/* Which scenes are listed: all of them (NOUN_SCENE), or those that carry the performer, studio,
 * tag or group 'id'. By their ids: paging by the last id, nothing is read twice or missed when
 * scenes come and go meanwhile. */
struct stash_which {
	enum input_noun noun;
	int64_t id;
	bool below;    /* of a studio or tag: or one below it */
	int64_t after; /* the id of the last one that was read; 0: none was */
	size_t skip;   /* so many after it are left out; then 'most' is 1 */
	size_t most;   /* LIMIT_SCENE_PAGE at most */
};

/* A page of scenes. */
struct stash_page {
	struct scene *scenes;
	size_t n;
	int64_t last;  /* id of the last one; 0: the page is empty */
	int64_t count; /* of the scenes after 'after', these and the skipped ones included */
};

/* Errors as stash_read; ERR_LATER: one of the scenes may be to blame. Whoever wants them all
 * walks by scenes_walk(). */
bool stash_list(struct stash *, const struct stash_which *, struct stash_time, struct stash_page *,
	struct arena *, struct err *);

/* The same in two parts: Stash works on the page while its reader does something else. NULL if
 * that cannot be; the page lives in this arena, which has to live until the end. What fails is
 * worth asking for in one part. */
struct stash_begun;
struct stash_begun *stash_list_begin(
	struct stash *, const struct stash_which *, struct stash_time, struct arena *);
bool stash_list_end(struct stash_begun *, struct stash_page *, struct err *);
/* In place of the end. NULL is allowed. */
void stash_list_drop(struct stash_begun *);

/* A scene's cover, or the picture of a group or studio (see art.h). */
struct stash_cover {
	bool same; /* it is the one of the ETag that was given; nothing was sent */
	const void *data;
	size_t len;
	const char *etag; /* "" if Stash gave none */
};

/* Where a scene's cover is, below Stash's address. */
const char *stash_cover_path(int64_t scene, struct arena *);

/* FOUND; ABSENT: there is none (Stash then sends a picture of its own, the same for all); FAILED
 * as stash_read. 'etag': of the picture that is known, or "". */
enum lookup stash_read_cover(struct stash *, const char *path, const char *etag, struct stash_time,
	struct stash_cover *, struct arena *, struct err *);

/* Puts a task of this plugin into Stash's queue; Stash answers at once. */
bool stash_run_task(struct stash *, const char *task, const char *description, struct stash_time,
	struct arena *, struct err *);

/* FOUND if Stash's queue holds a job of this description, waiting or running, or, with
 * STASH_OTHERS_JOB, a waiting job of any other. */
enum stash_job { STASH_OUR_JOB, STASH_OTHERS_JOB };
enum lookup stash_find_job(struct stash *, enum stash_job, const char *description,
	struct stash_time, struct arena *, struct err *);

/* Asks a GraphQL question of one's own, and takes its variables. The answer's "data", to be
 * freed with *root; NULL with an error as stash_read. */
const cJSON *stash_ask(struct stash *, const char *query, cJSON *variables, struct stash_time,
	cJSON **root, struct arena *, struct err *);

/* A question without variables, in both of Stash's words for groups: movies, as they were called
 * before v0.27, and groups. */
const cJSON *stash_ask_either(struct stash *, const char *movies, const char *groups,
	struct stash_time, cJSON **root, struct arena *, struct err *);

#endif
