#include "plugin/decode/decompressor.h"

#include "plugin/base/scratch.h"
#include "plugin/decode/found_text.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

namespace plotbridge::decode {
namespace {

// Who packs makes nothing larger: what is longer than this and twice as long as what comes out of
// it is made to take time.
constexpr std::size_t kMostForNothing = std::size_t{1} << 20;
constexpr std::size_t kGivenAtOnce = std::size_t{64} << 10;
constexpr std::size_t kFirstRoom = std::size_t{16} << 10;
// What zstd's state may keep beside its window: about 100 KiB.
constexpr std::size_t kKeptZstdBytes = std::size_t{256} << 10;

constexpr std::string_view kGzipMagic = "\x1F\x8B";
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";

/// RFC 1950: method 8, and the two bytes are a multiple of 31.
bool starts_like_zlib(std::string_view payload) {
  if (payload.size() < 2) return false;
  const auto first = static_cast<unsigned char>(payload[0]);
  const auto second = static_cast<unsigned char>(payload[1]);
  return (first & 0x0F) == 8 && (first * 256U + second) % 31 == 0;
}

Compression recognized(std::string_view payload) {
  if (payload.starts_with(kGzipMagic)) return Compression::kGzip;
  if (payload.starts_with(kZstdMagic)) return Compression::kZstd;
  return starts_like_zlib(payload) ? Compression::kZlib : Compression::kNone;
}

std::string_view name_of(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return "gzip";
    case Compression::kZlib:
      return "zlib";
    case Compression::kZstd:
      return "zstd";
    case Compression::kNone:
    case Compression::kAuto:
      break;
  }
  return "compressed";
}

struct FreeBytes {
  void operator()(char* bytes) const { std::free(bytes); }
};

enum class Stop { kWhole, kDamaged, kCutShort, kTooLarge, kForNothing };

}  // namespace

struct Decompressor::Impl {
  Impl(Compression kind, std::size_t limit) : compression(kind), most(limit) {}
  ~Impl() {
    if (inflating) inflateEnd(&zlib);
    ZSTD_freeDCtx(zstd);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  /// Makes room for more; false at the limit, and where there is no memory.
  bool grow() {
    if (capacity >= most) return false;
    const std::size_t wanted = std::min(most, std::max(kFirstRoom, capacity * 2));
    // Large blocks are moved without a copy, so that never both the old and the new are held.
    void* const moved = std::realloc(out.get(), wanted);
    if (moved == nullptr) return false;
    static_cast<void>(out.release());
    out.reset(static_cast<char*>(moved));
    capacity = wanted;
    return true;
  }
  void forget() {
    if (capacity > kFirstRoom) {
      out.reset();
      capacity = 0;
    }
    if (zstd != nullptr && ZSTD_sizeof_DCtx(zstd) > kKeptZstdBytes) forget_zstd();
  }
  /// Its window is as large as the frame asked for.
  void forget_zstd() {
    ZSTD_freeDCtx(zstd);
    zstd = nullptr;
  }

  Stop inflate_all(std::string_view payload, int window_bits) {
    if (!inflating) {
      zlib = {};
      if (inflateInit2(&zlib, window_bits) != Z_OK) return Stop::kTooLarge;
      inflating = true;
    } else {
      inflateReset2(&zlib, window_bits);
    }
    std::size_t given = 0;
    zlib.avail_in = 0;
    for (;;) {
      if (size == capacity && !grow()) return Stop::kTooLarge;
      if (zlib.avail_in == 0) {
        // zlib only reads it.
        zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(payload.data() + given));
        zlib.avail_in = static_cast<uInt>(std::min(kGivenAtOnce, payload.size() - given));
        given += zlib.avail_in;
      }
      zlib.next_out = reinterpret_cast<Bytef*>(out.get() + size);
      zlib.avail_out = static_cast<uInt>(capacity - size);
      const int answer = inflate(&zlib, Z_NO_FLUSH);
      size = capacity - zlib.avail_out;
      read = given - zlib.avail_in;
      if (read > kMostForNothing && size < read / 2) return Stop::kForNothing;
      if (answer == Z_STREAM_END) {
        // A gzip file may have several members.
        const bool more = window_bits > MAX_WBITS && payload.substr(read).starts_with(kGzipMagic);
        if (!more) return read == payload.size() ? Stop::kWhole : Stop::kDamaged;
        inflateReset(&zlib);
      } else if (answer == Z_BUF_ERROR && zlib.avail_in == 0 && given == payload.size()) {
        return Stop::kCutShort;
      } else if (answer != Z_OK && answer != Z_BUF_ERROR) {
        return Stop::kDamaged;
      }
    }
  }

  Stop unzstd_all(std::string_view payload) {
    if (zstd == nullptr) zstd = ZSTD_createDCtx();
    if (zstd == nullptr) return Stop::kTooLarge;
    ZSTD_DCtx_reset(zstd, ZSTD_reset_session_only);
    // The window that a frame asks for is memory by a length found in the input: 8 MiB, which
    // RFC 8878 asks of every reader.
    constexpr int kMostWindowLog = 23;
    ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, kMostWindowLog);
    ZSTD_inBuffer in{payload.data(), payload.size(), 0};
    for (;;) {
      if (size == capacity && !grow()) return Stop::kTooLarge;
      ZSTD_outBuffer to{out.get(), capacity, size};
      const std::size_t left = ZSTD_decompressStream(zstd, &to, &in);
      size = to.pos;
      read = in.pos;
      if (ZSTD_isError(left) != 0) return Stop::kDamaged;
      if (in.pos == in.size && left == 0) return Stop::kWhole;
      // Nothing more to read, and room was left: all that could come has come.
      if (in.pos == in.size && size < capacity) return Stop::kCutShort;
    }
  }

  Compression compression;
  std::size_t most;
  std::unique_ptr<char, FreeBytes> out;
  std::size_t capacity = 0;  // of `out`
  std::size_t size = 0;      // of what was unpacked
  std::size_t read = 0;      // of the payload
  z_stream zlib{};
  bool inflating = false;
  ZSTD_DCtx* zstd = nullptr;
};

Decompressor::Decompressor(Compression compression, std::size_t most)
    : impl_(std::make_unique<Impl>(compression, most)) {}
Decompressor::~Decompressor() = default;

tl::expected<std::string_view, DecodeError> Decompressor::unpack(std::string_view payload) {
  Impl& impl = *impl_;
  const bool guess = impl.compression == Compression::kAuto;
  const Compression kind = guess ? recognized(payload) : impl.compression;
  impl.size = impl.read = 0;
  if (kind == Compression::kNone) return payload;
  const auto failed = [&](std::string why, std::size_t at) {
    return tl::make_unexpected(
        DecodeError{"compression", std::string(name_of(kind)) + " payload " + std::move(why), at});
  };
  if (payload.empty()) return failed("is empty", 0);
  constexpr int kGzipOnly = MAX_WBITS + 16;
  const Stop stop =
      kind == Compression::kZstd
          ? impl.unzstd_all(payload)
          : impl.inflate_all(payload, kind == Compression::kGzip ? kGzipOnly : MAX_WBITS);
  if (impl.zstd != nullptr && ZSTD_sizeof_DCtx(impl.zstd) > kKeptZstdBytes) impl.forget_zstd();
  const std::size_t at = std::min(impl.read, payload.size());
  // Two bytes of a zlib header may be anybody's.
  const bool guessed_wrong = guess && kind == Compression::kZlib && stop != Stop::kTooLarge;
  if (guessed_wrong && stop != Stop::kWhole) return payload;
  switch (stop) {
    case Stop::kWhole:
      return std::string_view(impl.out.get(), impl.size);
    case Stop::kTooLarge:
      return failed("unpacks to more than " + std::to_string(impl.most >> 20) +
                        " MiB, the most that is taken",
                    at);
    case Stop::kCutShort:
      return failed(
          "ends too early: " + std::to_string(payload.size()) + " bytes are not all of it",
          payload.size());
    case Stop::kForNothing:
      return failed("unpacks to less than half of its size: no packer does that", at);
    case Stop::kDamaged:
      break;
  }
  return failed("is damaged near byte " + std::to_string(at) + ", " + found_text(payload, at), at);
}

void Decompressor::forget() { impl_->forget(); }

std::size_t Decompressor::cost_bytes() const {
  // Empty blocks take longer to read than others to write.
  constexpr std::size_t kPerByteRead = 8;
  return impl_->size + kPerByteRead * impl_->read;
}

tl::expected<void, DecodeError> DecompressingDecoder::decode(std::string_view payload,
                                                             const TakeSample& take) {
  const OnExit forget([this] { decompressor_.forget(); });
  cost_bytes_ = Decompressor::kMostBytes;  // of what ends by an exception
  const auto unpacked = decompressor_.unpack(payload);
  cost_bytes_ = decompressor_.cost_bytes();
  if (!unpacked) return tl::make_unexpected(unpacked.error());
  auto decoded = inner_->decode(*unpacked, take);
  cost_bytes_ = std::max(inner_->cost_bytes(*unpacked), cost_bytes_);
  if (!decoded && unpacked->data() != payload.data()) {
    decoded.error().message += " (of the unpacked payload)";
    decoded.error().offset = 0;  // the payload itself has no such byte
  }
  return decoded;
}

std::string DecompressingDecoder::fields_of(std::string_view payload) {
  const OnExit forget([this] { decompressor_.forget(); });
  const auto unpacked = decompressor_.unpack(payload);
  return unpacked ? inner_->fields_of(*unpacked) : std::string();
}

}  // namespace plotbridge::decode
