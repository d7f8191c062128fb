// Concern: secrets come from where the configuration says, and no mistake ever repeats one.
#include "plugin/config/secret.h"

#include "plugin/config/yaml_loader.h"
#include "plugin/config/yaml_parser.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

namespace plotbridge::config {
namespace {

class SecretSource : public ::testing::Test {
 protected:
  /// The secret, or what was told of it.
  std::string read(std::string_view yaml, const std::string& folder = "") {
    Mistakes mistakes("a");
    const auto secret = read_secret(parse_yaml(yaml).value(), "token", folder, mistakes);
    const auto told = mistakes.take();
    EXPECT_EQ(secret.has_value(), told.empty());
    return secret ? secret->reveal() : told.front().to_string();
  }

  std::string write(std::string_view name, std::string_view text, ::mode_t mode = 0600) {
    const std::string path = folder_.write(name, text);
    ::chmod(path.c_str(), mode);
    return path;
  }

  test::TempDir folder_;
};

TEST_F(SecretSource, is_a_literal_even_where_that_looks_like_a_number) {
  EXPECT_EQ(read("abc"), "abc");
  EXPECT_EQ(read("1234567890"), "1234567890");
  EXPECT_EQ(read("0x1F"), "0x1F");
  EXPECT_EQ(read("''"), "a:1:1: token: is empty");
}

TEST_F(SecretSource, is_a_file_without_its_last_line_break) {
  EXPECT_EQ(read("{file: " + write("unix", "t0ken\n") + "}"), "t0ken");
  EXPECT_EQ(read("{file: " + write("dos", "t0ken\r\n") + "}"), "t0ken");
  EXPECT_EQ(read("{file: " + write("bare", "t0ken") + "}"), "t0ken");
  EXPECT_EQ(read("{file: " + write("two", "t0ken\n\n") + "}"), "t0ken\n");
}

TEST_F(SecretSource, is_a_file_beside_the_configuration) {
  const std::string path = write("key", "t0ken\n");
  EXPECT_EQ(read("{file: key}", path.substr(0, path.rfind('/'))), "t0ken");
}

TEST_F(SecretSource, may_be_read_by_the_group_but_not_by_everybody) {
  for (const ::mode_t mode : {0400U, 0440U, 0600U, 0640U}) {
    EXPECT_EQ(read("{file: " + write("good", "t0ken", mode) + "}"), "t0ken") << mode;
    ::unlink(folder_.path("good").c_str());
  }
  const std::string open = write("open", "t0ken", 0644);
  EXPECT_EQ(read("{file: " + open + "}"),
            "a:1:8: token.file: " + open +
                " is a secret that every user of this machine may read: chmod 600 " + open);
}

TEST_F(SecretSource, may_be_changed_by_its_owner_alone) {
  for (const auto& [mode, text] : {std::pair{0602U, "0602"}, {0620U, "0620"}, {0662U, "0662"}}) {
    const std::string path = write("open", "t0ken", mode);
    EXPECT_EQ(read("{file: " + path + "}"), "a:1:8: token.file: " + path +
                                                " is a secret that others may change (mode " +
                                                text + "): chmod 600 " + path);
  }
}

TEST_F(SecretSource, of_root_and_a_group_stays_readable_by_the_group) {
  const std::string path = write("open", "t0ken", 0644);
  if (::chown(path.c_str(), 0, 12345) != 0) GTEST_SKIP() << "not root";
  EXPECT_EQ(read("{file: " + path + "}"),
            "a:1:8: token.file: " + path +
                " is a secret that every user of this machine may read: chmod 640 " + path);
}

TEST_F(SecretSource, holds_no_nul) {
  const std::string nul("t0\0ken", 6);
  EXPECT_EQ(read("{file: " + write("nul", nul) + "}"),
            "a:1:8: token.file: a secret holds no NUL byte: give it as text");
  EXPECT_EQ(read("\"t0\\0ken\""), "a:1:1: token: a secret holds no NUL byte: give it as text");
}

TEST_F(SecretSource, belongs_to_root_or_to_this_user) {
  const std::string path = write("another", "t0ken");
  if (::chown(path.c_str(), 12345, static_cast<::gid_t>(-1)) != 0) GTEST_SKIP() << "not root";
  EXPECT_EQ(read("{file: " + path + "}"),
            "a:1:8: token.file: " + path +
                " is a secret that belongs to another user (uid 12345): chown it to root or to the "
                "user of plotbridge");
}

TEST_F(SecretSource, lies_where_nobody_else_can_put_another) {
  std::filesystem::create_directories(folder_.path("open/below"));
  const std::string path = write("open/below/key", "t0ken");
  ::chmod(folder_.path("open").c_str(), 0777);
  EXPECT_EQ(read("{file: " + path + "}"),
            "a:1:8: token.file: " + path +
                " is a secret that every user of this machine may replace, because " +
                folder_.path("open") + " has mode 0777: chmod o-w " + folder_.path("open"));
  ::chmod(folder_.path("open").c_str(), 01777);
  EXPECT_EQ(read("{file: " + path + "}"), "t0ken");
}

TEST_F(SecretSource, may_be_a_link_to_a_link_as_kubernetes_mounts_it) {
  std::filesystem::create_directories(folder_.path("..2026_11_28"));
  const std::string path = write("..2026_11_28/key", "t0ken", 0400);
  std::filesystem::create_symlink("..2026_11_28", folder_.path("..data"));
  std::filesystem::create_symlink("..data/key", folder_.path("key"));
  EXPECT_EQ(read("{file: " + folder_.path("key") + "}"), "t0ken");
  ::chmod(path.c_str(), 0444);
  EXPECT_NE(read("{file: " + folder_.path("key") + "}").find("every user"), std::string::npos);
}

TEST_F(SecretSource, in_a_configuration_that_others_may_read_is_warned_of_once) {
  const std::string yaml =
      "version: 1\nstreams: [{name: a, token: t0ken}, {name: b, token: t1ken}]\n";
  const std::string path = write("plotbridge.yaml", yaml, 0640);
  EXPECT_TRUE(load_file(path).warnings.empty());
  for (const ::mode_t mode : {0644U, 0606U, 0660U}) {
    ::chmod(path.c_str(), mode);
    const Loaded loaded = load_file(path);
    EXPECT_TRUE(loaded.mistakes.empty());
    ASSERT_EQ(loaded.warnings.size(), 1U) << mode;
    const std::string warning = loaded.warnings[0].to_string();
    EXPECT_TRUE(warning.starts_with(path + ":2:28: streams[0].token: this file holds secrets"))
        << warning;
    EXPECT_NE(warning.find("chmod 640 " + path), std::string::npos) << warning;
    EXPECT_EQ(warning.find("t0ken"), std::string::npos) << warning;
  }
  write("plotbridge.yaml", "version: 1\nstreams: [{name: a, token: {env: HOME}}]\n", 0644);
  EXPECT_TRUE(load_file(path).warnings.empty()) << "there is no secret in it";
}

TEST_F(SecretSource, that_is_an_empty_missing_or_no_file_is_told) {
  const std::string empty = write("empty", "\n");
  EXPECT_EQ(read("{file: " + empty + "}"), "a:1:8: token.file: " + empty + " is empty");
  const std::string gone = folder_.path("gone");
  EXPECT_EQ(read("{file: " + gone + "}"),
            "a:1:8: token.file: cannot read " + gone + ": No such file or directory");
  EXPECT_EQ(read("{file: /}"), "a:1:8: token.file: cannot read /: it is a directory");
  EXPECT_EQ(read("{file: /dev/zero}"),
            "a:1:8: token.file: cannot read /dev/zero: it is not a regular file");
}

TEST_F(SecretSource, is_64_kib_at_most) {
  const std::string most(64 * 1024, 'x');
  EXPECT_EQ(read("{file: " + write("most", most) + "}"), most);
  const std::string larger = write("larger", most + 'x');
  EXPECT_EQ(read("{file: " + larger + "}"),
            "a:1:8: token.file: cannot read " + larger + ": it is larger than 65536 bytes");
}

TEST_F(SecretSource, is_a_variable_of_the_environment) {
  ::setenv("PLOTBRIDGE_TEST_SECRET", "t0ken", 1);
  EXPECT_EQ(read("{env: PLOTBRIDGE_TEST_SECRET}"), "t0ken");
  ::setenv("PLOTBRIDGE_TEST_SECRET", "", 1);
  EXPECT_EQ(read("{env: PLOTBRIDGE_TEST_SECRET}"),
            "a:1:7: token.env: the environment variable PLOTBRIDGE_TEST_SECRET is empty");
  ::unsetenv("PLOTBRIDGE_TEST_SECRET");
  EXPECT_EQ(read("{env: PLOTBRIDGE_TEST_SECRET}"),
            "a:1:7: token.env: the environment variable PLOTBRIDGE_TEST_SECRET is not set");
}

TEST_F(SecretSource, is_a_credential_of_systemd) {
  const std::string path = write("boiler", "t0ken", 0400);
  ::setenv("CREDENTIALS_DIRECTORY", path.substr(0, path.rfind('/')).c_str(), 1);
  EXPECT_EQ(read("{credential: boiler}"), "t0ken");
  EXPECT_EQ(read("{credential: ../boiler}"),
            "a:1:14: token.credential: a credential's name holds no /");
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(read("{credential: boiler}"),
            "a:1:14: token.credential: no CREDENTIALS_DIRECTORY: start it by systemd with "
            "LoadCredential=boiler:FILE");
}

TEST_F(SecretSource, of_another_kind_is_told_without_repeating_it) {
  const std::string expected =
      "a:1:1: token: expected a text, {file: PATH}, {env: NAME} or {credential: NAME}";
  EXPECT_EQ(read("{t0ken}"), expected);
  EXPECT_EQ(read("[t0ken]"), expected);
  EXPECT_EQ(read("{file: t0ken, env: t0ken}"), expected);
  EXPECT_EQ(read("{flie: t0ken}"), expected + "; did you mean `file`?");
  EXPECT_EQ(read("{file: [t0ken]}"), "a:1:8: token.file: expected the name of one");
}

TEST(Token, can_stand_in_a_header) {
  EXPECT_TRUE(is_usable_token(Secret("abcdefghij")));
  for (const char* token : {"", "a b", "a\r\nX-Evil: 1", "a\tb", "t\xC3\xB6ken"}) {
    EXPECT_FALSE(is_usable_token(Secret(token))) << token;
  }
  EXPECT_FALSE(is_usable_token(Secret(std::string(1001, 'x'))));
}

}  // namespace
}  // namespace plotbridge::config
