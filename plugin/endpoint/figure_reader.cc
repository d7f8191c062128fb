#include "plugin/endpoint/figure_reader.h"

#include <utility>

namespace plotbridge::endpoint {

FigureReader::FigureReader(std::shared_ptr<const Plot> plot, std::string_view behind)
    : plot_(std::move(plot)),
      behind_(behind),
      resets_(plot_->resets()),
      traces_(plot_->members().size()) {}

bool FigureReader::append_piece(std::size_t room, TimePoint, std::string& out) {
  if (trace_) {
    const std::string_view next = piece().substr(0, room);
    out += next;
    skip(next.size());
    return true;
  }
  if (next_ < traces_) {
    open_trace(out);
    return true;
  }
  end(out);
  return false;
}

void FigureReader::open_trace(std::string& out) {
  out += next_ == 0 ? "{\"data\":[" : ",";
  trace_ = plot_->members()[next_++].trace.text();
  column_ = 0;
  in_column_ = false;
  at_ = 0;
}

void FigureReader::end(std::string& out) {
  out += traces_ == 0 ? "{\"data\":[],\"layout\":" : "],\"layout\":";
  plot_->layout().write(out);
  out += '}';
  out += behind_;
}

std::string_view FigureReader::piece() const {
  if (in_column_) return trace_->columns[column_].values.view().substr(at_);
  const std::string_view json(trace_->json);
  const bool last = column_ == trace_->columns.size();
  return json.substr(at_, (last ? json.size() : trace_->columns[column_].at) - at_);
}

void FigureReader::skip(std::size_t bytes) {
  at_ += bytes;
  if (!piece().empty()) return;
  if (in_column_) {
    Trace::Text::Column& column = trace_->columns[column_++];
    column.values = {};
    at_ = column.at;
    in_column_ = false;
  } else if (column_ < trace_->columns.size()) {
    in_column_ = true;
    at_ = 0;
  } else {
    trace_.reset();
  }
}

std::size_t FigureReader::held_bytes() const {
  if (!trace_) return 0;
  std::size_t bytes = trace_->json.capacity();
  const bool replaced = lost();
  for (std::size_t i = column_; i < trace_->columns.size(); ++i) {
    const Trace::Text::Column& column = trace_->columns[i];
    if (replaced || !plot_->members()[next_ - 1].trace.shares(column)) {
      bytes += column.values.memory->capacity();
    }
  }
  return bytes;
}

}  // namespace plotbridge::endpoint
