// Who may make plots and look at them: names and keys. Leaves to others:
// where a request carries them. Const after the start; any thread.
#pragma once

#include "plugin/model/secret.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::endpoint {

class Accounts {
 public:
  struct User {
    std::string name;
    Secret key;
  };

  /// `loopback`: only this machine can come.
  Accounts(std::vector<User> users, bool loopback)
      : users_(std::move(users)), loopback_(loopback) {}

  /// Whether there is such a user. Without users anybody is one on loopback and nobody elsewhere.
  bool knows(std::string_view name, std::string_view key) const {
    if (users_.empty()) return loopback_;
    bool known = false;  // all are looked at, so that the time says nothing of names
    for (const User& user : users_) {
      const bool same_key = user.key.equals(key);
      known = (user.name == name && same_key) || known;
    }
    return known;
  }

  /// Whether looking at plots needs no name and key. On loopback, too, where there are users: a
  /// reverse proxy or a tunnel brings strangers there.
  bool anybody_may_look() const { return loopback_ && users_.empty(); }

  /// Whether there is a key to know.
  bool has_users() const { return !users_.empty(); }

 private:
  std::vector<User> users_;
  bool loopback_;
};

}  // namespace plotbridge::endpoint
