#include "actors/regions/aligner.h"

#include <utility>

namespace penstock {

std::vector<Aligner::Step> Aligner::on_batch(uint32_t input, BatchPtr batch, EventProgressPtr progress) {
  Step step{std::move(batch), {}, input, std::move(progress)};
  if (!ended_[input])
    return {std::move(step)};
  held_[input].push_back(std::move(step));
  return {};
}

std::vector<Aligner::Step> Aligner::on_marker(uint32_t input, Epoch epoch, EventProgressPtr progress,
                                              RegionTurnPtr turn) {
  Step marker{nullptr, epoch, input, std::move(progress), {}, std::move(turn)};
  if (ended_[input]) {
    held_[input].push_back(std::move(marker));
    return {};
  }
  end(input, std::move(marker));
  std::vector<Step> steps;
  if (ended_count_ == ended_.size()) {
    steps.push_back(finish());
    release(steps);
  }
  return steps;
}

// The input has ended the epoch of the marker.
void Aligner::end(uint32_t input, Step&& marker) {
  ended_[input] = true;
  ++ended_count_;
  epoch_ = marker.epoch;
  progress_[input] = std::move(marker.progress);
  if (marker.turn)
    turn_ = std::move(marker.turn);
}

Aligner::Step Aligner::finish() { return {nullptr, epoch_, 0, nullptr, progress_, std::exchange(turn_, nullptr)}; }

// A new epoch begins: lets every input go on up to its next marker; if that ends the epoch everywhere, once more.
void Aligner::release(std::vector<Step>& steps) {
  for (bool again = true; again;) {
    again = false;
    ended_.assign(ended_.size(), false);
    ended_count_ = 0;
    for (uint32_t input = 0; input < held_.size(); ++input) {
      while (!held_[input].empty() && !ended_[input]) {
        Step step = std::move(held_[input].front());
        held_[input].pop_front();
        if (step.batch)
          steps.push_back(std::move(step));
        else
          end(input, std::move(step));
      }
    }
    if (ended_count_ == ended_.size()) {
      steps.push_back(finish());
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
