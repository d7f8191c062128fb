#include "plugin/base/secret_rights.h"

namespace plotbridge {
namespace {

constexpr std::uint32_t kOthersRead = 0004;
constexpr std::uint32_t kOthersWrite = 0002;
constexpr std::uint32_t kGroupWrites = 0020;
constexpr std::uint32_t kSticky = 01000;

// Of root's files the service reads by its group, so its group must keep what it has.
std::string advice_for(const std::string& path, FileRights rights, std::uint32_t self) {
  if (rights.owner != 0 || (self == 0 && rights.group == 0)) return "chmod 600 " + path;
  const std::string group = rights.group == 0 ? " and chgrp it to the group of plotbridge" : "";
  return "chmod 640 " + path + group;
}

}  // namespace

std::string flaw_in_secret_file(const std::string& path, FileRights rights, std::uint32_t self) {
  const std::string secret = path + " is a secret that ";
  if (rights.owner != 0 && rights.owner != self) {
    return secret + "belongs to another user (uid " + std::to_string(rights.owner) +
           "): chown it to root or to the user of plotbridge";
  }
  if ((rights.mode & kOthersRead) != 0) {
    return secret + "every user of this machine may read: " + advice_for(path, rights, self);
  }
  if ((rights.mode & (kOthersWrite | kGroupWrites)) != 0) {
    return secret + "others may change (mode " + mode_text(rights.mode) +
           "): " + advice_for(path, rights, self);
  }
  return {};
}

std::string flaw_in_secret_directory(const std::string& path, const std::string& directory,
                                     FileRights rights) {
  if ((rights.mode & kOthersWrite) == 0 || (rights.mode & kSticky) != 0) return {};
  return path + " is a secret that every user of this machine may replace, because " + directory +
         " has mode " + mode_text(rights.mode) + ": chmod o-w " + directory;
}

std::string mode_text(std::uint32_t mode) {
  std::string text = "0";
  for (int shift = 6; shift >= 0; shift -= 3) {
    text += static_cast<char>('0' + ((mode >> static_cast<unsigned>(shift)) & 7U));
  }
  return text;
}

}  // namespace plotbridge
