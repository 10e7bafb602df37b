/*
 * send.h - the edits of one item: all fields in one request, and apart where Plex refuses
 * them together, so that one value takes no other with it.
 */
#ifndef PLEXSYNC_PUSH_SEND_H
#define PLEXSYNC_PUSH_SEND_H

#include "push/push.h"

/* Sends what is planned, and notes what Plex answered to each field: target->sent, accepted,
 * refusal. False if it did not answer, or fails for this item whatever is sent. */
bool send_planned(const struct env *, const struct push *, struct target *, struct err *);

/* What is planned as the query of one request, to be compared with that of other items; NULL
 * if it takes more than one. */
const char *send_query(const struct env *, const struct push *, struct target *);

/* Sends the same query for all of these targets, which are of one library and type, and notes it
 * in each. SEND_REFUSED: it has to be tried one by one. SEND_BROKEN: with the error. */
enum send_result { SEND_DONE, SEND_REFUSED, SEND_BROKEN };
enum send_result send_together(const struct env *, const struct push *, struct target *const *,
	size_t count, const char *query, struct err *);

/* Removes names that should have gone and are still there: by a request of its own, for
 * servers that heed only one half of a combined one. *any: there are some. */
bool send_stale(const struct env *, const struct push *, struct target *, bool *any, struct err *);

#endif
