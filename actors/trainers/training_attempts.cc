#include "actors/trainers/training_attempts.h"

namespace penstock {
namespace {

constexpr const char* kTable = "training_attempts";
constexpr char kVersion = 1;
constexpr size_t kSize = 5;

}  // namespace

Result<uint32_t> TrainingAttempts::crashed() const {
  PENSTOCK_ASSIGN(const auto stored, store_.get(kTable, model_));
  if (!stored)
    return 0u;
  if (stored->size() != kSize || stored->front() != kVersion)
    return data_loss(std::string("table \"") + kTable + "\" holds something else than version 1 for model \"" + model_ +
                     "\"");
  uint32_t attempts = 0;
  for (size_t i = 0; i < sizeof(attempts); ++i)
    attempts |= static_cast<uint32_t>(static_cast<unsigned char>((*stored)[1 + i])) << (8 * i);
  return attempts;
}

Status TrainingAttempts::begin(uint32_t crashed_before) {
  const uint32_t attempts = crashed_before + 1;
  std::string value(1, kVersion);
  for (size_t i = 0; i < sizeof(attempts); ++i)
    value += static_cast<char>(attempts >> (8 * i) & 0xff);
  WriteBatch write;
  write.put(kTable, model_, std::move(value));
  return store_.commit_and_wait(std::move(write)).status;
}

Status TrainingAttempts::end() {
  WriteBatch write;
  write.erase(kTable, model_);
  return store_.commit_and_wait(std::move(write)).status;
}

}  // namespace penstock
