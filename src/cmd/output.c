/* output.c - see output.h. */
#include "cmd/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/utf8.h"

static void write_all(const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(STDOUT_FILENO, text, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		text += n;
		left -= (size_t)n;
	}
}

/* Every text in it by itself: the document may escape what a secret consists of, and a
 * secret may be a word of the document's own. */
static void mask_tree(cJSON *tree)
{
	cJSON *child;

	if (cJSON_IsString(tree))
		log_mask(tree->valuestring);
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
	/* A text of the network may be cut within a character, or be no UTF-8. It is
	 * masked before it is cleaned: that may take characters from a secret. */
	if (err != NULL) {
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
