/*
 * write.h - carries out a plan on one item.
 */
#ifndef PLEXSYNC_PUSH_WRITE_H
#define PLEXSYNC_PUSH_WRITE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/timer.h"
#include "plex/item.h"
#include "run/env.h"
#include "push/plan.h"

struct write_target {
	const struct item *item;
	int section, type;
	const char *machine;
	const struct plan_input *input;
	const struct plan *plan;
};

struct write_result {
	unsigned done;		/* fields that were written */
	unsigned refused;	/* fields too long for the server */
	struct history history; /* to be stored, whatever came of it */
};

/* Records what is meant (durable), writes, and reads edits of tags back. On
 * failure the result tells what was done all the same. */
bool write_item(struct env *, const struct write_target *, struct write_result *, struct timer *,
	struct arena *, struct err *);

#endif
