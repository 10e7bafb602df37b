/* test_account.c - plex.tv: what an answer about a code means, which servers there are, and which
 * address is the best. */
#include "arena_open.h"

#include "base/str.h"
#include "plex/account.h"

static void test_judge(void **state)
{
	static const struct {
		const char *name;
		int status;
		bool has_token;
		int64_t left_s;
		enum account_state wanted;
	} rows[] = {
		{"not yet", 200, false, 100, ACCOUNT_WAITING},
		{"not yet, of a plex.tv that does not say how long", 200, false, -1,
			ACCOUNT_WAITING},
		{"done", 200, true, 100, ACCOUNT_DONE},
		{"done in the last second", 200, true, 0, ACCOUNT_DONE},
		{"over", 200, false, 0, ACCOUNT_EXPIRED},
		{"gone", 404, false, -1, ACCOUNT_EXPIRED},
		{"refused", 401, false, -1, ACCOUNT_REFUSED},
		{"refused otherwise", 400, false, -1, ACCOUNT_REFUSED},
		{"too often", 429, false, -1, ACCOUNT_AWAY},
		{"broken", 500, false, -1, ACCOUNT_AWAY},
		{"a hotel's page", 302, false, -1, ACCOUNT_AWAY},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_true(rows[i].name, account_judge(rows[i].status, rows[i].has_token,
						     rows[i].left_s) == rows[i].wanted);
	assert_true(ok);
}

/* "name(owned): url url …" of each server. */
static const char *servers_text(const char *json)
{
	struct account_servers servers;
	struct err err;
	struct str text;

	str_init(&text, &arena);
	if (!account_parse(json, strlen(json), &servers, &arena, &err))
		return "refused";
	for (size_t i = 0; i < servers.n; i++) {
		const struct account_server *server = &servers.v[i];
		str_addf(&text, "%s%s%s:", i > 0 ? "; " : "", server->name,
			server->owned ? "" : "(not ours)");
		for (size_t j = 0; j < server->count; j++)
			str_addf(&text, " %s", server->addresses[j].url);
	}
	return text.s;
}

#define SERVER(more)                                                                               \
	"[{\"name\":\"House\",\"clientIdentifier\":\"c1\",\"provides\":\"server\",\"owned\":true," \
	"\"accessToken\":\"abc\"," more "}]"

static void test_parse(void **state)
{
	static const struct {
		const char *name, *json, *wanted;
	} rows[] = {
		{"none", "[]", ""},
		{"no list", "{}", "refused"},
		{"no JSON", "<html>", "refused"},
		{"a player",
			"[{\"name\":\"TV\",\"clientIdentifier\":\"p\",\"provides\":\"player\"}]",
			""},
		{"no id", "[{\"name\":\"X\",\"provides\":\"server\"}]", ""},
		{"several roles, of somebody else",
			"[{\"name\":\"X\",\"clientIdentifier\":\"c\",\"provides\":\"player, "
			"server\",\"httpsRequired\":true,\"connections\":[]}]",
			"X(not ours):"},
		{"the name of an address may be hidden by a router",
			SERVER("\"connections\":[{\"uri\":\"https://"
			       "192-168-1-10.x.plex.direct:32400\","
			       "\"address\":\"192.168.1.10\",\"port\":32401,\"local\":true}]"),
			"House: https://192-168-1-10.x.plex.direct:32400 http://192.168.1.10:32401 "
			"http://127.0.0.1:32401"},
		{"plain http is not wanted",
			SERVER("\"httpsRequired\":true,\"connections\":[{\"uri\":\"https://a:1\","
			       "\"address\":\"a\",\"port\":1,\"local\":true}]"),
			"House: https://a:1"},
		{"a remote address only as it is given",
			SERVER("\"connections\":[{\"uri\":\"https://"
			       "a:1\",\"address\":\"a\",\"port\":1,"
			       "\"local\":false}]"),
			"House: https://a:1 http://127.0.0.1:32400"},
		{"IPv6",
			SERVER("\"connections\":[{\"uri\":\"https://b:2\",\"address\":\"fd00::1\","
			       "\"port\":2,\"local\":true}]"),
			"House: https://b:2 http://[fd00::1]:2 http://127.0.0.1:2"},
		{"twice, with a slash, and what is no address",
			SERVER("\"httpsRequired\":true,\"connections\":[{\"uri\":\"https://a:1/\"},"
			       "{\"uri\":\"https://a:1\"},{\"uri\":\"ftp://a\"},{\"uri\":7},{},"
			       "{\"uri\":\"https://u:p@a\"}]"),
			"House: https://a:1"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_text(rows[i].name, servers_text(rows[i].json), rows[i].wanted);
	assert_true(ok);
}

static void test_sort(void **state)
{
	struct account_address rows[] = {
		{.url = "http://dead", .local = true, .ms = 0},
		{.url = "https://relay", .relay = true, .answers = true, .ms = 1},
		{.url = "https://far", .answers = true, .ms = 9},
		{.url = "http://near", .local = true, .answers = true, .ms = 1},
		{.url = "https://near-slow", .local = true, .answers = true, .ms = 50},
		{.url = "https://near", .local = true, .answers = true, .ms = 2},
	};
	static const char *const wanted[] = {"https://near", "https://near-slow", "http://near",
		"https://far", "https://relay", "http://dead"};
	struct account_server server = {.addresses = rows, .count = ROWS(rows)};
	bool ok = true;

	(void)state;
	account_sort(&server);
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_text(wanted[i], rows[i].url, wanted[i]);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_judge, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parse, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sort, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
