// What must hold when the killing is over. Adds to the result's mistakes what does not.
#pragma once

#include <map>
#include <set>
#include <string>

#include "tests/kill/kill_loop.h"
#include "tests/kill/ledger.h"
#include "tests/kill/receiver.h"
#include "tests/kill/scene.h"

namespace penstock::kill {

/// While the node still runs and all clients have ended: its views come to count every order that is stored, its sinks
/// deliver all of them, and nothing was set aside as a dead letter.
void judge_running(test::RunningNode& node, const Scene& scene, const Ledger& ledger, const Receiver& receiver,
                   LoopResult& result);

/// After the node has ended: the log, the file of the sink, the receiver, the store, and the backups (by name, with what was
/// acknowledged before each was begun).
void judge(const Scene& scene, const Ledger& ledger, const Receiver& receiver,
           const std::map<std::string, std::set<int64_t>>& backups, LoopResult& result);

}  // namespace penstock::kill
