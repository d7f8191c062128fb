// A TLS server of one connection, by hand: like RawPeer, with OpenSSL on top and whatever is wrong
// with its certificate. Blocking, each wait bounded; the test's own thread.
#pragma once

#include "tests/support/certificates.h"
#include "tests/support/raw_peer.h"

#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace plotbridge::test {

struct TlsPeerOptions {
  test::CertificateAuthority::Pair certificate;
  /// Newest version it speaks; 0: any. 0x0302 is TLS 1.1, 0x0303 TLS 1.2.
  int max_version = 0;
  /// Given: a client must show a certificate of this authority.
  std::string client_ca = {};
};

class TlsPeer {
 public:
  /// `receive_bytes`: as of RawPeer.
  explicit TlsPeer(const TlsPeerOptions& options, int receive_bytes = 0);
  ~TlsPeer();
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  std::string url(std::string_view host = "127.0.0.1") const { return raw_.url("https", host); }
  RawPeer& raw() { return raw_; }

  /// Waits for a client and shakes hands; false: one of the two did not want to.
  bool accept();
  /// Reads until everything so far contains `text`; what was read. Throws after 10 s.
  const std::string& read_until(std::string_view text);
  /// What can be read before the client closes.
  std::string read_to_end();
  void write(std::string_view bytes);
  /// The end as TLS wants it, then FIN.
  void close();

 private:
  bool read_some();
  void drop();

  RawPeer raw_;
  ssl_ctx_st* context_;
  ssl_st* tls_ = nullptr;
  std::string received_;
};

}  // namespace plotbridge::test
