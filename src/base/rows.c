#include "base/rows.h"

#include "base/arena.h"

/* A row that failed alone. It is left out only once a later one could be read, or the list
 * has ended: until then it may be the server that fails. */
struct lone {
	size_t row;
	struct err why;
};

struct lone_list {
	struct lone *v;
	size_t n;
};

static bool leave_all(struct rows *rows, struct lone_list *lone, struct err *err)
{
	for (size_t i = 0; i < lone->n; i++) {
		rows->left++;
		if (!rows->leave(rows->what, lone->v[i].row, &lone->v[i].why, err))
			return false;
	}
	lone->n = 0;
	return true;
}

/* False if these are too many in a row. */
static bool add_lone(struct lone_list *lone, size_t row, const struct err *why, struct arena *a)
{
	const size_t most = why->broken ? LIMIT_ROWS_UNREADABLE : LIMIT_ROWS_REFUSED;

	if (lone->n >= most)
		return false;
	if (lone->v == NULL)
		lone->v = arena_array(a, LIMIT_ROWS_UNREADABLE, sizeof(*lone->v));
	lone->v[lone->n++] = (struct lone){.row = row, .why = *why};
	return true;
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
		} else if (err->kind != ERR_LATER || (count == 1 && !add_lone(&lone, at, err, a))) {
			return false;
		} else {
			at += count == 1;
			size = count > 1 ? count / 2 : 1;
			done = 1;
		}
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
