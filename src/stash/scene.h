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
	int64_t studio_id, *parent_ids; /* of these, in the same order; 0: not given */
	const char *updated;		/* Stash's stamp: differs if the scene does; has no order */
	int64_t rating100;		/* 0: none */
	bool organized;
	bool identified;		 /* a stash-box knows it */
	struct str_list performers;	 /* as Stash shows them: "Name (Disambiguation)" */
	struct str_list bare_performers; /* without disambiguation, in the same order */
	struct str_list genders;	 /* in the same order: "FEMALE"; "" if not given */
	struct str_list tags, groups;	 /* names */
	int64_t *tag_ids, *group_ids;	 /* of these, in the same order */
	struct scene_file *files;	 /* the first one is the primary file */
	size_t file_count;
};

/* What not every Stash knows of a scene: bits of what it lacks. A scene of v0.26 and before has
 * movies, from v0.27 on it has groups, with movies as an alias until v0.30. */
enum scene_part {
	SCENE_MOVIES,
	SCENE_GROUPS, /* asked for without movies only */
	SCENE_CODE,
	SCENE_PARENT_STUDIOS,
	SCENE_GENDERS,
	SCENE_DISAMBIGUATIONS,
	SCENE_PARTS
};

/* The fields of a scene in a question to a Stash that lacks some. */
const char *scene_fields(unsigned lacking, struct arena *);
/* The part that Stash's error says it does not know, as a bit; 0: it is about something else. */
unsigned scene_lacks(const char *error);

/* False with ERR_LATER if it is not a scene, or ERR_JOB if a file has no usable path. */
bool scene_parse(const cJSON *, struct scene *, struct arena *, struct err *);

/* True if Stash knows nothing of it but its file. */
bool scene_is_blank(const struct scene *);

/* True if one of the tags has this name (utf8_same_name). */
bool scene_has_tag(const struct scene *, const char *name);

#endif
