#include "actors/servers/recommendation_body.h"

#include <catch2/catch.hpp>

namespace penstock {
namespace {

std::string batch(const std::string& body) {
  const auto parsed = parse_recommendation_batch(body);
  if (!parsed.ok())
    return parsed.status().message();
  std::string out;
  for (const std::string& user : parsed->users)
    out += user + " ";
  out += "n=" + std::to_string(parsed->query.n) + " " + parsed->query.filter + " " + parsed->query.model;
  for (const std::string& item : parsed->query.exclude)
    out += " -" + item;
  return out;
}

std::string session(const std::string& body) {
  const auto parsed = parse_session(body);
  if (!parsed.ok())
    return parsed.status().message();
  std::string out = parsed->user + ":";
  for (const SessionItem& item : parsed->session)
    out += " " + item.item + "*" + std::to_string(static_cast<int>(item.weight));
  return out;
}

TEST_CASE("a batch names users as texts or numbers") {
  CHECK(batch(R"({"users":["u/1",42],"n":3,"exclude":["a",7],"filter":"x > 1","model":"home"})") ==
        "u/1 42 n=3 x > 1 home -a -7");
  CHECK(batch(R"({"users":["1"]})") == "1 n=10  ");
}

TEST_CASE("a session names items, oldest first, with weights or without") {
  CHECK(session(R"({"items":["a",5,{"item":"b","weight":2}],"user":9})") == "9: a*1 5*1 b*2");
}

TEST_CASE("the first mistake of a body is named with its place") {
  CHECK(batch("") == "byte 0 of the body: The document is empty.");
  CHECK(batch("{\"users\":[\"\xff\"]}") == "byte 11 of the body: Invalid encoding in string.");
  CHECK(batch("[1]") == "the body: expected an object, found [1]");
  CHECK(batch("{}") == "the body: there is no `users`, the users to answer for");
  CHECK(batch(R"({"users":[]})") == "the body at /users: expected an array of 1 to 1000 users, found []");
  CHECK(batch(R"({"users":[1,""]})") == "the body at /users/1: expected an id, a text or a whole number, found \"\"");
  CHECK(batch(R"({"users":[1.5]})") == "the body at /users/0: expected an id, a text or a whole number, found 1.5");
  CHECK(batch(R"({"users":["1"],"n":0})") == "the body at /n: expected a whole number from 1 to 1000, found 0");
  CHECK(batch(R"({"users":["1"],"filter":1})") == "the body at /filter: expected a text, found 1");
  CHECK(batch(R"({"user":["1"]})") == "the body at /user: unknown; did you mean `users`?");
  CHECK(session(R"({"items":[{"id":"a"}]})") == "the body at /items/0/id: unknown; known are item, weight");
  CHECK(session(R"({"items":[{"weight":1}]})") == "the body at /items/0: there is no `item`");
  CHECK(session(R"({"items":[{"item":"a","weight":-1}]})") ==
        "the body at /items/0/weight: expected a number over 0, found -1");
  CHECK(session(R"({"users":["a"]})") == "the body at /users: unknown; did you mean `user`?");
}

TEST_CASE("a batch that would answer too much is refused") {
  std::string users;
  for (int i = 0; i < 1000; ++i)
    users += (i == 0 ? "" : ",") + std::to_string(i);
  CHECK(batch("{\"users\":[" + users + "],\"n\":101}") ==
        "the body asks for 101000 items; at most 100000 (users times n) are answered at once");
  CHECK_THAT(batch("{\"users\":[" + users + ",1]}"),
             Catch::StartsWith("the body at /users: expected an array of 1 to 1000"));
}

}  // namespace
}  // namespace penstock
