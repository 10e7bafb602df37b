/*
 * digest.c - see digest.h.
 *
 * The digests come with the library that does TLS: mbedTLS in the packages
 * (PLEXSYNC_MBEDTLS), else OpenSSL. Of OpenSSL the low-level calls are used on purpose:
 * EVP_Digest fetches a provider at its first use, which costs a hook that only queues more
 * than everything else it does. They are deprecated since OpenSSL 3; once they are gone,
 * EVP_Q_digest("SHA256") and ("SHA1") give the same bytes, more slowly.
 */
#define OPENSSL_API_COMPAT 10101
#include "base/digest.h"

#ifdef PLEXSYNC_MBEDTLS
#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>
#else
#include <openssl/sha.h>
#endif
#include <string.h>

enum { SHA1_BYTES = 20, SHA256_BYTES = 32 };

#ifdef PLEXSYNC_MBEDTLS

static void sha256(const void *data, size_t len, unsigned char full[SHA256_BYTES])
{
	mbedtls_sha256(data, len, full, 0);
}

static void sha1(const void *data, size_t len, unsigned char bytes[SHA1_BYTES])
{
	mbedtls_sha1(data, len, bytes);
}

#else

static void sha256(const void *data, size_t len, unsigned char full[SHA256_BYTES])
{
	SHA256_CTX ctx;

	SHA256_Init(&ctx);
	SHA256_Update(&ctx, data, len);
	SHA256_Final(full, &ctx);
}

static void sha1(const void *data, size_t len, unsigned char bytes[SHA1_BYTES])
{
	SHA_CTX ctx;

	SHA1_Init(&ctx);
	SHA1_Update(&ctx, data, len);
	SHA1_Final(bytes, &ctx);
}

#endif

struct digest digest_of(const void *data, size_t len)
{
	unsigned char full[SHA256_BYTES];
	struct digest digest;

	sha256(data, len, full);
	memcpy(digest.bytes, full, sizeof(digest.bytes));
	return digest;
}

struct digest digest_text(const char *text)
{
	return digest_of(text, strlen(text));
}

static void to_hex(const unsigned char *bytes, size_t len, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[2 * len] = '\0';
}

void digest_hex(const struct digest *digest, char hex[2 * DIGEST_BYTES + 1])
{
	to_hex(digest->bytes, DIGEST_BYTES, hex);
}

char *digest_sha1(const void *data, size_t len, struct arena *a)
{
	unsigned char bytes[SHA1_BYTES];
	char *hex = arena_alloc(a, 2 * sizeof(bytes) + 1);

	sha1(data, len, bytes);
	to_hex(bytes, sizeof(bytes), hex);
	return hex;
}
