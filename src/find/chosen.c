#include "find/chosen.h"

#include <string.h>

#include "base/utf8.h"

bool chosen_has(const struct settings *settings, int id, const char *title, const char *type)
{
	struct arena a;
	bool selected = false;
	int64_t number;

	if (settings->libraries.n == 0)
		return strcmp(type, "movie") == 0;
	arena_init(&a);
	for (size_t i = 0; i < settings->libraries.n && !selected; i++) {
		const char *wanted = settings->libraries.v[i];
		selected = strcmp(utf8_fold(&a, wanted), utf8_fold(&a, title)) == 0 ||
			   (str_number(wanted, &number) && number == id);
	}
	arena_clear(&a);
	return selected;
}

/* A name that matches no library is a mistake worth stopping for: every scene
 * would be "not in Plex". */
static bool check_names(
	const struct settings *settings, const struct library_list *all, struct err *err)
{
	for (size_t i = 0; i < settings->libraries.n; i++) {
		struct settings one = {.libraries = {.v = &settings->libraries.v[i], .n = 1}};
		size_t j = 0;
		while (j < all->n && !(library_item_type(&all->v[j]) != 0 &&
					     chosen_has(&one, all->v[j].id, all->v[j].title, "")))
			j++;
		if (j == all->n)
			return err_set(err, ERR_SETUP,
				"setting libraryNames: Plex has no video library \"%.100s\"",
				settings->libraries.v[i]);
	}
	return true;
}

bool chosen_read(const struct env *env, const struct request *request,
	struct library_list *libraries, struct arena *a, struct err *err)
{
	struct plex_time time = request_plex_time(request, LIMIT_REQUEST_MS);
	size_t kept = 0;

	if (!library_read(env->use->plex, &time, libraries, a, err) ||
		!check_names(&env->use->s, libraries, err))
		return false;
	for (size_t i = 0; i < libraries->n; i++) {
		const struct library *library = &libraries->v[i];
		if (library_item_type(library) != 0 &&
			chosen_has(&env->use->s, library->id, library->title, library->type))
			libraries->v[kept++] = *library;
	}
	libraries->n = kept;
	return true;
}
