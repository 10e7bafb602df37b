/*
 * rows.h - reads a list from a server in pages, around the rows that spoil the page they are in.
 *
 * A server that cannot show one row often answers nothing for the whole page. Such a page is
 * halved until the row is alone; then the row is left out, and the pages grow again. One such
 * row costs some 20 requests in a page of 300. A failure that is not about rows (ERR_SERVER,
 * ERR_SETUP, …) ends the walk at once: a server that is down is not asked again. One that
 * refuses row after row may be in trouble as a whole: then a row that it did show, or one of the
 * later ones, tells.
 *
 * It knows nothing of what a row is: one of a listing, or one of a list of ids.
 */
#ifndef PLEXSYNC_BASE_ROWS_H
#define PLEXSYNC_BASE_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct rows {
	void *what; /* the first argument of both */

	/* Asks for 'count' rows from number 'first' on, and deals with those that come. *done:
	 * how many of them are dealt with, fewer than 'count' if it likes; 0: there are no
	 * more. False with ERR_LATER if one of them may be to blame, or with another kind. */
	bool (*ask)(void *what, size_t first, size_t count, size_t *done, struct err *);

	/* Row 'row' is left out, for the reason that is given. Called before a later row is
	 * asked for, or at the end. False, with the error, ends the walk. */
	bool (*leave)(void *what, size_t row, const struct err *why, struct err *);

	/* Asks for one row, only to see whether the server can show it. FOUND, or ABSENT: there is
	 * no such row; FAILED as 'ask'. *end: lowered if the answer says how many rows there
	 * are. NULL: 'ask' may be asked, since a row that is dealt with twice does no harm. */
	enum lookup (*see)(void *what, size_t row, size_t *end, struct err *);

	size_t end;	/* how many rows there are, as far as that is known */
	size_t most;	/* in one page */
	bool must_read; /* if not a single row could be read, and the last one was refused, the
			   walk fails with its error: it is the server */

	size_t read, left; /* afterwards: rows that were dealt with, and left out */
};

/* Walks through all rows. False with the error of 'ask' or 'leave'; with that of a row,
 * ERR_LATER, if that is the server's trouble: LIMIT_ROWS_REFUSED of them one after another failed
 * (LIMIT_ROWS_UNREADABLE if the answers made no sense, 'broken') and others do too, or
 * LIMIT_ROWS_LEFT did. */
bool rows_walk(struct rows *, struct err *);

#endif
