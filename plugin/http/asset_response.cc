#include "plugin/http/asset_response.h"

#include "plugin/endpoint/part_reader.h"
#include "plugin/http/page_headers.h"

#include <zlib.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace plotbridge::http {
namespace {

// Unpacks it for clients that do not take gzip.
class InflatingReader : public endpoint::PartReader {
 public:
  explicit InflatingReader(std::string_view gzip) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    works_ = inflateInit2(&stream_, kGzipOnly) == Z_OK;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
    stream_.avail_in = static_cast<uInt>(gzip.size());
  }
  ~InflatingReader() override { inflateEnd(&stream_); }

  std::size_t held_bytes() const override { return kStateBytes; }

 private:
  static constexpr std::size_t kStateBytes = 44 * 1024;

  bool lost() const override { return !works_; }

  bool append_piece(std::size_t room, TimePoint, std::string& out) override {
    const std::size_t before = out.size();
    out.resize(before + room);
    stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream_.avail_out = static_cast<uInt>(room);
    const int result = inflate(&stream_, Z_NO_FLUSH);
    out.resize(out.size() - stream_.avail_out);
    works_ = result == Z_OK || result == Z_STREAM_END;  // else it is lost
    return result == Z_OK;
  }

  z_stream stream_{};
  bool works_ = false;
};

}  // namespace

HttpResponse asset_response(const endpoint::Asset& asset, const RequestHead& head,
                            const std::vector<std::string>& embed) {
  HttpResponse response;
  // Names do not change with content, so the browser has to ask each time.
  response.headers = page_headers("no-cache", embed);
  response.headers.emplace_back("ETag", asset.etag);
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.content_type = asset.content_type;
  if (head.if_none_match.find(asset.etag) != std::string::npos) {
    response.status = 304;
  } else if (head.accepts_gzip) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = asset.gzip;
  } else {
    response.rest = std::make_shared<InflatingReader>(asset.gzip);
  }
  return response;
}

}  // namespace plotbridge::http
