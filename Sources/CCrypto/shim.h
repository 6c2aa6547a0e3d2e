#include <openssl/crypto.h>
#include <openssl/evp.h>

// Calculates the digest of an algorithm, such as "MD5", into EVP_MAX_MD_SIZE bytes; returns its length, or 0 if this
// OpenSSL does not calculate it.
//
// OpenSSL 3 gets a context of its own, because a system's configuration may forbid MD5 for signatures. Here it
// finds damage.
static inline unsigned crypto_digest(
    const char *algorithm, const void *bytes, size_t count, unsigned char *digest) {
  unsigned length = 0;
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
  OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
  EVP_MD *method = context ? EVP_MD_fetch(context, algorithm, NULL) : NULL;
  if (!method || !EVP_Digest(bytes, count, digest, &length, method, NULL)) length = 0;
  EVP_MD_free(method);
  OSSL_LIB_CTX_free(context);
#else
  const EVP_MD *method = EVP_get_digestbyname(algorithm);
  if (!method || !EVP_Digest(bytes, count, digest, &length, method, NULL)) length = 0;
#endif
  return length;
}
