#include "cmd/output.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "base/utf8.h"

static void write_all(const char *text)
{
	file_write_fd(STDOUT_FILENO, text, strlen(text));
}

/* A text may have been cut somewhere, or come from the network. It is masked before it is cleaned,
 * which may remove characters of a secret. */
static void make_presentable(cJSON *text)
{
	struct arena a;

	log_mask(text->valuestring);
	if (utf8_is_valid(text->valuestring))
		return;
	arena_init(&a);
	cJSON_SetValuestring(text, utf8_clean(&a, text->valuestring));
	arena_clear(&a);
}

/* Each text by itself: the printed document may escape parts of a secret, and a secret may
 * be a word of the document. */
static void mask_tree(cJSON *tree)
{
	cJSON *child;

	if (cJSON_IsString(tree))
		make_presentable(tree);
	cJSON_ArrayForEach(child, tree)
	{
		mask_tree(child);
	}
}

static void print(const cJSON *document, bool formatted)
{
	cJSON *masked = cJSON_Duplicate(document, true);
	char *text;

	mask_tree(masked);
	text = formatted ? cJSON_Print(masked) : cJSON_PrintUnformatted(masked);
	cJSON_Delete(masked);
	if (text == NULL) {
		write_all("{\"error\":\"out of memory\"}");
		return;
	}
	write_all(text);
	cJSON_free(text);
}

void output_for_stash(const cJSON *output, const struct err *err)
{
	cJSON *document = cJSON_CreateObject();
	struct arena a;

	arena_init(&a);
	if (err != NULL) { /* cleaned, too, of what nobody can see */
		char *text = arena_strdup(&a, err->text);
		log_mask(text);
		cJSON_AddStringToObject(document, "error", utf8_clean(&a, text));
	}
	if (err == NULL && output != NULL)
		cJSON_AddItemToObject(document, "output", cJSON_Duplicate(output, true));
	else if (err == NULL)
		cJSON_AddNullToObject(document, "output");
	print(document, false);
	cJSON_Delete(document);
	arena_clear(&a);
}

void output_for_person(const cJSON *output)
{
	print(output, true);
	write_all("\n");
}

cJSON *output_time(int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[32];
	struct tm t;

	if (ms <= 0 || gmtime_r(&seconds, &t) == NULL ||
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &t) == 0)
		return cJSON_CreateNull();
	return cJSON_CreateString(text);
}
