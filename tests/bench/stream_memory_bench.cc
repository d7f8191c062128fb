// What an open stream keeps in memory, libcurl's part included: resident kB each, after a line went
// over every one of them. usage: stream_memory_bench [STREAMS [https [AUTHORITIES]]]; the other end
// is a process of its own. Two descriptors a stream in all: raise `ulimit -n`.
#include "plugin/http/curl_loop.h"
#include "plugin/http/curl_transport.h"

#include "tests/support/certificates.h"
#include "tests/support/raw_peer.h"
#include "tests/support/temp_dir.h"

#include <malloc.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

struct Client : stream::TransportClient {
  void on_connected() override {}
  std::size_t fill(std::span<char> room) override {
    if (sent) return 0;
    sent = true;
    std::copy_n(kLine.begin(), kLine.size(), room.begin());
    return kLine.size();
  }
  void on_acknowledged(std::uint64_t) override {}
  void on_ended(const stream::Ending& ending) override {
    std::printf("a stream ended: %s\n", ending.detail.c_str());
    std::exit(1);
  }
  static constexpr std::string_view kLine = "{\"x\":\"2026-11-23 16:40:00.123\",\"y\":1}\n";
  bool sent = false;
};

double resident_kb() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  long total = 0, resident = 0;
  if (file == nullptr || std::fscanf(file, "%ld %ld", &total, &resident) != 2) std::exit(1);
  std::fclose(file);
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

// Takes every stream and keeps it.
[[noreturn]] void serve(int listener, const test::CertificateAuthority::Pair* certificate) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (certificate != nullptr) {
    SSL_CTX_use_certificate_chain_file(context, certificate->certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context, certificate->key.c_str(), SSL_FILETYPE_PEM);
  }
  for (;;) {
    const int fd = ::accept(listener, nullptr, nullptr);
    if (fd < 0) std::exit(1);
    if (certificate == nullptr) continue;
    SSL* tls = SSL_new(context);
    SSL_set_fd(tls, fd);
    SSL_accept(tls);
  }
}

int run(int streams, bool https, const std::string& more_authorities) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);

  const test::CertificateAuthority ca;
  const auto certificate = ca.issue("endpoint", "IP:127.0.0.1");
  const test::RawPeer peer;
  if (fork() == 0) serve(peer.listener(), https ? &certificate : nullptr);

  CurlTransportOptions options;
  options.url = peer.url(https ? "https" : "http");
  options.user_agent = "plotbridge/bench";
  options.token = Secret("abcdefghij");
  options.connect_timeout = 120s;
  options.tls.ca = ca.certificate();
  const test::TempDir folder;
  if (!more_authorities.empty()) {
    std::ostringstream all;
    all << std::ifstream(ca.certificate()).rdbuf() << std::ifstream(more_authorities).rdbuf();
    options.tls.ca = folder.write("all.pem", all.str());
  }
  CurlLoop loop;
  std::vector<Client> clients(static_cast<std::size_t>(streams));
  std::vector<std::unique_ptr<CurlTransport>> transports;
  transports.reserve(clients.size());
  for (Client& client : clients) {
    transports.push_back(std::make_unique<CurlTransport>(loop.reactor(), options, client));
  }
  const double before = resident_kb();
  const auto start = std::chrono::steady_clock::now();
  for (auto& transport : transports) transport->open(std::nullopt);
  loop.run([&](TimePoint now) {
    const bool all = std::ranges::all_of(
        transports, [](const auto& transport) { return transport->acknowledged_bytes() > 0; });
    if (all) loop.stop();
    return CurlLoop::Rest{now + 20ms, true};
  });
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double grown = resident_kb() - before;
  std::printf("%d streams over %s: %.1f kB each, open after %.2f s\n", streams,
              https ? "https" : "http", grown / streams, seconds);
  malloc_trim(0);
  std::printf("  of which libcurl and the heap could not give back: %.1f kB each\n",
              (resident_kb() - before) / streams);
  return 0;
}

}  // namespace
}  // namespace plotbridge::http

int main(int argc, char** argv) {
  const int streams = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const bool https = argc > 2 && std::string(argv[2]) == "https";
  return plotbridge::http::run(streams, https, argc > 3 ? argv[3] : "");
}
