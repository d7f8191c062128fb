// The client's side of TLS without a socket: what the test says goes in, what the wire takes comes
// out, and back. Trusts one authority, and asks for the name that it is given. One thread.
#pragma once

#include "plugin/http/tls_failure.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace plotbridge::http {

class TlsClient {
 public:
  explicit TlsClient(const std::string& authority, const char* address = "127.0.0.1")
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    if (SSL_CTX_load_verify_file(context_.get(), authority.c_str()) != 1) {
      ADD_FAILURE() << "no authority";
    }
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    ssl_.reset(SSL_new(context_.get()));
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), address);
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());
    SSL_do_handshake(ssl_.get());
  }

  bool established() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  /// Whether the other side said that nothing more comes.
  bool told_of_the_end() const {
    return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }
  const std::string& received() const { return received_; }
  const std::string& failure() const { return failure_; }

  void take(std::string_view wire) {
    BIO_write(SSL_get_rbio(ssl_.get()), wire.data(), static_cast<int>(wire.size()));
    std::array<char, 16384> text;
    std::size_t size = 0;
    int result = 0;
    while ((result = SSL_read_ex(ssl_.get(), text.data(), text.size(), &size)) == 1) {
      received_.append(text.data(), size);
    }
    if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_SSL) failure_ = tls_failure();
  }
  void say(std::string_view text) {
    std::size_t written = 0;
    EXPECT_EQ(SSL_write_ex(ssl_.get(), text.data(), text.size(), &written), 1);
  }
  /// Encrypts with new keys from now on; the other side need not.
  void change_keys() {
    EXPECT_EQ(SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
    EXPECT_EQ(SSL_do_handshake(ssl_.get()), 1);
  }
  void end() { SSL_shutdown(ssl_.get()); }
  std::string outgoing() {
    char* data = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &data);
    std::string wire(data, static_cast<std::size_t>(size));
    BIO_reset(SSL_get_wbio(ssl_.get()));
    return wire;
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  std::string received_;
  std::string failure_;
};

}  // namespace plotbridge::http
