#include "plex/picture.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "http/http.h"

/* Lists have plural names, selections singular ones. */
static const char *const plural[] = {[PICTURE_POSTER] = "posters", [PICTURE_BACKGROUND] = "arts"};
static const char *const singular[] = {[PICTURE_POSTER] = "poster", [PICTURE_BACKGROUND] = "art"};

bool picture_read(struct plex *plex, const char *rating_key, enum picture_kind kind,
	const struct plex_time *time, struct picture_list *list, struct arena *a, struct err *err)
{
	const char *path = arena_printf(a, "/library/metadata/%s/%s", rating_key, plural[kind]);
	cJSON *root;
	const cJSON *container = plex_get(plex, PLEX_ITEM, path, time, &root, err);
	const cJSON *pictures, *picture;
	size_t count;

	*list = (struct picture_list){0};
	if (container == NULL)
		return false;
	pictures = json_list(container, "Metadata", &count);
	if (pictures == NULL)
		pictures = json_list(container, "Photo", &count);
	list->v = arena_array(a, count, sizeof(*list->v));
	cJSON_ArrayForEach(picture, pictures)
	{
		const char *key = json_text(picture, "ratingKey");
		bool selected;
		if (key != NULL)
			list->v[list->n++] = (struct picture){.key = arena_strdup(a, key),
				.selected = json_to_bool(
						    json_get(picture, "selected"), &selected) &&
					    selected};
	}
	cJSON_Delete(root);
	return true;
}

/* "upload://posters/SHA-1"; of episodes "upload://posters/seasons/1/episodes/2/SHA-1". */
const char *picture_sha1(const char *key)
{
	return strncmp(key, "upload://", 9) == 0 ? strrchr(key, '/') + 1 : "";
}

bool picture_is(const struct picture *picture, const char *sha1)
{
	return *sha1 != '\0' && strcmp(picture_sha1(picture->key), sha1) == 0;
}

const char *picture_key(enum picture_kind kind, const char *sha1, struct arena *a)
{
	return arena_printf(a, "upload://%s/%s", plural[kind], sha1);
}

bool picture_same(const char *key, const char *other)
{
	return strcmp(key, other) == 0 ||
	       (*picture_sha1(key) != '\0' && strcmp(picture_sha1(key), picture_sha1(other)) == 0);
}

const struct picture *picture_selected(const struct picture_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].selected)
			return &list->v[i];
	}
	return NULL;
}

const struct picture *picture_find(const struct picture_list *list, const char *sha1)
{
	for (size_t i = 0; i < list->n; i++) {
		if (picture_is(&list->v[i], sha1))
			return &list->v[i];
	}
	return NULL;
}

/* What a file begins with. Pictures that go to Plex have no name. */
static const struct signature {
	size_t at;
	const char *bytes;
	size_t len;
	const char *name;
} signatures[] = {
#define SIGNATURE(at, bytes, name)                                                                 \
	{                                                                                          \
		at, bytes, sizeof(bytes) - 1, name                                                 \
	}
	SIGNATURE(0, "\xff\xd8\xff", NULL), /* JPEG */
	SIGNATURE(0, "\x89PNG\r\n\x1a\n", NULL),
	SIGNATURE(8, "WEBP", NULL), /* after "RIFF" and its length */
	SIGNATURE(0, "GIF8", "a GIF"),
	SIGNATURE(4, "ftypavi", "an AVIF picture"),
	SIGNATURE(4, "ftyphei", "an HEIC picture"),
	SIGNATURE(4, "ftyphev", "an HEIC picture"),
	SIGNATURE(4, "ftypmif1", "an HEIC or AVIF picture"),
	SIGNATURE(4, "ftyp", "a video"),
	SIGNATURE(0, "\x1a\x45\xdf\xa3", "a video"), /* Matroska, WebM */
	SIGNATURE(0, "\xff\x0a", "a JPEG XL picture"),
	SIGNATURE(0, "\0\0\0\x0cJXL ", "a JPEG XL picture"),
	SIGNATURE(0, "\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
	SIGNATURE(0, "BM", "a BMP picture"),
	SIGNATURE(0, "II*\0", "a TIFF picture"),
	SIGNATURE(0, "MM\0*", "a TIFF picture"),
	SIGNATURE(0, "\0\0\1\0", "an icon"),
#undef SIGNATURE
};

static bool has_at(const char *data, size_t len, const struct signature *s)
{
	return len >= s->at + s->len && memcmp(data + s->at, s->bytes, s->len) == 0;
}

/* Text may begin with a mark, blanks, and in any case. */
static const char *text_kind(const char *data, size_t len, struct arena *a)
{
	static const struct {
		const char *begin, *name;
	} kinds[] = {{"<!doctype html", "an HTML page"}, {"<html", "an HTML page"},
		{"<svg", "an SVG drawing"}, {"<", "an XML document"}, {"{", "a JSON document"}};
	const char *text = arena_strndup(a, data, len < 64 ? len : 64);

	text += strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	text += strspn(text, " \t\r\n");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strncasecmp(text, kinds[i].begin, strlen(kinds[i].begin)) == 0)
			return kinds[i].name;
	}
	return NULL;
}

const char *picture_wrong(const void *data, size_t len, struct arena *a)
{
	const char *bytes = data, *kind;
	struct str text;

	if (len == 0)
		return "empty";
	for (size_t i = 0; i < sizeof(signatures) / sizeof(*signatures); i++) {
		if (has_at(bytes, len, &signatures[i]))
			return signatures[i].name;
	}
	kind = text_kind(bytes, len, a);
	if (kind != NULL)
		return kind;
	str_init(&text, a);
	str_add(&text, "of an unknown kind (it begins with");
	for (size_t i = 0; i < len && i < 8; i++)
		str_addf(&text, " %02x", (unsigned char)bytes[i]);
	str_addc(&text, ')');
	return text.s;
}

bool picture_upload(struct plex *plex, const char *rating_key, enum picture_kind kind,
	const void *data, size_t len, const struct plex_time *time, struct err *err)
{
	struct arena a;
	bool done;

	arena_init(&a);
	done = plex_send(plex, "POST",
		arena_printf(&a, "/library/metadata/%s/%s", rating_key, plural[kind]), data, len,
		time, err);
	arena_clear(&a);
	return done;
}

bool picture_select(struct plex *plex, const char *rating_key, enum picture_kind kind,
	const char *key, const struct plex_time *time, struct err *err)
{
	struct arena a;
	bool done;

	arena_init(&a);
	done = plex_send(plex, "PUT",
		arena_printf(&a, "/library/metadata/%s/%s?url=%s", rating_key, singular[kind],
			http_escape(&a, key)),
		NULL, 0, time, err);
	arena_clear(&a);
	return done;
}
