#include "plugin/app/plot_maker.h"

#include "plugin/app/listen_url.h"
#include "plugin/app/peer_words.h"
#include "plugin/app/version.h"
#include "plugin/config/address.h"
#include "plugin/http/http_call.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

namespace plotbridge::app {
namespace {

using nlohmann::json;

constexpr auto kTimeout = std::chrono::seconds(30);

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '_' || byte == '.';
    if (plain) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return out;
}

// Each value takes many times its bytes: an answer that has more, or deeper ones, than any that is
// meant is none.
class MeantAnswer : public json::json_sax_t {
 public:
  bool null() override { return take(); }
  bool boolean(bool) override { return take(); }
  bool number_integer(number_integer_t) override { return take(); }
  bool number_unsigned(number_unsigned_t) override { return take(); }
  bool number_float(number_float_t, const string_t&) override { return take(); }
  bool string(string_t&) override { return take(); }
  bool binary(binary_t&) override { return take(); }
  bool key(string_t&) override { return take(); }
  bool start_object(std::size_t) override { return begin(); }
  bool end_object() override { return end(); }
  bool start_array(std::size_t) override { return begin(); }
  bool end_array() override { return end(); }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }

 private:
  static constexpr std::size_t kMostValues = 200'000;
  static constexpr std::size_t kMostDeep = 64;

  bool take() { return ++values_ <= kMostValues; }
  bool begin() { return ++depth_ <= kMostDeep && take(); }
  bool end() {
    --depth_;
    return true;
  }

  std::size_t values_ = 0;
  std::size_t depth_ = 0;
};

// A peer's answer may be any JSON, or none. Null: it is none, or has no such member.
json parsed(const std::string& text) {
  MeantAnswer meant;
  if (!json::sax_parse(text, &meant)) return {};
  json value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json() : value;
}

const json& member(const json& value, const char* key) {
  static const json kNone;
  if (!value.is_object()) return kNone;
  const auto found = value.find(key);
  return found == value.end() ? kNone : *found;
}

// Empty: it is no text.
std::string text_at(const json& value, const char* key) {
  const json& found = member(value, key);
  return found.is_string() ? found.get<std::string>() : std::string();
}

template <class Take>
void for_each_in_array(const json& value, Take take) {
  if (!value.is_array()) return;
  for (const json& element : value) take(element);
}

// The endpoint's own words, if it has any.
std::string words_of(const http::HttpAnswer& answer, const PeerWords& peer) {
  std::string text;
  for_each_in_array(member(parsed(answer.body), "errors"), [&text](const json& error) {
    const std::string message = text_at(error, "message");
    if (!message.empty()) text += ": " + message;
  });
  return "status " + std::to_string(answer.status) + peer.shown(text);
}

// The library throws when a value is not of the type that it is asked for. Nobody beyond this file
// could do anything about that but end.
template <class Ask>
Result<std::string> guarded(Ask ask) {
  try {
    return ask();
  } catch (const json::exception& mistake) {
    return fail(ErrorKind::kRefused,
                "the answer is not understood (JSON error " + std::to_string(mistake.id) + ')');
  }
}

class Rest {
 public:
  Rest(const config::Config& config, const std::atomic<bool>* cancel) : peer_(config) {
    const config::Endpoint& endpoint = *config.endpoint;
    call_.url = endpoint.rest ? endpoint.rest->url : endpoint.url;
    if (endpoint.rest) {
      call_.username = endpoint.rest->username;
      call_.key = endpoint.rest->key;
    }
    call_.headers = {{"Content-Type", "application/json"},
                     {"plotly-client-platform", "plotbridge " + std::string(version())}};
    const config::Tls& tls = endpoint.tls;
    call_.tls = {tls.ca, tls.certificate, tls.key, tls.verify};
    call_.proxy = {endpoint.proxy.url, endpoint.proxy.username, endpoint.proxy.password};
    call_.timeout = kTimeout;
    call_.cancel = cancel;
  }

  /// The file of this name: its fid; empty: there is none.
  Result<std::string> look_up(const std::string& name) {
    const auto answer = call("GET", "/v2/files/lookup?path=" + percent_encoded(name), json());
    if (!answer) return tl::make_unexpected(answer.error());
    if (answer->status == 404) return std::string();
    if (answer->status != 200) return refused("looking for " + name, *answer);
    const std::string fid = text_at(parsed(answer->body), "fid");
    if (fid.empty()) return refused("looking for " + name + ": the answer names no file", *answer);
    return fid;
  }

  /// Replaces the file, or makes one where there is none, or where it is not ours to replace.
  Result<json> put(const std::string& kind, const std::string& name, json body) {
    const auto split = name.rfind('/');
    body["filename"] = name.substr(split + 1);  // npos + 1 is 0
    body["world_readable"] = false;
    const auto fid = look_up(name);
    if (!fid) return tl::make_unexpected(fid.error());
    if (!fid->empty()) {
      const auto answer = call("PUT", "/v2/" + kind + '/' + *fid, body);
      if (!answer) return tl::make_unexpected(answer.error());
      if (answer->status == 200) return file_of(kind, *answer);
      if (answer->status != 403 && answer->status != 404)
        return refused("replacing " + name, *answer);
    }
    if (split != std::string::npos) {
      body["parent_path"] = name.substr(0, split);
      // There already, in most cases; what else is wrong with it shows in a moment.
      if (const auto made = call("POST", "/v2/folders", {{"path", name.substr(0, split)}}); !made) {
        return tl::make_unexpected(made.error());
      }
    }
    const auto answer = call("POST", "/v2/" + kind, body);
    if (!answer) return tl::make_unexpected(answer.error());
    if (answer->status != 200 && answer->status != 201) return refused("making " + name, *answer);
    return file_of(kind, *answer);
  }

 private:
  Result<http::HttpAnswer> call(const std::string& method, const std::string& path,
                                const json& body) {
    http::HttpCall one = call_;
    one.method = method;
    one.url += path;
    if (!body.is_null()) {
      one.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
    }
    auto answer = http::http_call(one);
    if (!answer) {
      return fail(answer.error().kind, call_.url + ": " + answer.error().message);
    }
    return answer;
  }

  tl::unexpected<Error> refused(const std::string& what, const http::HttpAnswer& answer) const {
    std::string message = call_.url + ": " + what + ": " + words_of(answer, peer_);
    if (answer.status == 401) message += "; give the user and key in endpoint.rest";
    return fail(ErrorKind::kRefused, std::move(message));
  }

  Result<json> file_of(const std::string& kind, const http::HttpAnswer& answer) const {
    json body = parsed(answer.body);
    const json& file = member(body, "file");
    if (!text_at(file, "fid").empty()) return file;
    // A PUT may be answered by the file itself.
    if (!text_at(body, "fid").empty()) return body;
    return fail(ErrorKind::kRefused, call_.url + ": the answer to " + kind + " names no file");
  }

  http::HttpCall call_;
  PeerWords peer_;
};

std::string token_of(const config::Config& config, const config::Trace& trace) {
  if (trace.stream.empty()) return trace.token.reveal();
  const auto stream = std::ranges::find(config.streams, trace.stream, &config::Stream::name);
  return stream == config.streams.end() ? std::string() : stream->token.reveal();
}

constexpr const char* kAxes[] = {"x", "y"};

// As Python's client names them.
std::string column_name(std::size_t trace, const char* axis) {
  return "data." + std::to_string(trace) + '.' + axis;
}

Result<std::string> make(const config::Config& config, const config::Plot& plot,
                         const std::atomic<bool>* cancel) {
  Rest rest(config, cancel);
  json columns = json::object();
  for (std::size_t i = 0; i < plot.traces.size(); ++i) {
    for (const char* axis : kAxes) {
      columns[column_name(i, axis)] = {{"data", json::array()}, {"order", columns.size()}};
    }
  }
  const auto grid = rest.put("grids", plot.name + "_grid", {{"data", {{"cols", columns}}}});
  if (!grid) return tl::make_unexpected(grid.error());
  const auto source = [&grid](const std::string& name) {
    std::string found;
    for_each_in_array(member(*grid, "cols"), [&](const json& column) {
      const std::string uid = text_at(column, "uid");
      if (text_at(column, "name") == name && !uid.empty())
        found = text_at(*grid, "fid") + ':' + uid;
    });
    return found;
  };

  json traces = json::array();
  for (std::size_t i = 0; i < plot.traces.size(); ++i) {
    const config::Trace& trace = plot.traces[i];
    json made = json::parse(trace.style_json, nullptr, false);
    made["stream"] = {{"token", token_of(config, trace)}, {"maxpoints", trace.max_points}};
    for (const char* axis : kAxes) {
      if (auto name = source(column_name(i, axis)); !name.empty()) {
        made[std::string(axis) + "src"] = std::move(name);
      }
    }
    traces.push_back(std::move(made));
  }
  const json layout = json::parse(plot.layout_json, nullptr, false);
  const auto file =
      rest.put("plots", plot.name, {{"figure", {{"data", traces}, {"layout", layout}}}});
  if (!file) return tl::make_unexpected(file.error());
  const std::string address = text_at(*file, "web_url");
  return PeerWords(config).shown(address.empty() ? text_at(*file, "fid") : address);
}

Result<std::string> find(const config::Config& config, const config::Plot& plot) {
  const config::Server& server = *config.server;
  const std::string base = local_url(server.listen);
  http::HttpCall call;
  call.url = base + "api/plots";
  if (!server.users.empty()) {
    call.username = server.users.front().first;
    call.key = server.users.front().second;
  }
  const auto answer = http::http_call(call);
  if (!answer) return fail(answer.error().kind, base + ": " + answer.error().message);
  const json body = parsed(answer->body);
  if (answer->status != 200 || !member(body, "plots").is_array()) {
    std::string message = base + ": " + words_of(*answer, PeerWords(config));
    if (answer->status == 401) {
      message += "; strangers could come to this address: name who may look in server.users";
    }
    return fail(ErrorKind::kRefused, std::move(message));
  }
  std::string address;
  for_each_in_array(member(body, "plots"), [&](const json& known) {
    const json& id = member(known, "id");
    if (!address.empty() || text_at(known, "name") != plot.name || !id.is_number_unsigned()) return;
    address = base + "plots/" + std::to_string(id.get<std::uint64_t>());
  });
  if (!address.empty()) return address;
  return fail(ErrorKind::kNotFound,
              base + ": no plot of this name: it runs with another configuration, restart it");
}

}  // namespace

Result<std::string> make_plot(const config::Config& config, const config::Plot& plot,
                              const std::atomic<bool>* cancel) {
  return guarded([&] { return make(config, plot, cancel); });
}

Result<std::string> find_plot(const config::Config& config, const config::Plot& plot) {
  return guarded([&] { return find(config, plot); });
}

}  // namespace plotbridge::app
