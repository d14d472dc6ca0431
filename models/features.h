// Properties of users and items as models see them: named features such as `category=food`. The pure part: how one value
// of a declared column becomes features, and how the features of many rows become a matrix. Plain functions.
//
//   kind         value                       features
//   categorical  text, number or bool        `column=value`
//   multi        text with a separator       `column=part` for each part, without the blanks around it
//   buckets      number                      `column<boundary` of the first boundary above it, else `column>=last`
//   text         words                       `column#n` for each word: n is a hash of the word in lower case (XXH64,
//                                            modulo `buckets`), so that words never seen have a place too
//
// A value that is missing, empty or not a number gives no feature; the same feature twice in a row counts once.
// Source of the hashing: Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009 (without
// its random signs: features here have embeddings, not weights).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/interactions.h"
#include "models/model.h"

namespace penstock {

struct FeatureColumn {
  enum class Kind { kCategorical, kMulti, kBuckets, kText };
  std::string name;
  Kind kind = Kind::kCategorical;
  std::string separator = "|";          // multi; not empty
  std::vector<double> boundaries = {};  // buckets; ascending, at least one
  int buckets = 1024;                   // text; over 0
};

/// Appends the features of one value behind those of the same row's other columns. Requires: a column of kind buckets
/// gets numbers, one of kind multi or text gets texts.
void encode_text(const FeatureColumn& column, std::string_view value, std::vector<Feature>& out);
void encode_number(const FeatureColumn& column, double value, std::vector<Feature>& out);

/// One row for each entry; names in order of their bytes, so that the matrix does not depend on where names came first.
FeatureMatrix make_features(std::span<const std::vector<Feature>> rows);
/// The features of one row; none if the matrix does not reach so far.
std::vector<Feature> features_of(const FeatureMatrix& features, int32_t row);

}  // namespace penstock
