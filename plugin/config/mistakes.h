// Collects what is wrong while a configuration is read, so that all of it is told at once. Leaves
// to others: printing. One thread at a time.
#pragma once

#include "plugin/config/mistake.h"
#include "plugin/config/node.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::config {

class Mistakes {
 public:
  /// `file` is the configuration itself.
  explicit Mistakes(std::string file) : files_{std::move(file)} {}

  const std::string& file() const { return files_.front(); }

  /// A mistake of the configuration: `path` is the key's (routes[2].decode.type), empty for the
  /// whole file.
  void add(Mark mark, std::string_view path, std::string_view what);
  /// The same in a file that the configuration names.
  void add_in(const std::string& file, Mark mark, std::string_view path, std::string_view what);

  /// What is no mistake, but should be otherwise.
  void warn(Mark mark, std::string_view path, std::string_view what);
  std::vector<Mistake> take_warnings() { return std::move(warnings_); }

  /// A secret stands in the configuration itself. The first place is remembered.
  void note_literal_secret(Mark mark, std::string_view path);
  struct Place {
    Mark mark;
    std::string path;
  };
  const std::optional<Place>& literal_secret() const { return literal_secret_; }

  /// All of them in the order of the file, then those of further files. Past 1,000 only their
  /// number.
  std::vector<Mistake> take();

 private:
  struct Found {
    std::size_t file = 0;
    Mistake mistake;
  };
  std::vector<std::string> files_;
  std::vector<Found> found_;
  std::vector<Mistake> warnings_;
  std::optional<Place> literal_secret_;
  std::size_t untold_ = 0;
};

}  // namespace plotbridge::config
