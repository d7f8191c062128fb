// Who may look a name up: one dial at a time, and for a second after it all the others get by with
// what it found. Without it 300 dials at once were 40 look-ups (300 when they failed, because
// libcurl keeps no failures), each on a thread of its own: its cache knows nothing before the first
// answer is in it. Leaves to others: looking up (libcurl, whose multi handle keeps the answers).
// Loop thread only.
#pragma once

#include "plugin/base/time.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace plotbridge::http {

class NameGate {
 public:
  /// A dial that needs a name.
  class Dial {
   public:
    virtual ~Dial() = default;
    /// It may go on, and call `resolved` or `failed` when it knows. Called by `start_admitted`.
    virtual void start() = 0;
    /// The name was looked up for another dial, in vain.
    virtual void on_name_unknown(const std::string& why) = 0;
  };

  /// True: start now, the answer is known or yours to find. False: `start` will be called.
  bool admit(const std::string& name, Dial& dial, TimePoint now);
  /// `dial` has its addresses.
  void resolved(const std::string& name, const Dial& dial, TimePoint now);
  /// `dial` got none.
  void failed(const std::string& name, const Dial& dial, const std::string& why);
  /// `dial` goes, whatever it waited for.
  void forget(const std::string& name, const Dial& dial);

  /// Whether `start_admitted` has something to do.
  bool has_admitted() const { return !admitted_.empty(); }
  void start_admitted();

 private:
  struct Name {
    const Dial* asking = nullptr;
    TimePoint known_until = TimePoint::min();
    std::vector<Dial*> waiting;
  };
  void let_in(Name& name);

  std::unordered_map<std::string, Name> names_;  // of endpoints and proxies: a handful
  std::vector<Dial*> admitted_;
};

}  // namespace plotbridge::http
