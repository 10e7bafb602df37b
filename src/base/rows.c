#include "base/rows.h"

#include <string.h>

#include "base/arena.h"

/* More than anybody has. */
#define ROWS_MOST 10000000

/* A row that failed alone. It is left out only once a later one could be read, or the list
 * has ended: until then it may be the server that fails. */
struct lone {
	size_t row;
	struct err why;
};

/* Those that failed one after another. */
struct lone_list {
	struct lone *v;
	size_t n, room;
	size_t cleared; /* so many when the server could show another one */
};

static bool leave_all(struct rows *rows, struct lone_list *lone, struct err *err)
{
	for (size_t i = 0; i < lone->n; i++) {
		rows->left++;
		if (!rows->leave(rows->what, lone->v[i].row, &lone->v[i].why, err))
			return false;
	}
	lone->n = lone->cleared = 0;
	return true;
}

static void add_lone(struct lone_list *lone, size_t row, const struct err *why, struct arena *a)
{
	if (lone->n == lone->room) {
		const struct lone *before = lone->v;
		lone->room = lone->room > 0 ? 2 * lone->room : LIMIT_ROWS_REFUSED;
		lone->v = arena_array(a, lone->room, sizeof(*lone->v));
		if (lone->n > 0)
			memcpy(lone->v, before, lone->n * sizeof(*before));
	}
	lone->v[lone->n++] = (struct lone){.row = row, .why = *why};
}

static enum lookup see(struct rows *rows, size_t row, size_t *end, struct err *err)
{
	size_t done;

	if (rows->see != NULL)
		return rows->see(rows->what, row, end, err);
	if (!rows->ask(rows->what, row, 1, &done, err))
		return FAILED;
	return done > 0 ? FOUND : ABSENT;
}

/* A row on the way to the end: soon after the first ones, and then most of the way. */
static size_t farther(size_t row, size_t end)
{
	size_t near = row + 8 * (row + 1), far = row + (end - row) * 7 / 8;

	return near < far ? near : far;
}

/* FOUND: the server can show one of the rows after 'row'. ABSENT, or FAILED with an error:
 * it can show none of those that were asked for. */
static enum lookup see_later(struct rows *rows, size_t row, struct err *err)
{
	enum lookup found = ABSENT;
	size_t end = rows->end < ROWS_MOST ? rows->end : ROWS_MOST;

	while (found != FOUND && end - row > 1) {
		size_t at = farther(row, end);
		found = see(rows, at, &end, err);
		if (found == FAILED && err->kind != ERR_LATER)
			return FAILED;
		if (found == FAILED)
			row = at;
		else if (at < end)
			end = at;
	}
	return found;
}

/* Several in a row are the server's trouble, unless it can show another at the same time: the
 * last one that it did show, or else a later one. It is asked again whenever there are twice as
 * many. False, with another error perhaps, if they are. */
static bool is_cleared(struct rows *rows, struct lone_list *lone, size_t row, struct err *err)
{
	const size_t most = err->broken ? LIMIT_ROWS_UNREADABLE : LIMIT_ROWS_REFUSED;
	enum lookup found;
	struct err why;
	size_t end = rows->end;

	if (lone->n >= LIMIT_ROWS_LEFT)
		return false;
	if (lone->n < most || lone->n < 2 * lone->cleared)
		return true;
	lone->cleared = lone->n;
	found = rows->read > 0 ? see(rows, lone->v[0].row - 1, &end, &why)
			       : see_later(rows, row, &why);
	if (found == FAILED)
		*err = why;
	return found == FOUND;
}

static bool walk(struct rows *rows, struct arena *a, struct err *err)
{
	struct lone_list lone = {0};
	size_t at = 0, size = rows->most, done = 1;

	while (at < rows->end && done > 0) {
		size_t count = size < rows->end - at ? size : rows->end - at;
		if (rows->ask(rows->what, at, count, &done, err)) {
			if (done > 0 && !leave_all(rows, &lone, err))
				return false;
			rows->read += done;
			at += done;
			size = size < rows->most / 2 ? size * 2 : rows->most;
			continue;
		}
		if (err->kind != ERR_LATER)
			return false;
		if (count == 1) {
			const struct err why = *err;
			if (!is_cleared(rows, &lone, at, err))
				return false;
			add_lone(&lone, at++, &why, a);
		}
		size = count > 1 ? count / 2 : 1;
		done = 1;
	}
	if (rows->must_read && rows->read == 0 && lone.n > 0 && !lone.v[lone.n - 1].why.broken) {
		*err = lone.v[lone.n - 1].why;
		return false;
	}
	return leave_all(rows, &lone, err);
}

bool rows_walk(struct rows *rows, struct err *err)
{
	struct arena a;
	bool done;

	rows->read = rows->left = 0;
	arena_init(&a);
	done = walk(rows, &a, err);
	arena_clear(&a);
	return done;
}
