/* undo_field.h - what becomes of one field when a push is undone. Pure. */
#ifndef PLEXSYNC_PUSH_UNDO_FIELD_H
#define PLEXSYNC_PUSH_UNDO_FIELD_H

#include "state/fields.h"
#include "state/history.h"

enum undo_verdict {
	UNDO_NOTHING = 0, /* the push did not change the field */
	UNDO_WRITE,
	UNDO_BACK, /* Plex holds already what it held before */
	UNDO_KEEP, /* it was changed since                   */
	UNDO_LOST, /* what it was is not known as a whole    */
};

struct undo_field {
	enum undo_verdict verdict;
	struct value result;	/* what Plex holds after a write */
	struct str_list remove; /* of a set: names of theirs that go */
};

/* 'before' and 'after': of the push, as the journal has them. */
struct undo_field undo_field_decide(enum field, const struct value *before,
	const struct value *after, const struct value *theirs, struct arena *);

/* What is remembered of an item from the moment on that these fields (bits) are put back: what was
 * unlocked is not taken for lost. */
void undo_field_forget_locks(struct history *, unsigned fields);

/* 'set' without what 'after' has and 'before' does not, and with the opposite. *changed: that is
 * another one. 'gone': names that went; may be NULL. */
struct value undo_field_take_back(const struct value *set, const struct value *before,
	const struct value *after, struct str_list *gone, bool *changed, struct arena *);

#endif
