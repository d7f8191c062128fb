// Makes the configuration's plots at an endpoint by its REST interface, version 2, as Plotly's own
// client for Python does: a grid for the columns, then the plot that names them. A plot of the name
// is overwritten, which binds its tokens again. Leaves to others: when. Any thread that may wait.
#pragma once

#include "plugin/base/result.h"
#include "plugin/config/config.h"

#include <atomic>
#include <string>

namespace plotbridge::app {

/// The address at which the endpoint shows the plot. kUnavailable: it does
/// not answer; kRefused: it said no, with its words; kInvalid: the configuration does not say how
/// to reach it.
/// Given `cancel`, it ends soon after that is true.
Result<std::string> make_plot(const config::Config& config, const config::Plot& plot,
                              const std::atomic<bool>* cancel = nullptr);

/// The address of a plot that the built-in endpoint of a running daemon made by itself.
Result<std::string> find_plot(const config::Config& config, const config::Plot& plot);

}  // namespace plotbridge::app
