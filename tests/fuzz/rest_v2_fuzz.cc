// Concern: whatever requests of REST version 2 follow each other, what the endpoint counts is what
// it holds, within its limits, and each answer is JSON of bounded size, also one that is sent in
// parts. Requests end at a zero byte; the first byte of each chooses method and path.
#include "plugin/endpoint/json_leaves.h"
#include "plugin/endpoint/plot_json.h"
#include "plugin/http/rest_v2.h"

#include "tests/fuzz/must_hold.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

using namespace plotbridge;

namespace {

struct Call {
  const char* method;
  const char* path;
  const char* query = "";
};

// More of them show nothing new, and most of an input that is a string of zeros takes long.
constexpr std::size_t kMostRequests = 32;

constexpr std::array kCalls = {
    Call{"POST", "/v2/grids"},          Call{"POST", "/v2/plots"},
    Call{"PUT", "/v2/grids/a:1"},       Call{"PUT", "/v2/plots/a:2"},
    Call{"GET", "/v2/grids/1/content"}, Call{"GET", "/v2/plots/2/content"},
    Call{"DELETE", "/v2/grids/1"},      Call{"DELETE", "/v2/plots/2"},
    Call{"PATCH", "/v2/grids/2"},       Call{"PATCH", "/v2/plots/1"},
    Call{"GET", "/v2/plots/1"},         Call{"GET", "/v2/files/lookup", "path=a%2Fg"},
    Call{"POST", "/v2/folders"},        Call{"GET", "/v2/users/current"},
};

void must_count_what_it_holds(endpoint::Endpoint& endpoint) {
  std::size_t figures = 0;
  endpoint.plots().each([&figures](const endpoint::Plot& plot) {
    figures += endpoint::PlotBook::kPlotBytes + plot.owner().size() + plot.name().size();
    figures += plot.layout().bytes();
    must_hold(plot.members().size() <= endpoint::Figure::kMaxTraces, "a plot has few traces");
    must_hold(plot.name().size() <= endpoint::PlotBook::kMaxNameBytes, "a name is short");
    for (const auto& member : plot.members()) {
      figures += endpoint::PlotBook::kTraceBytes + member.stream.size();
      figures += member.trace.style().bytes();
      must_hold(member.trace.bytes() <= endpoint::Trace::kMaxBytes, "a trace is bounded");
    }
  });
  must_hold(figures == endpoint.plots().figure_bytes(), "plots are counted as they are");
  must_hold(figures <= endpoint::PlotBook::kMostFigureBytes, "plots are bounded");
  std::size_t grids = 0;
  endpoint.grids().each([&grids](const endpoint::Grid& grid) { grids += grid.bytes(); });
  must_hold(grids == endpoint.grids().bytes(), "grids are counted as they are");
  must_hold(grids <= endpoint::GridBook::kMaxBytes, "grids are bounded");
}

/// With what is sent behind it.
std::string whole_body(const http::HttpResponse& answer) {
  std::string body = answer.body;
  if (answer.rest) body += answer.rest->read_all(TimePoint{});
  return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  endpoint::Options options;
  options.max_window_bytes = std::size_t{1} << 20;
  endpoint::Endpoint endpoint(std::move(options));
  for (std::size_t i = 0; i < kMostRequests && !text.empty(); ++i) {
    const std::string_view one = text.substr(0, text.find('\0'));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    if (one.empty()) continue;
    const Call& call = kCalls[static_cast<unsigned char>(one[0]) % kCalls.size()];
    http::RestRequest request;
    request.head.method = call.method;
    request.head.path = call.path;
    request.head.query = call.query;
    request.head.authorization = "Basic YTprZXk=";  // a:key
    request.body = one.substr(1);
    const http::HttpResponse answer = http::rest_v2(request, endpoint);
    const std::string body = whole_body(answer);
    must_hold(body.empty() || endpoint::is_json(body), "an answer is JSON");
    must_hold(body.size() < 64 * size + size * size / 8 + 10'000,
              "an answer follows what was sent");
    must_count_what_it_holds(endpoint);
  }
  must_hold(endpoint::is_json(endpoint.read_plots()->read_all({})), "the list is JSON");
  return 0;
}
