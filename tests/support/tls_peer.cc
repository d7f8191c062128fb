#include "tests/support/tls_peer.h"

#include <openssl/ssl.h>
#include <signal.h>

#include <stdexcept>

namespace plotbridge::test {
namespace {

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

// OpenSSL's sockets raise SIGPIPE. Only in the peer's own thread it is held back: libcurl's must
// not.
void mask_broken_pipe(int how) {
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  const timespec now{};
  if (how == SIG_UNBLOCK) sigtimedwait(&broken_pipe, nullptr, &now);
  pthread_sigmask(how, &broken_pipe, nullptr);
}

}  // namespace

TlsPeer::TlsPeer(const TlsPeerOptions& options, int receive_bytes)
    : raw_("127.0.0.1", receive_bytes), context_(SSL_CTX_new(TLS_server_method())) {
  mask_broken_pipe(SIG_BLOCK);
  // Old versions and small keys are what some tests are about.
  SSL_CTX_set_security_level(context_, 0);
  SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context_, options.max_version);
  check(
      SSL_CTX_use_certificate_chain_file(context_, options.certificate.certificate.c_str()) == 1 &&
          SSL_CTX_use_PrivateKey_file(context_, options.certificate.key.c_str(),
                                      SSL_FILETYPE_PEM) == 1,
      "cannot use the certificate");
  if (options.client_ca.empty()) return;
  check(SSL_CTX_load_verify_locations(context_, options.client_ca.c_str(), nullptr) == 1,
        "cannot use the authority");
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

TlsPeer::~TlsPeer() {
  drop();
  SSL_CTX_free(context_);
  mask_broken_pipe(SIG_UNBLOCK);
}

bool TlsPeer::accept() {
  drop();
  received_.clear();
  raw_.accept();
  raw_.limit_waits();
  tls_ = SSL_new(context_);
  SSL_set_fd(tls_, raw_.socket());
  return SSL_accept(tls_) == 1;
}

bool TlsPeer::read_some() {
  char buffer[4096];
  const int count = SSL_read(tls_, buffer, sizeof buffer);
  if (count > 0) received_.append(buffer, static_cast<std::size_t>(count));
  return count > 0;
}

const std::string& TlsPeer::read_until(std::string_view text) {
  while (received_.find(text) == std::string::npos) {
    check(read_some(), "the bytes waited for did not come");
  }
  return received_;
}

std::string TlsPeer::read_to_end() {
  while (read_some()) {
  }
  return received_;
}

void TlsPeer::write(std::string_view bytes) {
  check(SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) ==
            static_cast<int>(bytes.size()),
        "cannot write");
}

void TlsPeer::close() {
  SSL_shutdown(tls_);
  drop();
  raw_.close();
}

void TlsPeer::drop() {
  SSL_free(tls_);
  tls_ = nullptr;
}

}  // namespace plotbridge::test
