// Concern: a secret that others may read or change is refused, and what is advised keeps it
// readable for the service.
#include "plugin/base/secret_rights.h"

#include <gtest/gtest.h>

namespace plotbridge {
namespace {

constexpr std::uint32_t kService = 999;

std::string advice(FileRights rights, std::uint32_t self) {
  const std::string flaw = flaw_in_secret_file("/k", rights, self);
  const auto at = flaw.rfind(": ");
  return at == std::string::npos ? flaw : flaw.substr(at + 2);
}

TEST(SecretRights, AdviceFollowsWhoOwnsTheFile) {
  EXPECT_EQ(advice({0644, kService, kService}, kService), "chmod 600 /k");
  EXPECT_EQ(advice({0644, 0, 0}, 0), "chmod 600 /k");
  EXPECT_EQ(advice({0644, 0, kService}, 0), "chmod 640 /k");
  EXPECT_EQ(advice({0660, 0, kService}, kService), "chmod 640 /k");
  EXPECT_EQ(advice({0644, 0, 0}, kService), "chmod 640 /k and chgrp it to the group of plotbridge");
}

TEST(SecretRights, WhatTheAdviceMakesIsGood) {
  EXPECT_EQ(flaw_in_secret_file("/k", {0640, 0, kService}, kService), "");
  EXPECT_EQ(flaw_in_secret_file("/k", {0600, kService, kService}, kService), "");
  EXPECT_NE(flaw_in_secret_file("/k", {0600, 1, kService}, kService), "");
}

}  // namespace
}  // namespace plotbridge
