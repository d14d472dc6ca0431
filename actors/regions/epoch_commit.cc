#include "actors/regions/epoch_commit.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "actors/regions/dead_letters.h"
#include "messages/batch_codec.h"

namespace penstock {

EpochCommit epoch_commit(std::vector<OpenEpoch> epochs, const std::string& topology, const std::string& region,
                         const std::string& log, Timestamp now) {
  assert(!epochs.empty());
  EpochCommit commit;
  std::vector<std::pair<std::string, Rejected>> rejected;
  for (OpenEpoch& epoch : epochs) {
    for (const auto& part : epoch.parts) {
      for (auto& append : part->appends) {
        for (EpochPart::Followed& row : append.followed)
          commit.made.push_back({commit.write.appends.size(), std::move(row)});
        commit.appended.emplace_back(append.log, append.batch);
        commit.write.append(append.log, Partition(0), std::move(append.bytes), append.records, now);
      }
      for (auto& [table, delta] : part->deltas)
        commit.write.append_delta(table, std::move(delta));
      for (auto& letter : part->rejected)
        rejected.push_back(std::move(letter));
    }
    std::move(epoch.followed.begin(), epoch.followed.end(), std::back_inserter(commit.followed));
    commit.bytes += epoch.bytes;
    commit.records += epoch.records;
  }
  for (const ReadPosition& position : epochs.back().positions)
    commit.write.set_position(region, position.log, position.partition, position.next);
  if (!rejected.empty()) {
    const BatchPtr letters = dead_letter_batch(topology, log, rejected, now);
    commit.write.append(kDeadLettersLog, Partition(0), encode_batch(*letters), static_cast<uint32_t>(rejected.size()),
                        now);
  }
  commit.begun_nanos = epochs.front().begun_nanos;
  commit.last = epochs.back().epoch;
  return commit;
}

}  // namespace penstock
