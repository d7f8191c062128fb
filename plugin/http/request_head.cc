#include "plugin/http/request_head.h"

#include "plugin/base/range_set.h"
#include "plugin/endpoint/position_book.h"
#include "plugin/http/asio.h"
#include "plugin/model/protocol.h"

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <system_error>

namespace plotbridge::http {
namespace {

namespace beast = boost::beast::http;

std::string text_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

// Path and query of a target in origin form, or in the absolute form that clients send to a proxy.
void split_target(std::string_view target, RequestHead& head) {
  if (const auto scheme = target.find("://");
      scheme != std::string_view::npos && target[0] != '/') {
    const auto path = target.find('/', scheme + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  const auto question = target.find('?');
  head.path = target.substr(0, question);
  if (question != std::string_view::npos) head.query = target.substr(question + 1);
}

std::string without_quotes(std::string text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

bool accepts_gzip(boost::beast::string_view value) {
  for (const auto& [coding, parameters] : beast::ext_list{value}) {
    if (!boost::beast::iequals(coding, "gzip") && coding != "*") continue;
    const bool refused =
        std::any_of(parameters.begin(), parameters.end(), [](const auto& parameter) {
          return parameter.first == "q" &&
                 parameter.second.find_first_not_of("0.") == boost::beast::string_view::npos;
        });
    if (!refused) return true;
  }
  return false;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_forwarded(const beast::fields& fields) {
  constexpr std::array<const char*, 5> kBySuchAs{"Forwarded", "Via", "X-Forwarded-For",
                                                 "X-Forwarded-Host", "X-Real-IP"};
  return std::ranges::any_of(kBySuchAs, [&](const char* name) { return fields.count(name) > 0; });
}

Result<void> read_stream_headers(const beast::fields& fields, RequestHead& head) {
  const auto text_at = [&fields](boost::beast::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::nullopt : std::optional(text_of(found->value()));
  };
  const auto producer = text_at("Stream-Producer");
  const auto epoch = text_at("Stream-Epoch");
  const auto first = text_at("Stream-Seq");
  const auto connect = text_at("Stream-Connect");
  LineNumbering numbering;
  const bool good_producer =
      !producer || (!producer->empty() && is_visible(*producer) &&
                    producer->size() <= endpoint::PositionBook::kMaxProducerBytes);
  const bool good_connect = !connect || *connect == "polite" || *connect == "takeover";
  if (!good_producer || !good_connect || (epoch && !read_number(*epoch, numbering.epoch)) ||
      (first && !(read_number(*first, numbering.first) && numbering.first <= kOffsetsEnd))) {
    return fail(ErrorKind::kInvalid, "a Stream-* header that cannot be read");
  }
  if (producer) head.producer = *producer;
  if (producer && epoch && first) head.numbering = numbering;
  head.polite = connect == "polite";
  return {};
}

}  // namespace

std::size_t memory_of(const RequestHead& head) {
  std::size_t bytes = sizeof(RequestHead) + head.origin.value_or("").capacity();
  for (const std::string& host : head.hosts) bytes += sizeof host + host.capacity();
  for (const std::string* text :
       {&head.method, &head.path, &head.query, &head.fetch_site, &head.token, &head.time_zone,
        &head.user_agent, &head.content_type, &head.authorization, &head.plotly_authorization,
        &head.plotly_username, &head.plotly_apikey, &head.if_none_match, &head.last_event_id,
        &head.producer}) {
    bytes += text->capacity();
  }
  return bytes;
}

Result<RequestHead> parse_request_head(std::string_view text) {
  beast::request_parser<beast::buffer_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(kMaxHeadBytes));
  // The body is decoded elsewhere and may be endless. Beast 1.74 takes "no limit" for a limit of
  // nothing.
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  boost::system::error_code error;
  parser.put(boost::asio::buffer(text.data(), text.size()), error);
  // The head is whole; there is nowhere to put a body, and none was given.
  if (error && error != beast::error::need_buffer)
    return fail(ErrorKind::kInvalid, error.message());
  if (!parser.is_header_done()) return fail(ErrorKind::kInvalid, "the head has no end");

  const auto& message = parser.get();
  RequestHead head;
  head.method = text_of(message.method_string());
  split_target(text_of(message.target()), head);
  head.http_1_0 = message.version() < 11;
  head.chunked = parser.chunked();
  head.content_length = parser.content_length().value_or(0);
  if (message.count(beast::field::transfer_encoding) > 0 &&
      !boost::beast::iequals(message[beast::field::transfer_encoding], "chunked")) {
    return fail(ErrorKind::kInvalid, "a transfer coding other than chunked");
  }
  const auto hosts = message.equal_range(beast::field::host);
  for (auto host = hosts.first; host != hosts.second; ++host) {
    head.hosts.push_back(text_of(host->value()));
  }
  if (const auto origin = message.find(beast::field::origin); origin != message.end()) {
    head.origin = text_of(origin->value());
  }
  head.fetch_site = text_of(message["Sec-Fetch-Site"]);
  const boost::beast::string_view token_header(protocol::kTokenHeader.data(),
                                               protocol::kTokenHeader.size());
  head.token = text_of(message[token_header]);
  head.time_zone = without_quotes(text_of(message["plotly-convertTimestamp"]));
  head.user_agent = text_of(message[beast::field::user_agent]);
  head.content_type = text_of(message[beast::field::content_type]);
  head.authorization = text_of(message[beast::field::authorization]);
  head.plotly_authorization = text_of(message["plotly-authorization"]);
  head.plotly_username = text_of(message["plotly-username"]);
  head.plotly_apikey = text_of(message["plotly-apikey"]);
  head.expects_continue =
      !head.http_1_0 && boost::beast::iequals(message[beast::field::expect], "100-continue");
  head.accepts_gzip = accepts_gzip(message[beast::field::accept_encoding]);
  head.if_none_match = text_of(message[beast::field::if_none_match]);
  head.last_event_id = text_of(message["Last-Event-ID"]);
  head.forwarded = is_forwarded(message);
  if (const auto read = read_stream_headers(message, head); !read) {
    return tl::make_unexpected(read.error());
  }
  return head;
}

}  // namespace plotbridge::http
