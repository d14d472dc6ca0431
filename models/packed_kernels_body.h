// The kernels over packed rows, written once over a vector type; included behind kernels_vector.h, under the rules of
// kernels_body.h. Besides what stands there the file that includes this defines
//
//   kMultipliesPacked         whether there is an instruction for
//   multiply_packed(s, a, b)  s + products of the bfloat16 numbers of two vectors of words

typedef uint32_t Words
    __attribute__((vector_size(kLanes * 4), may_alias));  // repeats what an instruction set may have said

inline const Words& words_at(const uint32_t* place, int vector) {
  return *reinterpret_cast<const Words*>(place + vector * kLanes);
}
inline Vector low_half(Words words) { return (Vector)(words << 16); }
inline Vector high_half(Words words) { return (Vector)(words & 0xFFFF0000u); }
inline Words rounded(Vector v) {
  const Words bits = (Words)v;
  return bits + 0x7FFFu + ((bits >> 16) & 1u);
}
inline Words packed_pair(Vector low, Vector high) { return (rounded(low) >> 16) | (rounded(high) & 0xFFFF0000u); }

// Where the halves of a row's word vector w are found, counted in vectors of floats; the last high half may be missing.
constexpr int kParts = 16 / kLanes;
constexpr int low_of(int w) { return w / kParts * 2 * kParts + w % kParts; }
constexpr int high_of(int w) { return low_of(w) + kParts; }
constexpr int word_vectors(int vectors) { return (vectors + 2 * kParts - 1) / (2 * kParts) * kParts; }

constexpr int64_t kPrefetch = 8;  // entries ahead
alignas(64) const uint32_t kZeroWords[kMaxWidth / 2] = {};

struct PackedFour {
  const uint32_t* row[4];
  alignas(16) float confidence[4];
};
inline __attribute__((always_inline)) void take_four_packed(const uint32_t* rows, int words, const int32_t* indices,
                                                            const float* confidences, int64_t entry, int64_t entries,
                                                            PackedFour& four) {
  if (entry + 4 <= entries) {
    for (int k = 0; k < 4; ++k)
      four.row[k] = rows + static_cast<int64_t>(indices[entry + k]) * words;
    if (confidences != nullptr)
      __builtin_memcpy(four.confidence, confidences + entry, sizeof(four.confidence));
    else
      __builtin_memcpy(four.confidence, kOnes, sizeof(four.confidence));
    return;
  }
  for (int k = 0; k < 4; ++k) {
    const bool there = entry + k < entries;
    four.row[k] = there ? rows + static_cast<int64_t>(indices[entry + k]) * words : kZeroWords;
    four.confidence[k] = there ? (confidences != nullptr ? confidences[entry + k] : 1.0f) : 0.0f;
  }
}

inline __attribute__((always_inline)) void prefetch_four(const uint32_t* rows, int words, const int32_t* indices,
                                                         int64_t entry, int64_t entries) {
  if (entry + kPrefetch + 4 > entries)
    return;
  for (int k = 0; k < 4; ++k) {
    const uint32_t* row = rows + static_cast<int64_t>(indices[entry + kPrefetch + k]) * words;
    for (int word = 0; word < words; word += 16)
      __builtin_prefetch(row + word);
  }
}

// x as the dot products need it: floats, or packed where there is an instruction for it.
template <int V>
struct PackedX {
  static constexpr int kWords = word_vectors(V);
  Vector floats[kMultipliesPacked ? 1 : V];
  Words words[kMultipliesPacked ? kWords : 1];

  inline __attribute__((always_inline)) explicit PackedX(const float* x) {
    if constexpr (kMultipliesPacked) {
#pragma GCC unroll 16
      for (int w = 0; w < kWords; ++w) {
        const Vector high = high_of(w) < V ? at(x, high_of(w)) : Vector{};
        words[w] = packed_pair(at(x, low_of(w)), high);
      }
    } else {
#pragma GCC unroll 16
      for (int j = 0; j < V; ++j)
        floats[j] = at(x, j);
    }
  }
  inline __attribute__((always_inline)) void add_products(Vector& sum, Words row, int w) const {
    if constexpr (kMultipliesPacked) {
      sum = multiply_packed(sum, row, words[w]);
    } else {
      sum += low_half(row) * floats[low_of(w)];
      if (high_of(w) < V)
        sum += high_half(row) * floats[high_of(w)];
    }
  }
};

// The dot products of the next four entries and the sums of the last four, word by word: neither has to wait for the
// other, and what the machine looks ahead over is not enough to find that by itself.
template <int V>
float packed_accumulate(const uint32_t* rows, int, const int32_t* indices, const float* confidences, int64_t entries,
                        const float* x, float offset, float slope, float* out) {
  constexpr int W = word_vectors(V);
  constexpr int kWords = W * kLanes;
  const PackedX<V> xs(x);
  Vector sums[V];
#pragma GCC unroll 16
  for (int j = 0; j < V; ++j)
    sums[j] = at(out, j);
  Vector squares = {}, c0 = {}, c1 = {}, c2 = {}, c3 = {};
  const uint32_t* last[4] = {kZeroWords, kZeroWords, kZeroWords, kZeroWords};
  for (int64_t entry = 0; entry < entries; entry += 4) {
    PackedFour four;
    take_four_packed(rows, kWords, indices, confidences, entry, entries, four);
    prefetch_four(rows, kWords, indices, entry, entries);
    Vector dots[4] = {};
#pragma GCC unroll 16
    for (int w = 0; w < W; ++w) {
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k)
        xs.add_products(dots[k], words_at(four.row[k], w), w);
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        const Words row = words_at(last[k], w);
        const Vector c = k == 0 ? c0 : k == 1 ? c1 : k == 2 ? c2 : c3;
        sums[low_of(w)] += low_half(row) * c;
        if (high_of(w) < V)
          sums[high_of(w)] += high_half(row) * c;
      }
    }
    const Vector t = all(offset) + reduce(dots[0], dots[1], dots[2], dots[3]) * slope;
    const Vector ct = t * repeat(four.confidence);
    squares += ct * t;
    c0 = pick<0>(ct), c1 = pick<1>(ct), c2 = pick<2>(ct), c3 = pick<3>(ct);
    for (int k = 0; k < 4; ++k)
      last[k] = four.row[k];
  }
#pragma GCC unroll 16
  for (int w = 0; w < W; ++w) {
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const Words row = words_at(last[k], w);
      const Vector c = k == 0 ? c0 : k == 1 ? c1 : k == 2 ? c2 : c3;
      sums[low_of(w)] += low_half(row) * c;
      if (high_of(w) < V)
        sums[high_of(w)] += high_half(row) * c;
    }
  }
#pragma GCC unroll 16
  for (int j = 0; j < V; ++j)
    at(out, j) = sums[j];
  return (squares[0] + squares[1]) + (squares[2] + squares[3]);
}

template <int V>
float packed_squares(const uint32_t* rows, int, const int32_t* indices, const float* confidences, int64_t entries,
                     const float* x) {
  constexpr int W = word_vectors(V);
  const PackedX<V> xs(x);
  Vector squares = {};
  for (int64_t entry = 0; entry < entries; entry += 4) {
    PackedFour four;
    take_four_packed(rows, W * kLanes, indices, confidences, entry, entries, four);
    Vector dots[4] = {};
#pragma GCC unroll 16
    for (int w = 0; w < W; ++w) {
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k)
        xs.add_products(dots[k], words_at(four.row[k], w), w);
    }
    const Vector t = reduce(dots[0], dots[1], dots[2], dots[3]);
    squares += t * t * repeat(four.confidence);
  }
  return (squares[0] + squares[1]) + (squares[2] + squares[3]);
}

// Any width: x and the sums stay in the first-level cache, the high halves of the last words are multiplied with zeros.
inline void any_dots(const PackedFour& four, int vectors, const float* x, Vector dots[4]) {
  for (int w = 0; w < word_vectors(vectors); ++w) {
    const Vector low = at(x, low_of(w)), high = high_of(w) < vectors ? at(x, high_of(w)) : Vector{};
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const Words row = words_at(four.row[k], w);
      dots[k] += low_half(row) * low;
      dots[k] += high_half(row) * high;
    }
  }
}

inline void any_sums(const PackedFour& four, int vectors, const Vector c[4], float* out) {
  for (int w = 0; w < word_vectors(vectors); ++w) {
    const bool both = high_of(w) < vectors;
    Vector low = at(out, low_of(w)), high = both ? at(out, high_of(w)) : Vector{};
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const Words row = words_at(four.row[k], w);
      low += low_half(row) * c[k];
      high += high_half(row) * c[k];
    }
    at(out, low_of(w)) = low;
    if (both)
      at(out, high_of(w)) = high;
  }
}

float packed_accumulate_any(const uint32_t* rows, int width, const int32_t* indices, const float* confidences,
                            int64_t entries, const float* x, float offset, float slope, float* out) {
  const int vectors = width / kLanes, words = word_vectors(vectors) * kLanes;
  Vector squares = {};
  for (int64_t entry = 0; entry < entries; entry += 4) {
    PackedFour four;
    take_four_packed(rows, words, indices, confidences, entry, entries, four);
    prefetch_four(rows, words, indices, entry, entries);
    Vector dots[4] = {};
    any_dots(four, vectors, x, dots);
    const Vector t = all(offset) + reduce(dots[0], dots[1], dots[2], dots[3]) * slope;
    const Vector ct = t * repeat(four.confidence);
    squares += ct * t;
    const Vector c[4] = {pick<0>(ct), pick<1>(ct), pick<2>(ct), pick<3>(ct)};
    any_sums(four, vectors, c, out);
  }
  return (squares[0] + squares[1]) + (squares[2] + squares[3]);
}

float packed_squares_any(const uint32_t* rows, int width, const int32_t* indices, const float* confidences,
                         int64_t entries, const float* x) {
  const int vectors = width / kLanes, words = word_vectors(vectors) * kLanes;
  Vector squares = {};
  for (int64_t entry = 0; entry < entries; entry += 4) {
    PackedFour four;
    take_four_packed(rows, words, indices, confidences, entry, entries, four);
    Vector dots[4] = {};
    any_dots(four, vectors, x, dots);
    const Vector t = reduce(dots[0], dots[1], dots[2], dots[3]);
    squares += t * t * repeat(four.confidence);
  }
  return (squares[0] + squares[1]) + (squares[2] + squares[3]);
}

template <int V>
inline __attribute__((always_inline)) void packed_gather_fixed(const uint32_t* rows, const int32_t* indices,
                                                               const float* confidences, int64_t entries, float scale,
                                                               float* out) {
  constexpr int W = word_vectors(V);
  Vector sums[V] = {};
  for (int64_t entry = 0; entry < entries; entry += 4) {
    PackedFour four;
    take_four_packed(rows, W * kLanes, indices, confidences, entry, entries, four);
    prefetch_four(rows, W * kLanes, indices, entry, entries);
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const Vector c = all(four.confidence[k]);
#pragma GCC unroll 16
      for (int w = 0; w < W; ++w) {
        const Words row = words_at(four.row[k], w);
        sums[low_of(w)] += low_half(row) * c;
        if (high_of(w) < V)
          sums[high_of(w)] += high_half(row) * c;
      }
    }
  }
#pragma GCC unroll 16
  for (int j = 0; j < V; ++j)
    at(out, j) = sums[j] * scale;
}

void packed_gather(const uint32_t* rows, int width, const int32_t* indices, const float* confidences, int64_t entries,
                   float scale, float* out) {
  const int vectors = width / kLanes, words = word_vectors(vectors) * kLanes;
  if (vectors == 4)
    return packed_gather_fixed<4>(rows, indices, confidences, entries, scale, out);
  if (vectors == 8)
    return packed_gather_fixed<8>(rows, indices, confidences, entries, scale, out);
  for (int j = 0; j < vectors; ++j)
    at(out, j) = Vector{};
  for (int64_t entry = 0; entry < entries; entry += 4) {
    PackedFour four;
    take_four_packed(rows, words, indices, confidences, entry, entries, four);
    const Vector c[4] = {all(four.confidence[0] * scale), all(four.confidence[1] * scale),
                         all(four.confidence[2] * scale), all(four.confidence[3] * scale)};
    any_sums(four, vectors, c, out);
  }
}

void packed_pack(const float* rows, int64_t count, int width, const float* scales, uint32_t* out) {
  const int vectors = width / kLanes, words = word_vectors(vectors);
  for (int64_t i = 0; i < count; ++i, rows += width, out += words * kLanes) {
    const float scale = scales == nullptr ? 1.0f : scales[i];
    for (int w = 0; w < words; ++w) {
      const Vector low = at(rows, low_of(w)) * scale;
      const Vector high = high_of(w) < vectors ? at(rows, high_of(w)) * scale : Vector{};
      *reinterpret_cast<Words*>(out + w * kLanes) = packed_pair(low, high);
    }
  }
}

template <int V>
constexpr PackedKernels::Accumulate packed_accumulate_of() {
  if constexpr (V % kParts == 0)  // others do not occur
    return packed_accumulate<V>;
  else
    return packed_accumulate_any;
}
PackedKernels::Accumulate packed_accumulate_for(int width) {
  switch (width / kLanes) {
    case 1: return packed_accumulate_of<1>();
    case 2: return packed_accumulate_of<2>();
    case 3: return packed_accumulate_of<3>();
    case 4: return packed_accumulate_of<4>();
    case 5: return packed_accumulate_of<5>();
    case 6: return packed_accumulate_of<6>();
    case 7: return packed_accumulate_of<7>();
    case 8: return packed_accumulate_of<8>();
    default: return packed_accumulate_any;
  }
}

template <int V>
constexpr PackedKernels::Squares packed_squares_of() {
  if constexpr (V % kParts == 0)  // others do not occur
    return packed_squares<V>;
  else
    return packed_squares_any;
}
PackedKernels::Squares packed_squares_for(int width) {
  switch (width / kLanes) {
    case 1: return packed_squares_of<1>();
    case 2: return packed_squares_of<2>();
    case 3: return packed_squares_of<3>();
    case 4: return packed_squares_of<4>();
    case 5: return packed_squares_of<5>();
    case 6: return packed_squares_of<6>();
    case 7: return packed_squares_of<7>();
    case 8: return packed_squares_of<8>();
    default: return packed_squares_any;
  }
}

constexpr PackedKernels make_packed_kernels(const char* name, unsigned length) {
  return {packed_accumulate_for, packed_squares_for, packed_gather, packed_pack, {name, length}};
}
