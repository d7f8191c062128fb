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
  std::size_t size = 0;  // of the message so far
  std::array<unsigned char, kMessageHead> head{};
  for (int record = 0; !wire.empty(); ++record) {
    if (wire[0] != kHandshake || record == kMostRecords) return true;
    if (wire.size() < kRecordHead) return false;
    const std::size_t length = std::size_t{byte(3)} << 8 | byte(4);
    if (length > kRecordBytes) return true;
    if (wire.size() < kRecordHead + length) return false;
    for (std::size_t i = 0; i < length && size + i < kMessageHead; ++i) {
      head[size + i] = byte(kRecordHead + i);
    }
    size += length;
    wire.remove_prefix(kRecordHead + length);
    const std::size_t body = std::size_t{head[1]} << 16 | std::size_t{head[2]} << 8 | head[3];
    if (size >= kMessageHead && size >= kMessageHead + body) return true;
  }
  return false;
}

TlsSession::TlsSession(SSL_CTX& context)
    : ssl_(SSL_new(&context)), from_wire_(BIO_new(BIO_s_mem())), to_wire_(BIO_new(BIO_s_mem())) {
  SSL_set_bio(ssl_.get(), from_wire_, to_wire_);
  SSL_set_accept_state(ssl_.get());
  // Else one call would take all new keys that came.
  SSL_clear_mode(ssl_.get(), SSL_MODE_AUTO_RETRY);
  SSL_set_msg_callback(ssl_.get(), &TlsSession::on_record);
  SSL_set_msg_callback_arg(ssl_.get(), this);
}

// TLS 1.3 has the kind of what it encrypted within.
void TlsSession::on_record(int is_sent, int, int kind, const void* bytes, std::size_t size, SSL*,
                           void* session) {
  if (is_sent != 0 || size == 0 || (kind != SSL3_RT_HEADER && kind != SSL3_RT_INNER_CONTENT_TYPE)) {
    return;
  }
  auto& self = *static_cast<TlsSession*>(session);
  const bool is_data = *static_cast<const unsigned char*>(bytes) == SSL3_RT_APPLICATION_DATA;
  if (!is_data && self.established()) ++self.control_records_;
}

bool TlsSession::controls_too_often() const {
  return control_records_ > kMaxControlRecords + taken_ / kBytesPerControlRecord;
}

TlsSession::State TlsSession::take(std::string_view wire, std::string& plain) {
  ERR_clear_error();
  BIO_write(from_wire_, wire.data(), static_cast<int>(wire.size()));
  taken_ += wire.size();
  std::array<char, kRecordBytes> record;
  for (;;) {
    const std::size_t unread = BIO_ctrl_pending(from_wire_);
    std::size_t size = 0;
    const int result = SSL_read_ex(ssl_.get(), record.data(), record.size(), &size);
    if (controls_too_often()) {
      failure_ = "it sends too many records without data, such as new keys";
      return State::kBroken;
    }
    if (result == 1) {
      plain.append(record.data(), size);
      continue;
    }
    const State state = look_at(result);
    const std::size_t left = BIO_ctrl_pending(from_wire_);
    // Else a record without data was read, and more came.
    if (state != State::kOpen || left == 0 || left == unread) return state;
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
  failure_ = tls_failure();
  return State::kBroken;
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
