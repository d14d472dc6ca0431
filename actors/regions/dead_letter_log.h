// Reads the log `dead_letters` with the marks beside it: newest first, by filter, in groups. Over any Store, of a running node or
// of one that is stopped. Any thread.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "actors/regions/dead_letter_marks.h"
#include "actors/regions/entry_reader.h"
#include "actors/servers/dead_letter_desk.h"
#include "storage/store.h"

namespace penstock {

class DeadLetterLog {
 public:
  explicit DeadLetterLog(const Store& store) : store_(store), entries_(store) {}

  Result<LetterPage> list(const LetterFilter& filter, std::optional<Offset> from, size_t limit) const;
  Result<LetterSummary> summary(const LetterFilter& filter) const;
  /// Errors: not_found: there is none, it was purged, or is no longer kept.
  Result<DeadLetter> get(Offset number) const;
  /// The numbers of all that fit, ascending.
  Result<std::vector<Offset>> numbers(const LetterFilter& filter) const;
  /// Erases the marks, about `most` of them, of letters that the log does not keep any more.
  Status forget_marks(WriteBatch& write, size_t most) const;
  /// Those that are kept and have no mark. Reads the marks anew only if they or the letters kept have changed: `changes` is a
  /// number that grows with every change of a mark.
  struct Waiting {
    uint64_t letters = 0;
    std::optional<Timestamp> oldest = {};  // when it was set aside
  };
  Result<Waiting> waiting(uint64_t changes) const;
  /// Null if there is none.
  Result<std::optional<LetterMark>> mark(Offset number) const;

 private:
  // Newest first, from number `from` down, until `visit` says no; `looked` counts those that were looked at.
  using Visit = std::function<bool(DeadLetter&& letter)>;
  Result<std::optional<Offset>> each(const LetterFilter& filter, std::optional<Offset> from, uint64_t look_at_most,
                                     const Visit& visit) const;
  Result<std::vector<DeadLetter>> read(Offset begin, Offset end) const;
  Result<bool> fits(const LetterFilter& filter, DeadLetter& letter) const;

  const Store& store_;
  const EntryReader entries_;
  struct Marked {
    Offset first;  // letter that is kept
    uint64_t changes = 0;
    uint64_t letters = 0;         // kept, with a mark
    Offset oldest_unmarked = {};  // perhaps the next letter that will be set aside
  };
  mutable std::mutex mutex_;
  mutable std::optional<Marked> marked_;  // guarded by mutex_; as of the last look
};

}  // namespace penstock
