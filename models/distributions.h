// Distribution functions that tests and intervals need. Pure; accurate to about 1e-10.
// Source: Numerical Recipes, 3rd edition, 6.2 and 6.4 (series and continued fractions of the incomplete gamma and beta
// functions, by Lentz's method).
#pragma once

namespace penstock {

/// P(X <= x) of the standard normal, and its inverse for p in (0, 1).
double normal_cdf(double x);
double normal_quantile(double p);
/// P(T <= t) of Student's distribution with so many degrees of freedom (over 0, not necessarily whole), and its inverse.
double student_cdf(double t, double freedom);
double student_quantile(double p, double freedom);
/// P(X > x) of chi-squared with so many degrees of freedom.
double chi_squared_above(double x, double freedom);
/// I_x(a, b), the regularised incomplete beta function: P(X <= x) of Beta(a, b).
double beta_cdf(double x, double a, double b);

}  // namespace penstock
