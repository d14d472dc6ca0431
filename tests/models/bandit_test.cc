#include "models/bandit.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "core/random.h"
#include "models/bandit_context.h"
#include "models/beta_draw.h"

namespace penstock {
namespace {

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

// By Gauss and Jordan, without pivoting (the matrices are positive definite).
Matrix inverse(Matrix a) {
  const size_t d = a.size();
  Matrix out(d, Vector(d));
  for (size_t i = 0; i < d; ++i)
    out[i][i] = 1;
  for (size_t i = 0; i < d; ++i) {
    const double pivot = a[i][i];
    for (size_t k = 0; k < d; ++k)
      a[i][k] /= pivot, out[i][k] /= pivot;
    for (size_t j = 0; j < d; ++j) {
      const double factor = a[j][i];
      for (size_t k = 0; j != i && k < d; ++k)
        a[j][k] -= factor * a[i][k], out[j][k] -= factor * out[i][k];
    }
  }
  return out;
}

Vector random_x(size_t d, Random& random) {
  Vector x(d);
  for (double& value : x)
    value = random.normal();
  return x;
}

double dot(const Vector& a, const Vector& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

TEST_CASE("a linear arm believes what the dense normal equations say") {
  Random random(3);
  for (const size_t d : {1, 2, 5, 9}) {
    BanditOptions options{.policy = BanditPolicy::kLinUcb, .dimension = static_cast<int>(d), .regularization = 0.7};
    BanditArm arm;
    Matrix a(d, Vector(d));
    Vector b(d);
    for (size_t i = 0; i < d; ++i)
      a[i][i] = options.regularization;
    for (int n = 0; n < 20; ++n) {
      const Vector x = random_x(d, random);
      const double r = random.normal();
      arm.learn(x, r);
      for (size_t i = 0; i < d; ++i) {
        b[i] += r * x[i];
        for (size_t j = 0; j < d; ++j)
          a[i][j] += x[i] * x[j];
      }
    }
    const Matrix covariance = inverse(a);
    Vector theta(d);
    for (size_t i = 0; i < d; ++i)
      theta[i] = dot(covariance[i], b);
    const Vector x = random_x(d, random);
    double variance = 0;
    for (size_t i = 0; i < d; ++i)
      variance += x[i] * dot(covariance[i], x);
    const ArmBelief belief = ArmPosterior(arm, options).at(x);
    CHECK(belief.mean == Approx(dot(theta, x)));
    CHECK(belief.deviation == Approx(std::sqrt(variance)));
    options.policy = BanditPolicy::kLinearThompson;
    options.noise = 2;
    CHECK(ArmPosterior(arm, options).at(x).deviation == Approx(2 * std::sqrt(variance)));
  }
}

TEST_CASE("an arm that has seen nothing is its prior") {
  const BanditOptions linear{.policy = BanditPolicy::kLinUcb, .dimension = 2, .regularization = 4};
  const ArmBelief belief = ArmPosterior({}, linear).at(Vector{3, 4});
  CHECK(belief.mean == 0);
  CHECK(belief.deviation == Approx(5 / 2.0));
  const ArmBelief beta = ArmPosterior({}, {.successes = 1, .failures = 3}).at({});
  CHECK(beta.mean == Approx(0.25));
}

TEST_CASE("a Beta arm counts rewards as successes and the rest as failures") {
  BanditArm arm;
  for (const double r : {1.0, 0.0, 0.0, 0.5})
    arm.learn({}, r);
  const ArmBelief belief = ArmPosterior(arm, {}).at({});
  CHECK(belief.a == 2.5);
  CHECK(belief.b == 3.5);
  CHECK(belief.mean == Approx(2.5 / 6));
}

TEST_CASE("draws from Beta have its mean and variance") {
  for (const auto& [a, b] : std::vector<std::pair<double, double>>{{1, 1}, {0.4, 0.7}, {8, 2}, {50, 150}}) {
    Random random(11);
    double sum = 0, squares = 0;
    constexpr int kDraws = 40'000;
    for (int i = 0; i < kDraws; ++i) {
      const double p = beta_draw(a, b, random);
      REQUIRE((p >= 0 && p <= 1));
      sum += p, squares += p * p;
    }
    const double mean = sum / kDraws, variance = a * b / ((a + b) * (a + b) * (a + b + 1));
    CHECK(mean == Approx(a / (a + b)).margin(5 * std::sqrt(variance / kDraws)));
    CHECK(squares / kDraws - mean * mean == Approx(variance).epsilon(0.05));
  }
}

TEST_CASE("Thompson's propensities are the probabilities that each arm's draw is the greatest") {
  const BanditOptions options{.policy = BanditPolicy::kLinearThompson, .explore = 0, .draws = 20'000};
  const std::vector<ArmBelief> two = {{0.5, 0.3}, {0.2, 0.4}};
  // P(X₁ > X₂) of two normal numbers.
  CHECK(propensities(two, options, 5)[0] == Approx(normal_cdf(0.3 / 0.5)).margin(0.015));
  // Beta(1, 1) against Beta(2, 1): P = ∫ 2q · q dq of the second = 2/3.
  const std::vector<ArmBelief> beta = {{0.5, 0, 1, 1}, {0.67, 0, 2, 1}};
  CHECK(propensities(beta, {.explore = 0, .draws = 20'000}, 5)[1] == Approx(2.0 / 3).margin(0.015));
}

TEST_CASE("no propensity is below the even share of exploration, and they sum to 1") {
  const std::vector<ArmBelief> arms = {{0.9, 0.01, 900, 100}, {0.1, 0.01, 100, 900}, {0.2, 0.01, 200, 800}};
  for (const BanditPolicy policy : {BanditPolicy::kThompson, BanditPolicy::kLinearThompson, BanditPolicy::kLinUcb}) {
    const Vector p = propensities(arms, {.policy = policy, .explore = 0.06}, 1);
    CHECK(p[0] == Approx(0.96));
    CHECK(p[1] == Approx(0.02));
    CHECK(std::accumulate(p.begin(), p.end(), 0.0) == Approx(1));
  }
}

TEST_CASE("a choice can be made again from its seed, and seeds choose with the propensities told") {
  const std::vector<ArmBelief> arms = {{0.5, 0.3}, {0.4, 0.3}, {0.2, 0.3}};
  const BanditOptions options{.policy = BanditPolicy::kLinearThompson, .explore = 0.1, .draws = 200};
  Vector chosen(3), told(3);
  constexpr int kChoices = 4000;
  for (uint64_t seed = 0; seed < kChoices; ++seed) {
    const BanditChoice choice = choose(arms, options, seed);
    REQUIRE(choice.arm == choose(arms, options, seed).arm);
    chosen[choice.arm] += 1.0 / kChoices;
    for (size_t i = 0; i < 3; ++i)
      told[i] += choice.propensities[i] / kChoices;
  }
  for (size_t i = 0; i < 3; ++i)
    CHECK(chosen[i] == Approx(told[i]).margin(0.03));
}

// Regret: what the best arm of each situation would have paid in addition, on average a round.
double regret(const BanditOptions& options, const std::vector<Vector>& truth, int rounds, uint64_t seed) {
  Random world(seed);
  std::vector<BanditArm> arms(truth.size());
  double lost = 0;
  for (int round = 0; round < rounds; ++round) {
    Vector x(truth[0].size(), 1);
    for (size_t i = 1; i < x.size(); ++i)
      x[i] = world.uniform() < 0.5 ? 0 : 1;
    std::vector<ArmBelief> beliefs;
    Vector pays;
    for (size_t i = 0; i < arms.size(); ++i) {
      beliefs.push_back(ArmPosterior(arms[i], options).at(x));
      pays.push_back(dot(truth[i], x));
    }
    const size_t arm = choose(beliefs, options, splitmix64(seed * 1'000'003 + static_cast<uint64_t>(round))).arm;
    lost += *std::max_element(pays.begin(), pays.end()) - pays[arm];
    arms[arm].learn(options.linear() ? std::span<const double>(x) : std::span<const double>(),
                    world.uniform() < pays[arm] ? 1 : 0);
  }
  return lost / rounds;
}

TEST_CASE("every policy learns which arm pays, and the regret of a round falls") {
  const std::vector<Vector> truth = {{0.2}, {0.5}, {0.3}};  // even choice loses 0.167 a round
  for (const BanditPolicy policy : {BanditPolicy::kThompson, BanditPolicy::kLinearThompson, BanditPolicy::kLinUcb}) {
    const BanditOptions options{.policy = policy, .explore = 0, .draws = 50};
    const double few = regret(options, truth, 100, 7), many = regret(options, truth, 2000, 7);
    CAPTURE(static_cast<int>(policy), few, many);
    CHECK(many < few);
    CHECK(many < 0.03);
  }
}

TEST_CASE("policies with context learn that the best arm depends on the situation") {
  // Either arm is best for half of the situations; without context none is better than the other.
  const std::vector<Vector> truth = {{0.2, 0.5}, {0.6, -0.4}};
  const auto of = [&](BanditPolicy policy) {
    return regret({.policy = policy, .dimension = 2, .explore = 0, .draws = 50}, truth, 1500, 5);
  };
  CHECK(of(BanditPolicy::kLinearThompson) < 0.05);
  CHECK(of(BanditPolicy::kLinUcb) < 0.05);
  CHECK(of(BanditPolicy::kThompson) > 0.15);
}

TEST_CASE("a situation becomes a vector: numbers scaled, names one-hot or hashed, the unknown zeros") {
  using Kind = ContextFeature::Kind;
  const BanditContext context({{.name = "hour", .scale = 24},
                               {.name = "device", .kind = Kind::kCategorical, .values = {"phone", "desktop"}},
                               {.name = "city", .kind = Kind::kHashed, .buckets = 4}});
  CHECK(context.dimension() == 8);
  Vector x = context.empty();
  CHECK(x == Vector{1, 0, 0, 0, 0, 0, 0, 0});
  context.set(0, 12, x);
  context.set(*context.find("device"), "desktop", x);
  context.set(2, "Köln", x);
  CHECK(x[1] == 0.5);
  CHECK(Vector(x.begin() + 2, x.begin() + 4) == Vector{0, 1});
  CHECK(std::accumulate(x.begin() + 4, x.end(), 0.0) == 1);
  Vector unknown = context.empty();
  context.set(0, "noon", unknown);
  context.set(1, "watch", unknown);
  context.set(0, std::nan(""), unknown);
  CHECK(unknown == context.empty());
  CHECK_FALSE(context.find("town"));
}

}  // namespace
}  // namespace penstock
