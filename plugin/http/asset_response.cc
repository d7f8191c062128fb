#include "plugin/http/asset_response.h"

#include "plugin/endpoint/status.h"
#include "plugin/http/page_headers.h"

#include <zlib.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::http {
namespace {

// For clients that do not take gzip. The input is our own, so its size needs no limit.
std::optional<std::string> inflated(std::string_view gzip) {
  z_stream stream{};
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string out;
  std::array<char, 32 * 1024> buffer;
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (result != Z_STREAM_END) return std::nullopt;
  return out;
}

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
  } else if (auto plain = inflated(asset.gzip)) {
    response.body = std::move(*plain);
  } else {
    response.status = 500;
    response.content_type = "text/plain; charset=utf-8";
    response.body = endpoint::text_of(endpoint::Status::kInternalError);
  }
  return response;
}

}  // namespace plotbridge::http
