// What the head of an endpoint's answer says, line by line as it comes; interim answers pass by.
// Leaves to others: reading it from the wire (curl_transport), what follows from it (stream). Pure;
// any thread.
#pragma once

#include "plugin/base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::http {

/// Of an endpoint's word for why it ends a connection, so many bytes are taken.
inline constexpr std::size_t kMostCloseWordBytes = 32;

class AnswerHead {
 public:
  /// A line of a head, or a trailer. False: there have been too many.
  bool read(std::string_view line, WallTime now);

  /// Of the final answer; 0: there is none yet.
  int status() const { return status_; }
  const std::optional<Duration>& retry_after() const { return retry_after_; }
  const std::string& location() const { return location_; }
  /// An answer, also an interim one, had a Stream-* header.
  bool names_evictions() const { return names_evictions_; }
  /// The endpoint says that it acknowledges lines, whatever else it answers.
  bool says_it_acknowledges() const { return acknowledges_; }
  /// The final answer is no end: acknowledgements follow in its body.
  bool acknowledges() const { return status_ == 200 && acknowledges_; }
  /// What it has of the stream that was asked for, as base/range_text writes it.
  const std::string& have() const { return have_; }
  /// The endpoint's word for why it ends the connection.
  const std::string& close() const { return close_; }
  /// What the endpoint has kept may be lost with its machine's power, as it says itself.
  bool loses_with_power() const { return loses_with_power_; }

 private:
  int status_ = 0;
  std::size_t bytes_ = 0;  // since the last status line
  bool names_evictions_ = false;
  bool acknowledges_ = false;
  bool loses_with_power_ = false;
  std::string close_;
  std::string have_;
  std::optional<Duration> retry_after_;
  std::string location_;
};

/// The time that a Retry-After allows for, at most a day: seconds, or an HTTP date. Nothing when it
/// is neither; what lies in the past is 0.
std::optional<Duration> parse_retry_after(std::string_view text, WallTime now);

/// A Location as it may be shown: without user name, password, query and fragment.
std::string showable_location(std::string_view text);

/// The first `most` characters of `text`, in which `secret` is replaced.
std::string without_secret(std::string_view text, std::string_view secret, std::size_t most);

}  // namespace plotbridge::http
