// Concern: secrets come from where the configuration says, and no mistake ever repeats one.
#include "plugin/config/secret.h"

#include "plugin/config/yaml_parser.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

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

  testing::TempDir folder_;
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
  EXPECT_EQ(read("{file: " + write("group", "t0ken", 0640) + "}"), "t0ken");
  const std::string open = write("open", "t0ken", 0644);
  EXPECT_EQ(read("{file: " + open + "}"),
            "a:1:8: token.file: " + open +
                " is a secret that every user of this machine may read: chmod 600 " + open);
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
