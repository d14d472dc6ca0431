// The progress of a training that consists of several fits, as one: each counts the same.
#pragma once

#include <string>

#include "models/model.h"

namespace penstock {

class PhasedProgress final : public TrainingProgress {
 public:
  PhasedProgress(TrainingProgress& whole, size_t phases) : whole_(whole), phases_(phases) {}
  /// What begins now, a word or two.
  void begin(std::string phase) {
    phase_ = std::move(phase);
    tell(0, "");
    ++begun_;
  }
  void step(size_t done, size_t total, const std::string& note) override {
    const size_t before = begun_ == 0 ? 0 : begun_ - 1;
    whole_.step(before * kParts + (total == 0 ? 0 : kParts * done / total), phases_ * kParts, phase_ + ", " + note);
  }
  bool cancelled() const override { return whole_.cancelled(); }

 private:
  static constexpr size_t kParts = 1000;
  void tell(size_t done, const std::string& note) {
    whole_.step(begun_ * kParts + done, phases_ * kParts, phase_ + note);
  }

  TrainingProgress& whole_;
  const size_t phases_;
  size_t begun_ = 0;
  std::string phase_;
};

}  // namespace penstock
