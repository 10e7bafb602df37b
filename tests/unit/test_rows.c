/*
 * test_rows.c - lists that are read around the rows that spoil their page.
 */
#include "helpers.h"

#include "base/rows.h"

/* A list of up to 1200 rows, some of them bad; the server may go down at a request, or refuse
 * them all from one on. */
struct list {
	const char *bad; /* numbers and ranges: "3 7-9" */
	size_t total, most_sent;
	bool broken, stops;
	size_t down_at; /* this request finds no server; 0: none does */
	size_t sick_at; /* from this one on nothing is shown; 0: never */

	size_t requests, got[1200], n_got, left[1200], n_left;
};

static bool is_bad(const struct list *list, size_t row)
{
	const char *at = list->bad;

	while (at != NULL && *at != '\0') {
		char *end;
		size_t first = strtoul(at, &end, 10), last = first;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (row >= first && row <= last)
			return true;
		at = *end == '\0' ? end : end + 1;
	}
	return false;
}

static bool ask(void *what, size_t first, size_t count, size_t *done, struct err *err)
{
	struct list *list = what;

	*done = 0;
	if (++list->requests == list->down_at)
		return err_set(err, ERR_SERVER, "down");
	if (list->most_sent > 0 && count > list->most_sent)
		count = list->most_sent;
	for (size_t row = first; row < first + count && row < list->total; row++) {
		if (is_bad(list, row) || (list->sick_at > 0 && list->requests >= list->sick_at)) {
			err_set(err, ERR_LATER, "row %zu", row);
			err->broken = list->broken;
			return false;
		}
	}
	for (; *done < count && first + *done < list->total; ++*done)
		list->got[list->n_got++] = first + *done;
	return true;
}

static enum lookup see(void *what, size_t row, size_t *end, struct err *err)
{
	struct list *list = what;
	size_t n_got = list->n_got, done;

	if (!ask(what, row, 1, &done, err))
		return FAILED;
	list->n_got = n_got;
	if (done == 0)
		*end = list->total;
	return done > 0 ? FOUND : ABSENT;
}

static bool leave(void *what, size_t row, const struct err *why, struct err *err)
{
	struct list *list = what;
	char text[32];

	if (list->stops)
		return err_set(err, ERR_STORE, "full");
	snprintf(text, sizeof(text), "row %zu", row);
	assert_string_equal(why->text, text);
	list->left[list->n_left++] = row;
	return true;
}

static bool row_size(const char *name, size_t got, size_t want)
{
	return row_int(name, (int64_t)got, (int64_t)want);
}

static void test_walks(void **state)
{
	static const struct {
		const char *name, *bad;
		size_t total, end, page, most_sent, down_at;
		bool broken, stops;
		bool want;
		enum err_kind kind;
		size_t left, requests; /* at most */
		size_t sick_at;
	} rows[] = {
		{"no row is bad", "", 300, 300, 100, 0, 0, false, false, true, 0, 0, 3, 0},
		{"the end is where nothing comes", "", 150, SIZE_MAX, 100, 0, 0, false, false, true,
			0, 0, 3, 0},
		{"fewer come than were asked for", "", 90, 90, 100, 40, 0, false, false, true, 0, 0,
			3, 0},
		{"no rows", "", 0, 0, 100, 0, 0, false, false, true, 0, 0, 0, 0},
		{"the first one", "0", 300, 300, 300, 0, 0, false, false, true, 0, 1, 19, 0},
		{"the last one", "299", 300, 300, 300, 0, 0, false, false, true, 0, 1, 19, 0},
		{"one in the middle", "177", 300, 300, 300, 0, 0, false, false, true, 0, 1, 21, 0},
		{"two far apart", "20 280", 300, 300, 300, 0, 0, false, false, true, 0, 2, 38, 0},
		{"neighbours", "20-24", 300, 300, 300, 0, 0, false, false, true, 0, 5, 26, 0},
		{"one alone", "0", 1, 1, 300, 0, 0, false, false, true, 0, 1, 1, 0},
		{"all of three", "0-2", 3, 3, 50, 0, 0, false, false, true, 0, 3, 6, 0},
		{"of all of three one must be read", "0-2", 3, 3, 50, 0, 0, false, false, false,
			ERR_LATER, 0, 6, 0},
		{"one must be read, and is", "0-1", 3, 3, 50, 0, 0, false, false, true, 0, 2, 6, 0},
		{"one must be read, and the end is not known", "0-2", 3, SIZE_MAX, 50, 0, 0, false,
			false, false, ERR_LATER, 0, 9, 0},
		{"one must be read, unless they are unreadable", "0-2", 3, 3, 50, 0, 0, true, false,
			true, 0, 3, 6, 0},
		{"one where fewer come than asked", "33", 90, 90, 100, 40, 0, false, false, true, 0,
			1, 18, 0},
		{"one, and the end is not known", "149", 150, SIZE_MAX, 100, 0, 0, false, false,
			true, 0, 1, 20, 0},
		{"eight are refused, one after another", "10-17", 300, 300, 300, 0, 0, false, false,
			true, 0, 8, 29, 0},
		{"nine, while others are shown", "10-18", 300, 300, 300, 0, 0, false, false, true,
			0, 9, 31, 0},
		{"the first nine", "0-8", 300, 300, 300, 0, 0, false, false, true, 0, 9, 28, 0},
		{"the last nine", "291-299", 300, 300, 300, 0, 0, false, false, true, 0, 9, 28, 0},
		{"all but the last one", "0-298", 300, 300, 300, 0, 0, false, false, true, 0, 299,
			330, 0},
		{"all of them are the server's trouble", "0-299", 300, 300, 300, 0, 0, false, false,
			false, ERR_LATER, 0, 21, 0},
		{"all, and the end is not known", "0-299", 300, SIZE_MAX, 300, 0, 0, false, false,
			false, ERR_LATER, 0, 23, 0},
		{"the server refuses everything meanwhile", "", 900, SIZE_MAX, 300, 0, 0, false,
			false, false, ERR_LATER, 0, 19, 2},
		{"or from the beginning", "", 900, SIZE_MAX, 300, 0, 0, false, false, false,
			ERR_LATER, 0, 32, 1},
		{"it goes down when it is asked for another", "10-18", 300, 300, 300, 0, 22, false,
			false, false, ERR_SERVER, 0, 22, 0},
		{"a thousand", "10-1009", 1200, 1200, 300, 0, 0, false, false, true, 0, 1000, 1040,
			0},
		{"more are too many", "10-1010", 1200, 1200, 300, 0, 0, false, false, false,
			ERR_LATER, 0, 1040, 0},
		{"unless the answers are what makes no sense", "10-109", 300, 300, 300, 0, 0, true,
			false, true, 0, 100, 120, 0},
		{"more of those, while others are shown", "10-110", 300, 300, 300, 0, 0, true,
			false, true, 0, 101, 122, 0},
		{"nonsense everywhere", "0-299", 300, 300, 300, 0, 0, true, false, false, ERR_LATER,
			0, 113, 0},
		{"the server is down at once", "", 300, 300, 300, 0, 1, false, false, false,
			ERR_SERVER, 0, 1, 0},
		{"the server goes down meanwhile", "5", 300, 300, 300, 0, 4, false, false, false,
			ERR_SERVER, 0, 4, 0},
		{"the caller gives up", "5", 300, 300, 300, 0, 0, false, true, false, ERR_STORE, 0,
			20, 0},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct list list = {.bad = rows[i].bad,
			.total = rows[i].total,
			.most_sent = rows[i].most_sent,
			.broken = rows[i].broken,
			.stops = rows[i].stops,
			.down_at = rows[i].down_at,
			.sick_at = rows[i].sick_at};
		struct rows walk = {.what = &list,
			.ask = ask,
			.leave = leave,
			.see = see,
			.must_read = strstr(rows[i].name, "one must") != NULL,
			.end = rows[i].end,
			.most = rows[i].page};
		struct err err = {0};
		bool done = rows_walk(&walk, &err);

		ok &= row_int(rows[i].name, done, rows[i].want);
		ok &= row_size(rows[i].name, list.n_left, rows[i].left);
		if (list.requests > rows[i].requests)
			ok &= row_size(rows[i].name, list.requests, rows[i].requests);
		if (!done) {
			ok &= row_int(rows[i].name, err.kind, rows[i].kind);
			continue;
		}
		/* Each good row once, in their order, and each bad one left out once. */
		ok &= row_size(rows[i].name, walk.read, list.n_got);
		ok &= row_size(rows[i].name, walk.left, list.n_left);
		ok &= row_size(rows[i].name, list.n_got + list.n_left, rows[i].total);
		for (size_t j = 1; j < list.n_got; j++)
			ok &= row_int(rows[i].name, list.got[j] > list.got[j - 1], true);
		for (size_t j = 0; j < list.n_left; j++)
			ok &= row_int(rows[i].name, is_bad(&list, list.left[j]), true);
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_walks)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
