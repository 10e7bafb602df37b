/*
 * signin.c - signing in to Plex, step by step: a code that a person takes to plex.tv, whether
 * that was done, the account's servers, and the one that is used from then on.
 *
 * What one step leaves for the next is in the state's file "signin": the code's number, when it
 * is over, then the account's token. The server's own token goes into a file of that server,
 * which setting connectToken names. Both files are their owner's alone; a token is in nothing
 * else.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "plex/account.h"
#include "run/request.h"
#include "stash/plugins.h"

/* A clock that is off by less does no harm. */
#define SKEW_MS ((int64_t)5 * 60 * 1000)

struct signin {
	const char *pin, *token; /* NULL: none yet */
	int64_t expires_ms;
};

static const char *signin_path(const struct env *env)
{
	return arena_printf(env->arena, "%s/signin", env->state->dir);
}

static bool save(const struct env *env, const struct signin *signin, struct err *err)
{
	cJSON *json = cJSON_CreateObject();
	char *text;
	bool saved;

	cJSON_AddStringToObject(json, "pin", signin->pin);
	cJSON_AddNumberToObject(json, "expires_ms", (double)signin->expires_ms);
	if (signin->token != NULL)
		cJSON_AddStringToObject(json, "token", signin->token);
	text = cJSON_PrintUnformatted(json);
	cJSON_Delete(json);
	saved = text != NULL && file_write_secret(env->arena, signin_path(env), text, err);
	cJSON_free(text);
	return saved;
}

/* False: none was begun. */
static bool load(const struct env *env, struct signin *signin, struct err *err)
{
	struct arena *a = env->arena;
	const char *text = access(signin_path(env), F_OK) == 0
				   ? file_read_secret(a, signin_path(env), "sign-in", err)
				   : NULL;
	cJSON *json = text ? json_parse(text, strlen(text), err) : NULL;

	*signin = (struct signin){.pin = arena_strdup(a, json_text(json, "pin")),
		.token = arena_strdup(a, json_text(json, "token")),
		.expires_ms = json_int(json, "expires_ms", 0)};
	cJSON_Delete(json);
	log_secret(signin->token);
	return signin->pin != NULL ||
	       err_set(err, ERR_INPUT, "no sign-in to Plex was begun: start with signin-start");
}

/* --- the code ------------------------------------------------------------------------- */

static void warn_of_clock(const struct account *account)
{
	int64_t skew = account_skew_ms(account);

	if (skew > SKEW_MS || skew < -SKEW_MS)
		log_warning("The clock of this machine is %lld minutes %s that of plex.tv: set it, "
			    "or certificates may not be accepted",
			(long long)(skew > 0 ? skew : -skew) / 60000,
			skew > 0 ? "behind" : "ahead of");
}

bool cmd_signin_start(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	struct account *account = account_open(env_client_id(env));
	struct account_pin pin;
	bool begun = account_pin(account, &pin, env->arena, err);

	(void)request;
	if (begun) {
		struct signin signin = {
			.pin = pin.id, .expires_ms = clock_now_ms() + pin.expires_s * 1000};
		warn_of_clock(account);
		begun = save(env, &signin, err);
	} else {
		err_context(err, "%s",
			"signing in is not possible now; address and token can be "
			"put into settings connectUrl and connectToken by hand");
	}
	if (begun) {
		answer->json = cJSON_CreateObject();
		cJSON_AddStringToObject(
			answer->json, "url", account_url(account, pin.code, env->arena));
		cJSON_AddStringToObject(answer->json, "code", pin.code);
		cJSON_AddNumberToObject(answer->json, "expires_s", (double)pin.expires_s);
	}
	account_close(account);
	return begun;
}

/* plex.tv says when a code is over. While it is away our own clock does. */
static enum account_state ask_state(const struct env *env, struct signin *signin, struct err *err)
{
	struct account *account = account_open(env_client_id(env));
	enum account_state state = account_poll(
		account, signin->pin, &signin->token, env->arena, err);

	account_close(account);
	if (state == ACCOUNT_AWAY && clock_now_ms() > signin->expires_ms)
		state = ACCOUNT_EXPIRED;
	return state;
}

bool cmd_signin_poll(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	static const char *const words[] = {[ACCOUNT_WAITING] = "waiting",
		[ACCOUNT_DONE] = "done",
		[ACCOUNT_EXPIRED] = "expired",
		[ACCOUNT_REFUSED] = "refused",
		[ACCOUNT_AWAY] = "away"};
	enum account_state state = ACCOUNT_DONE;
	struct signin signin;

	(void)request;
	if (!load(env, &signin, err))
		return false;
	if (signin.token == NULL) {
		state = ask_state(env, &signin, err);
		if (state == ACCOUNT_DONE && !save(env, &signin, err))
			return false;
	}
	answer->json = cJSON_CreateObject();
	cJSON_AddStringToObject(answer->json, "state", words[state]);
	if (state == ACCOUNT_REFUSED || state == ACCOUNT_AWAY)
		cJSON_AddStringToObject(answer->json, "why", err->text);
	return true;
}

/* --- the servers ---------------------------------------------------------------------- */

/* What is trusted for https is what will be, once an address is used. */
static struct http_trust trust_of(const struct env *env, cJSON **plugins)
{
	struct settings settings;
	struct err err;

	*plugins = plugins_read(env->stash, request_stash_time(NULL), env->arena, &err);
	if (!settings_parse(json_get(*plugins, STASH_PLUGIN_ID), &settings, env->arena, &err))
		return (struct http_trust){.insecure = false};
	return (struct http_trust){.insecure = settings.skip_verify, .ca_file = settings.ca_file};
}

static bool read_servers(const struct env *env, struct account_servers *servers, struct err *err)
{
	struct account *account;
	struct signin signin;
	bool done;

	if (!load(env, &signin, err))
		return false;
	if (signin.token == NULL)
		return err_set(err, ERR_INPUT,
			"nobody has signed in to Plex yet: signin-poll says when that is done");
	account = account_open(env_client_id(env));
	done = account_servers(account, signin.token, servers, env->arena, err);
	account_close(account);
	return done;
}

static void try_servers(const struct env *env, struct account_servers *servers)
{
	cJSON *plugins;
	struct http_trust trust = trust_of(env, &plugins);

	account_try(servers, &trust, env->arena);
	cJSON_Delete(plugins);
}

static cJSON *address_json(const struct account_address *address)
{
	cJSON *row = cJSON_CreateObject();

	cJSON_AddStringToObject(row, "url", address->url);
	cJSON_AddBoolToObject(row, "local", address->local);
	cJSON_AddBoolToObject(row, "relay", address->relay);
	cJSON_AddBoolToObject(row, "answers", address->answers);
	if (address->answers)
		cJSON_AddNumberToObject(row, "ms", (double)address->ms);
	else
		cJSON_AddNullToObject(row, "ms");
	if (address->why != NULL)
		cJSON_AddStringToObject(row, "why", address->why);
	return row;
}

bool cmd_signin_servers(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	struct account_servers servers = {.n = 0};
	cJSON *list;

	(void)request;
	if (!read_servers(env, &servers, err))
		return false;
	try_servers(env, &servers);
	answer->json = cJSON_CreateObject();
	list = cJSON_AddArrayToObject(answer->json, "servers");
	for (size_t i = 0; i < servers.n; i++) {
		const struct account_server *server = &servers.v[i];
		cJSON *row = cJSON_CreateObject(), *addresses;
		cJSON_AddStringToObject(row, "id", server->id);
		cJSON_AddStringToObject(row, "name", server->name);
		cJSON_AddBoolToObject(row, "owned", server->owned);
		addresses = cJSON_AddArrayToObject(row, "addresses");
		for (size_t j = 0; j < server->count; j++)
			cJSON_AddItemToArray(addresses, address_json(&server->addresses[j]));
		cJSON_AddItemToArray(list, row);
	}
	if (servers.n == 0)
		log_warning("This Plex account has no server: sign in with the account that the "
			    "server was claimed with");
	return true;
}

/* --- the one that is used ------------------------------------------------------------- */

/* The server that was asked for, and no other left beside it. */
static bool pick_server(struct account_servers *servers, const char *id, struct err *err)
{
	for (size_t i = 0; i < servers->n; i++) {
		if (strcmp(servers->v[i].id, id) != 0)
			continue;
		if (!servers->v[i].owned || *servers->v[i].token == '\0')
			return err_set(err, ERR_INPUT,
				"args.server: \"%.100s\" belongs to somebody else, and Plex lets "
				"only its owner edit: its owner has to sign in",
				servers->v[i].name);
		servers->v[0] = servers->v[i];
		servers->n = 1;
		return true;
	}
	return err_set(err, ERR_INPUT, "args.server: the account has no server %.100s", id);
}

/* The address that was asked for, or the best one. A token goes only to where plex.tv says that
 * the server is, and to nobody who does not know its id. */
static const struct account_address *pick_address(
	const struct account_server *server, const char *url, struct err *err)
{
	for (size_t i = 0; i < server->count; i++) {
		const struct account_address *address = &server->addresses[i];
		if (url != NULL && strcmp(address->url, url) != 0)
			continue;
		if (address->answers)
			return address;
		err_set(err, ERR_INPUT, "args.address: the server does not answer at %s: %s",
			address->url, address->why);
		return NULL;
	}
	err_set(err, ERR_INPUT, "args.address: %.100s is not an address of this server",
		url ? url : "(none)");
	return NULL;
}

static const char *token_path(const struct env *env, const char *server)
{
	char hex[2 * DIGEST_BYTES + 1];
	struct digest digest = digest_text(server);

	digest_hex(&digest, hex);
	return arena_printf(
		env->arena, "%s/plex-%.8s.token", state_real_dir(env->state, env->arena), hex);
}

/* The token of the server that was used before is of no more use. */
static void drop_old_token(const struct env *env, const char *before, const char *now)
{
	const char *prefix = arena_printf(
		env->arena, "%.*splex-", (int)(strrchr(now, '/') + 1 - now), now);

	if (before != NULL && strncasecmp(before, "file:", 5) == 0 &&
		strcmp(before + 5, now) != 0 && strncmp(before + 5, prefix, strlen(prefix)) == 0 &&
		strchr(before + 5 + strlen(prefix), '/') == NULL)
		unlink(before + 5);
}

static bool use(const struct env *env, const struct account_server *server, const char *url,
	struct err *err)
{
	const char *path = token_path(env, server->id);
	cJSON *settings = cJSON_CreateObject(), *plugins;
	bool saved;

	cJSON_AddStringToObject(settings, "connectUrl", url);
	cJSON_AddStringToObject(
		settings, "connectToken", arena_printf(env->arena, "file:%s", path));
	plugins = plugins_read(env->stash, request_stash_time(NULL), env->arena, err);
	saved = plugins != NULL && file_write_secret(env->arena, path, server->token, err) &&
		plugins_save(env->stash, settings, request_stash_time(NULL), env->arena, err);
	if (saved)
		drop_old_token(
			env, json_text(json_get(plugins, STASH_PLUGIN_ID), "connectToken"), path);
	cJSON_Delete(plugins);
	cJSON_Delete(settings);
	return saved;
}

/* The account's token is kept until the server has accepted its own. */
static void end_signin(const struct env *env, const cJSON *findings)
{
	const cJSON *finding;

	cJSON_ArrayForEach(finding, findings)
	{
		if (str_eq(json_text(finding, "about"), "plex") &&
			str_eq(json_text(finding, "level"), "ok"))
			unlink(signin_path(env));
	}
}

bool cmd_signin_use(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	const struct account_address *address;
	struct account_servers servers = {.n = 0};

	if (str_blank(request->server))
		return err_set(err, ERR_INPUT,
			"args.server is missing: the id of one of signin-servers' servers");
	if (!read_servers(env, &servers, err) || !pick_server(&servers, request->server, err))
		return false;
	try_servers(env, &servers);
	address = pick_address(&servers.v[0],
		request->address ? str_no_slashes(env->arena, request->address) : NULL, err);
	if (address == NULL || !use(env, &servers.v[0], address->url, err))
		return false;
	log_info("Plex server \"%s\" is used at %s from now on", servers.v[0].name, address->url);
	if (!cmd_doctor(env, request, answer, err))
		return false;
	end_signin(env, json_get(answer->json, "findings"));
	return true;
}
