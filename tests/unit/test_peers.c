/* test_peers.c - what other plugins' settings become here, and what is left behind. */
#include "arena_open.h"

#include "base/json.h"
#include "base/log.h"
#include "stash/peers.h"

/* "SETTINGS LEFT", as JSON, where LEFT has the names alone. */
static const char *imported(const char *plugins)
{
	struct peers_import import;
	struct err err;
	cJSON *tree = json_parse(plugins, strlen(plugins), &err);
	char *settings;
	struct str text;
	const cJSON *entry;

	if (tree == NULL)
		return "the test's JSON is wrong";
	peers_import(tree, &import, &arena);
	settings = cJSON_PrintUnformatted(import.settings);
	str_init(&text, &arena);
	str_addf(&text, "%s", settings);
	cJSON_ArrayForEach(entry, import.left)
	{
		str_addf(&text, " %s", json_text(entry, "setting"));
		if (str_blank(json_text(entry, "why")) || str_blank(json_text(entry, "from")))
			str_add(&text, "(without a reason)");
	}
	cJSON_free(settings);
	cJSON_Delete(import.from);
	cJSON_Delete(import.settings);
	cJSON_Delete(import.left);
	cJSON_Delete(tree);
	return text.s;
}

static void test_import(void **state)
{
	static const struct {
		const char *name, *plugins, *wanted;
	} rows[] = {
		{"nothing", "{}", "{}"},
		{"a plugin without settings", "{\"stash2plex\":{}}", "{}"},
		{"only ours, and a stranger",
			"{\"plexsync\":{\"connectUrl\":\"http://a\"},\"x\":{\"plex_url\":\"http://"
			"b\"}}",
			"{}"},
		{"address and token go together",
			"{\"Stash2Plex\":{\"plex_token\":\"t0ken\",\"plex_url\":\"http://a:32400/"
			"\"}}",
			"{\"connectUrl\":\"http://a:32400\",\"connectToken\":\"t0ken\"}"},
		{"no address, no token", "{\"stash2plex\":{\"plex_token\":\"t0ken\"}}",
			"{} plex_token"},
		{"no address of a server",
			"{\"stash2plex\":{\"plex_token\":\"t0ken\",\"plex_url\":\"plex:32400\"}}",
			"{} plex_url plex_token"},
		{"what is set here stays, and another server's token is not taken",
			"{\"plexsync\":{\"connectUrl\":\"http://b\",\"libraryNames\":\"Films\"},"
			"\"stash2plex\":{\"plex_url\":\"http://a\",\"plex_token\":\"t0ken\","
			"\"plex_library\":\"Clips\"}}",
			"{} plex_url plex_token plex_library"},
		{"what is empty here is not set",
			"{\"plexsync\":{\"libraryNames\":\" \"},\"stash2plex\":{\"plex_library\":"
			"\" Clips, Films \"}}",
			"{\"libraryNames\":\"Clips, Films\"}"},
		{"what is the same is no news",
			"{\"plexsync\":{\"libraryNames\":\"Clips\"},\"stash2plex\":{\"plex_"
			"library\":"
			"\"Clips\"}}",
			"{}"},
		{"switches: on, off, as text, neither",
			"{\"stash2plex\":{\"preserve_plex_edits\":true,\"sync_tags\":false,"
			"\"sync_date\":\"false\",\"sync_summary\":true,\"trigger_plex_scan\":false,"
			"\"obfuscate_paths\":\"perhaps\"}}",
			"{\"fieldKeepPlexEdits\":true,\"fieldNoDate\":true,\"fieldNoTags\":true} "
			"obfuscate_paths"},
		{"false here is set, too",
			"{\"plexsync\":{\"fieldNoTags\":false},\"stash2plex\":{\"sync_tags\":false}"
			"}",
			"{} sync_tags"},
		{"without a counterpart, only if it was in use, and unknown",
			"{\"stash2plex\":{\"sync_tagline\":false,\"strict_matching\":true,"
			"\"enabled\":"
			"true,\"max_tags\":9,\"new_thing\":1}}",
			"{} max_tags new_thing"},
		{"the community's",
			"{\"PlexSync\":{\"plexHost\":\"nas\",\"plexPort\":32401,\"plexToken\":"
			"\"t0ken\",\"skipUnorganized\":true,\"cleanTitles\":true}}",
			"{\"connectUrl\":\"https://"
			"nas:32401\",\"tlsSkipVerify\":true,\"connectToken\":"
			"\"t0ken\",\"sceneOnlyOrganized\":true} cleanTitles"},
		{"the community's, with a certificate that is trusted here",
			"{\"plexsync\":{\"tlsCaFile\":\"/"
			"ca.pem\"},\"PlexSync\":{\"plexHost\":\"nas\"}}",
			"{\"connectUrl\":\"https://nas:32400\"}"},
		{"both: the first one's server",
			"{\"PlexSync\":{\"plexHost\":\"nas\",\"plexToken\":\"other\"},"
			"\"stash2plex\":{"
			"\"plex_url\":\"http://a\",\"plex_token\":\"t0ken\"}}",
			"{\"connectUrl\":\"http://a\",\"connectToken\":\"t0ken\"} plexHost "
			"plexToken"},
		{"nonsense",
			"{\"stash2plex\":{\"plex_url\":[],\"plex_library\":{},\"sync_tags\":[]},"
			"\"PlexSync\":7}",
			"{} sync_tags"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_text(rows[i].name, imported(rows[i].plugins), rows[i].wanted);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_import, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
