#include "plugin/http/figure_response.h"

#include "plugin/endpoint/figure.h"
#include "plugin/endpoint/figure_reader.h"
#include "plugin/http/body_parts.h"
#include "plugin/http/json_response.h"

#include <memory>
#include <string>
#include <utility>

namespace plotbridge::http {
namespace {

class FigureParts : public BodyParts {
 public:
  FigureParts(const endpoint::Plot& plot, std::string_view behind)
      : reader_(plot.shared_from_this()), behind_(behind) {}

  State read(std::string& out) override {
    switch (reader_.read(out)) {
      case endpoint::FigureReader::State::kMore:
        return State::kMore;
      case endpoint::FigureReader::State::kLost:
        return State::kLost;
      case endpoint::FigureReader::State::kWhole:
        break;
    }
    out += behind_;
    return State::kWhole;
  }
  std::size_t held_bytes() const override { return reader_.held_bytes(); }

 private:
  endpoint::FigureReader reader_;
  std::string behind_;
};

}  // namespace

std::optional<HttpResponse> figure_response(const endpoint::Plot& plot, std::string_view before,
                                            std::string_view behind) {
  if (endpoint::figure_bytes(plot) > endpoint::Figure::kMaxAnswerBytes) return std::nullopt;
  std::string first(before);
  auto parts = std::make_shared<FigureParts>(plot, behind);
  const bool whole = parts->read(first) == BodyParts::State::kWhole;
  HttpResponse response = json_response(200, std::move(first));
  if (!whole) response.rest = std::move(parts);
  return response;
}

}  // namespace plotbridge::http
