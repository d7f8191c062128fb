// Concern: packed payloads are read like plain ones; damaged, cut and hostile ones cost an error
// and no memory.
#include "plugin/decode/decompressor.h"

#include "tests/decode/samples.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace plotbridge::decode {
namespace {

constexpr int kGzip = MAX_WBITS + 16;
constexpr int kZlib = MAX_WBITS;

std::string deflated(std::string_view text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string unpacked(Compression compression, std::string_view payload) {
  Decompressor decompressor(compression);
  const auto result = decompressor.unpack(payload);
  return result ? std::string(*result) : result.error().message;
}

const std::string kDocument = R"({"t": [1, 2, 3], "name": "boiler boiler boiler boiler"})";

TEST(Decompressor, UnpacksEachFormatAndAutoTellsThemApart) {
  EXPECT_EQ(unpacked(Compression::kGzip, deflated(kDocument, kGzip)), kDocument);
  EXPECT_EQ(unpacked(Compression::kZlib, deflated(kDocument, kZlib)), kDocument);
  EXPECT_EQ(unpacked(Compression::kZstd, zstd(kDocument)), kDocument);
  for (const std::string& payload :
       {deflated(kDocument, kGzip), deflated(kDocument, kZlib), zstd(kDocument), kDocument,
        std::string("x^2"), std::string()}) {
    const bool plain = payload == kDocument || payload.size() < 5;
    EXPECT_EQ(unpacked(Compression::kAuto, payload), plain ? payload : kDocument);
  }
}

TEST(Decompressor, SeveralGzipMembersAreOneText) {
  EXPECT_EQ(unpacked(Compression::kGzip, deflated("ab", kGzip) + deflated("cd", kGzip)), "abcd");
}

TEST(Decompressor, AnEmptyTextIsUnpackedAsOne) {
  EXPECT_EQ(unpacked(Compression::kGzip, deflated("", kGzip)), "");
  EXPECT_EQ(unpacked(Compression::kZstd, zstd("")), "");
}

TEST(Decompressor, CutAtEveryByteIsAnErrorInsideThePayload) {
  const std::pair<Compression, std::string> packed[] = {
      {Compression::kGzip, deflated(kDocument, kGzip)},
      {Compression::kZlib, deflated(kDocument, kZlib)},
      {Compression::kZstd, zstd(kDocument)}};
  for (const auto& [compression, payload] : packed) {
    Decompressor decompressor(compression);
    for (std::size_t size = 0; size < payload.size(); ++size) {
      const auto result = decompressor.unpack(std::string_view(payload).substr(0, size));
      ASSERT_FALSE(result) << size;
      EXPECT_EQ(result.error().kind, "compression");
      EXPECT_LE(result.error().offset, size);
    }
    EXPECT_EQ(decompressor.unpack(payload).value(), kDocument);  // none of it did harm
  }
}

TEST(Decompressor, DamageIsToldAndWhatFollowsIsNoPartOfIt) {
  EXPECT_EQ(unpacked(Compression::kGzip, "plain text"),
            "gzip payload is damaged near byte 2, found \"ain text\"");
  EXPECT_NE(unpacked(Compression::kZlib, deflated("ab", kZlib) + "x").find("damaged"),
            std::string::npos);
  std::string wrong_sum = deflated(kDocument, kGzip);
  wrong_sum[wrong_sum.size() - 5] ^= 1;
  EXPECT_NE(unpacked(Compression::kGzip, wrong_sum).find("damaged"), std::string::npos);
}

TEST(Decompressor, ABombOf200MegabytesIsStoppedAt16) {
  const std::string zeros(200 << 20, '\0');
  const std::string expected = "payload unpacks to more than 16 MiB, the most that is taken";
  EXPECT_EQ(unpacked(Compression::kGzip, deflated(zeros, kGzip)), "gzip " + expected);
  EXPECT_EQ(unpacked(Compression::kZlib, deflated(zeros, kZlib)), "zlib " + expected);
  const std::string bomb = unpacked(Compression::kZstd, zstd(zeros));
  EXPECT_EQ(bomb, "zstd " + expected);
}

TEST(Decompressor, BlocksThatHoldNothingAreNotReadWithoutEnd) {
  const auto empty_blocks = [](std::size_t bytes) {
    std::string payload = deflated("", kZlib).substr(0, 2);
    while (payload.size() < bytes) payload.append("\0\0\0\xFF\xFF", 5);
    return payload;
  };
  for (const std::size_t bytes : {std::size_t{2} << 20, std::size_t{16} << 20}) {
    Decompressor decompressor(Compression::kZlib);
    const auto result = decompressor.unpack(empty_blocks(bytes));
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find("less than half of its size"), std::string::npos)
        << result.error().message;
    EXPECT_LT(result.error().offset, (std::size_t{1} << 20) + (std::size_t{128} << 10));
    EXPECT_GT(decompressor.cost_bytes(), std::size_t{8} << 20) << "so that few routes read it";
  }
  // What does not become smaller is packed all the same.
  std::string noise;
  for (std::uint32_t i = 0, x = 1; i < (3U << 20); ++i) {
    x = x * 1'664'525 + 1'013'904'223;
    noise += static_cast<char>(x >> 24);
  }
  EXPECT_EQ(unpacked(Compression::kGzip, deflated(noise, kGzip)), noise);
}

TEST(Decompressor, AWrongGuessCostsWhatItUnpacked) {
  Decompressor decompressor(Compression::kAuto);
  const std::string wrong = deflated(std::string(8 << 20, ' '), kZlib) + "!";
  EXPECT_EQ(*decompressor.unpack(wrong), wrong);
  EXPECT_GE(decompressor.cost_bytes(), std::size_t{8} << 20);
  EXPECT_EQ(*decompressor.unpack("plain"), "plain");
  EXPECT_EQ(decompressor.cost_bytes(), 0U);
}

TEST(Decompressor, SixteenMegabytesAreTaken) {
  const std::string text(Decompressor::kMostBytes, 'a');
  EXPECT_EQ(unpacked(Compression::kGzip, deflated(text, kGzip)).size(), text.size());
  EXPECT_EQ(unpacked(Compression::kZstd, zstd(text)).size(), text.size());
}

TEST(DecompressingDecoder, HandsThePayloadOnAndSaysWhereItsErrorsAre) {
  DecodeSpec spec;
  spec.type = DecodeType::kJson;
  spec.compression = Compression::kAuto;
  EXPECT_EQ(run(spec, {"t[1]"}, deflated(kDocument, kGzip)).samples, (Samples{"2"}));
  EXPECT_EQ(run(spec, {"t[1]"}, kDocument).samples, (Samples{"2"}));
  const Decoded decoded = run(spec, {"t"}, zstd("{\"t\": nul}"));
  EXPECT_EQ(decoded.error.kind, "json");
  EXPECT_NE(decoded.error.message.find("(of the unpacked payload)"), std::string::npos);
}

TEST(DecompressingDecoder, CostsWhatItReadAndUnpackedAlsoWhereItFails) {
  DecodeSpec spec;
  spec.type = DecodeType::kJson;
  spec.compression = Compression::kGzip;
  const auto decoder = make_decoder(spec, {}, nullptr);
  const auto cost = [&](std::string_view payload) {
    EXPECT_FALSE(decoder->decode(payload, [](std::span<const Value>) {}));
    return decoder->cost_bytes(payload);
  };
  EXPECT_LE(cost("21.5"), 100U);
  const std::string cut = deflated(std::string(8 << 20, ' '), kGzip);
  EXPECT_GE(cost(cut.substr(0, cut.size() - 1)), std::size_t{8} << 20);
}

}  // namespace
}  // namespace plotbridge::decode
