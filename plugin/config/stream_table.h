// The streams of a configuration while it is read: each with the place it came from, so that
// doubled and unknown names can be told where they stand. Leaves to others: reading. One thread at
// a time.
#pragma once

#include "plugin/base/result.h"
#include "plugin/config/config.h"
#include "plugin/config/mistakes.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::config {

/// Where a stream was defined.
struct StreamPlace {
  std::string file;
  std::string path;  // streams[2]; empty in a list of tokens
  Mark name;
  Mark token;
};

/// Where a stream is named.
struct StreamUse {
  std::string name;
  std::string path;
  Mark mark;
};

class StreamTable {
 public:
  void add(Stream stream, StreamPlace place);
  /// A stream whose name could not be read: it may be any that is used.
  void add_nameless() { nameless_ = true; }
  void use(StreamUse use) { uses_.push_back(std::move(use)); }

  /// Tells doubled names and tokens, and uses of names that no stream has.
  void check(Mistakes& mistakes) const;

  bool empty() const { return streams_.empty() && !nameless_; }
  std::vector<Stream> take() { return std::move(streams_); }

 private:
  void check_doubled(Mistakes& mistakes) const;

  std::vector<Stream> streams_;
  std::vector<StreamPlace> places_;
  std::vector<StreamUse> uses_;
  bool nameless_ = false;
};

/// What is wrong with `name` as the name of a stream; empty: nothing.
std::string_view flaw_in_stream_name(std::string_view name);

/// "20/s" in lines a second, not above `most`.
Result<double> parse_max_rate(std::string_view text, std::optional<double> most);

}  // namespace plotbridge::config
