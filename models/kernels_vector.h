// What all kernels share, written once over a vector type; included where kernels_body.h says, under the same rule: it
// calls nothing that another translation unit could share.
#pragma once

constexpr int kMaxWidth = 1024;
alignas(64) const float kZeros[kMaxWidth] = {};
alignas(16) const float kOnes[4] = {1, 1, 1, 1};

inline Vector& at(float* place, int vector) { return *reinterpret_cast<Vector*>(place + vector * kLanes); }
inline const Vector& at(const float* place, int vector) {
  return *reinterpret_cast<const Vector*>(place + vector * kLanes);
}
inline Vector all(float value) { return Vector{} + value; }
inline float sum(Vector v) {
  const Vector zero = {};
  return reduce(v, zero, zero, zero)[0];
}

// Four rows of entries, the missing ones at the end replaced by zeros.
struct Four {
  const float* row[4];
  alignas(16) float confidence[4];
};
inline void take_four(const float* factors, int width, const int32_t* indices, const float* confidences, int64_t entry,
                      int64_t entries, Four& four) {
  if (entry + 4 <= entries) {
    for (int k = 0; k < 4; ++k)
      four.row[k] = factors + static_cast<int64_t>(indices[entry + k]) * width;
    if (confidences != nullptr)
      __builtin_memcpy(four.confidence, confidences + entry, sizeof(four.confidence));
    else
      __builtin_memcpy(four.confidence, kOnes, sizeof(four.confidence));
    return;
  }
  for (int k = 0; k < 4; ++k) {
    const bool there = entry + k < entries;
    four.row[k] = there ? factors + static_cast<int64_t>(indices[entry + k]) * width : kZeros;
    four.confidence[k] = there ? (confidences != nullptr ? confidences[entry + k] : 1.0f) : 0.0f;
  }
}

// c (offset + slope · s) for four dot products s.
inline Vector coefficients(Vector dots, const Four& four, float offset, float slope) {
  return (all(offset) + dots * slope) * repeat(four.confidence);
}
