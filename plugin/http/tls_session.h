// TLS of one accepted connection: bytes of the wire come in and plain ones go out, and the other
// way round. No socket and no clock in it. Leaves to others: sending and receiving
// (tcp_connection). Loop thread.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace plotbridge::http {

class TlsSession {
 public:
  /// The first byte of every TLS connection, and of no HTTP request.
  static constexpr char kHandshake = 0x16;
  /// What one takes, with all that OpenSSL keeps of it.
  static constexpr std::size_t kBytes = 54 * 1024;
  /// TLS adds less than kOverhead to so many bytes; encrypting them piece by piece keeps no more
  /// twice.
  static constexpr std::size_t kPiece = 16 * 1024;
  static constexpr std::size_t kOverhead = 128;
  /// Of a handshake, or of new keys that a client asks for and does not read.
  static constexpr std::size_t kMaxUnread = 64 * 1024;
  /// Records without data, new keys above all, cost a thousand times as much as their bytes: one
  /// connection may send so many, and one more for each so many bytes.
  static constexpr std::size_t kMaxControlRecords = 32;
  static constexpr std::size_t kBytesPerControlRecord = 64 * 1024;

  /// Whether a session has something to do with the first bytes of a connection: a whole message of
  /// a handshake, or what is none.
  static bool can_begin(std::string_view wire);

  explicit TlsSession(SSL_CTX& context);

  enum class State : std::uint8_t {
    kOpen,
    kEnded,   // the client said that nothing more comes
    kBroken,  // `failure` says why; what `outgoing` holds is for the client
  };

  /// Takes what came and appends what it says to `plain`.
  State take(std::string_view wire, std::string& plain);
  /// Encrypts; nothing before the handshake is over.
  void put(std::string_view plain);
  /// Says that nothing more comes from here.
  void end();

  /// Whether the handshake is over.
  bool established() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  /// What is to be sent now. Moved out.
  std::string outgoing();
  const std::string& failure() const { return failure_; }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  State look_at(int result);
  bool controls_too_often() const;
  static void on_record(int is_sent, int version, int kind, const void* bytes, std::size_t size,
                        SSL* ssl, void* session);

  std::unique_ptr<SSL, Free> ssl_;
  BIO* from_wire_;  // both owned by ssl_
  BIO* to_wire_;
  std::uint64_t taken_ = 0;            // bytes of the wire
  std::uint64_t control_records_ = 0;  // that came after the handshake
  std::string failure_;
};

}  // namespace plotbridge::http
