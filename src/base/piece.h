/* piece.h - the pieces of what people type into a setting: names of a list, sides of a rule. */
#ifndef PLEXSYNC_BASE_PIECE_H
#define PLEXSYNC_BASE_PIECE_H

#include "base/arena.h"

/* From *at to the first of 'ends' (up to NULL), where *at is left, or to the end of the text.
 * Blanks of every kind around a piece do not count. In double quotes (str_quoted) it may hold
 * anything, and a quote in it is doubled. NULL: *wrong says what is wrong with its quotes. */
char *piece_take(struct arena *, const char **at, const char *const *ends, const char **wrong);

#endif
