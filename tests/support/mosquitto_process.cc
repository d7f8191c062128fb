#include "tests/support/mosquitto_process.h"

#include "tests/support/loopback.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

extern char** environ;

namespace plotbridge::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(10);

bool accepts(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool ok = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return ok;
}

pid_t spawn(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + command[0]);
  return pid;
}

std::string access_plugin() {
  for (const auto& folder : std::filesystem::directory_iterator("/usr/lib")) {
    const auto file = folder.path() / "mosquitto_dynamic_security.so";
    if (std::filesystem::exists(file)) return file.string();
  }
  throw std::runtime_error("mosquitto's dynamic security plugin is not installed");
}

}  // namespace

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

MosquittoProcess::MosquittoProcess(MosquittoOptions options) : options_(std::move(options)) {
  // Somebody else may take the port before mosquitto does.
  for (int attempt = 1;; ++attempt) {
    port_ = free_port();
    websocket_port_ = free_port();
    try {
      start();
      return;
    } catch (const std::exception&) {
      if (attempt == 3) throw;
    }
  }
}

MosquittoProcess::~MosquittoProcess() { stop(); }

std::string MosquittoProcess::url(const std::string& scheme, const std::string& host) const {
  const auto port = scheme == "ws" ? websocket_port_ : port_;
  return scheme + "://" + host + ":" + std::to_string(port);
}

std::string MosquittoProcess::write_config() const {
  std::ostringstream config;
  config << "log_dest file " << directory_.path("log") << "\nlog_type all\n"
         << "listener " << port_ << " 127.0.0.1\n";
  // Started by root it would change to a user that may not read this directory.
  if (::getuid() == 0) config << "user root\n";
  if (options_.username.empty()) {
    config << "allow_anonymous true\n";
  } else {
    const std::string file = directory_.path("passwords");
    const pid_t pid = spawn(
        {"/usr/bin/mosquitto_passwd", "-b", "-c", file, options_.username, options_.password});
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (status != 0) throw std::runtime_error("mosquitto_passwd failed");
    config << "allow_anonymous false\npassword_file " << file << "\n";
  }
  if (!options_.forbidden_filter.empty()) {
    // Access rules of an acl_file are not asked when somebody subscribes; those of this plugin are.
    const std::string rules = directory_.write(
        "rules.json",
        R"({"defaultACLAccess":{"publishClientSend":true,"publishClientReceive":true,)"
        R"("subscribe":true,"unsubscribe":true},"clients":[],)"
        R"("groups":[{"groupname":"all","roles":[{"rolename":"some"}]}],)"
        R"("roles":[{"rolename":"some","acls":[{"acltype":"subscribePattern","topic":")" +
            options_.forbidden_filter + R"(","allow":false}]}],"anonymousGroup":"all"})");
    config << "plugin " << access_plugin() << "\n"
           << "plugin_opt_config_file " << rules << "\n";
  }
  if (!options_.certificate.empty()) {
    config << "certfile " << options_.certificate << "\nkeyfile " << options_.key << "\n";
  }
  if (options_.persistence) {
    config << "persistence true\npersistence_location " << directory_.path("") << "\n";
  }
  config << options_.extra;
  if (options_.websockets) {
    config << "listener " << websocket_port_ << " 127.0.0.1\nprotocol websockets\n";
  }
  return directory_.write("mosquitto.conf", config.str());
}

void MosquittoProcess::start() {
  pid_ = spawn({"/usr/sbin/mosquitto", "-c", write_config()});
  const auto deadline = Clock::now() + kPatience;
  while (!accepts(port_) || (options_.websockets && !accepts(websocket_port_))) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("mosquitto ended at once:\n" + log());
    }
    if (Clock::now() > deadline) throw std::runtime_error("mosquitto does not listen:\n" + log());
    ::poll(nullptr, 0, 10);
  }
}

void MosquittoProcess::stop() {
  if (pid_ < 0) return;
  const auto deadline = Clock::now() + kPatience;
  int status = 0;
  // Asked again and again: a signal that comes right after its start is forgotten.
  for (int asked = 0; ::waitpid(pid_, &status, WNOHANG) == 0; ++asked) {
    if (asked % 20 == 0) ::kill(pid_, Clock::now() < deadline ? SIGTERM : SIGKILL);
    ::poll(nullptr, 0, 10);
  }
  pid_ = -1;
}

std::string MosquittoProcess::log() const {
  std::ifstream file(directory_.path("log"));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace plotbridge::test
