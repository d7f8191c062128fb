// Concern: what was written long ago, or by another machine, has the same checksum today.
#include "plugin/base/crc32c.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>

namespace plotbridge {
namespace {

TEST(Crc32c, IsThatOfTheCatalogueOfChecksums) {
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
}

TEST(Crc32c, IsThatOfTheInternetsStorageStandard) {  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  std::string growing(32, '\0');
  std::iota(growing.begin(), growing.end(), char{0});
  EXPECT_EQ(crc32c(growing), 0x46dd794eU);
  EXPECT_EQ(crc32c(std::string(growing.rbegin(), growing.rend())), 0x113fdb5cU);
}

TEST(Crc32c, OfPiecesIsThatOfTheWhole) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>(i * 7);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), crc32c(text));
  }
}

}  // namespace
}  // namespace plotbridge
