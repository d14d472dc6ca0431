// A stage with keyed state: reduce, sort, a model's interaction history. It owns a table of the store, keyed by bytes.
// Each of its workers holds, in memory, the keys that the exchange routes to it (route_key of messages/key.h).
//
// Life: open() with the table's keys that belong to this worker, then process() for batches, and end_epoch() at each
// epoch's end, which hands over what changed. If the region fails, the aggregator is thrown away and a new one is opened
// with what was committed. Where memory is short, an aggregator leaves keys to the table alone (resident_keys.h).
//
// `open`, `process`, `end_epoch`, `committed` and `restore` are called by one thread. `lookup` and `read_all` may be called
// by any thread at any time (servers read views through them): the aggregator guards its state with a lock of its own,
// held briefly.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "actors/aggregators/memory_share.h"
#include "actors/aggregators/stored_keys.h"
#include "actors/stages/stage.h"
#include "messages/event_progress.h"

namespace penstock {

class Watermark;

class Aggregator : public Stage {
 public:
  /// Takes up what is stored, as far as the share of memory goes. Errors: of the store; data_loss.
  virtual Status open(StoredKeys stored, MemoryShare share);
  /// One entry of the table, as an earlier end_epoch gave it. Errors: data_loss.
  virtual Status restore(std::string_view key, std::string_view value) = 0;
  /// Moves what changed since the last call into `out.changes`, and emits the changed rows into `out.batches` for
  /// stages downstream.
  virtual Status end_epoch(StageOutput& out) = 0;
  /// Which of the component's inputs each sender to this worker belongs to. Called once, before open().
  virtual void set_senders(const std::vector<uint32_t>& input_of) { (void)input_of; }
  /// How far event time has come on the edge from one sender (numbered among all senders to this worker). Called before a
  /// batch of that sender is processed, and for all senders before end_epoch; only where the component's binding names
  /// times. The same progress may come again.
  virtual void on_progress(uint32_t sender, const EventProgressPtr& progress) { (void)sender, (void)progress; }
  /// By which it goes; null if it goes by none. Called by the thread of end_epoch.
  virtual const Watermark* watermark() const { return nullptr; }
  /// Whether something falls due as the clock goes on, though no row comes: then epochs end now and then anyway.
  virtual bool waits_for_time() const { return false; }
  /// The table that its changes belong to; empty: the one named as the component.
  virtual std::string table() const { return {}; }
  /// The changes of the first `epochs` calls of end_epoch are committed: reads of the store see them.
  virtual void committed(uint64_t epochs) { (void)epochs; }

  /// The view's row for a key, as a batch of one row; null if there is none. `key` holds the key columns' values as
  /// text, in order. Errors: invalid_argument if a text does not fit its column's type or the count is wrong.
  virtual Result<BatchPtr> lookup(const std::vector<std::string>& key) const = 0;
  /// Up to `limit` rows of the view: in the order of a sort, else in no order.
  virtual Result<BatchPtr> read_all(size_t limit) const = 0;
  /// Grows whenever what read_all() gives may have changed; any thread.
  virtual uint64_t changes() const { return 0; }
  /// Keys in memory, and bytes that they take (an estimate).
  virtual size_t keys() const = 0;
  virtual size_t memory() const = 0;
};

}  // namespace penstock
