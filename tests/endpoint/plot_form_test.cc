// Concern: a plot request is understood in every way in which an old client writes it.
#include "plugin/endpoint/plot_form.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::endpoint {
namespace {

constexpr std::string_view kArgs = R"([{"x":[],"name":"a & b=c 50%","stream":{"token":"abc"}}])";
constexpr std::string_view kKwargs = R"({"filename":"vec","fileopt":"overwrite"})";

void expect_whole(const PlotForm& form) {
  EXPECT_EQ(form.user, "plant");
  EXPECT_EQ(form.key, "apikey1234");
  EXPECT_EQ(form.origin, "plot");
  EXPECT_EQ(form.args, kArgs);
  EXPECT_EQ(form.kwargs, kKwargs);
}

std::string raw(std::string_view end = "&un=plant&key=apikey1234&origin=plot") {
  return "platform=nodejs&version=1.0.4&args=" + std::string(kArgs) +
         "&kwargs=" + std::string(kKwargs) + std::string(end);
}

TEST(PlotForm, TakesNoLongerBoundaryThanMultipartHas) {
  const std::string line = "--" + std::string(70, '-');
  const std::string body =
      line + "\r\nContent-Disposition: form-data; name=\"un\"\r\n\r\nplant\r\n" + line + "--\r\n";
  const auto read = [&](const std::string& boundary, const std::string& text) {
    return read_plot_form(text, "multipart/form-data; boundary=" + boundary).user;
  };
  EXPECT_EQ(read(line.substr(2), body), "plant");
  // It would be compared with the whole body at each byte.
  const std::string endless(4000, '-');
  EXPECT_EQ(read(endless + "x", std::string(std::size_t{1} << 20, '-')), "");
  EXPECT_EQ(read(endless, endless + body), "");
}

TEST(PlotForm, TakesJsonThatWasNotEscapedAsNodeSendsIt) {
  expect_whole(read_plot_form(raw(), "application/x-www-form-urlencoded"));
  expect_whole(read_plot_form(raw(), ""));
}

TEST(PlotForm, TakesAnExtraLineEndAsArduinoSendsIt) {
  expect_whole(read_plot_form(raw() + "\r\n", ""));
}

TEST(PlotForm, TakesABodyWhoseLastBytesAreMissing) {
  const std::string whole = raw();
  for (std::size_t lost = 1; lost <= std::string_view("&origin=plot").size(); ++lost) {
    SCOPED_TRACE(lost);
    expect_whole(read_plot_form(whole.substr(0, whole.size() - lost), ""));
  }
}

TEST(PlotForm, TakesProperlyEscapedForms) {
  std::string escaped = "origin=plot&un=plant&key=apikey1234&platform=python&version=1.6&args=";
  for (const std::string_view json : {kArgs, kKwargs}) {
    constexpr std::string_view kHex = "0123456789abcdef";
    for (const char c : json) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == ' ') {
        escaped += '+';
      } else {
        escaped += '%';
        escaped += kHex[byte >> 4];
        escaped += kHex[byte & 15];
      }
    }
    if (json == kArgs) escaped += "&kwargs=";
  }
  expect_whole(read_plot_form(escaped, "application/x-www-form-urlencoded"));
  expect_whole(read_plot_form(escaped, "application/json"));  // as Electric Imp calls it
}

TEST(PlotForm, TakesPartsAsRSendsThem) {
  std::string body;
  const std::pair<std::string_view, std::string_view> parts[] = {
      {"platform", "R"},  {"un", "plant"}, {"key", "apikey1234"},
      {"origin", "plot"}, {"args", kArgs}, {"kwargs", kKwargs}};
  for (const auto& [name, value] : parts) {
    body += "--xyz\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
            std::string(value) + "\r\n";
  }
  body += "--xyz--\r\n";
  expect_whole(read_plot_form(body, "multipart/form-data; boundary=xyz"));
}

TEST(PlotForm, OfNothingThereIsNothing) {
  EXPECT_EQ(read_plot_form("", "").user, "");
  EXPECT_EQ(read_plot_form("hello", "").args, "");
  EXPECT_EQ(read_plot_form("--", "multipart/form-data; boundary=").args, "");
  EXPECT_EQ(read_plot_form("&& & b", "").args, "");
  EXPECT_EQ(read_plot_form("&un=a&&key=b&", "").key, "b");
  EXPECT_EQ(percent_decoded("a%2"), "a%2");
  EXPECT_EQ(percent_decoded("%41%zz+"), "A%zz ");
}

}  // namespace
}  // namespace plotbridge::endpoint
