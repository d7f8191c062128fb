#include "plugin/http/tls_certificate.h"

#include "plugin/base/log.h"
#include "plugin/base/tls_policy.h"
#include "plugin/http/private_key.h"
#include "plugin/http/tls_failure.h"

#include <openssl/pem.h>
#include <sys/stat.h>

#include <utility>

namespace plotbridge::http {
namespace {

// A key with a passphrase would ask for it at a terminal that nobody sits at.
int no_passphrase(char*, int, int, void*) { return 0; }

auto cannot_use(const std::string& path, std::string_view what) {
  return fail(ErrorKind::kInvalid, path + ": " + std::string(what) + ": " + tls_failure());
}

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

Key parse_key(const std::string& pem) {
  BIO* const bytes = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  Key key(PEM_read_bio_PrivateKey(bytes, nullptr, no_passphrase, nullptr));
  BIO_free(bytes);
  return key;
}

}  // namespace

TlsCertificate::TlsCertificate(std::string certificate, std::string key)
    : certificate_(std::move(certificate)),
      key_(std::move(key)),
      certificate_stamp_(stamp_of(certificate_)),
      key_stamp_(stamp_of(key_)) {}

Result<std::shared_ptr<TlsCertificate>> TlsCertificate::load(std::string certificate,
                                                             std::string key) {
  std::shared_ptr<TlsCertificate> made(new TlsCertificate(std::move(certificate), std::move(key)));
  auto context = made->read();
  if (!context) return tl::make_unexpected(context.error());
  made->context_ = *std::move(context);
  return made;
}

SSL_CTX& TlsCertificate::context() {
  const Stamp certificate = stamp_of(certificate_);
  const Stamp key = stamp_of(key_);
  if (certificate == certificate_stamp_ && key == key_stamp_) return *context_;
  certificate_stamp_ = certificate;
  key_stamp_ = key;
  if (auto context = read()) {
    context_ = *std::move(context);
    log::info("certificate read again", {{"file", certificate_}});
  } else {
    // Also what is seen between the writing of the one file and of the other.
    log::warning("a changed certificate cannot be used, the last one stays",
                 {{"why", context.error().message}});
  }
  return *context_;
}

Result<TlsCertificate::Context> TlsCertificate::read() const {
  Context context(SSL_CTX_new(TLS_server_method()));
  if (!context) return cannot_use(certificate_, "no TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);  // 34 kB of each silent connection
  SSL_CTX_set_cipher_list(context.get(), kServerCiphers);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_.c_str()) != 1) {
    return cannot_use(certificate_, "no certificate in PEM");
  }
  // Through the same open file that was looked at, so that nobody puts another in between.
  auto text = read_private_key(key_);
  if (!text) return tl::make_unexpected(text.error());
  const Key key = parse_key(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!key) return cannot_use(key_, "no key in PEM without a passphrase");
  // OpenSSL keeps keys of two kinds side by side: only the last look sees that they do not fit.
  if (SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return cannot_use(key_, "no key that fits " + certificate_);
  }
  return context;
}

TlsCertificate::Stamp TlsCertificate::stamp_of(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return {};
  return {file.st_ino, file.st_size,
          file.st_ctim.tv_sec * std::int64_t{1'000'000'000} + file.st_ctim.tv_nsec};
}

}  // namespace plotbridge::http
