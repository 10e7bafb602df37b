/*
 * judge.h - whether a request for one item failed because of the item or of Plex.
 *
 * One damaged item must not stop the work on all others, nor a wrong token be blamed
 * on one item. The difference is whether Plex still answers for its libraries.
 */
#ifndef PLEXSYNC_PUSH_JUDGE_H
#define PLEXSYNC_PUSH_JUDGE_H

#include "run/env.h"
#include "run/request.h"

/* True if Plex answers for its libraries at this moment. */
bool judge_plex_answers(const struct env *, const struct request *, struct arena *);

/* After a failed request for an item. If Plex otherwise answers, a refusal (401, 403) becomes
 * ERR_JOB, and an answer that broke off or makes no sense, or a redirect, ERR_LATER. If it does
 * not, no error stays about the item. 'what' Plex refuses, for people: "to show item 7". */
void judge_item(
	const struct env *, const struct request *, const char *what, struct err *, struct arena *);

/* Of an edit nothing was taken, and it failed at this many fields. True if their values are to
 * blame, and not the item or the edit as such. 'attempts': those that failed before. Of a 404 this
 * holds if the item can be read afterwards. Pure. */
bool judge_is_value(const struct err *, unsigned fields, unsigned attempts);

/* True if an error is about one item, and others may go on. */
bool judge_is_one(const struct err *);

/* One of several items failed: keeps its error if it is the first ('all' went well so far), or is
 * not about one item; 'all' is false then. True if the others may go on. */
bool judge_keep(bool *all, struct err *kept, const struct err *);

/* True if an error of a request for several may be one row's trouble, or one item's, which shows
 * when each is asked for alone; false if every one would fail alike. */
bool judge_may_be_one(const struct err *);

#endif
