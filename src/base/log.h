/*
 * log.h - lines for Stash's log, or for a person at a terminal.
 *
 * To Stash a line is \x01 LEVEL \x02 text \n on stderr, written with one
 * write(2) of at most LIMIT_LOG_LINE bytes: other hooks share the pipe, and a
 * line of 64 KiB makes Stash close it. Control characters are escaped, so no
 * text from the network can forge a line; announced secrets are masked; an
 * empty text is not written.
 */
#ifndef PLEXSYNC_BASE_LOG_H
#define PLEXSYNC_BASE_LOG_H

#include <stdbool.h>

enum log_style { LOG_STASH, LOG_TERMINAL };
enum log_level { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* 'least': lines below this level are not written. Stash filters by itself. */
void log_init(enum log_style, enum log_level least);

/* Masks this text in every line from now on, unless it is shorter than four characters,
 * which would hit half of every line. */
void log_secret(const char *);

/* Masks the announced secrets in place, for text that goes elsewhere (stdout, the state):
 * plain and percent-encoded, and the first eight or more characters of one that was cut
 * off. */
void log_mask(char *text);
/* True if it would change anything. */
bool log_has_secret(const char *text);

/* From now on log_path() answers "(path hidden)". */
void log_hide_paths(bool);
const char *log_path(const char *path);

void log_at(enum log_level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define log_trace(...)	 log_at(LOG_TRACE, __VA_ARGS__)
#define log_debug(...)	 log_at(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)	 log_at(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_at(LOG_WARNING, __VA_ARGS__)
#define log_error(...)	 log_at(LOG_ERROR, __VA_ARGS__)

/* Progress of a task, 0 to 1; at most a few a second are written, and none at a terminal. */
void log_progress(double part);

/* Waits, 50 ms at most, until Stash has read what was written: lines still in the pipe
 * when the process ends are often lost. */
void log_finish(void);

#endif
