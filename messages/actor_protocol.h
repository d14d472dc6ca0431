// What actors of one process say to each other. Batches and effects are shared, never copied; nothing here crosses a
// node's border (that will be encoded batches as bytes).
#pragma once

#include <caf/all.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/status.h"
#include "messages/event_progress.h"
#include "messages/record_batch.h"

namespace penstock {

struct EpochPart;   // actors/regions/epoch_ledger.h
struct Pulse;       // actors/supervision/pulse.h
struct RegionTurn;  // actors/regions/region_turn.h
using RegionTurnPtr = std::shared_ptr<const RegionTurn>;

/// Rows on an edge; `input` is the sender's number among the receiver's inputs.
struct BatchMessage {
  uint32_t input;
  BatchPtr batch;
  EventProgressPtr progress = nullptr;  // before these rows; null on edges whose receivers do not go by event time
};
/// Ends an epoch on an edge: everything the sender had for it has been sent.
struct MarkerMessage {
  uint32_t input;
  Epoch epoch;
  EventProgressPtr progress = nullptr;  // at the epoch's end
  RegionTurnPtr turn = nullptr;         // to be taken at the epoch's end; mostly none
};
/// What one worker of a region did in one epoch, for the region's reader to commit.
struct EpochPartMessage {
  std::shared_ptr<EpochPart> part;
};
/// The store has answered the receiver's last commit.
struct CommittedMessage {
  Status status;
  std::vector<Offset> appended;
};
/// There may be something new to read.
struct WakeMessage {};
/// A timer of the receiver's own has run out.
struct TickMessage {
  uint64_t number;
};
/// Finish what was begun, commit it, and quit.
struct StopMessage {};
/// A worker has restored its state and takes input.
struct StartedMessage {};
/// The sender looks for a record that makes it fail; failures on the way are expected.
struct SearchingMessage {};
/// The supervisor may start its children (again).
struct StartMessage {
  uint64_t generation;
};
/// A training of the model was asked for.
struct TrainMessage {
  std::string model;
};
/// Show that you are alive: set the pulse to idle.
struct PingMessage {
  std::shared_ptr<Pulse> pulse;
};

}  // namespace penstock

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(penstock::BatchMessage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(penstock::MarkerMessage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(penstock::EpochPartMessage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(penstock::CommittedMessage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(penstock::WakeMessage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(penstock::TickMessage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(penstock::StopMessage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(penstock::StartedMessage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(penstock::SearchingMessage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(penstock::StartMessage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(penstock::TrainMessage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(penstock::PingMessage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(penstock::Status)
