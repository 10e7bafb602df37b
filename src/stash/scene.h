/*
 * scene.h - one scene of Stash as plain values, and the part of a GraphQL query
 * that asks for it.
 */
#ifndef PLEXSYNC_STASH_SCENE_H
#define PLEXSYNC_STASH_SCENE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct scene_file {
	const char *path;    /* as Stash sees it */
	int64_t size;	     /* bytes; 0: not known */
	int64_t duration_ms; /* 0: not known */
};

/* Texts are as Stash has them; "" if empty, never NULL. */
struct scene {
	int64_t id;
	bool unreadable; /* in a list: it made no sense; only the id is known */
	const char *title, *details, *date, *director, *code, *studio;
	struct str_list parent_studios; /* the nearest first */
	const char *updated;		/* Stash's stamp: differs if the scene does; has no order */
	int64_t rating100;		/* 0: none */
	bool organized;
	bool identified;		 /* a stash-box knows it */
	struct str_list performers;	 /* as Stash shows them: "Name (Disambiguation)" */
	struct str_list bare_performers; /* without disambiguation, in the same order */
	struct str_list genders;	 /* in the same order: "FEMALE"; "" if not given */
	struct str_list tags, groups;	 /* names */
	int64_t *tag_ids;		 /* of tags, in the same order */
	struct scene_file *files;	 /* the first one is the primary file */
	size_t file_count;
};

/* So many studios above a studio are read: Stash has no question for all of them. */
#define SCENE_PARENT(above)    "parent_studio{name" above "}"
#define SCENE_PARENTS_2(above) SCENE_PARENT(" " SCENE_PARENT(above))
#define SCENE_PARENTS_4(above) SCENE_PARENTS_2(" " SCENE_PARENTS_2(above))
#define SCENE_PARENTS_8(above) SCENE_PARENTS_4(" " SCENE_PARENTS_4(above))

/* Until v0.26 a scene has movies; from v0.27 on groups, with movies as an alias. */
#define SCENE_FIELDS_COMMON                                                                        \
	"id title details director code date rating100 organized updated_at "                      \
	"studio{name " SCENE_PARENTS_8("") "} performers{name disambiguation gender} "             \
					   "tags{id name} files{path size duration} stash_ids{stash_id} "
#define SCENE_FIELDS_MOVIES SCENE_FIELDS_COMMON "movies{movie{name}}"
#define SCENE_FIELDS_GROUPS SCENE_FIELDS_COMMON "groups{group{name}}"

/* False with ERR_LATER if it is not a scene, or ERR_JOB if a file has no usable path. */
bool scene_parse(const cJSON *, struct scene *, struct arena *, struct err *);

/* True if Stash knows nothing of it but its file. */
bool scene_is_blank(const struct scene *);

/* True if one of the tags has this name (utf8_same_name). */
bool scene_has_tag(const struct scene *, const char *name);

#endif
