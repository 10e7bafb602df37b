/*
 * input.h - what Stash writes to the stdin of a plugin: one JSON document.
 *
 * A hook has "hookContext"; tasks and operations have a map of arguments with "mode". Of a
 * hook's input (nulls, partial arrays, megabytes of base64) only the ids, the type, and the
 * path of a scene that is gone are used.
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
	bool from_stash;	 /* Stash itself says so, not a person */
	const char *cookie_name; /* NULL: none was given */
	const char *cookie;
	const char *api_key; /* NULL: none; never part of Stash's input */
	const char *dir;     /* Stash's configuration folder; NULL: not given */
};

/* Stored as numbers: never renumber, add at the end. */
enum input_noun { NOUN_SCENE, NOUN_PERFORMER, NOUN_STUDIO, NOUN_TAG, NOUN_GROUP };
enum input_verb { VERB_CREATE, VERB_UPDATE, VERB_DESTROY, VERB_MERGE };

struct input_hook {
	const char *type; /* as Stash says it: "Scene.Update.Post" */
	enum input_noun noun;
	enum input_verb verb;
	int64_t id;
	/* The scenes that the call names, in its order: every hook of a bulk edit names
	 * all of them, any other the one of 'id'. A repeated id stays: it is queued once. */
	int64_t *scenes;
	size_t scene_count;
	bool names_one;	    /* the input itself names one scene, and it is 'id' */
	struct digest edit; /* of the input, if it names several */
	const char *path;   /* Destroy: the file that the scene had; NULL if not given */
};

/* Arguments of a task, an operation, or a person's command. */
struct input_args {
	int64_t scene;	     /* 0: none given */
	const char *library; /* NULL: none given */
	int64_t days, hours; /* -1: none given */
	bool dry_run, force;
	/* Of the operations that Stash's page asks for; NULL, 0: none given. */
	const char *text, *server, *address, *list;
	int64_t limit, offset;
	bool apply;
	/* Of "match": an item's key (0: none given), or one of these. */
	int64_t key;
	bool none, automatic;
	/* Of the journal. */
	const char *result;
	int64_t before, entry, run;
};

struct input {
	struct input_connection stash;
	bool is_hook;
	struct input_hook hook;
	const char *mode; /* NULL: none given */
	struct input_args args;
};

/* text[len] must be NUL. False with ERR_INPUT; 'input' then still has Stash's folder and the
 * scene hook, if its first 64 KiB show them: a hook with an id must not be lost because of
 * the rest. */
bool input_parse(const char *text, size_t len, struct input *, struct arena *, struct err *);

/* "scene", "performer", …: as Stash's queries spell it, plus an "s" in the plural. */
const char *input_noun_word(enum input_noun);

#endif
