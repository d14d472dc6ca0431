// One training from beginning to end: read the model's input log up to its present end, measure the model and the live
// version on a time-ordered hold-out, fit it on everything, hand the version over. Called by one thread for a long time.
#pragma once

#include "actors/servers/model_server.h"
#include "actors/supervision/runtime.h"
#include "models/model.h"
#include "storage/model_repository.h"

namespace penstock {

/// Gives the version that came out, which is stored and serves, is tried, or was rejected, as its state says. Errors:
/// invalid_argument (nothing to learn from), resource_exhausted (more memory than the budget has left), cancelled, of the
/// store.
Result<ModelVersion> train_model(Runtime& runtime, ModelServer& server, TrainingProgress& progress);

/// Whether sources have read the history that there is, and regions have caught up with it.
bool history_is_read(const Runtime& runtime);
/// Whether the model is to be trained as soon as history is read: it has no version, none has failed, and there is more
/// than a handful of events to learn from, or may be soon.
bool awaits_first_training(const Runtime& runtime, const ModelServer& server);
/// Whether it is to be trained anew by itself, as train_every says: the newest version is that old, there are events it has
/// not seen, and none is on trial. The same if the topology has come to declare another type than all versions have.
bool awaits_training_anew(const Runtime& runtime, const ModelServer& server);

}  // namespace penstock
