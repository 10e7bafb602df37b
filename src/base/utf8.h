/*
 * utf8.h - text as Stash and Plex compare and carry it. Everything here accepts any bytes;
 * what is not UTF-8 is compared as it is.
 */
#ifndef PLEXSYNC_BASE_UTF8_H
#define PLEXSYNC_BASE_UTF8_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* NFC: two spellings of one name become equal bytes. */
char *utf8_nfc(struct arena *, const char *);

/* NFC and case-folded: equal for names that are "the same name". */
char *utf8_fold(struct arena *, const char *);

/* NFC in small letters, one for one as file systems know them: equal for what differs in case
 * alone, while "ss" and the sharp s, which fold to the same, stay apart. */
char *utf8_lower(struct arena *, const char *);

/* Quotes, dashes and the ellipsis as a typewriter has them. */
char *utf8_plain(struct arena *, const char *);

/* utf8_fold for names that people type: how much white space is in it, and what nobody sees,
 * does not count either. */
char *utf8_name(struct arena *, const char *);
bool utf8_same_name(const char *, const char *);
/* True if the list has a name that is the same. */
bool utf8_has_name(const struct str_list *, const char *);

/* The bytes of the character at the beginning of a text that is not empty. */
size_t utf8_char_bytes(const char *);

/* The same, if it is UTF-8; 0: it is not, or the text is empty. */
size_t utf8_valid_bytes(const char *);

/* True if all of it is UTF-8. */
bool utf8_is_valid(const char *);

/* So many bytes at its beginning are whole characters, and not more than 'most'. */
size_t utf8_cut(const char *text, size_t most);

/* True if all of these words, which are folded, are in the text. */
bool utf8_has_words(struct arena *, const char *text, const struct str_list *words);

/* Text that XML can carry: characters that it cannot are left out, CRLF
 * becomes LF, bytes that are not UTF-8 become U+FFFD. Nothing else changes. */
char *utf8_clean(struct arena *, const char *);

/* For names and titles: cleaned, line ends and tabs become blanks, trimmed. */
char *utf8_clean_line(struct arena *, const char *);

/* The bytes of the blanks of every kind that a line begins with, no-break and zero-width ones and
 * marks of direction included: what comes along from a web page. */
size_t utf8_blank_bytes(const char *);

/* Without those at both ends. */
char *utf8_trim(struct arena *, const char *);

/* For comparing long texts: cleaned, NFC, trimmed, runs of white space become a blank. */
char *utf8_squeeze(struct arena *, const char *);

#endif
