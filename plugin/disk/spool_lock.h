// Keeps a second process out of a spool's directory for as long as it lives. Any thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/disk/spool_files.h"

#include <string>
#include <utility>

namespace plotbridge::disk {

class SpoolLock {
 public:
  /// kBusy: another process has it.
  static Result<SpoolLock> take(SpoolFiles& files, const std::string& directory);

 private:
  explicit SpoolLock(OpenFile file) : file_(std::move(file)) {}

  OpenFile file_;
};

}  // namespace plotbridge::disk
