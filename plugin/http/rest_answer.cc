#include "plugin/http/rest_answer.h"

#include "plugin/http/http_message.h"
#include "plugin/http/rest_v1.h"
#include "plugin/http/rest_v2.h"

namespace plotbridge::http {

bool is_plot_form(const RequestHead& head) {
  return head.path == "/clientresp" || head.path == "/clientresp/";
}

bool is_rest(const RequestHead& head) {
  return head.path.starts_with("/v2/") || head.path.starts_with("/apigetfile/");
}

HttpResponse rest_answer(const RestRequest& request, endpoint::Endpoint& endpoint) {
  const RequestHead& head = request.head;
  if (is_plot_form(head)) return client_response(request, endpoint);
  if (head.path.starts_with("/v2/")) return rest_v2(request, endpoint);
  return get_file(request, endpoint);
}

std::string rest_failure(const RequestHead& head, int status, std::string_view text) {
  if (head.path.starts_with("/v2/")) return render(rest_v2_failure(status, text));
  if (!is_plot_form(head)) return render_text(status, text);
  HttpResponse response = client_failure(text);
  if (status == 403) response.status = status;  // no client's, but a page's of elsewhere
  return render(response);
}

}  // namespace plotbridge::http
