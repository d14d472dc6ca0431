// Joins what was shown (impressions) with what came of it (outcomes), by a key such as the user or the decision, whichever
// of the two is read first: the order in which a region reads two logs is nobody's promise. Plain logic; one thread.
//
// An outcome belongs to the latest impression of its key (and item, where items are compared) that was shown at most
// `within` before it, once. An impression stays open until the log of outcomes has passed its end; an outcome without an
// impression waits until the log of impressions has passed it by kSlack. So, where both logs are in order of time but for
// kSlack, what comes out does not depend on which is read first; but for which of several impressions of one key an outcome
// finds, so a key's impressions should mean the same (a user's variant does). At most kMostWaiting outcomes wait; then the oldest go.
//
//   entry      := impressions:u32 (at:i64 item:text payload:text)* outcomes:u32 (at:i64 item:text value:f64)*
//   watermarks := shown:i64 happened:i64                 the newest of each log, µs; little-endian
//   text       := size:u32 bytes
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/ids.h"
#include "core/status.h"
#include "core/units.h"
#include "storage/store.h"

namespace penstock {

class OutcomeJoin {
 public:
  static constexpr Duration kSlack{600'000'000};
  static constexpr size_t kMostWaiting = 1'000'000;

  struct Options {
    Duration within;
    bool by_item = false;     // items must be equal too
    bool first_only = false;  // an impression is closed by its first outcome; the key alone tells what belongs together
  };
  struct Impression {
    Timestamp at;
    std::string item;
    std::string payload;  // the owner's
  };
  struct Outcome {
    Timestamp at;
    std::string item;
    double value = 0;
  };
  /// What a key's impression came to: an outcome; or none, when its time is over.
  using Matched = std::function<void(const std::string& key, const Impression&, const Outcome&)>;
  using Expired = std::function<void(const std::string& key, const Impression&)>;

  OutcomeJoin(Options options, Matched matched, Expired expired)
      : options_(options), matched_(std::move(matched)), expired_(std::move(expired)) {}

  void shown(const std::string& key, Impression impression);
  void happened(const std::string& key, Outcome outcome);

  /// Ends what is over, then gives what changed since the last call, each key behind `prefix`; the prefix alone is the
  /// key of the watermarks.
  void end_epoch(std::string_view prefix, Delta& changes);
  /// Requires: `key` is without the prefix. Errors: data_loss.
  Status restore(std::string_view key, std::string_view value);

  size_t keys() const { return entries_.size(); }
  size_t memory() const { return bytes_; }
  uint64_t forgotten() const { return forgotten_; }  // outcomes that waited in vain because too many did

 private:
  struct Entry {
    std::vector<Impression> shown;
    std::vector<Outcome> waiting;
  };
  using Ends = std::set<std::pair<int64_t, std::string>>;

  Entry& entry_of(const std::string& key);
  bool fits(const Impression& impression, const Outcome& outcome) const;
  void touch(const std::string& key) { touched_.insert(key); }
  void expire();
  void drop_waiting(const std::string& key, int64_t at);
  void settle(const std::string& key);
  static size_t bytes_of(const Entry& entry);
  static std::string encode(const Entry& entry);

  const Options options_;
  const Matched matched_;
  const Expired expired_;
  std::unordered_map<std::string, Entry> entries_;
  Ends shown_ends_;    // at which an open impression's time is over
  Ends waiting_ends_;  // times of waiting outcomes
  std::set<std::string> touched_;
  int64_t newest_shown_ = INT64_MIN, newest_happened_ = INT64_MIN;
  bool moved_ = false;  // the watermarks have
  size_t bytes_ = 0;
  uint64_t forgotten_ = 0;
};

}  // namespace penstock
