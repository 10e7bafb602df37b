/*
 * owed.h - the sweeps that are owed, and where one stopped.
 *
 * Some edits fire no hook of a scene: a renamed performer, a merge, an import. What is known
 * of them (the performer) is kept until the scenes that carry it were checked; the rest is
 * found once a day, by checking all scenes.
 */
#ifndef PLEXSYNC_STATE_OWED_H
#define PLEXSYNC_STATE_OWED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/store.h"

/* With it a noun is not about the scenes that carry it, but about its collections: see art.h. */
#define OWED_ART 64

/* A performer, studio, tag or group that was edited. */
struct owed_entity {
	uint8_t noun; /* the caller's number for the kind */
	int64_t id;
	int64_t event; /* the number of its newest edit */
};

void owed_add(struct txn *, uint8_t noun, int64_t id);
/* One of those that are owed; those of OWED_ART come last. */
enum lookup owed_next(struct txn *, struct owed_entity *);
/* The first of them from this noun on, up to 'most'; their count. */
size_t owed_from(struct txn *, uint8_t noun, struct owed_entity *, size_t most);
/* Its scenes were checked; it stays owed if it was edited meanwhile. */
void owed_done(struct txn *, const struct owed_entity *);

/* True if all scenes were last checked a day ago, or a check was asked for. False before the
 * first day was started. */
bool owed_all_due(struct txn *, int64_t now_ms);
/* Starts the first day, where a job is queued and where a drain ends; does nothing later. */
void owed_all_start_day(struct txn *, int64_t now_ms);
/* The next one is due at once. */
void owed_add_all(struct txn *);
/* The same, but only if the first day has begun: PlexSync was updated, and for a moment Stash
 * found nothing to start for what was edited. */
void owed_all_missed(struct txn *);
/* It begins: due again in an hour, in case it is cut off. It ended: due in a day. */
void owed_all_begin(struct txn *, int64_t now_ms);
void owed_all_done(struct txn *, int64_t now_ms);

/* Plex's database was put back: the scenes that were pushed since are to be read again. */
struct owed_restored {
	const char *machine;   /* Plex's machine id */
	const char *libraries; /* that went back, for people */
	int64_t since_ms;      /* 0: not known, so all that were ever pushed */
	int64_t after;	       /* the last scene that was looked at */
	int64_t queued;	       /* scenes so far */
};

/* Adds to what is owed already, and begins again. */
void owed_restored_add(struct txn *, const struct owed_restored *);
bool owed_restored_any(struct txn *);
enum lookup owed_restored_get(struct txn *, struct owed_restored *, struct arena *);
void owed_restored_save(struct txn *, const struct owed_restored *);
void owed_restored_done(struct txn *);

/* True if a sweep of any kind, or an undo, is owed. */
bool owed_any(struct txn *, int64_t now_ms);

/* A run whose pushes are being undone, the newest first. */
struct owed_undo {
	int64_t run;	/* 0: none is */
	int64_t before; /* of those whose entries are older than this one */
	int64_t as;	/* the run that the undo has in the journal */
};
void owed_undo_load(struct txn *, struct owed_undo *);
void owed_undo_save(struct txn *, const struct owed_undo *);

/* How far a sweep came. */
struct owed_position {
	uint64_t kind; /* digest of what it was to do: another one starts from the beginning */
	int64_t after; /* the last scene that it looked at */
	int64_t begun_ms;
};

/* ABSENT: there is none of this kind that is less than an hour old. */
enum lookup owed_position(struct txn *, uint64_t kind, int64_t now_ms, struct owed_position *);
/* 'after' 0: it came to its end. */
void owed_save_position(struct txn *, const struct owed_position *);

#endif
