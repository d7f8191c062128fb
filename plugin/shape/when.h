// Whether a sample is of the kind that a route wants. Leaves to others: finding the field. Pure
// after construction; any thread.
#pragma once

#include "plugin/model/filter_spec.h"
#include "plugin/model/value.h"

#include <optional>
#include <string>
#include <vector>

namespace plotbridge::shape {

class When {
 public:
  explicit When(const WhenSpec& spec);
  bool holds(const Value& value) const;

 private:
  struct Scalar {
    std::string text;  // of a string what it says, of anything else the JSON
    std::optional<double> number;
    bool is_text = false;
  };
  bool is(const Value& value, const Scalar& scalar) const;

  std::vector<Scalar> one_of_;
  std::optional<double> above_;
  std::optional<double> below_;
};

}  // namespace plotbridge::shape
