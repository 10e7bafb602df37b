#include "find/chosen.h"

#include <string.h>

#include "base/log.h"
#include "base/utf8.h"
#include "state/told.h"

/* Titles that a message lists. */
#define TITLES 20u

static bool fits(const char *wanted, int id, const char *title)
{
	int64_t number;

	return utf8_same_name(wanted, title) || (str_number(wanted, &number) && number == id);
}

bool chosen_has(const struct settings *settings, int id, const char *title, const char *type)
{
	if (settings->libraries.n == 0)
		return strcmp(type, "movie") == 0;
	for (size_t i = 0; i < settings->libraries.n; i++) {
		if (fits(settings->libraries.v[i], id, title))
			return true;
	}
	return false;
}

static bool fits_any(const char *wanted, const struct library_list *all)
{
	for (size_t i = 0; i < all->n; i++) {
		if (library_item_type(&all->v[i]) != 0 &&
			fits(wanted, all->v[i].id, all->v[i].title))
			return true;
	}
	return false;
}

static void add_quoted(struct str *list, const char *name)
{
	str_addf(list, "%s%.100s", list->len > 0 ? ", " : "", str_quoted(list->arena, name));
}

const char *chosen_wrong(const struct settings *settings, const struct library_list *all,
	bool *none, struct arena *a)
{
	const struct str_list *names = &settings->libraries;
	struct str unknown, there;
	size_t wrong = 0, videos = 0;

	str_init(&unknown, a);
	str_init(&there, a);
	for (size_t i = 0; i < names->n; i++) {
		if (fits_any(names->v[i], all))
			continue;
		add_quoted(&unknown, names->v[i]);
		wrong++;
	}
	for (size_t i = 0; i < all->n; i++) {
		if (library_item_type(&all->v[i]) != 0 && videos++ < TITLES)
			add_quoted(&there, all->v[i].title);
	}
	*none = wrong > 0 && wrong == names->n;
	if (wrong == 0)
		return NULL;
	return arena_printf(a, "setting libraryNames: Plex has no video library %s; it has %s%s",
		unknown.s, videos > 0 ? there.s : "none at all", videos > TITLES ? ", …" : "");
}

/* A name that fits no library beside others that do stops nothing. */
static bool check_names(
	const struct env *env, const struct library_list *all, struct arena *a, struct err *err)
{
	bool none;
	const char *wrong = chosen_wrong(&env->use->s, all, &none, a);

	if (none)
		return err_set(err, ERR_SETUP, "%s", wrong);
	if (told_is_news(env->state, "libraries", wrong ? wrong : ""))
		log_warning("%s. The other libraries are used", wrong);
	return true;
}

bool chosen_read(const struct env *env, const struct request *request,
	struct library_list *libraries, struct arena *a, struct err *err)
{
	struct plex_time time = request_plex_time(request, LIMIT_REQUEST_MS);
	size_t kept = 0;

	if (!library_read(env->use->plex, &time, libraries, a, err) ||
		!check_names(env, libraries, a, err))
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
