/*
 * format.h - a title that is made of a scene's values: settings fieldTitleFormat and
 * fieldSortTitleFormat.
 *
 * "{studio} - {title}[ ({year})]": a name in braces stands for a value; what is in brackets
 * vanishes where a value in it is empty; [[ ]] {{ }} are the characters. Around a value that is
 * empty no separator is left over, and no empty parentheses. Pure.
 */
#ifndef PLEXSYNC_STASH_FORMAT_H
#define PLEXSYNC_STASH_FORMAT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

enum format_name {
	FORMAT_TITLE,
	FORMAT_STUDIO,
	FORMAT_PARENT_STUDIO,
	FORMAT_DATE,
	FORMAT_YEAR,
	FORMAT_CODE,
	FORMAT_PERFORMERS,
	FORMAT_DIRECTOR,
	FORMAT_RATING,
	FORMAT_FILENAME,
	FORMAT_ID,
	FORMAT_NAMES
};

struct format_values {
	const char *v[FORMAT_NAMES]; /* "" if empty, never NULL */
};

/* False with ERR_SETUP, which names the setting and the place. */
bool format_check(const char *format, const char *setting, struct err *);

/* "" if none of its values is there, or the format is wrong. */
char *format_render(const char *format, const struct format_values *, struct arena *);

#endif
