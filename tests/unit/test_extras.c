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
		{"/data/films/quay.scene-short.x.mp4", 11, "has \"-short\""},
		{"/data/films/quay-Scene.1080p.mp4", 11, "has \"-Scene\""},
		{"/data/films/quay-scene-1080p.mp4", 11, NULL},
		{"/data/films/quay-scenery.1080p.mp4", 11, NULL},
		{"/data/films/quay-scenery-scene.mp4", 11, "ends in \"-scene\""},
		{"/data/films/trailer.mp4", 11, "named \"trailer\""},
		{"/data/films/Trailers.mp4", 0, "named \"Trailers\""},
		{"/data/films/trailer", 11, "named \"trailer\""},
		{"/data/films/trailer park.mp4", 11, NULL},
		{"/data/films/trailer.park.mp4", 11, NULL},
		{"/data/films/movie-trailer 2.mp4", 11, "named \"movie-trailer 2\""},
		{"/data/films/quay.sample.mp4", 11, "\"sample\""},
		{"/data/films/quay_Sample2.mp4", 11, "\"Sample\""},
		{"/data/films/sample-quay.mp4", 11, "\"sample\""},
		{"/data/films/sampled sample.mp4", 11, "\"sample\""},
		{"/data/films/quay sample 2.mp4", 11, NULL},
		{"/data/films/sampled.mp4", 11, NULL},
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
		{"/data/films/BehindTheScenes/quay.mp4", 11, "\"BehindTheScenes\""},
		{"/data/films/Behind-the-Scenes/quay.mp4", 11, "\"Behind-the-Scenes\""},
		{"/data/films/Deleted_Scenes/quay.mp4", 11, "\"Deleted_Scenes\""},
		{"/data/films/Deleted.Scene/quay.mp4", 11, "\"Deleted.Scene\""},
		{"/data/films/Extras 2/quay.mp4", 11, "\"Extras 2\""},
		{"/data/films/Quay/extra-footage/quay.mp4", 11, "\"extra-footage\""},
		{"/data/films/Bonus Disc/quay.mp4", 11, "\"Bonus Disc\""},
		{"/data/films/Quay Bonus Disc 2/quay.mp4", 11, "\"Quay Bonus Disc 2\""},
		{"/data/films/Samples 2019/quay.mp4", 11, "\"Samples 2019\""},
		{"/data/films/!sample/quay.mp4", 11, "\"!sample\""},
		{"/data/films/The Other Shore/quay.mp4", 11, NULL},
		{"/data/films/Other Shores/other shore.mp4", 11, NULL},
		{"/data/films/Short Cuts/quay.mp4", 11, NULL},
		{"/data/films/Extraordinary/quay.mp4", 11, NULL},
		{"/data/films/Extra\xc3\xb1\x61s/quay.mp4", 11, NULL},
		{"/data/films/An Interview/quay.mp4", 11, NULL},
		{"/data/films/Trailer Park/quay.mp4", 11, NULL},
		{"/data/films/The Bonus/quay.mp4", 11, NULL},
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
