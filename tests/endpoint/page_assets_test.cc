// Concern: the embedded page is whole and is found under the addresses that a browser asks for.
#include "plugin/endpoint/page_assets.h"

#include <gtest/gtest.h>

#include <set>

namespace plotbridge::endpoint {
namespace {

TEST(PageAssets, EveryFileOfThePageIsThereAsGzip) {
  for (const char* path : {"/", "/app.js", "/app.css", "/plotly.js", "/favicon.svg"}) {
    const Asset* asset = find_asset(path);
    ASSERT_NE(asset, nullptr) << path;
    EXPECT_EQ(asset->path, path);
    EXPECT_TRUE(asset->gzip.starts_with("\x1f\x8b")) << path;
  }
  EXPECT_GT(find_asset("/plotly.js")->gzip.size(), 300'000U);
}

TEST(PageAssets, ABrowserIsToldWhatTheyAre) {
  EXPECT_EQ(find_asset("/")->content_type, "text/html; charset=utf-8");
  EXPECT_EQ(find_asset("/app.js")->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(find_asset("/app.css")->content_type, "text/css; charset=utf-8");
  EXPECT_EQ(find_asset("/favicon.svg")->content_type, "image/svg+xml");
}

TEST(PageAssets, DifferentContentHasADifferentQuotedEtag) {
  std::set<std::string_view> etags;
  for (const Asset& asset : all_assets()) {
    EXPECT_TRUE(asset.etag.size() > 2 && asset.etag.front() == '"' && asset.etag.back() == '"');
    EXPECT_TRUE(etags.insert(asset.etag).second) << asset.path;
  }
}

TEST(PageAssets, ThePageOfAPlotIsTheIndex) {
  EXPECT_EQ(find_asset("/plots/1"), find_asset("/"));
  EXPECT_EQ(find_asset("/plots/4711"), find_asset("/"));
}

TEST(PageAssets, OtherAddressesHaveNone) {
  for (const char* path : {"", "/plots/", "/plots/1x", "/plots/1/", "/index.html", "/../app.js",
                           "/package.json", "/app.js?x"}) {
    EXPECT_EQ(find_asset(path), nullptr) << path;
  }
}

}  // namespace
}  // namespace plotbridge::endpoint
