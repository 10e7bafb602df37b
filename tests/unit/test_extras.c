/*
 * test_extras.c - names by which Plex takes a file for an extra.
 */
#include "helpers.h"

#include "plex/extras.h"

static void test_signs(void **state)
{
	static const struct {
		const char *path;
		size_t location;  /* length of the library's location; 0: not known */
		const char *sign; /* a part of it; NULL: none */
	} rows[] = {
		{"/data/films/quay.mp4", 11, NULL},
		{"/data/films/quay-scene.mp4", 11, "ends in \"-scene\""},
		{"/data/films/quay-scene.mp4", 0, "ends in \"-scene\""},
		{"/data/films/quay-TRAILER.mkv", 11, "ends in \"-TRAILER\""},
		{"/data/films/quay - low-behindthescenes.mkv", 11, "\"-behindthescenes\""},
		{"/data/films/quay-deleted.mp4", 11, "\"-deleted\""},
		{"/data/films/quay-featurette.mp4", 11, "\"-featurette\""},
		{"/data/films/quay-interview.mp4", 11, "\"-interview\""},
		{"/data/films/quay-other.mp4", 11, "\"-other\""},
		{"/data/films/quay-short.mp4", 11, "\"-short\""},
		{"/data/films/quay-scene", 11, "\"-scene\""},
		{"S:\\films\\quay-scene.mp4", 8, "\"-scene\""},
		{"/data/films/quay-scene-2.mp4", 11, NULL},
		{"/data/films/quay scene.mp4", 11, NULL},
		{"/data/films/scene.mp4", 11, NULL},
		{"/data/films/quay-obscene.mp4", 11, NULL},
		{"/data/films/quay.scene-short.x.mp4", 11, NULL},
		{"/data/films/Scenes/quay.mp4", 11, "folder named \"Scenes\""},
		{"/data/films/Quay/Trailers/low.mp4", 11, "\"Trailers\""},
		{"/data/films/extras/2019/quay.mp4", 11, "\"extras\""},
		{"/data/films/Behind The Scenes/quay.mp4", 11, "\"Behind The Scenes\""},
		{"/data/films/Deleted Scenes/quay.mp4", 11, "\"Deleted Scenes\""},
		{"/data/films/Featurettes/quay.mp4", 11, "\"Featurettes\""},
		{"/data/films/Interviews/quay.mp4", 11, "\"Interviews\""},
		{"/data/films/Shorts/quay.mp4", 11, "\"Shorts\""},
		{"/data/films/Other/quay.mp4", 11, "\"Other\""},
		{"/data/films/Sample/quay.mp4", 11, "\"Sample\""},
		{"S:\\films\\Scenes\\quay.mp4", 8, "\"Scenes\""},
		{"/data/films/Scenes 2019/quay.mp4", 11, NULL},
		{"/data/films/My Scenes/quay.mp4", 11, NULL},
		{"/data/films/Scenes", 11, NULL},
		{"/data/films/Scenes.mp4", 11, NULL},
		/* The location's own name, and those above it, do not count. */
		{"/data/Scenes/quay.mp4", 12, NULL},
		{"/Trailers/Scenes/quay.mp4", 16, NULL},
		{"/data/Scenes/quay.mp4", 0, NULL},
		{"/data/films/Scenes\\x/quay.mp4", 11, NULL},
		{"", 0, NULL},
		{"-scene", 0, "\"-scene\""},
	};
	struct arena a;
	bool ok = true;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *path = rows[i].path;
		const char *below = rows[i].location > 0 ? path + rows[i].location : NULL;
		const char *sign = extras_sign(path, below, &a);
		ok &= row_int(path, sign != NULL, rows[i].sign != NULL);
		ok &= row_true(path,
			sign == NULL || rows[i].sign == NULL || strstr(sign, rows[i].sign) != NULL);
	}
	arena_clear(&a);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_signs)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
