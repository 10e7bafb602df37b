/*
 * test_match.c - the rules of matching, row by row: a file, the parts that
 * Plex has, and the verdict; and the path map, its mistakes and its boundaries.
 */
#include "arena_open.h"

#include "base/limits.h"
#include "base/path.h"
#include "find/match.h"
#include "stash/path_map.h"

#define COMPOSED   "Caf\xc3\xa9"
#define DECOMPOSED "Cafe\xcc\x81"
#define NBSP	   "\xc2\xa0"
#define ZWSP	   "\xe2\x80\x8b"
#define HEART	   "\xe2\x9d\xa4\xef\xb8\x8f" /* it ends in a variation selector */

/* --- rules ------------------------------------------------------------------- */

#define MOST_PARTS 6

struct part_row {
	int section, key;
	const char *path;
	int64_t size;
};

struct pick_row {
	const char *name;
	const char *path;
	int64_t size;
	bool inside, accept_name;
	struct part_row parts[MOST_PARTS]; /* section 0 ends them */
	enum match_answer answer;
	enum match_rule rule;
	const char *keys; /* of the verdict, in its order */
};

/* As the index answers: by the folded path, and by the folded file name. */
static size_t select_parts(
	const struct pick_row *row, const int64_t *durations, bool by_name, struct index_part *out)
{
	size_t count = 0;

	for (size_t i = 0; i < MOST_PARTS && row->parts[i].section != 0; i++) {
		const struct part_row *part = &row->parts[i];
		struct digest want = by_name ? path_name_digest(row->path) : path_digest(row->path);
		struct digest got = by_name ? path_name_digest(part->path)
					    : path_digest(part->path);
		if (memcmp(want.bytes, got.bytes, DIGEST_BYTES) == 0)
			out[count++] = (struct index_part){.section = part->section,
				.rating_key = part->key,
				.path = part->path,
				.size = part->size,
				.duration_ms = durations[i]};
	}
	return count;
}

static const char *verdict_keys(const struct match_verdict *verdict)
{
	struct str keys;

	str_init(&keys, &arena);
	for (size_t i = 0; i < verdict->count; i++)
		str_addf(&keys, "%s%lld", i > 0 ? " " : "",
			(long long)verdict->parts[i]->rating_key);
	return keys.s;
}

/* Durations in milliseconds, of ours and of each part. */
static bool pick(const struct pick_row *row, int64_t duration_ms, const int64_t *durations)
{
	struct match_query query = {.path = row->path,
		.size = row->size,
		.duration_ms = duration_ms,
		.inside = row->inside,
		.accept_name = row->accept_name};
	struct index_part by_path[MOST_PARTS], by_name[MOST_PARTS];
	size_t path_count = select_parts(row, durations, false, by_path);
	size_t name_count = select_parts(row, durations, true, by_name);
	struct match_verdict verdict;

	match_pick(&query, by_path, path_count, by_name, name_count, &verdict, &arena);
	return row_int(row->name, verdict.answer, row->answer) &
	       row_int(row->name, verdict.rule, row->rule) &
	       row_text(row->name, verdict_keys(&verdict), row->keys);
}

static bool pick_table(const struct pick_row *rows, size_t n)
{
	static const int64_t unknown[MOST_PARTS];
	bool ok = true;

	for (size_t i = 0; i < n; i++)
		ok &= pick(&rows[i], 0, unknown);
	return ok;
}

#define FOUND_BY(rule, keys) MATCH_FOUND, rule, keys
#define AMBIGUOUS(keys)	     MATCH_AMBIGUOUS, MATCH_NONE, keys
#define NOT_THERE	     MATCH_ABSENT, MATCH_NONE, ""

static void test_by_path(void **state)
{
	static const struct pick_row rows[] = {
		{"nothing in Plex", "/films/a.mkv", 5, true, false, {{0}}, NOT_THERE},
		{"this very path", "/films/a.mkv", 5, true, false, {{1, 10, "/films/a.mkv", 5}},
			FOUND_BY(MATCH_PATH, "10")},
		{"the path counts, not the size", "/films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 6}}, FOUND_BY(MATCH_PATH, "10")},
		{"nor a size that is not known", "/films/a.mkv", 0, true, false,
			{{1, 10, "/films/a.mkv", 0}}, FOUND_BY(MATCH_PATH, "10")},
		{"in two libraries", "/films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 5}, {2, 20, "/films/a.mkv", 5}},
			FOUND_BY(MATCH_PATH, "10 20")},
		{"two items of one library", "/films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 5}, {1, 11, "/films/a.mkv", 5}},
			AMBIGUOUS("10 11")},
		{"two of one library, matchByName", "/films/a.mkv", 5, true, true,
			{{1, 10, "/films/a.mkv", 5}, {1, 11, "/films/a.mkv", 5}},
			AMBIGUOUS("10 11")},
		{"two of one library, one of another", "/films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 5}, {1, 11, "/films/a.mkv", 5},
				{2, 20, "/films/a.mkv", 5}},
			FOUND_BY(MATCH_PATH, "20")},
		{"one item twice: two parts of one path", "/films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 5}, {1, 10, "/films/a.mkv", 5}},
			FOUND_BY(MATCH_PATH, "10")},
		{"one key in two libraries is two items", "/films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 5}, {2, 10, "/films/a.mkv", 5}},
			FOUND_BY(MATCH_PATH, "10 10")},
		{"another case on Unix is another file", "/films/a.mkv", 5, true, false,
			{{1, 10, "/films/A.mkv", 6}}, NOT_THERE},
		{"decomposed", "/films/" COMPOSED ".mkv", 5, true, false,
			{{1, 10, "/films/" DECOMPOSED ".mkv", 6}}, FOUND_BY(MATCH_PATH, "10")},
		{"composed", "/films/" DECOMPOSED ".mkv", 5, true, false,
			{{1, 10, "/films/" COMPOSED ".mkv", 6}}, FOUND_BY(MATCH_PATH, "10")},
		{"a longer path is another", "/films/a.mkv", 5, true, false,
			{{1, 10, "/films/b/a.mkv", 6}}, AMBIGUOUS("10")},
		{"path wins over name and size", "/films/a.mkv", 5, true, false,
			{{1, 11, "/old/films/a.mkv", 5}, {1, 10, "/films/a.mkv", 9}},
			FOUND_BY(MATCH_PATH, "10")},
		{"two items of one library, one of the size", "/films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 6}, {1, 11, "/films/a.mkv", 5}},
			FOUND_BY(MATCH_PATH, "11")},
		{"two items, one of the size in either library", "/films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 6}, {1, 11, "/films/a.mkv", 5},
				{2, 20, "/films/a.mkv", 5}, {2, 21, "/films/a.mkv", 0}},
			FOUND_BY(MATCH_PATH, "11 20")},
		{"composed beside decomposed", "/films/" COMPOSED ".mkv", 5, true, false,
			{{1, 10, "/films/" DECOMPOSED ".mkv", 5},
				{1, 11, "/films/" COMPOSED ".mkv", 6}},
			FOUND_BY(MATCH_PATH, "11")},
		{"decomposed beside composed", "/films/" DECOMPOSED ".mkv", 5, true, false,
			{{1, 10, "/films/" DECOMPOSED ".mkv", 5},
				{1, 11, "/films/" COMPOSED ".mkv", 5}},
			FOUND_BY(MATCH_PATH, "10")},
		{"each library in its own composition", "/films/" COMPOSED ".mkv", 5, true, false,
			{{1, 10, "/films/" COMPOSED ".mkv", 5},
				{2, 20, "/films/" DECOMPOSED ".mkv", 5}},
			FOUND_BY(MATCH_PATH, "10 20")},
		{"path in one, a copy in another library", "/films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 5}, {2, 20, "/copy/a.mkv", 5}},
			FOUND_BY(MATCH_PATH, "10")},
	};

	(void)state;
	assert_true(pick_table(rows, ROWS(rows)));
}

static void test_folded_path(void **state)
{
	static const struct pick_row rows[] = {
		{"Windows, this very path", "D:\\Films\\a.mkv", 5, true, false,
			{{1, 10, "D:\\Films\\a.mkv", 6}}, FOUND_BY(MATCH_PATH, "10")},
		{"Windows, another case", "D:\\Films\\a.mkv", 5, true, false,
			{{1, 10, "d:\\films\\A.MKV", 5}}, FOUND_BY(MATCH_PATH_FOLDED, "10")},
		{"Windows, other separators", "D:/Films/a.mkv", 5, true, false,
			{{1, 10, "D:\\Films\\a.mkv", 5}}, FOUND_BY(MATCH_PATH_FOLDED, "10")},
		{"Windows, another case, another size", "D:\\Films\\a.mkv", 5, true, false,
			{{1, 10, "d:\\films\\A.mkv", 6}}, FOUND_BY(MATCH_PATH_FOLDED, "10")},
		{"Windows, another case, no size", "D:\\Films\\a.mkv", 0, true, false,
			{{1, 10, "d:\\films\\A.mkv", 0}}, FOUND_BY(MATCH_PATH_FOLDED, "10")},
		{"Windows, another case, in two libraries", "D:\\Films\\a.mkv", 5, true, false,
			{{1, 10, "d:\\films\\A.mkv", 6}, {2, 20, "d:\\films\\A.mkv", 5}},
			FOUND_BY(MATCH_PATH_FOLDED, "10 20")},
		{"two that differ in case", "D:\\Films\\a.mkv", 5, true, false,
			{{1, 10, "d:\\films\\a.mkv", 5}, {1, 11, "d:\\films\\A.mkv", 5}},
			AMBIGUOUS("10 11")},
		{"two that differ in case, one of the size", "D:\\Films\\a.mkv", 5, true, false,
			{{1, 10, "d:\\films\\a.mkv", 6}, {1, 11, "d:\\films\\A.mkv", 5}},
			FOUND_BY(MATCH_PATH_FOLDED, "11")},
		{"the very path wins", "D:\\Films\\a.mkv", 5, true, false,
			{{1, 10, "d:\\films\\a.mkv", 5}, {1, 11, "D:\\Films\\a.mkv", 7}},
			FOUND_BY(MATCH_PATH, "11")},
		{"Windows, each library in its own spelling", "D:\\Films\\a.mkv", 5, true, false,
			{{1, 10, "D:\\Films\\a.mkv", 5}, {2, 20, "d:/films/a.mkv", 6}},
			FOUND_BY(MATCH_PATH, "10 20")},
		{"Windows, the very path twice in one, once in another case", "D:\\Films\\a.mkv", 5,
			true, false,
			{{1, 10, "D:\\Films\\a.mkv", 5}, {1, 11, "D:\\Films\\a.mkv", 5},
				{2, 20, "d:\\films\\a.mkv", 5}},
			FOUND_BY(MATCH_PATH_FOLDED, "20")},
		{"UNC", "\\\\NAS\\Films\\a.mkv", 5, true, false,
			{{1, 10, "\\\\nas\\films\\a.mkv", 5}}, FOUND_BY(MATCH_PATH_FOLDED, "10")},
		{"Unix, a folder in another case", "/Films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 5}}, FOUND_BY(MATCH_PATH_FOLDED, "10")},
		{"Unix, all of it in another case", "/data/Holiday/Clip.mp4", 5, true, false,
			{{1, 10, "/data/holiday/clip.MP4", 5}}, FOUND_BY(MATCH_PATH_FOLDED, "10")},
		{"Unix, not in ASCII", "/data/\xc3\x89t\xc3\xa9.mp4", 5, true, false,
			{{1, 10, "/data/e\xcc\x81t\xc3\xa9.MP4", 5}},
			FOUND_BY(MATCH_PATH_FOLDED, "10")},
		{"Unix, another case, another size", "/Films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 6}}, AMBIGUOUS("10")},
		{"Unix, another case in the name, too", "/films/A.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 6}}, NOT_THERE},
		{"Unix, another case, no size", "/Films/a.mkv", 0, true, false,
			{{1, 10, "/films/a.mkv", 0}}, AMBIGUOUS("10")},
		{"Unix, other slashes are another name", "/films\\a.mkv", 5, true, false,
			{{1, 10, "/films/A.mkv", 5}}, NOT_THERE},
		{"Unix, the very path wins", "/films/a.mkv", 5, true, false,
			{{1, 10, "/Films/a.mkv", 5}, {1, 11, "/films/a.mkv", 7}},
			FOUND_BY(MATCH_PATH, "11")},
		{"Unix, two other spellings", "/Films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 5}, {1, 11, "/FILMS/a.mkv", 5}},
			AMBIGUOUS("10 11")},
		{"Unix, two other spellings, one of the size", "/Films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 5}, {1, 11, "/FILMS/a.mkv", 6}}, AMBIGUOUS("10")},
		{"Unix, two other spellings in two libraries", "/Films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 5}, {2, 20, "/FILMS/a.mkv", 5}},
			AMBIGUOUS("10 20")},
		{"Unix, another case in two libraries", "/Films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 5}, {2, 20, "/films/a.mkv", 5}},
			FOUND_BY(MATCH_PATH_FOLDED, "10 20")},
		{"Unix, another case, two items", "/Films/a.mkv", 5, true, false,
			{{1, 10, "/films/a.mkv", 5}, {1, 11, "/films/a.mkv", 5}},
			AMBIGUOUS("10 11")},
	};

	(void)state;
	assert_true(pick_table(rows, ROWS(rows)));
}

static void test_by_name_and_size(void **state)
{
	static const struct pick_row rows[] = {
		{"other mounts", "/data/films/a.mkv", 5, false, false,
			{{1, 10, "/mnt/films/a.mkv", 5}}, FOUND_BY(MATCH_NAME_SIZE, "10")},
		{"the path could tell", "/data/films/a.mkv", 5, true, false,
			{{1, 10, "/mnt/films/a.mkv", 5}}, AMBIGUOUS("10")},
		{"the path could tell, matchByName", "/data/films/a.mkv", 5, true, true,
			{{1, 10, "/mnt/films/a.mkv", 5}}, FOUND_BY(MATCH_NAME, "10")},
		{"another size", "/data/a.mkv", 5, false, false, {{1, 10, "/mnt/a.mkv", 6}},
			AMBIGUOUS("10")},
		{"no size in Stash", "/data/a.mkv", 0, false, false, {{1, 10, "/mnt/a.mkv", 0}},
			AMBIGUOUS("10")},
		{"no size in Plex", "/data/a.mkv", 5, false, false, {{1, 10, "/mnt/a.mkv", 0}},
			AMBIGUOUS("10")},
		{"negative size", "/data/a.mkv", -5, false, false, {{1, 10, "/mnt/a.mkv", -5}},
			AMBIGUOUS("10")},
		{"another name", "/data/a.mkv", 5, false, false, {{1, 10, "/mnt/b.mkv", 5}},
			NOT_THERE},
		{"another case on Unix", "/data/a.mkv", 5, false, false, {{1, 10, "/mnt/A.mkv", 5}},
			NOT_THERE},
		{"another case on Windows", "/data/a.mkv", 5, false, false,
			{{1, 10, "D:\\A.mkv", 5}}, FOUND_BY(MATCH_NAME_SIZE, "10")},
		{"decomposed name", "/data/" COMPOSED ".mkv", 5, false, false,
			{{1, 10, "/mnt/" DECOMPOSED ".mkv", 5}}, FOUND_BY(MATCH_NAME_SIZE, "10")},
		{"one of several by size", "/data/a.mkv", 5, false, false,
			{{1, 10, "/mnt/x/a.mkv", 6}, {1, 11, "/mnt/y/a.mkv", 5}},
			FOUND_BY(MATCH_NAME_SIZE, "11")},
		{"two copies, folders tell", "/data/films/y/a.mkv", 5, false, false,
			{{1, 10, "/mnt/x/a.mkv", 5}, {1, 11, "/mnt/y/a.mkv", 5}},
			FOUND_BY(MATCH_NAME_SIZE, "11")},
		{"two copies, more folders tell", "/data/films/y/a.mkv", 5, false, false,
			{{1, 10, "/mnt/y/a.mkv", 5}, {1, 11, "/mnt/films/y/a.mkv", 5}},
			FOUND_BY(MATCH_NAME_SIZE, "11")},
		{"two copies, nothing tells", "/data/a.mkv", 5, false, false,
			{{1, 10, "/mnt/x/a.mkv", 5}, {1, 11, "/mnt/y/a.mkv", 5}},
			AMBIGUOUS("10 11")},
		{"two copies, nothing tells, matchByName", "/data/a.mkv", 5, false, true,
			{{1, 10, "/mnt/x/a.mkv", 5}, {1, 11, "/mnt/y/a.mkv", 5}},
			AMBIGUOUS("10 11")},
		{"three, two are as good", "/data/y/a.mkv", 5, false, false,
			{{1, 10, "/m/x/a.mkv", 5}, {1, 11, "/m/y/a.mkv", 5},
				{1, 12, "/n/y/a.mkv", 5}},
			AMBIGUOUS("11 12")},
		{"one in each of two libraries", "/data/a.mkv", 5, false, false,
			{{1, 10, "/mnt/x/a.mkv", 5}, {2, 20, "/mnt/y/a.mkv", 5}},
			FOUND_BY(MATCH_NAME_SIZE, "10 20")},
		{"ties are broken in each library", "/data/y/a.mkv", 5, false, false,
			{{1, 10, "/m/x/a.mkv", 5}, {1, 11, "/m/y/a.mkv", 5},
				{2, 20, "/m/z/a.mkv", 5}},
			FOUND_BY(MATCH_NAME_SIZE, "11 20")},
		{"two parts of one item", "/data/a.mkv", 5, false, false,
			{{1, 10, "/m/x/a.mkv", 5}, {1, 10, "/m/y/a.mkv", 5}},
			FOUND_BY(MATCH_NAME_SIZE, "10")},
		/* The item with two copies plays the one that fits best. */
		{"an item's best part counts", "/data/films/y/a.mkv", 5, false, false,
			{{1, 10, "/m/x/a.mkv", 5}, {1, 10, "/m/films/y/a.mkv", 5},
				{1, 11, "/n/y/a.mkv", 5}},
			FOUND_BY(MATCH_NAME_SIZE, "10")},
		{"an item's best part ties", "/data/y/a.mkv", 5, false, false,
			{{1, 10, "/m/x/a.mkv", 5}, {1, 10, "/m/y/a.mkv", 5},
				{1, 11, "/n/y/a.mkv", 5}},
			AMBIGUOUS("10 11")},
		{"no folders at all", "a.mkv", 5, false, false, {{1, 10, "/m/a.mkv", 5}},
			FOUND_BY(MATCH_NAME_SIZE, "10")},
		{"a Windows server's folders", "/data/Films/Y/a.mkv", 5, false, false,
			{{1, 10, "D:\\films\\x\\a.mkv", 5}, {1, 11, "D:\\films\\y\\a.mkv", 5}},
			FOUND_BY(MATCH_NAME_SIZE, "11")},
	};

	(void)state;
	assert_true(pick_table(rows, ROWS(rows)));
}

/* Ten minutes, of a file of 5 bytes. */
#define LONG  600000
#define SHORT 29999

static void test_duration(void **state)
{
	static const struct {
		struct pick_row row;
		int64_t durations[MOST_PARTS];
	} rows[] = {
		{{"tags were rewritten", "/data/a.mkv", 5, false, false, {{1, 10, "/mnt/a.mkv", 6}},
			 FOUND_BY(MATCH_NAME_DURATION, "10")},
			{LONG}},
		{{"no size in Stash", "/data/a.mkv", 0, false, false, {{1, 10, "/mnt/a.mkv", 6}},
			 FOUND_BY(MATCH_NAME_DURATION, "10")},
			{LONG}},
		{{"no size in Plex", "/data/a.mkv", 5, false, false, {{1, 10, "/mnt/a.mkv", 0}},
			 FOUND_BY(MATCH_NAME_DURATION, "10")},
			{LONG}},
		{{"a second more", "/data/a.mkv", 5, false, false, {{1, 10, "/mnt/a.mkv", 6}},
			 FOUND_BY(MATCH_NAME_DURATION, "10")},
			{LONG + 1000}},
		{{"a second less", "/data/a.mkv", 5, false, false, {{1, 10, "/mnt/a.mkv", 6}},
			 FOUND_BY(MATCH_NAME_DURATION, "10")},
			{LONG - 1000}},
		{{"more than that", "/data/a.mkv", 5, false, false, {{1, 10, "/mnt/a.mkv", 6}},
			 AMBIGUOUS("10")},
			{LONG + 1001}},
		{{"less than that", "/data/a.mkv", 5, false, false, {{1, 10, "/mnt/a.mkv", 6}},
			 AMBIGUOUS("10")},
			{LONG - 1001}},
		{{"no duration in Plex", "/data/a.mkv", 5, false, false, {{1, 10, "/mnt/a.mkv", 6}},
			 AMBIGUOUS("10")},
			{0}},
		{{"another name", "/data/a.mkv", 5, false, false, {{1, 10, "/mnt/b.mkv", 6}},
			 NOT_THERE},
			{LONG}},
		{{"the path could tell", "/data/a.mkv", 5, true, false, {{1, 10, "/mnt/a.mkv", 6}},
			 AMBIGUOUS("10")},
			{LONG}},
		{{"the size is enough", "/data/a.mkv", 5, false, false, {{1, 10, "/mnt/a.mkv", 5}},
			 FOUND_BY(MATCH_NAME_SIZE, "10")},
			{7 * LONG}},
		{{"the size is better", "/data/y/a.mkv", 5, false, false,
			 {{1, 10, "/mnt/x/a.mkv", 5}, {1, 11, "/mnt/y/a.mkv", 6}},
			 FOUND_BY(MATCH_NAME_SIZE, "10")},
			{0, LONG}},
		{{"both are better than size against duration", "/data/y/a.mkv", 5, false, false,
			 {{1, 10, "/mnt/x/a.mkv", 5}, {1, 11, "/mnt/y/a.mkv", 5}},
			 FOUND_BY(MATCH_NAME_SIZE, "10")},
			{LONG, 7 * LONG}},
		{{"not known is not against", "/data/y/a.mkv", 5, false, false,
			 {{1, 10, "/mnt/x/a.mkv", 5}, {1, 11, "/mnt/y/a.mkv", 5}},
			 FOUND_BY(MATCH_NAME_SIZE, "11")},
			{LONG, 0}},
		{{"two as long, folders tell", "/data/y/a.mkv", 5, false, false,
			 {{1, 10, "/mnt/x/a.mkv", 6}, {1, 11, "/mnt/y/a.mkv", 7}},
			 FOUND_BY(MATCH_NAME_DURATION, "11")},
			{LONG, LONG}},
		{{"two as long, nothing tells", "/data/a.mkv", 5, false, false,
			 {{1, 10, "/mnt/x/a.mkv", 6}, {1, 11, "/mnt/y/a.mkv", 7}},
			 AMBIGUOUS("10 11")},
			{LONG, LONG}},
		{{"by size here, by duration there", "/data/a.mkv", 5, false, false,
			 {{1, 10, "/mnt/a.mkv", 5}, {2, 20, "/mnt/a.mkv", 6}},
			 FOUND_BY(MATCH_NAME_DURATION, "10 20")},
			{LONG, LONG}},
		{{"another case, as long", "/Films/a.mkv", 5, true, false,
			 {{1, 10, "/films/a.mkv", 6}}, FOUND_BY(MATCH_PATH_FOLDED, "10")},
			{LONG}},
		{{"another case, not as long", "/Films/a.mkv", 5, true, false,
			 {{1, 10, "/films/a.mkv", 6}}, AMBIGUOUS("10")},
			{7 * LONG}},
		{{"another case, the second part of an item fits best", "/Films/a.mkv", 5, true,
			 false,
			 {{1, 10, "/films/a.mkv", 6}, {1, 11, "/films/a.mkv", 6},
				 {1, 10, "/films/a.mkv", 5}},
			 FOUND_BY(MATCH_PATH_FOLDED, "10")},
			{LONG, LONG, 0}},
		{{"Windows, another case, nothing the same", "D:\\a.mkv", 5, true, false,
			 {{1, 10, "d:\\A.mkv", 6}}, FOUND_BY(MATCH_PATH_FOLDED, "10")},
			{7 * LONG}},
		{{"Windows, two spellings, one as long", "D:\\a.mkv", 5, true, false,
			 {{1, 10, "d:\\a.mkv", 6}, {1, 11, "d:\\A.mkv", 7}},
			 FOUND_BY(MATCH_PATH_FOLDED, "11")},
			{7 * LONG, LONG}},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= pick(&rows[i].row, LONG, rows[i].durations);
	assert_true(ok);
}

static void test_same(void **state)
{
	static const struct {
		const char *name;
		struct match_query ours;
		struct index_part theirs;
		bool size, duration, another;
	} rows[] = {
		{"nothing is known", {0}, {0}, false, false, false},
		{"both the same", {.size = 5, .duration_ms = LONG},
			{.size = 5, .duration_ms = LONG}, true, true, false},
		{"another size", {.size = 5, .duration_ms = LONG}, {.size = 6, .duration_ms = LONG},
			false, true, false},
		{"another duration", {.size = 5, .duration_ms = LONG},
			{.size = 5, .duration_ms = 7 * LONG}, true, false, false},
		{"both others", {.size = 5, .duration_ms = LONG},
			{.size = 6, .duration_ms = 7 * LONG}, false, false, true},
		{"both others, the other way round", {.size = 6, .duration_ms = 7 * LONG},
			{.size = 5, .duration_ms = LONG}, false, false, true},
		{"only size is known in Plex", {.size = 5, .duration_ms = LONG}, {.size = 6}, false,
			false, false},
		{"only duration is known in Plex", {.size = 5, .duration_ms = LONG},
			{.duration_ms = 7 * LONG}, false, false, false},
		{"only size is known in Stash", {.size = 5}, {.size = 6, .duration_ms = LONG},
			false, false, false},
		{"short: as long says nothing, either way", {.size = 5, .duration_ms = SHORT},
			{.size = 6, .duration_ms = SHORT}, false, false, false},
		{"half a minute", {.size = 5, .duration_ms = 30000},
			{.size = 6, .duration_ms = 30000}, false, true, false},
		{"short, and not as long", {.size = 5, .duration_ms = SHORT},
			{.size = 6, .duration_ms = SHORT / 2}, false, false, true},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct match_query *ours = &rows[i].ours;
		const struct index_part *theirs = &rows[i].theirs;
		ok &= row_int(
			rows[i].name, match_same_size(ours->size, theirs->size), rows[i].size);
		ok &= row_int(rows[i].name,
			match_same_duration(ours->duration_ms, theirs->duration_ms),
			rows[i].duration);
		ok &= row_int(rows[i].name, match_is_another(ours, theirs), rows[i].another);
	}
	assert_true(ok);
}

static void test_proves(void **state)
{
	static const struct {
		enum match_rule by, rule;
		bool want;
	} rows[] = {
		{MATCH_PATH, MATCH_PATH, true},
		{MATCH_PATH_FOLDED, MATCH_PATH, true}, /* renamed, in case alone */
		{MATCH_NAME_SIZE, MATCH_PATH, false},
		{MATCH_NAME_DURATION, MATCH_NAME_SIZE, true}, /* its tags were rewritten */
		{MATCH_NAME_SIZE, MATCH_NAME_DURATION, true},
		{MATCH_NAME, MATCH_NAME_DURATION, false},
		{MATCH_NAME_DURATION, MATCH_NAME, true},
		{MATCH_NONE, MATCH_NAME, false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(match_rule_name(rows[i].by), match_proves(rows[i].by, rows[i].rule),
			rows[i].want);
	assert_true(ok);
}

static void test_strength(void **state)
{
	static const enum match_rule weaker_first[] = {MATCH_NONE, MATCH_NAME, MATCH_NAME_DURATION,
		MATCH_NAME_SIZE, MATCH_PATH_FOLDED, MATCH_PATH};

	(void)state;
	assert_int_equal(match_strength(MATCH_NONE), 0);
	for (size_t i = 1; i < ROWS(weaker_first); i++)
		assert_true(match_strength(weaker_first[i - 1]) < match_strength(weaker_first[i]));
}

static void test_by_name(void **state)
{
	static const struct pick_row rows[] = {
		{"not accepted", "/d/a.mkv", 5, false, false, {{1, 10, "/m/a.mkv", 6}},
			AMBIGUOUS("10")},
		{"accepted", "/d/a.mkv", 5, false, true, {{1, 10, "/m/a.mkv", 6}},
			FOUND_BY(MATCH_NAME, "10")},
		{"accepted, no size", "/d/a.mkv", 0, false, true, {{1, 10, "/m/a.mkv", 6}},
			FOUND_BY(MATCH_NAME, "10")},
		{"not one", "/d/a.mkv", 5, false, true,
			{{1, 10, "/m/a.mkv", 6}, {1, 11, "/n/a.mkv", 7}}, AMBIGUOUS("10 11")},
		{"not one: in two libraries", "/d/a.mkv", 5, false, true,
			{{1, 10, "/m/a.mkv", 6}, {2, 20, "/n/a.mkv", 6}}, AMBIGUOUS("10 20")},
		{"one item with two parts", "/d/a.mkv", 5, false, true,
			{{1, 10, "/m/a.mkv", 6}, {1, 10, "/n/a.mkv", 7}},
			FOUND_BY(MATCH_NAME, "10")},
		{"folders break no tie here", "/d/y/a.mkv", 5, false, true,
			{{1, 10, "/m/x/a.mkv", 6}, {1, 11, "/m/y/a.mkv", 6}}, AMBIGUOUS("10 11")},
		{"high in one, low in another", "/d/a.mkv", 5, false, true,
			{{1, 10, "/m/a.mkv", 6}, {2, 20, "/n/a.mkv", 5}},
			FOUND_BY(MATCH_NAME_SIZE, "20")},
		{"no name", "/d/", 5, false, true, {{1, 10, "/m/a.mkv", 5}}, NOT_THERE},
	};

	(void)state;
	assert_true(pick_table(rows, ROWS(rows)));
}

/* Whoever cannot deal with so many says so: none is left out here. */
static void test_many_items(void **state)
{
	struct index_part parts[LIMIT_ITEMS + 5];
	struct match_query query = {.path = "/a.mkv", .size = 5, .inside = true};
	struct match_verdict verdict;

	(void)state;
	for (size_t i = 0; i < ROWS(parts); i++)
		parts[i] = (struct index_part){.section = (int)i + 1,
			.rating_key = (int)i + 100,
			.path = "/a.mkv",
			.size = 5};
	match_pick(&query, parts, ROWS(parts), parts, ROWS(parts), &verdict, &arena);
	assert_int_equal(verdict.answer, MATCH_FOUND);
	assert_int_equal(verdict.count, ROWS(parts));
}

/* A list of equal names that is full may lack a twin of the same size. */
static void test_crowded(void **state)
{
	struct index_part part = {
		.section = 1, .rating_key = 55, .path = "/mnt/video.mp4", .size = 5};
	struct match_query query = {.path = "/data/video.mp4", .size = 5};
	struct match_verdict verdict;

	(void)state;
	match_pick(&query, NULL, 0, &part, 1, &verdict, &arena);
	assert_int_equal(verdict.answer, MATCH_FOUND);
	query.crowded = true;
	match_pick(&query, NULL, 0, &part, 1, &verdict, &arena);
	assert_int_equal(verdict.answer, MATCH_AMBIGUOUS);
	query.path = part.path; /* its very path needs no other evidence */
	match_pick(&query, &part, 1, &part, 1, &verdict, &arena);
	assert_int_equal(verdict.answer, MATCH_FOUND);
}

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(match_rule_name(MATCH_PATH), "path");
	assert_string_equal(match_rule_name(MATCH_PATH_FOLDED), "path_folded");
	assert_string_equal(match_rule_name(MATCH_NAME_SIZE), "name_size");
	assert_string_equal(match_rule_name(MATCH_NAME), "name");
	assert_string_equal(match_rule_name(MATCH_NAME_DURATION), "name_duration");
	assert_string_equal(match_confidence(MATCH_NAME_DURATION), "high");
	assert_string_equal(match_confidence(MATCH_PATH), "high");
	assert_string_equal(match_confidence(MATCH_PATH_FOLDED), "high");
	assert_string_equal(match_confidence(MATCH_NAME_SIZE), "high");
	assert_string_equal(match_confidence(MATCH_NAME), "low");
}

/* --- path map ------------------------------------------------------------------ */

static void test_map_parse(void **state)
{
	static const struct {
		const char *text;
		size_t count; /* of the rules, or */
		const char *wrong;
	} rows[] = {
		{"", 0, NULL},
		{"  ", 0, NULL},
		{" ; ;; ", 0, NULL},
		{"/a => /b", 1, NULL},
		{"/a=>/b", 1, NULL},
		{"  /a  =>  /b  ;  /c=>D:\\x  ;", 2, NULL},
		{"/ => /b", 1, NULL},
		{"/a => /", 1, NULL},
		{"/a => /b\n/c => /d\r\n\r\n/e => /f\r", 3, NULL},
		{"\"/a\" => \"/b\"", 1, NULL},
		{"\"/a;b\" => \"/c => d\";\"/\"\"e\"\"\" => /f", 2, NULL},
		{"\"/a/*\" => /b", 1, NULL},
		{NBSP "\"/a;b\" => /c;" NBSP, 1, NULL},
		{NBSP, 0, NULL},
		{NBSP "=> /b", 0, "empty side"},
		{"/a => " ZWSP, 0, "empty side"},
		{"/M*A*S*H => /b", 1, NULL},
		{"//nas/films => /b", 1, NULL},
		{"/a... => /.b", 1, NULL},
		{"/a => /b => /c", 0, "\"/a => /b => /c\" has two \"=>\""},
		{"/a => /b, /c => /d; /e => /f", 0, "\"/a => /b, /c => /d\" has two \"=>\""},
		{"data => /b", 0, "\"data => /b\" has a side that is not a whole path"},
		{"/a => films", 0, "not a whole path"},
		{"~/films => /b", 0, "not a whole path"},
		{"./films => /b", 0, "not a whole path"},
		{"D:films => /b", 0, "not a whole path"},
		{"smb://nas/films => /b", 0, "not a whole path"},
		{"'/a' => /b", 0, "not a whole path"},
		{"\xe2\x80\x9c/a\xe2\x80\x9d => /b", 0, "not a whole path"},
		{"\" /a\" => /b", 0, "not a whole path"},
		{"/a/* => /b", 0, "\"/a/* => /b\" has a \"*\""},
		{"/a => /b/*", 0, "has a \"*\""},
		{"/a/** => /b", 0, "has a \"*\""},
		{"/a/*.mp4 => /b", 0, "has a \"*\""},
		{"/a/*/c => /b", 0, "has a \"*\""},
		{"D:\\a\\* => /b", 0, "has a \"*\""},
		{"/a/../c => /b", 0, "has a folder without a name"},
		{"/a/./c => /b", 0, "has a folder without a name"},
		{"/a//c => /b", 0, "has a folder without a name"},
		{"/a => D:\\b\\\\c", 0, "has a folder without a name"},
		{"\"/a => /b", 0, "\"\"/a => /b\" has a double quote that is not closed"},
		{"/a => \"/b", 0, "has a double quote that is not closed"},
		{"\"/a\"/c => /b", 0, "goes on after the closing quote"},
		{"/a => \"/b\" /c; /d => /e", 0, "goes on after the closing quote"},
		{"\"\" => /b", 0, "empty side"},
		{"\"/a\"", 0, "no \"=>\""},
		{"D:\\a => /b; d:/A/ => /c", 0, "two rules for"},
		{"/a", 0, "no \"=>\""},
		{"/a -> /b", 0, "no \"=>\""},
		{"/a = > /b", 0, "no \"=>\""},
		{"/a => /b; /c", 0, "\"/c\" has no \"=>\""},
		{"=> /b", 0, "empty side"},
		{"/a =>", 0, "empty side"},
		{"=>", 0, "empty side"},
		{"/a => /b; /a => /c", 0, "two rules for \"/a\""},
		{"/a => /b; /a/ => /c", 0, "two rules for \"/a\""},
		{"/a => /b; /a => /b", 0, "two rules for \"/a\""},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct path_map map;
		struct err err = {.text = ""};
		bool parsed = path_map_parse(rows[i].text, &map, &arena, &err);
		ok &= row_int(rows[i].text, parsed, rows[i].wrong == NULL);
		if (parsed)
			ok &= row_int(rows[i].text, (int64_t)map.count, (int64_t)rows[i].count);
		if (parsed || rows[i].wrong == NULL)
			continue;
		ok &= row_int(rows[i].text, err.kind, ERR_SETUP);
		ok &= row_true(rows[i].text, strstr(err.text, "libraryPathMap") != NULL);
		if (strstr(err.text, rows[i].wrong) == NULL)
			ok &= row_text(rows[i].text, err.text, rows[i].wrong);
	}
	assert_true(ok);
}

static void test_map_apply(void **state)
{
	static const struct {
		const char *map, *path, *mapped;
	} rows[] = {
		{"", "/data/a.mkv", "/data/a.mkv"},
		{"/data => /mnt", "/data/a.mkv", "/mnt/a.mkv"},
		{"/data => /mnt", "/data/x/y/a.mkv", "/mnt/x/y/a.mkv"},
		{"/data => /mnt", "/other/a.mkv", "/other/a.mkv"},
		/* Only at a folder's boundary, and only at the beginning. */
		{"/data => /mnt", "/database/a.mkv", "/database/a.mkv"},
		{"/data => /mnt", "/x/data/a.mkv", "/x/data/a.mkv"},
		{"/data => /mnt", "/Data/a.mkv", "/Data/a.mkv"},
		{"/data/a => /mnt", "/data/a.mkv", "/data/a.mkv"},
		{"/data/a.mkv => /mnt/b.mkv", "/data/a.mkv", "/mnt/b.mkv"},
		/* Separators at the ends do not count. */
		{"/data/ => /mnt", "/data/a.mkv", "/mnt/a.mkv"},
		{"/data => /mnt/", "/data/a.mkv", "/mnt/a.mkv"},
		{"/data/// => /mnt//", "/data/a.mkv", "/mnt/a.mkv"},
		{"\"/data\" => \"/mnt/films\"", "/data/a.mkv", "/mnt/films/a.mkv"},
		{"\"/data/\" => \"/mnt/\"", "/data/a.mkv", "/mnt/a.mkv"},
		{"\"/data \" => /mnt", "/data /a.mkv", "/mnt/a.mkv"},
		{"\"/data \" => /mnt", "/data/a.mkv", "/data/a.mkv"},
		{"\"/data;x\" => \"/a => b\"", "/data;x/a.mkv", "/a => b/a.mkv"},
		{"\"/the \"\"x\"\"\" => /x", "/the \"x\"/a.mkv", "/x/a.mkv"},
		{"/data => /mnt\n/x => /y", "/x/a.mkv", "/y/a.mkv"},
		/* What comes along from a web page goes, but in quotes. */
		{NBSP "/data" NBSP "=>" NBSP "/mnt" NBSP, "/data/a.mkv", "/mnt/a.mkv"},
		{ZWSP "/data" ZWSP " =>" ZWSP "/mnt/" NBSP " " ZWSP, "/data/a.mkv", "/mnt/a.mkv"},
		{"/x => /y;" NBSP "\n" NBSP "/data => /mnt", "/data/a.mkv", "/mnt/a.mkv"},
		{"\xe2\x80\xaa"
		 "D:\\data\xe2\x80\xac => /mnt",
			"D:\\data\\a.mkv", "/mnt/a.mkv"},
		{"\"/data" NBSP "\" => \"/mnt" NBSP "\"", "/data" NBSP "/a.mkv",
			"/mnt" NBSP "/a.mkv"},
		{"/da" NBSP "ta => /mnt", "/da" NBSP "ta/a.mkv", "/mnt/a.mkv"},
		{"/" HEART " => /mnt", "/" HEART "/a.mkv", "/mnt/a.mkv"},
		/* The longest wins, wherever it stands. */
		{"/data => /mnt; /data/x => /x", "/data/x/a.mkv", "/x/a.mkv"},
		{"/data/x => /x; /data => /mnt", "/data/x/a.mkv", "/x/a.mkv"},
		{"/data/x => /x; /data => /mnt", "/data/xy/a.mkv", "/mnt/xy/a.mkv"},
		{"/ => /r; /data => /mnt", "/data/a.mkv", "/mnt/a.mkv"},
		{"/ => /r; /data => /mnt", "/other/a.mkv", "/r/other/a.mkv"},
		/* Once: a result is not mapped again. */
		{"/a => /b; /b => /c", "/a/x.mkv", "/b/x.mkv"},
		/* Roots. */
		{"/ => /mnt", "/a.mkv", "/mnt/a.mkv"},
		{"/ => /mnt", "/x/a.mkv", "/mnt/x/a.mkv"},
		{"/data => /", "/data/a.mkv", "/a.mkv"},
		{"/data => /", "/data/x/a.mkv", "/x/a.mkv"},
		{"/ => /", "/x/a.mkv", "/x/a.mkv"},
		/* To Windows. */
		{"/data => D:\\Films", "/data/x/a.mkv", "D:\\Films\\x\\a.mkv"},
		{"/data => D:\\", "/data/x/a.mkv", "D:\\x\\a.mkv"},
		{"/data => D:", "/data/x/a.mkv", "D:\\x\\a.mkv"},
		{"/data => D:/Films", "/data/x/a.mkv", "D:\\Films\\x\\a.mkv"},
		{"/ => D:\\", "/x/a.mkv", "D:\\x\\a.mkv"},
		{"/data => \\\\nas\\films\\", "/data/x/a.mkv", "\\\\nas\\films\\x\\a.mkv"},
		/* From Windows: case and separators do not count. */
		{"D:\\Films => E:\\f", "D:\\Films\\x\\a.mkv", "E:\\f\\x\\a.mkv"},
		{"D:\\Films => E:\\f", "d:\\films\\X\\a.mkv", "E:\\f\\X\\a.mkv"},
		{"D:\\Films => E:\\f", "D:/films/X/a.mkv", "E:\\f\\X\\a.mkv"},
		{"D:/Films/ => E:\\f", "d:\\FILMS\\X\\a.mkv", "E:\\f\\X\\a.mkv"},
		{"D:\\ => E:\\", "d:\\x\\a.mkv", "E:\\x\\a.mkv"},
		{"D: => E:", "D:\\x\\a.mkv", "E:\\x\\a.mkv"},
		{"\\\\nas\\films => E:\\f", "\\\\NAS\\Films\\x\\a.mkv", "E:\\f\\x\\a.mkv"},
		{"D:\\Films => E:\\f", "D:\\Films2\\a.mkv", "D:\\Films2\\a.mkv"},
		/* From Windows to Unix, whose server knows one separator. */
		{"D:\\Films => /films", "D:\\Films\\x\\a.mkv", "/films/x/a.mkv"},
		{"D:\\Films => /films", "d:\\films\\x\\a.mkv", "/films/x/a.mkv"},
		{"D:\\ => /films", "D:\\x\\a.mkv", "/films/x/a.mkv"},
		{"D:\\ => /", "D:\\x\\a.mkv", "/x/a.mkv"},
		{"\\\\nas\\films => /films", "\\\\nas\\films\\x\\a.mkv", "/films/x/a.mkv"},
		/* On Unix it is a character like any other. */
		{"/data => /mnt", "/data/AC\\DC.mkv", "/mnt/AC\\DC.mkv"},
		{"/data/AC\\DC => /mnt", "/data/AC\\DC/a.mkv", "/mnt/a.mkv"},
		{"/AC\\DC/" COMPOSED " => /mnt", "/AC\\DC/" DECOMPOSED "/a.mkv", "/mnt/a.mkv"},
		{"D:\\x => /AC\\DC", "D:\\x\\y\\a.mkv", "/AC\\DC/y/a.mkv"},
		/* Composed and decomposed. */
		{"/" COMPOSED " => /c", "/" DECOMPOSED "/a.mkv", "/c/a.mkv"},
		{"/" DECOMPOSED " => /c", "/" COMPOSED "/a.mkv", "/c/a.mkv"},
		{"/" COMPOSED "/x => /c", "/" DECOMPOSED "/x/a.mkv", "/c/a.mkv"},
		{"/" COMPOSED " => /c", "/" DECOMPOSED "/" DECOMPOSED ".mkv",
			"/c/" DECOMPOSED ".mkv"},
		{"/" COMPOSED " => /c", "/" DECOMPOSED "s/a.mkv", "/" DECOMPOSED "s/a.mkv"},
		{"/Cafe => /c", "/" DECOMPOSED "/a.mkv", "/" DECOMPOSED "/a.mkv"},
		/* Longer as a path, though not in bytes. */
		{"/" DECOMPOSED DECOMPOSED " => /1; /" COMPOSED COMPOSED "/x => /2",
			"/" COMPOSED COMPOSED "/x/a.mkv", "/2/a.mkv"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *name = arena_printf(&arena, "%s: %s", rows[i].map, rows[i].path);
		struct path_map map;
		struct err err;
		if (row_true(name, path_map_parse(rows[i].map, &map, &arena, &err)))
			ok &= row_text(
				name, path_map_apply(&map, rows[i].path, &arena), rows[i].mapped);
	}
	assert_true(ok);
}

static void test_map_misfit(void **state)
{
	static const struct {
		const char *rule, *paths, *why; /* NULL: it fits one */
	} rows[] = {
		{"/data => /mnt", "", NULL},
		{"/data => /mnt", "/x/a.mkv|/data/a.mkv", NULL},
		{"/data => /data", "/data/a.mkv", NULL},
		{"/mnt => /data", "/x/a.mkv|/data/a.mkv",
			"/data/a.mkv: that is where its other side leads"},
		{"/data/old => /data", "/data/a.mkv", "the closest of these is /data/a.mkv"},
		{"/Data => /mnt", "/data/a.mkv", "upper and lower case count"},
		{"D:\\data => /mnt", "/data/a.mkv", "written differently"},
		{"/data/film => /mnt", "/data/films/a.mkv",
			"a rule ends where a folder's name ends"},
		{"/data/films => /mnt", "/x/a.mkv|/data/clips/a.mkv|/database/a.mkv",
			"the closest of these is /data/clips/a.mkv"},
		{"/data => /", "/x/a.mkv", "the closest of these is /x/a.mkv"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct str_list paths = str_split(&arena, rows[i].paths, '|');
		struct path_map map;
		struct err err;
		const char *why;
		assert_true(path_map_parse(rows[i].rule, &map, &arena, &err));
		why = path_map_misfit(map.rules, &paths, &arena);
		if (why == NULL || rows[i].why == NULL || strstr(why, rows[i].why) == NULL)
			ok &= row_text(rows[i].rule, why, rows[i].why);
	}
	assert_string_equal(path_map_side("/a b", &arena), "/a b");
	assert_string_equal(path_map_side("/a;b", &arena), "\"/a;b\"");
	assert_string_equal(path_map_side("/a=>b \"c\"", &arena), "\"/a=>b \"\"c\"\"\"");
	assert_string_equal(path_map_side("/a ", &arena), "\"/a \"");
	assert_string_equal(path_map_side("/a" NBSP, &arena), "\"/a" NBSP "\"");
	assert_string_equal(path_map_side("/*", &arena), "\"/*\"");
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_by_path, setup, teardown),
		cmocka_unit_test_setup_teardown(test_folded_path, setup, teardown),
		cmocka_unit_test_setup_teardown(test_by_name_and_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_duration, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same, setup, teardown),
		cmocka_unit_test_setup_teardown(test_proves, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strength, setup, teardown),
		cmocka_unit_test_setup_teardown(test_by_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_items, setup, teardown),
		cmocka_unit_test_setup_teardown(test_crowded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_words, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_parse, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_apply, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_misfit, setup, teardown),
	};

	return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
