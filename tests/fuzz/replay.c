/*
 * replay.c - runs a fuzz target on the files and folders that are named, without
 * libFuzzer: the corpora are part of the ordinary tests.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fuzz.h"

#define MOST_BYTES ((size_t)1 << 20)

static size_t replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *buffer = malloc(MOST_BYTES), *data;
	size_t size;

	if (file == NULL || buffer == NULL) {
		perror(path);
		exit(1);
	}
	size = fread(buffer, 1, MOST_BYTES, file);
	fclose(file);
	data = malloc(size ? size : 1); /* of its very size, as libFuzzer does it */
	assert(data != NULL);
	memcpy(data, buffer, size);
	free(buffer);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

static size_t replay(const char *path)
{
	struct dirent **entries;
	struct stat st;
	char inner[4096];
	size_t replayed = 0;
	int count;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return replay_file(path);
	count = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			replayed += replay(inner);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return replayed;
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	size_t replayed = 0;

	for (int i = 1; i < argc; i++)
		replayed += replay(argv[i]);
	printf("%s: %zu inputs replayed\n", name ? name + 1 : argv[0], replayed);
	return replayed == 0;
}
