/*
 * write.h - carries out the plans of a push.
 */
#ifndef PLEXSYNC_PUSH_WRITE_H
#define PLEXSYNC_PUSH_WRITE_H

#include "push/push.h"

/* Notes what each target intends, for write_intents; a dry run only takes over the plans. */
void write_plan(struct push *);

/* Records what all targets of these scenes intend in one commit, durable: after a kill, or
 * without an answer, nobody would know what became of the request. If it fails nothing may
 * leave. */
bool write_intents(const struct env *, struct push *const *, size_t count, struct err *);

/* Sends the edits. One that fails because of its item stops no other. On failure the targets know
 * what was sent all the same. */
bool write_send(const struct env *, struct push *, struct err *);

/* One item, unless it was read ahead. ABSENT: Plex does not have it. */
enum lookup write_read(const struct env *, const struct push *, const char *rating_key,
	struct item *, struct err *);

/* The items that have to be read back. */
void write_keys(const struct push *, struct str_list *rating_keys);

/* Looks what Plex made of the edits, and says it in the targets, with their history from now
 * on. False also where the sending failed, with 'err' as it is. */
bool write_conclude(const struct env *, struct push *, struct err *);

#endif
