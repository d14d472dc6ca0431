// What a decoder made of some text: the good records as a batch, the others as errors.
#pragma once

#include <vector>

#include "messages/decode_error.h"
#include "messages/record_batch.h"

namespace penstock {

struct Decoded {
  BatchPtr batch;                   // never null; perhaps without rows
  std::vector<DecodeError> errors;  // one for each record that is not in the batch, in order
};

}  // namespace penstock
