#include "plugin/http/figure_response.h"

#include "plugin/endpoint/figure.h"
#include "plugin/endpoint/figure_reader.h"
#include "plugin/http/json_response.h"

#include <memory>
#include <string>

namespace plotbridge::http {

std::optional<HttpResponse> figure_response(const endpoint::Plot& plot, std::string_view before,
                                            std::string_view behind) {
  if (plot.text_bytes() > endpoint::Figure::kMaxAnswerBytes) return std::nullopt;
  HttpResponse response = json_response(200, std::string(before));
  response.rest = std::make_shared<endpoint::FigureReader>(plot.shared_from_this(), behind);
  return response;
}

}  // namespace plotbridge::http
