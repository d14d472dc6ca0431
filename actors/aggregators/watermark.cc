#include "actors/aggregators/watermark.h"

#include <algorithm>

#include "messages/byte_io.h"

namespace penstock {
namespace {

constexpr std::string_view kPrefix = "\xffwatermark";
constexpr uint8_t kVersion = 1;

std::string key_of(uint32_t worker) {
  std::string key(kPrefix);
  for (int shift = 24; shift >= 0; shift -= 8)
    key += static_cast<char>(worker >> shift & 0xff);
  return key;
}

Timestamp minus(Timestamp time, Duration duration) {
  int64_t micros;
  return __builtin_sub_overflow(time.micros, duration.micros, &micros) ? Watermark::kNone : Timestamp{micros};
}

}  // namespace

Status Watermark::restore(const StoredKeys& stored) {
  worker_ = stored.worker();
  Status damage = ok();
  const int64_t now = clock_->monotonic_nanos();
  // All workers are told the same progress, so what any of them knew is known; the workers may have been fewer.
  PENSTOCK_TRY(stored.scan_of_all(
      [&](std::string_view, std::string_view entry) {
        ByteReader in(entry);
        const bool known = in.number<uint8_t>() == kVersion;
        value_ = std::max(value_, Timestamp{in.number<int64_t>()});
        for (auto count = in.number<uint32_t>(); count > 0 && !in.failed(); --count) {
          const auto sender = in.number<uint32_t>(), input = in.number<uint32_t>(), partition = in.number<uint32_t>();
          Part& part = parts_.try_emplace({sender, input, partition}, Part{kNone, now}).first->second;
          part.latest = std::max(part.latest, Timestamp{in.number<int64_t>()});
        }
        if (!known || in.failed() || in.left() > 0)
          damage = data_loss("the stored watermark is cut off, too long, or of an unknown version");
        return damage.ok();
      },
      kPrefix));
  return damage;
}

void Watermark::observe(uint32_t sender, const EventProgressPtr& progress) {
  EventProgressPtr& last = last_[sender];
  if (last == progress)
    return;
  last = progress;
  const int64_t now = clock_->monotonic_nanos();
  parts_.erase({sender, kUnread, 0});
  for (const EventProgress::Part& of : progress->parts) {
    Part& part = parts_.try_emplace({sender, of.input, of.partition}, Part{kNone, now}).first->second;
    if (of.latest > part.latest)
      part = {of.latest, now};
  }
}

void Watermark::set_inputs(std::vector<uint32_t> input_of, uint32_t inputs) {
  input_of_ = std::move(input_of);
  inputs_ = inputs;
  since_nanos_ = clock_->monotonic_nanos();
}

bool Watermark::waits_for_an_input(int64_t now) const {
  if (inputs_ == 1 || (idle_timeout_ && now - since_nanos_ > idle_timeout_->micros * 1000))
    return false;
  std::vector<bool> shown(inputs_);
  for (const auto& [source, part] : parts_)
    shown[input_of(std::get<0>(source))] = true;
  return std::find(shown.begin(), shown.end(), false) != shown.end();
}

std::optional<Timestamp> Watermark::latest(std::optional<uint32_t> input, int64_t now) const {
  std::optional<Timestamp> slowest;  // of the partitions that are not silent
  Timestamp latest = kNone;
  int64_t since = 0;
  for (const auto& [source, part] : parts_) {
    if (input && input_of(std::get<0>(source)) != *input)
      continue;
    latest = std::max(latest, part.latest);
    since = std::max(since, part.since_nanos);
    if (!idle_timeout_ || now - part.since_nanos <= idle_timeout_->micros * 1000)
      slowest = slowest ? std::min(*slowest, part.latest) : part.latest;
  }
  if (!slowest && latest != kNone)
    slowest = Timestamp{latest.micros + (now - since) / 1000};
  return slowest ? std::optional(minus(*slowest, lateness_)) : std::nullopt;
}

Timestamp Watermark::value() {
  const int64_t now = clock_->monotonic_nanos();
  if (waits_for_an_input(now))
    return value_;
  if (const auto time = latest(std::nullopt, now))
    value_ = std::max(value_, *time);
  return value_;
}

Timestamp Watermark::value_of(uint32_t input) const { return latest(input, clock_->monotonic_nanos()).value_or(kNone); }

void Watermark::end_epoch(Delta& changes) {
  std::erase_if(parts_, [&](const auto& part) { return !last_.contains(std::get<0>(part.first)); });
  std::string entry(1, static_cast<char>(kVersion));
  append_number(value().micros, entry);
  append_number(static_cast<uint32_t>(parts_.size()), entry);
  for (const auto& [source, part] : parts_) {
    append_number(std::get<0>(source), entry);
    append_number(std::get<1>(source), entry);
    append_number(std::get<2>(source), entry);
    append_number(part.latest.micros, entry);
  }
  if (parts_.empty() || entry == stored_)
    return;
  stored_ = entry;
  changes.emplace_back(key_of(worker_), std::move(entry));
}

}  // namespace penstock
