#include "plugin/http/tls_session.h"

#include "plugin/http/tls_failure.h"

#include <openssl/err.h>

#include <array>

namespace plotbridge::http {
namespace {

constexpr std::size_t kRecordBytes = 16 * 1024;  // the most that one call can decrypt

}  // namespace

// A record: one byte of its kind, two of the version, two of its length. A message of a handshake,
// in one record or in several: one byte of its kind, three of its length. Called again for each
// piece that comes, so that it looks at few records however small they are.
bool TlsSession::can_begin(std::string_view wire) {
  constexpr std::size_t kRecordHead = 5;
  constexpr std::size_t kMessageHead = 4;
  constexpr int kMostRecords = 4;
  const auto byte = [&wire](std::size_t at) { return static_cast<unsigned char>(wire[at]); };
  std::size_t size = 0;              // of the message so far
  std::size_t whole = kMessageHead;  // what it is to have
  for (int record = 0; !wire.empty(); ++record) {
    if (wire[0] != kHandshake || record == kMostRecords) return true;
    if (wire.size() < kRecordHead) return false;
    const std::size_t length = std::size_t{byte(3)} << 8 | byte(4);
    if (length > kRecordBytes) return true;
    if (wire.size() < kRecordHead + length) return false;
    for (std::size_t i = 0; i < length && size + i < kMessageHead; ++i) {
      const std::size_t place = size + i;  // 0 is the kind
      if (place > 0) whole += std::size_t{byte(kRecordHead + i)} << 8 * (kMessageHead - 1 - place);
    }
    size += length;
    wire.remove_prefix(kRecordHead + length);
    if (size >= kMessageHead && size >= whole) return true;
  }
  return false;
}

TlsSession::TlsSession(SSL_CTX& context)
    : ssl_(SSL_new(&context)), from_wire_(BIO_new(BIO_s_mem())), to_wire_(BIO_new(BIO_s_mem())) {
  SSL_set_bio(ssl_.get(), from_wire_, to_wire_);
  SSL_set_accept_state(ssl_.get());
}

TlsSession::State TlsSession::take(std::string_view wire, std::string& plain) {
  ERR_clear_error();
  BIO_write(from_wire_, wire.data(), static_cast<int>(wire.size()));
  std::array<char, kRecordBytes> record;
  for (;;) {
    std::size_t size = 0;
    const int result = SSL_read_ex(ssl_.get(), record.data(), record.size(), &size);
    if (result != 1) return look_at(result);
    plain.append(record.data(), size);
  }
}

TlsSession::State TlsSession::look_at(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return State::kOpen;
    case SSL_ERROR_ZERO_RETURN:
      return State::kEnded;
    default:
      break;
  }
  const bool plain_request = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
  failure_ = tls_failure();
  return plain_request ? State::kNotTls : State::kBroken;
}

void TlsSession::put(std::string_view plain) {
  if (!established() || plain.empty()) return;
  ERR_clear_error();
  std::size_t written = 0;  // all of it: memory takes everything
  SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written);
}

void TlsSession::end() {
  ERR_clear_error();
  if (established()) SSL_shutdown(ssl_.get());
}

std::string TlsSession::outgoing() {
  char* data = nullptr;
  const long size = BIO_get_mem_data(to_wire_, &data);
  std::string bytes(data, static_cast<std::size_t>(size > 0 ? size : 0));
  BIO_reset(to_wire_);
  return bytes;
}

}  // namespace plotbridge::http
