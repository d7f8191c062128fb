// What libcurl is told before a dial: whom to reach and how, and what an endless chunked POST
// needs. Knows the options of libcurl 7.88 that would betray a token or cost memory. Leaves to
// others: the callbacks of one transfer (curl_transport). Loop thread only.
#pragma once

#include "plugin/base/time.h"
#include "plugin/model/secret.h"

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace plotbridge::http {

/// Files of a TLS client; empty: the system's authorities, no certificate of its own.
struct ClientTls {
  std::string ca;
  std::string certificate;
  std::string key;
  bool verify = true;
};

/// A proxy that is asked to CONNECT, for http and https alike. An empty `url`: none.
struct HttpProxy {
  std::string url;  // http://HOST:PORT, without credentials
  std::string username;
  Secret password;
};

struct CurlTransportOptions {
  std::string url;         // http or https
  std::string user_agent;  // "plotbridge/0.1.0"
  Secret token;
  ClientTls tls{};
  HttpProxy proxy{};
  /// Who counts the lines, to an endpoint that acknowledges them.
  std::string producer{};
  std::uint32_t epoch = 0;
  /// For name, proxy, TCP and TLS together.
  Duration connect_timeout = std::chrono::seconds(10);
};

struct FreeSlist {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Slist = std::unique_ptr<curl_slist, FreeSlist>;

/// The request's headers; they must outlive the transfer.
/// `first_line`: its number, where acknowledgements are asked for.
Slist stream_headers(const CurlTransportOptions& options,
                     std::optional<std::uint64_t> first_line = std::nullopt);
/// Everything that does not name the transfer itself.
void set_handle_options(CURL* easy, const CurlTransportOptions& options, curl_slist* headers);

/// Trusts the authorities of `tls.ca` and no others: a distribution's libcurl also looks into a
/// directory of its own. Without `ca` those of the system.
void set_authorities(CURL* easy, const ClientTls& tls);

/// Of them what says how to encrypt, as whom, and by whom to go.
void set_peer_options(CURL* easy, const ClientTls& tls, const HttpProxy& proxy);

/// Whether the connection is encrypted.
bool is_https(const CurlTransportOptions& options);
/// The name that must be looked up for a dial: the endpoint's, or the proxy's. Empty: an address.
std::string name_to_look_up(const CurlTransportOptions& options);

}  // namespace plotbridge::http
