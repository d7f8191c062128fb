#include "plugin/app/listen_url.h"

#include "plugin/config/summary.h"

namespace plotbridge::app {

std::string listen_url(const config::Listen& listen, std::string_view scheme) {
  return std::string(scheme) + "://" + config::to_text(listen) + "/";
}

std::string local_url(const config::Listen& listen) {
  config::Listen local = listen;
  if (listen.host == "0.0.0.0") local.host = "127.0.0.1";
  if (listen.host == "::") local.host = "::1";
  return listen_url(local);
}

}  // namespace plotbridge::app
