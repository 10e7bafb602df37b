/*
 * written.h - what a function writes to a descriptor.
 */
#ifndef PLEXSYNC_TESTS_UNIT_WRITTEN_H
#define PLEXSYNC_TESTS_UNIT_WRITTEN_H

#include "helpers.h"

#include "base/arena.h"

static inline const char *written(
	struct arena *a, int fd, void (*function)(const void *), const void *arg)
{
	char *text = arena_alloc(a, 20000);
	FILE *file = tmpfile();
	int kept = dup(fd);
	size_t len;

	fflush(NULL);
	dup2(fileno(file), fd);
	function(arg);
	fflush(NULL);
	dup2(kept, fd);
	close(kept);
	rewind(file);
	len = fread(text, 1, 19999, file);
	text[len] = '\0';
	fclose(file);
	return text;
}

#endif
