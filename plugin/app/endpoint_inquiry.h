// Whether the endpoint's HTTP answers at all. A stream that got no answer cannot tell an endpoint
// that gives none from one that stands still, whose TCP takes lines all the same. So it is asked
// for something that every server answers, on a thread of its own, which is there only once
// somebody asks. Leaves to others: what follows from it (delivery_proof). Any thread.
#pragma once

#include "plugin/base/time.h"
#include "plugin/http/http_call.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace plotbridge::app {

class EndpointInquiry {
 public:
  /// `call` has the endpoint's address and how it is reached.
  explicit EndpointInquiry(http::HttpCall call);
  ~EndpointInquiry();
  EndpointInquiry(const EndpointInquiry&) = delete;
  EndpointInquiry& operator=(const EndpointInquiry&) = delete;

  /// Asks, unless it is being asked, and tells when the newest answer so far came; kNever: none.
  TimePoint ask();

 private:
  void run();

  http::HttpCall call_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool wanted_ = false;
  TimePoint answered_ = kNever;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace plotbridge::app
