// Which encryption is good enough, for every TLS connection that is made or accepted: TLS 1.2 with
// forward secrecy and authenticated encryption (AEAD), or newer. What TLS 1.3 offers is all of that
// kind. Not responsible for: telling a library (OpenSSL, libcurl, Paho). Constants; any thread.
#pragma once

namespace plotbridge {

/// In OpenSSL's terms, for TLS 1.2. None of them exists in an older version.
inline constexpr const char* kServerCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK:!SRP";
/// Peers choose their certificates and keys themselves: finite-field Diffie-Hellman is good, too.
inline constexpr const char* kClientCiphers =
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!aNULL:!PSK:!SRP";

}  // namespace plotbridge
