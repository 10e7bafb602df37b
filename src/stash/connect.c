#include "stash/connect.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "http/http.h"

#define EXAMPLE "http://192.168.1.10:32400"

/* Where the address ends: at the folder "web", which Plex's own page lives in, or at what only
 * a page in a browser has. */
static size_t address_length(const char *url)
{
	const char *path = strstr(url, "://"), *page = strstr(url, "#!");

	path = path ? path + 3 : url;
	while ((path = strchr(path, '/')) != NULL) {
		path++;
		if (strncasecmp(path, "web", 3) == 0 && strchr("/?#", path[3]) != NULL)
			return (size_t)(path - url);
	}
	return page ? (size_t)(page - url) : strlen(url);
}

char *connect_url(struct arena *a, const char *given)
{
	char *url = str_trimn(a, given, address_length(given));

	for (char *p = url; strstr(url, "://") != NULL && *p != ':'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	return str_no_slashes(a, url);
}

/* In quotes as keyboards and word processors write them. */
static bool is_quoted(const char *text)
{
	static const char *const quotes[] = {"\"", "'", "`", "\xe2\x80\x98", "\xe2\x80\x99",
		"\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e", "\xc2\xab", "\xc2\xbb"};
	size_t len = strlen(text);

	for (size_t i = 0; i < sizeof(quotes) / sizeof(*quotes); i++) {
		size_t n = strlen(quotes[i]);
		if (len >= n && (strncmp(text, quotes[i], n) == 0 ||
					strcmp(text + len - n, quotes[i]) == 0))
			return true;
	}
	return false;
}

/* Plex's own sites, by which nobody reaches a server; a server's name ends in plex.direct. */
static bool is_plex_tv(const char *url)
{
	static const char *const sites[] = {"plex.tv", "plexapp.com"};
	const char *host = strstr(url, "://") ? strstr(url, "://") + 3 : url;
	size_t len = strcspn(host, ":/?#");

	for (size_t i = 0; i < sizeof(sites) / sizeof(*sites); i++) {
		size_t n = strlen(sites[i]);
		if (len >= n && strncasecmp(host + len - n, sites[i], n) == 0 &&
			(len == n || host[len - n - 1] == '.'))
			return true;
	}
	return false;
}

/* "http://http://host": what was pasted behind a beginning that stood there already. */
static bool has_two_schemes(const char *url)
{
	const char *host = strstr(url, "://") ? strstr(url, "://") + 3 : url;
	size_t len = strcspn(host, ":/");

	return (len == 4 || len == 5) && strncasecmp(host, "https", len) == 0 &&
	       strncmp(host + len + (host[len] == ':'), "//", 2) == 0;
}

bool connect_check_url(const char *url, struct err *err)
{
	if (*url == '\0')
		return err_set(err, ERR_SETUP,
			"setting connectUrl is empty: it needs the address of the Plex server, "
			"for example " EXAMPLE);
	if (strlen(url) > LIMIT_ADDRESS_BYTES)
		return err_set(err, ERR_SETUP, "setting connectUrl is longer than %u characters",
			LIMIT_ADDRESS_BYTES);
	if (is_quoted(url))
		return err_set(err, ERR_SETUP, "setting connectUrl is in quotes: remove them");
	if (is_plex_tv(url))
		return err_set(err, ERR_SETUP,
			"setting connectUrl is Plex's web site, which is not your server: it needs "
			"the server's own address, for example " EXAMPLE);
	if (strstr(url, "://") == NULL)
		return err_set(err, ERR_SETUP,
			"setting connectUrl begins with neither http:// nor https://: it should "
			"look like " EXAMPLE);
	if (has_two_schemes(url))
		return err_set(err, ERR_SETUP,
			"setting connectUrl has http:// or https:// twice: it should look "
			"like " EXAMPLE);
	if (!http_url_ok(url))
		return err_set(err, ERR_SETUP,
			"setting connectUrl is not a server address: it should look like " EXAMPLE
			", with no user, token or query in it");
	return true;
}

/* "TOKEN&name=value", as it is copied out of an address. */
static bool has_query(const char *token)
{
	const char *rest = strpbrk(token, "?&");

	return rest != NULL && strchr(rest, '=') != NULL;
}

/* What is wrong with a token, or NULL. */
static const char *mistake(const char *token)
{
	if (is_quoted(token))
		return "is in quotes: remove them";
	if (strncasecmp(token, "claim-", 6) == 0)
		return "is a claim code, which only adds a new server to an account and is of no "
		       "use after four minutes: it needs a token of the server's owner";
	if (strcasestr(token, "token=") != NULL || strcasestr(token, "X-Plex-Token") != NULL ||
		has_query(token))
		/* A message that quoted the word would be masked: it is part of the token. */
		return "has the name that a token is sent under in it: it needs only what follows "
		       "the = or the :, up to the next &";
	if (strstr(token, "://") != NULL)
		return "is an address: it needs a token";
	if (strpbrk(token, "<>") != NULL)
		return "has < or > in it, as a placeholder has: it needs the token alone";
	if (strpbrk(token, " \t\r\n") != NULL)
		return "has a blank or a line end in it, so it is not a token alone";
	for (const char *p = token; *p != '\0'; p++) {
		if (*p <= ' ' || *p > '~')
			return "contains a character that no Plex token has";
	}
	return NULL;
}

bool connect_check_token(const char *token, struct err *err)
{
	const char *wrong = mistake(token);

	if (*token == '\0')
		return err_set(err, ERR_SETUP,
			"setting connectToken is empty: it needs a token of the Plex server's "
			"owner");
	return wrong == NULL || err_set(err, ERR_SETUP, "setting connectToken %s", wrong);
}
