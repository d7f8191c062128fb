// Concern: over TLS only the right broker is spoken to, and a wrong one is told with the exact
// reason.
#include "plugin/mqtt/session.h"

#include "tests/mqtt/recorder.h"
#include "tests/support/certificates.h"
#include "tests/support/mosquitto_process.h"

#include <gtest/gtest.h>

namespace plotbridge::mqtt {
namespace {

using test::CertificateAuthority;
using test::MosquittoProcess;
using test::Recorder;

class SessionTls : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { ca_ = new CertificateAuthority; }
  static void TearDownTestSuite() {
    delete ca_;
    ca_ = nullptr;
  }

  static test::MosquittoOptions tls(const std::string& alternative_name) {
    const auto pair = ca_->issue("broker", alternative_name);
    test::MosquittoOptions options;
    options.certificate = pair.certificate;
    options.key = pair.key;
    return options;
  }
  static SessionOptions to(const MosquittoProcess& broker) {
    SessionOptions options;
    options.url = broker.url("mqtts");
    options.tls_ca = ca_->certificate();
    return options;
  }
  static std::string refusal(const SessionOptions& options) {
    Recorder recorder;
    Session session(options, recorder.callbacks());
    session.connect();
    return recorder.down();
  }

  static CertificateAuthority* ca_;
};
CertificateAuthority* SessionTls::ca_ = nullptr;

TEST_F(SessionTls, TheRightBrokerIsConnectedTo) {
  MosquittoProcess broker(tls("IP:127.0.0.1"));
  Recorder recorder;
  Session session(to(broker), recorder.callbacks());
  session.connect();
  EXPECT_TRUE(recorder.ready());
}

TEST_F(SessionTls, AHostNameIsCheckedAgainstTheCertificate) {
  MosquittoProcess broker(tls("DNS:localhost"));
  auto options = to(broker);
  options.url = broker.url("mqtts", "localhost");
  Recorder recorder;
  Session session(options, recorder.callbacks());
  session.connect();
  EXPECT_TRUE(recorder.ready());
}

TEST_F(SessionTls, ABrokerOfAnotherCaIsRefused) {
  MosquittoProcess broker(tls("IP:127.0.0.1"));
  const CertificateAuthority other;
  auto options = to(broker);
  options.tls_ca = other.certificate();
  const std::string why = refusal(options);
  EXPECT_NE(why.find("its certificate is not trusted"), std::string::npos) << why;
  EXPECT_NE(why.find("broker.tls.ca"), std::string::npos) << why;
  EXPECT_EQ(broker.log().find("New client connected"), std::string::npos);
}

TEST_F(SessionTls, ABrokerWithTheNameOfAnotherIsRefused) {
  MosquittoProcess broker(tls("DNS:elsewhere.example"));
  const std::string why = refusal(to(broker));
  EXPECT_NE(why.find("its certificate is for another host than '127.0.0.1'"), std::string::npos)
      << why;
  EXPECT_EQ(broker.log().find("New client connected"), std::string::npos);
}

TEST_F(SessionTls, WithoutVerificationAnyBrokerIsTaken) {
  MosquittoProcess broker(tls("DNS:elsewhere.example"));
  auto options = to(broker);
  options.tls_ca.clear();
  options.tls_verify = false;
  Recorder recorder;
  Session session(options, recorder.callbacks());
  session.connect();
  EXPECT_TRUE(recorder.ready());
}

TEST_F(SessionTls, AMissingCaFileIsNamed) {
  MosquittoProcess broker(tls("IP:127.0.0.1"));
  auto options = to(broker);
  options.tls_ca = "/no/such/ca.pem";
  const std::string why = refusal(options);
  EXPECT_NE(why.find("cannot use broker.tls.ca '/no/such/ca.pem': No such file"), std::string::npos)
      << why;
}

TEST_F(SessionTls, APlainPortIsTold) {
  MosquittoProcess broker;
  const std::string why = refusal(to(broker));
  EXPECT_NE(why.find("is this its port for TLS?"), std::string::npos) << why;
}

TEST_F(SessionTls, ATlsPortSpokenToInPlainIsTold) {
  MosquittoProcess broker(tls("IP:127.0.0.1"));
  SessionOptions options;
  options.url = broker.url("mqtt");
  const std::string why = refusal(options);
  EXPECT_NE(why.find("does broker.url name the right port for its scheme?"), std::string::npos)
      << why;
}

TEST_F(SessionTls, ABrokerThatWantsAClientCertificateGetsIt) {
  auto settings = tls("IP:127.0.0.1");
  settings.extra = "cafile " + ca_->certificate() + "\nrequire_certificate true\n";
  MosquittoProcess broker(settings);
  const auto pair = ca_->issue("gateway", "DNS:gateway");
  auto options = to(broker);
  EXPECT_NE(refusal(options).find("broker.tls.cert"), std::string::npos) << refusal(options);
  options.tls_certificate = pair.certificate;
  options.tls_key = pair.key;
  Recorder recorder;
  Session session(options, recorder.callbacks());
  session.connect();
  EXPECT_TRUE(recorder.ready());
}

}  // namespace
}  // namespace plotbridge::mqtt
