// The kernels of rank_kernels.h over a vector type; included behind kernels_body.h by each kernels_*.cc, whose words it
// uses, and beside them
//
//   inverse_root(v)        1 / sqrt(v), good to about three digits

void rank_dots(const float* const* rows, const float* x, int width, float* out) {
  Vector a = {}, b = {}, c = {}, d = {};
  for (int j = 0; j < width / kLanes; ++j) {
    const Vector xj = at(x, j);
    a += at(rows[0], j) * xj;
    b += at(rows[1], j) * xj;
    c += at(rows[2], j) * xj;
    d += at(rows[3], j) * xj;
  }
  const Vector sums = reduce(a, b, c, d);
  for (int k = 0; k < 4; ++k)
    out[k] = sums[k];
}

// One vector of parameters: θ −= η g / √G, G += g².
inline void rank_descend_vector(Vector& parameters, Vector& squares, Vector gradient, float rate) {
  parameters -= gradient * rate * inverse_root(squares);
  squares += gradient * gradient;
}

void rank_descend(float* row, float* squares, const float* direction, float scale, float rate, int width) {
  for (int j = 0; j < width / kLanes; ++j)
    rank_descend_vector(at(row, j), at(squares, j), at(direction, j) * scale, rate);
}

void rank_descend_pair(const RankKernels::Rows& user, const RankKernels::Rows& positive,
                       const RankKernels::Rows& negative, float loss, float rate, int width) {
  for (int j = 0; j < width / kLanes; ++j) {
    const Vector x = at(user.values, j), p = at(positive.values, j), n = at(negative.values, j);
    rank_descend_vector(at(user.values, j), at(user.squares, j), (n - p) * loss, rate);
    rank_descend_vector(at(positive.values, j), at(positive.squares, j), x * -loss, rate);
    rank_descend_vector(at(negative.values, j), at(negative.squares, j), x * loss, rate);
  }
}

void rank_add(float* row, const float* other, float scale, int width) {
  for (int j = 0; j < width / kLanes; ++j)
    at(row, j) += at(other, j) * scale;
}

constexpr RankKernels make_rank_kernels() { return {rank_dots, rank_descend, rank_descend_pair, rank_add}; }
