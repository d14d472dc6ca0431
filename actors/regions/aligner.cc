#include "actors/regions/aligner.h"

namespace penstock {

std::vector<Aligner::Step> Aligner::on_batch(uint32_t input, BatchPtr batch) {
  if (!ended_[input])
    return {{std::move(batch), {}}};
  held_[input].push_back({std::move(batch), {}});
  return {};
}

std::vector<Aligner::Step> Aligner::on_marker(uint32_t input, Epoch epoch) {
  if (ended_[input]) {
    held_[input].push_back({nullptr, epoch});
    return {};
  }
  ended_[input] = true;
  std::vector<Step> steps;
  if (++ended_count_ == ended_.size()) {
    steps.push_back({nullptr, epoch});
    release(steps);
  }
  return steps;
}

// A new epoch begins: lets every input go on up to its next marker; if that ends the epoch everywhere, once more.
void Aligner::release(std::vector<Step>& steps) {
  for (bool again = true; again;) {
    again = false;
    ended_.assign(ended_.size(), false);
    ended_count_ = 0;
    Epoch epoch;
    for (size_t input = 0; input < held_.size(); ++input) {
      while (!held_[input].empty() && !ended_[input]) {
        Step step = std::move(held_[input].front());
        held_[input].pop_front();
        if (step.batch) {
          steps.push_back(std::move(step));
        } else {
          ended_[input] = true;
          ++ended_count_;
          epoch = step.epoch;
        }
      }
    }
    if (ended_count_ == ended_.size()) {
      steps.push_back({nullptr, epoch});
      again = true;
    }
  }
}

size_t Aligner::held_batches() const {
  size_t count = 0;
  for (const auto& queue : held_)
    for (const Step& step : queue)
      count += step.batch != nullptr;
  return count;
}

}  // namespace penstock
