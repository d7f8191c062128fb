#include "plugin/mqtt/dial_probe.h"

#include "plugin/base/tls_policy.h"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace plotbridge::mqtt {
namespace {

using Clock = std::chrono::steady_clock;

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Addresses = std::unique_ptr<addrinfo, Free<::freeaddrinfo>>;
using TlsContext = std::unique_ptr<SSL_CTX, Free<::SSL_CTX_free>>;
using Tls = std::unique_ptr<SSL, Free<::SSL_free>>;

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  void swap(Socket& other) { std::swap(fd_, other.fd_); }
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

bool wait_for(int fd, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd poll{fd, events, 0};
    const int ready = ::poll(&poll, 1, static_cast<int>(std::max<long>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

/// 0, or the errno of the failure.
int dial(const addrinfo& address, Clock::time_point deadline, Socket& result) {
  Socket socket(::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                         address.ai_protocol));
  if (socket.fd() < 0) return errno;
  if (::connect(socket.fd(), address.ai_addr, address.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return errno;
    if (!wait_for(socket.fd(), POLLOUT, deadline)) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return error;
  }
  result.swap(socket);
  return 0;
}

std::string openssl_error() {
  // The first says what happened, the later ones where it mattered.
  const unsigned long code = ERR_peek_error();
  if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : "unknown error";
}

/// Loads the files of `options`; a sentence when one of them is no good.
std::string load(SSL_CTX* context, const SessionOptions& options) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, kClientCiphers);
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return 0; });
  if (options.tls_ca.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_locations(context, options.tls_ca.c_str(), nullptr) != 1) {
    return "cannot use broker.tls.ca '" + options.tls_ca + "': " + openssl_error();
  }
  const std::string& certificate = options.tls_certificate;
  if (!certificate.empty() &&
      SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return "cannot use broker.tls.cert '" + certificate + "': " + openssl_error();
  }
  if (!options.tls_key.empty() &&
      SSL_CTX_use_PrivateKey_file(context, options.tls_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return "cannot use broker.tls.key '" + options.tls_key + "': " + openssl_error();
  }
  return {};
}

/// What is wrong with the handshake; empty: nothing.
std::string shake_hands(const BrokerUrl& url, const SessionOptions& options, int fd,
                        Clock::time_point deadline) {
  ERR_clear_error();
  const TlsContext context(SSL_CTX_new(TLS_client_method()));
  if (!context) return "TLS cannot be started: " + openssl_error();
  if (std::string problem = load(context.get(), options); !problem.empty()) return problem;

  const Tls tls(SSL_new(context.get()));
  if (!tls || SSL_set_fd(tls.get(), fd) != 1) return "TLS cannot be started: " + openssl_error();
  if (options.tls_verify) {
    SSL_set_verify(tls.get(), SSL_VERIFY_PEER, nullptr);
    X509_VERIFY_PARAM* parameters = SSL_get0_param(tls.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, url.host.c_str()) != 1) {
      X509_VERIFY_PARAM_set1_host(parameters, url.host.c_str(), url.host.size());
    }
  }
  SSL_set_tlsext_host_name(tls.get(), url.host.c_str());
  for (;;) {
    ERR_clear_error();
    const int result = SSL_connect(tls.get());
    if (result == 1) return {};
    const int error = SSL_get_error(tls.get(), result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
      const short events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
      if (wait_for(fd, events, deadline)) continue;
      return "it takes the connection, but does not answer the TLS handshake";
    }
    const long verdict = SSL_get_verify_result(tls.get());
    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
      return "its certificate is for another host than '" + url.host +
             "'; use the name that stands in the certificate in broker.url";
    }
    if (verdict != X509_V_OK) {
      return std::string("its certificate is not trusted (") +
             X509_verify_cert_error_string(verdict) +
             "); give the CA that signed it as broker.tls.ca";
    }
    if (error == SSL_ERROR_SSL) {
      return "the TLS handshake failed (" + openssl_error() + "); is this its port for TLS?";
    }
    return "it ended the connection during the TLS handshake; is this its port for TLS?";
  }
}

}  // namespace

std::string explain_unreachable(const BrokerUrl& url, const SessionOptions& options,
                                Duration limit) {
  const auto deadline = Clock::now() + limit;
  const std::string who = "cannot connect to the broker at " + url.address() + ": ";

  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int unresolved =
      ::getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found);
  if (unresolved != 0) return who + "the name is not known (" + ::gai_strerror(unresolved) + ")";
  const Addresses addresses(found);

  Socket socket;
  int error = 0;
  for (const addrinfo* at = addresses.get(); at; at = at->ai_next) {
    error = dial(*at, deadline, socket);
    if (error == 0) break;
  }
  if (error == ECONNREFUSED) return who + "nothing listens there; is the broker running?";
  if (error != 0) return who + std::strerror(error);

  if (url.tls) {
    const std::string problem = shake_hands(url, options, socket.fd(), deadline);
    if (!problem.empty()) return who + problem;
  }
  return who +
         "it takes the connection, but ended it before the MQTT session was set up; does "
         "broker.url name the right port for its scheme" +
         (url.tls ? ", or does the broker want a client certificate (broker.tls.cert)?" : "?");
}

}  // namespace plotbridge::mqtt
