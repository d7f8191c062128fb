#include "plugin/endpoint/line_framer.h"

#include "plugin/base/scratch.h"
#include "plugin/model/protocol.h"

namespace plotbridge::endpoint {
namespace {

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

bool LineFramer::next(std::string_view& bytes, std::string_view& line) {
  if (partial_is_used_) {
    partial_is_used_ = false;
    // A long line must not leave its memory with a stream that sends short ones, of which there may
    // be ten thousand.
    if (partial_.capacity() > 512) free_memory(partial_);
    partial_.clear();
  }
  while (!bytes.empty() && !too_long_) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (partial_.size() + piece.size() > protocol::kMaxLineBytes) {
      too_long_ = true;
      break;
    }
    if (end == std::string_view::npos) {
      partial_.append(piece);
      bytes = {};
      return false;
    }
    bytes.remove_prefix(end + 1);
    if (partial_.empty()) {
      line = piece;
    } else {
      partial_.append(piece);
      line = partial_;
      partial_is_used_ = true;
    }
    if (!is_blank(line)) return true;
    if (partial_is_used_) partial_.clear();
    partial_is_used_ = false;
  }
  if (too_long_) {
    free_memory(partial_);
    bytes = {};
  }
  return false;
}

bool LineFramer::last(std::string_view& line) {
  if (partial_is_used_ || too_long_ || is_blank(partial_)) return false;
  line = partial_;
  partial_is_used_ = true;
  return true;
}

}  // namespace plotbridge::endpoint
