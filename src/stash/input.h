/*
 * input.h - what Stash writes to the stdin of a plugin.
 *
 * One JSON document for every kind of call. A hook carries "hookContext"; a
 * task and an operation look the same: a map of arguments with "mode". Values
 * are never taken from a hook's input (it holds nulls, partial arrays,
 * megabytes of base64): only ids, the type, and the path of a scene that is gone.
 */
#ifndef PLEXSYNC_STASH_INPUT_H
#define PLEXSYNC_STASH_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"

/* How to reach the Stash that called. */
struct input_connection {
	const char *url;	 /* scheme://host:port, reachable from here */
	bool from_stash;	 /* Stash itself said so, not a person */
	const char *cookie_name; /* NULL: none was given */
	const char *cookie;
	const char *api_key; /* NULL: none; never part of Stash's input */
	const char *dir;     /* Stash's configuration folder; NULL: not given */
};

/* Stored by number with what is owed: never renumber, add at the end. */
enum input_noun { NOUN_SCENE, NOUN_PERFORMER, NOUN_STUDIO, NOUN_TAG, NOUN_GROUP };
enum input_verb { VERB_CREATE, VERB_UPDATE, VERB_DESTROY, VERB_MERGE };

struct input_hook {
	const char *type; /* as Stash says it: "Scene.Update.Post" */
	enum input_noun noun;
	enum input_verb verb;
	int64_t id;
	/* Scenes that the call names, in its order: of a bulk edit all of them,
	 * otherwise the one of 'id'. Every hook of a bulk edit names them all. */
	int64_t *scenes;
	size_t scene_count;
	bool names_one;	    /* the input itself names one scene, and it is 'id' */
	struct digest edit; /* of the input, if it names several */
	const char *path;   /* Destroy: the file that the scene had; NULL if not given */
};

struct input {
	struct input_connection stash;
	bool is_hook;
	struct input_hook hook;
	/* Arguments of a task or an operation. */
	const char *mode; /* NULL: none given */
	int64_t scene_id; /* 0: none given */
	bool dry_run, force;
	const char *library; /* NULL: none given */
	int64_t days;	     /* -1: none given */
	int64_t hours;	     /* -1: none given */
};

/* text[len] must be NUL. False with ERR_INPUT. Then 'input' still has Stash's folder
 * and the scene hook that the text names, if they can be made out in its first 64 KiB:
 * a hook with an id must not be lost because of the rest. */
bool input_parse(const char *text, size_t len, struct input *, struct arena *, struct err *);

/* "scene", "performer", …: as Stash's questions have it, with an "s" if there are many. */
const char *input_noun_word(enum input_noun);

#endif
