/*
 * scenes.h - walks through Stash's scenes by their ids, page by page with constant memory, and
 * around scenes that Stash cannot list.
 */
#ifndef PLEXSYNC_RUN_SCENES_H
#define PLEXSYNC_RUN_SCENES_H

#include "run/env.h"

/* What is done with a page; *more: whether the walk goes on after it. */
typedef bool scenes_taker(
	void *what, const struct stash_page *, bool *more, struct arena *, struct err *);

struct scenes {
	const struct env *env;
	struct stash_which which; /* the noun, its id, and after which scene it begins */
	scenes_taker *take;
	void *what; /* its first argument */
	bool ahead; /* the next page is asked for while one is dealt with, which takes no time to
		       speak of */

	/* while it walks */
	bool ended;
	struct stash_begun *begun; /* the next page; NULL: it is not asked for yet */
	struct arena arenas[2];	   /* of the present page and the next one, in turn */
	size_t turn;
	size_t at;    /* rows up to the last scene that is known, which.after */
	int64_t gap;  /* the last scene before those that are left out */
	int64_t next; /* the first one after them; 0: there is none */
};

/* Errors as stash_list; ERR_LATER only if too many scenes cannot be listed. Those that are left
 * out are named in the log, once. */
bool scenes_walk(struct scenes *, struct err *);

#endif
