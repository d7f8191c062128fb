#include "plugin/http/trusted_authorities.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace plotbridge::http {
namespace {

struct FreeStore {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};

// Another one means other contents: the time alone may be the same for two of them.
std::string stamp_of(const struct stat& file) {
  return std::to_string(file.st_dev) + ' ' + std::to_string(file.st_ino) + ' ' +
         std::to_string(file.st_size) + ' ' + std::to_string(file.st_mtim.tv_sec) + ' ' +
         std::to_string(file.st_mtim.tv_nsec);
}

// The system's are a folder, from which OpenSSL takes what a chain asks for, and a file.
bool fill(X509_STORE* store, const std::string& file) {
  return file.empty() ? X509_STORE_set_default_paths(store) == 1
                      : X509_STORE_load_file(store, file.c_str()) == 1;
}

}  // namespace

TrustedAuthorities::~TrustedAuthorities() {
  for (const auto& [file, known] : known_) X509_STORE_free(known.store);
}

Result<void> TrustedAuthorities::give(ssl_ctx_st* context, const std::string& file) {
  const auto good = read(file);
  if (good) SSL_CTX_set1_cert_store(context, known_[file].store);
  return good;
}

Result<void> TrustedAuthorities::read(const std::string& file) {
  const std::string looked_at = file.empty() ? X509_get_default_cert_dir() : file;
  struct stat found {};
  const bool there = ::stat(looked_at.c_str(), &found) == 0;
  if (!there && !file.empty()) {
    return fail(ErrorKind::kUnavailable, "cannot use " + file + ": " + std::strerror(errno));
  }
  Known& known = known_[file];
  const std::string stamp = there ? stamp_of(found) : "";
  if (known.store == nullptr || known.stamp != stamp) {
    std::unique_ptr<X509_STORE, FreeStore> store(X509_STORE_new());
    if (store == nullptr || !fill(store.get(), file)) {
      return fail(ErrorKind::kUnavailable, "cannot use " + looked_at + ": no certificates in PEM");
    }
    // As libcurl does: an authority in the middle of a chain is as good as the one at its end.
    X509_STORE_set_flags(store.get(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
    X509_STORE_free(known.store);
    known = {store.release(), stamp};
  }
  return {};
}

}  // namespace plotbridge::http
