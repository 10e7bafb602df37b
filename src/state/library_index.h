/*
 * library_index.h - the library index: every media part of Plex's libraries, by path
 * and by file name.
 *
 * Rows of a library carry a generation. A full pass writes rows of a new one,
 * and one commit switches the library to it, so that readers keep the old rows
 * meanwhile; the old ones are removed afterwards. Rows are never dropped to
 * make room: a library that does not fit is marked as incomplete, and an
 * incomplete index answers "unknown", never "absent".
 */
#ifndef PLEXSYNC_STATE_LIBRARY_INDEX_H
#define PLEXSYNC_STATE_LIBRARY_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

struct index_section {
	int id;
	const char *uuid, *title, *type, *scanner;
	struct str_list locations;
	uint32_t generation;  /* of the rows that count; 0: none yet       */
	bool complete;	      /* every part of the library is in the rows  */
	bool too_large;	      /* the last pass ended at the store's limit  */
	int64_t full_pass_ms; /* when the last full pass began; 0: never   */
	int64_t confirmed_ms; /* when it was last known to be current      */
	const char *counter;  /* Plex's contentChangedAt, as text: compare for equality only */
	int64_t total;	      /* Plex's totalSize                          */
	int64_t newest_added, newest_updated; /* stamps, for reading what is new */
};

struct library_index {
	const char *machine; /* Plex's machineIdentifier; "" if not known   */
	const char *url;     /* of the server that it was asked from        */
	struct index_section *sections;
	size_t count;
};

/* One part of an item. */
struct index_part {
	int section;
	int64_t rating_key;
	int64_t size, duration_ms; /* 0: not known */
	bool first;		   /* the first part of the item's first medium */
	uint8_t of_many;	   /* how many parts its item has; 0: one, or not known */
	const char *path;
};

/* The libraries that are known; empty without a cache. False: see the transaction. */
bool library_index_load(struct txn *, struct library_index *, struct arena *);
/* NULL if it is not known. */
struct index_section *library_index_section(const struct library_index *, int id);
void library_index_save_section(struct txn *, const struct index_section *);
void library_index_save_server(struct txn *, const char *machine, const char *url);
/* Forgets a library; its rows are swept with library_index_drop_old(generation 0). */
void library_index_drop_section(struct txn *, int id);

/* What a row that is put says, compared with the library's current generation. */
enum index_row {
	INDEX_ROW_SAME,	   /* nothing that was not known, or the transaction failed */
	INDEX_ROW_GAINED,  /* that item did not have that part                      */
	INDEX_ROW_CHANGED, /* another size, duration or place, or the item's other parts */
};

/* Adds a row of a generation. */
enum index_row library_index_put(
	struct txn *, const struct index_section *, uint32_t generation, const struct index_part *);
void library_index_remove(struct txn *, const struct index_section *, const struct index_part *);

/* A generation that no library has had. */
uint32_t library_index_new_generation(struct txn *);

/* Counts pages that brought something new, so that a process that looked in vain knows whether to
 * look again. */
void library_index_note_gain(struct txn *);
uint64_t library_index_gains(struct txn *);

/* Parts that may be this path (equal when folded), and parts whose file name
 * is the same when folded. Only current rows; 'limit' at most. Returns how many. */
size_t library_index_by_path(struct txn *, const struct library_index *, const char *path,
	struct index_part *parts, size_t limit, struct arena *);
size_t library_index_by_name(struct txn *, const struct library_index *, const char *path,
	struct index_part *parts, size_t limit, struct arena *);

/* Parts whose paths have all of these words (folded), in one library (0: in all): looks at
 * every row. Returns how many. */
size_t library_index_search(struct txn *, const struct library_index *,
	const struct str_list *words, int section, struct index_part *parts, size_t limit,
	struct arena *);

/* True if a current row has a file name of this digest. */
bool library_index_has_name(struct txn *, const struct library_index *, const struct digest *name);

#define INDEX_KEY 52

struct index_position {
	unsigned char key[INDEX_KEY];
};
/* Removes up to 'limit' rows of a library that are not of the generation, looking from
 * *position on (all zero to begin). False at the end. */
bool library_index_drop_old(
	struct txn *, int section, uint32_t generation, struct index_position *, size_t limit);

/* Rows of all libraries and generations. */
size_t library_index_rows(struct txn *);
/* Forgets everything. */
void library_index_clear(struct txn *);

#endif
