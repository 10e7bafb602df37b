/*
 * fetch.c - a bare client: reads every URL over one connection and throws the
 * answers away. What is left of a program's time without this client's is its
 * own work.
 *
 * stdin: header lines, an empty line, URLs, one a line.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

static size_t drop(char *data, size_t size, size_t count, void *user)
{
	size_t *total = user;

	(void)data;
	*total += size * count;
	return size * count;
}

int main(void)
{
	static char line[65536];
	struct curl_slist *headers = NULL;
	size_t total = 0;
	int failed = 0;
	CURL *curl;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	curl = curl_easy_init();
	if (curl == NULL)
		return 1;
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &total);
	while (fgets(line, sizeof(line), stdin) != NULL && line[0] != '\n') {
		line[strcspn(line, "\n")] = '\0';
		headers = curl_slist_append(headers, line);
	}
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		curl_easy_setopt(curl, CURLOPT_URL, line);
		failed |= curl_easy_perform(curl) != CURLE_OK;
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	curl_global_cleanup();
	printf("%zu\n", total);
	return failed;
}
