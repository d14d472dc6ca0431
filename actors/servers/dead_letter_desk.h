// What a node offers about its dead letters: look through them, replay them, purge them. A letter is known by its number,
// its offset in the log `dead_letters`.
//
// Replaying a letter appends its record, or a repaired one, to the log whose reader rejected it, once. That is exact only
// where nobody else has taken the record in from there: a record that a source could not decode; or one from a log whose rows
// all go to the component that rejected it. Elsewhere a replay would count the record a second time for the others, and is
// refused with the reason. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/status.h"

namespace penstock {

struct DeadLetter {
  Offset number;  // in `dead_letters`
  std::string topology;
  std::string stage;   // the component that rejected the record
  std::string reason;  // everything that was wrong
  std::string log;     // that the record came from; empty: it never reached one
  std::optional<Partition> partition;
  std::optional<Offset> offset;
  std::string record;  // as the component saw it: a source's text, a row as JSON
  Timestamp at;
  struct Replayed {
    Timestamp at;
    std::string log;
    uint32_t times = 0;
  };
  std::optional<Replayed> replayed = {};  // the last time
};

/// All that is given must fit.
struct LetterFilter {
  std::string stage = {};
  std::string reason = {};  // a part of it
  std::optional<Timestamp> since = {};
  std::optional<Timestamp> until = {};  // not included
  std::vector<Offset> numbers = {};     // none: any
  std::optional<bool> replayed = {};
};

struct LetterPage {
  std::vector<DeadLetter> letters;  // newest first
  std::optional<Offset> next;       // where the next page begins; none: there is nothing older
};

/// Letters of one component that break one rule (what differs from record to record is left out). A letter counts for every
/// rule that it breaks.
struct LetterGroup {
  std::string stage;
  std::string reason;
  uint64_t letters = 0;
  uint64_t replayed = 0;
  Timestamp newest;
  Offset example;  // the newest
};

struct LetterSummary {
  std::vector<LetterGroup> groups;  // the largest first
  std::optional<Offset> older;      // letters from this number down were not looked at, there are too many
};

/// One letter with what a repair needs.
struct LetterDetail {
  DeadLetter letter;
  std::string replay_log;  // where a replay would go; empty: it would be refused
  std::string refusal;     // why
  std::string original;    // the row of that log, as JSON, where it is still kept
  std::string columns;     // of that log: `user int64!, note string`
};

struct RepairedRecord {
  Offset number;
  std::string record;  // a JSON object with the columns of the replay's log
};

struct ReplayRequest {
  LetterFilter filter = {};                   // which letters, if `all` or numbers are given
  bool all = false;                           // every letter that fits the filter
  std::vector<RepairedRecord> repaired = {};  // besides, instead of what their letters hold
  bool again = false;                         // also those that were replayed before
  size_t limit = 1000;                        // letters at once, the oldest first
};

struct ReplayAnswer {
  struct Done {
    Offset number;
    std::string log;
  };
  struct Refused {
    Offset number;
    std::string reason;
  };
  std::vector<Done> replayed;  // durable
  std::vector<Refused> refused;
  uint64_t left = 0;  // more that fit, beyond the limit
};

class DeadLetterDesk {
 public:
  virtual ~DeadLetterDesk() = default;
  /// Newest first, from that number down. May give fewer than `limit` and still have a next page.
  virtual Result<LetterPage> list(const LetterFilter& filter, std::optional<Offset> from, size_t limit) const = 0;
  virtual Result<LetterSummary> summary(const LetterFilter& filter) const = 0;
  /// Errors: not_found.
  virtual Result<LetterDetail> show(Offset number) const = 0;
  using ReplayDone = std::function<void(Result<ReplayAnswer>)>;
  /// `done` is called once, by any thread. Letters that cannot be replayed are refused one by one; the others are replayed and
  /// marked so in one transaction.
  virtual void replay(ReplayRequest request, ReplayDone done) = 0;
  /// Nobody sees them any more; their bytes go with the log's retention. `done` gets how many there were.
  using PurgeDone = std::function<void(Result<uint64_t>)>;
  virtual void purge(const LetterFilter& filter, PurgeDone done) = 0;
};

}  // namespace penstock
