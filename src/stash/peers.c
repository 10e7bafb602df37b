/*
 * peers.c - see peers.h. One row for each setting of a peer. An address comes before its token,
 * which is taken over only together with it: of another server it would be of no use, and would
 * be sent to somebody whom it is none of the business of.
 */
#include "stash/peers.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "http/http.h"
#include "stash/stash.h"

enum becomes {
	TEXT,
	ADDRESS,  /* of a server */
	HOST,	  /* of one, with "plexPort" beside it; its peer asks over https, unverified */
	TOKEN,	  /* goes with the address of the same plugin */
	WHEN_ON,  /* true becomes true; false is what is here without it */
	WHEN_OFF, /* false becomes true; true is what is here without it */
	PART,	  /* of another row */
	LEFT,	  /* has no counterpart: why is in 'ours' */
	LEFT_ON,  /* the same if it is on */
	LEFT_OFF, /* the same if it is off */
};

struct row {
	const char *theirs;
	enum becomes becomes;
	const char *ours;
};

#define NO_NEED "there is nothing to set for it here"

static const struct row stash2plex_rows[] = {
	{"plex_url", ADDRESS, "connectUrl"},
	{"plex_token", TOKEN, "connectToken"},
	{"plex_library", TEXT, "libraryNames"},
	{"preserve_plex_edits", WHEN_ON, "fieldKeepPlexEdits"},
	{"sync_studio", WHEN_OFF, "fieldNoStudio"},
	{"sync_summary", WHEN_OFF, "fieldNoSummary"},
	{"sync_date", WHEN_OFF, "fieldNoDate"},
	{"sync_performers", WHEN_OFF, "fieldNoPerformers"},
	{"sync_tags", WHEN_OFF, "fieldNoTags"},
	{"sync_poster", WHEN_OFF, "fieldNoPoster"},
	{"sync_background", WHEN_OFF, "fieldNoBackground"},
	{"sync_collection", WHEN_OFF, "fieldNoStudioCollection"},
	{"trigger_plex_scan", WHEN_ON, "libraryScanNew"},
	{"obfuscate_paths", WHEN_ON, "logHidePaths"},
	{"sync_tagline", LEFT_ON, "Plex's tagline is not written"},
	{"sync_master", LEFT_OFF, "each field has a setting of its own; none is switched off"},
	{"enabled", LEFT_OFF, "Stash itself can disable a plugin"},
	{"strict_matching", LEFT_OFF,
		"nothing is guessed: a scene with several candidates waits for a decision"},
	{"max_retries", LEFT, NO_NEED},
	{"max_tags", LEFT, "all tags are written"},
	{"poll_interval", LEFT, NO_NEED},
	{"connect_timeout", LEFT, NO_NEED},
	{"read_timeout", LEFT, NO_NEED},
	{"plex_connect_timeout", LEFT, NO_NEED},
	{"plex_read_timeout", LEFT, NO_NEED},
	{"dlq_retention_days", LEFT, "failed scenes stay listed"},
	{"strict_mode", LEFT, NO_NEED},
	{"debug_logging", LEFT, "Stash's log level decides"},
	{"reconcile_interval", LEFT, "all scenes are compared once a day"},
	{"reconcile_scope", LEFT, "all scenes are compared once a day"},
	{"reconcile_missing", LEFT, "scenes that Plex does not have always wait for it"},
	{NULL, LEFT, NULL},
};

static const struct row community_rows[] = {
	{"plexHost", HOST, "connectUrl"},
	{"plexPort", PART, NULL},
	{"plexToken", TOKEN, "connectToken"},
	{"skipUnorganized", WHEN_ON, "sceneOnlyOrganized"},
	{"cleanTitles", LEFT_ON, "titles go to Plex as they are"},
	{"tagStashIDs", LEFT_ON, "tags in Stash are not changed"},
	{"tagID_emptystashid", LEFT, "tags in Stash are not changed"},
	{"tagID_stashdb", LEFT, "tags in Stash are not changed"},
	{"tagID_pmvstash", LEFT, "tags in Stash are not changed"},
	{"tagID_porndb", LEFT, "tags in Stash are not changed"},
	{"tagID_fansdb", LEFT, "tags in Stash are not changed"},
	{"tagID_javstash", LEFT, "tags in Stash are not changed"},
	{NULL, LEFT, NULL},
};

/* A plugin's id in any spelling; the community's differs from ours in nothing else. */
static const struct peer {
	const char *id, *name;
	const struct row *rows;
} peers[] = {
	{"stash2plex", "Stash2Plex", stash2plex_rows},
	{STASH_PLUGIN_ID, "PlexSync (community)", community_rows},
};

struct import {
	const cJSON *here, *theirs;
	const struct peer *peer;
	struct peers_import *out;
	cJSON *taken; /* of this peer: {ours: theirs} */
	struct arena *arena;
};

static void leave(struct import *import, const char *theirs, const char *why)
{
	cJSON *entry = cJSON_CreateObject();

	cJSON_AddStringToObject(entry, "setting", theirs);
	cJSON_AddStringToObject(entry, "from", import->peer->name);
	cJSON_AddStringToObject(entry, "why", why);
	cJSON_AddItemToArray(import->out->left, entry);
}

/* As text, whatever its type; NULL: nothing. */
static const char *text_of(const cJSON *map, const char *name, struct arena *a)
{
	const char *text = json_id(a, map, name);

	return str_blank(text) ? NULL : str_trim(a, text);
}

/* What is set here, or was taken over already, stays; NULL: neither. */
static const cJSON *already(const struct import *import, const char *ours)
{
	const cJSON *value = json_get(import->here, ours);

	if (value == NULL || (cJSON_IsString(value) && str_blank(value->valuestring)))
		value = json_get(import->out->settings, ours);
	return value;
}

/* Takes ownership of the value. */
static void take(struct import *import, const struct row *row, cJSON *value)
{
	const cJSON *there = already(import, row->ours);

	if (there == NULL) {
		cJSON_AddItemToObject(import->out->settings, row->ours, value);
		cJSON_AddStringToObject(import->taken, row->ours, row->theirs);
		return;
	}
	if (!cJSON_Compare(there, value, true))
		leave(import, row->theirs,
			json_get(import->out->settings, row->ours) != NULL
				? arena_printf(import->arena,
					  "setting %s was taken from another plugin", row->ours)
				: arena_printf(import->arena, "setting %s is set here", row->ours));
	cJSON_Delete(value);
}

static void take_address(struct import *import, const struct row *row, const char *text)
{
	const char *url = str_no_slashes(import->arena, text);

	if (strlen(url) > LIMIT_ADDRESS_BYTES || !http_url_ok(url)) {
		leave(import, row->theirs, "it is not the address of a server");
		return;
	}
	take(import, row, cJSON_CreateString(url));
	if (row->becomes == HOST && json_get(import->taken, row->ours) != NULL &&
		text_of(import->here, "tlsCaFile", import->arena) == NULL) {
		static const struct row unverified = {"plexHost", WHEN_ON, "tlsSkipVerify"};
		take(import, &unverified, cJSON_CreateTrue());
	}
}

static void take_host(struct import *import, const struct row *row, const char *host)
{
	const char *port = text_of(import->theirs, "plexPort", import->arena);

	take_address(import, row,
		arena_printf(import->arena, "https://%s:%s", host, port ? port : "32400"));
}

static void take_token(struct import *import, const struct row *row, const char *token)
{
	log_secret(token);
	if (json_get(import->taken, "connectUrl") != NULL)
		take(import, row, cJSON_CreateString(token));
	else
		leave(import, row->theirs, "it goes with an address that is not taken over");
}

static void take_flag(struct import *import, const struct row *row, const cJSON *value)
{
	bool on = false, wanted = row->becomes == WHEN_ON || row->becomes == LEFT_ON;

	if (!json_to_bool(value, &on))
		leave(import, row->theirs, "it is neither true nor false");
	else if (on == wanted && (row->becomes == WHEN_ON || row->becomes == WHEN_OFF))
		take(import, row, cJSON_CreateTrue());
	else if (on == wanted)
		leave(import, row->theirs, row->ours);
}

static void import_row(struct import *import, const struct row *row, const cJSON *value)
{
	const char *text = text_of(import->theirs, row->theirs, import->arena);

	if (row->becomes >= WHEN_ON && row->becomes != PART && row->becomes != LEFT)
		take_flag(import, row, value);
	else if (row->becomes == LEFT)
		leave(import, row->theirs, row->ours);
	else if (row->becomes == PART || text == NULL)
		return;
	else if (row->becomes == ADDRESS)
		take_address(import, row, text);
	else if (row->becomes == HOST)
		take_host(import, row, text);
	else if (row->becomes == TOKEN)
		take_token(import, row, text);
	else
		take(import, row, cJSON_CreateString(text));
}

static bool is_known(const struct peer *peer, const char *name)
{
	for (const struct row *row = peer->rows; row->theirs != NULL; row++) {
		if (strcmp(row->theirs, name) == 0)
			return true;
	}
	return false;
}

static void import_peer(struct import *import, const char *id)
{
	cJSON *from = cJSON_CreateObject();
	const cJSON *value;

	cJSON_AddStringToObject(from, "id", id);
	cJSON_AddStringToObject(from, "name", import->peer->name);
	import->taken = cJSON_AddObjectToObject(from, "settings");
	cJSON_AddItemToArray(import->out->from, from);
	for (const struct row *row = import->peer->rows; row->theirs != NULL; row++) {
		value = json_get(import->theirs, row->theirs);
		if (value != NULL)
			import_row(import, row, value);
	}
	cJSON_ArrayForEach(value, import->theirs)
	{
		if (!is_known(import->peer, value->string))
			leave(import, value->string, "it is not known here");
	}
}

void peers_import(const cJSON *plugins, struct peers_import *out, struct arena *a)
{
	struct import import = {.here = json_get(plugins, STASH_PLUGIN_ID), .out = out, .arena = a};

	*out = (struct peers_import){.from = cJSON_CreateArray(),
		.settings = cJSON_CreateObject(),
		.left = cJSON_CreateArray()};
	for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++) {
		import.peer = &peers[i];
		cJSON_ArrayForEach(import.theirs, plugins)
		{
			const char *id = import.theirs->string;
			if (strcasecmp(id, peers[i].id) == 0 && strcmp(id, STASH_PLUGIN_ID) != 0 &&
				cJSON_GetArraySize(import.theirs) > 0)
				import_peer(&import, id);
		}
	}
}
