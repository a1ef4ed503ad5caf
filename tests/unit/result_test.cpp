// SPDX-License-Identifier: Apache-2.0
// Tests of Result and Error.
#include "stm32tvm/result.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>

using stm32tvm::BadResult;
using stm32tvm::Error;
using stm32tvm::ErrorCode;
using stm32tvm::Result;

namespace {

const Error no_graph{ErrorCode::bad_graph, "there is no graph", "default.graph"};

}  // namespace

TEST_CASE("result: holds a value") {
  Result<std::string> result = std::string("text");
  CHECK(result);
  CHECK(result.has_value());
  CHECK(*result == "text");
  CHECK(result->size() == 4);
  CHECK(result.value() == "text");
  *result += "!";
  CHECK(std::as_const(result).value() == "text!");
  CHECK(std::move(result).value() == "text!");
}

TEST_CASE("result: holds an error, and value() throws it") {
  const Result<int> result = no_graph;
  CHECK_FALSE(result);
  CHECK_FALSE(result.has_value());
  CHECK(result.error() == no_graph);
  CHECK_THROWS_AS(static_cast<void>(result.value()), BadResult);
  try {
    static_cast<void>(Result<int>(no_graph).value());
    FAIL("value() did not throw");
  } catch (const BadResult& thrown) {
    CHECK(thrown.error() == no_graph);
    CHECK(std::string(thrown.what()) == "default.graph: there is no graph");
  }
}

TEST_CASE("result: takes and gives values that can only be moved") {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  REQUIRE(result);
  const std::unique_ptr<int> taken = *std::move(result);
  CHECK(*taken == 7);
}

TEST_CASE("result: without a value") {
  const Result<void> good;
  CHECK(good);
  CHECK_NOTHROW(good.value());
  const Result<void> bad = no_graph;
  CHECK_FALSE(bad);
  CHECK(bad.error() == no_graph);
  CHECK_THROWS_AS(bad.value(), BadResult);
  CHECK(Result<void>(no_graph).error().where == "default.graph");
}

TEST_CASE("error: its text starts with the place when there is one") {
  CHECK(to_string(Error{ErrorCode::bad_json, "it ends early", "a.json"}) == "a.json: it ends early");
  CHECK(to_string(Error{ErrorCode::bad_json, "it ends early", ""}) == "it ends early");
}

TEST_CASE("error: equal in all three parts or not at all") {
  const Error error{ErrorCode::bad_json, "a", "b"};
  CHECK(error == Error{ErrorCode::bad_json, "a", "b"});
  CHECK_FALSE(error == Error{ErrorCode::bad_graph, "a", "b"});
  CHECK_FALSE(error == Error{ErrorCode::bad_json, "x", "b"});
  CHECK_FALSE(error == Error{ErrorCode::bad_json, "a", "x"});
}

TEST_CASE("error codes: each has its own name, that of the enumerator") {
  const std::pair<ErrorCode, const char*> names[] = {{ErrorCode::cannot_read, "cannot_read"},
                                                     {ErrorCode::cannot_write, "cannot_write"},
                                                     {ErrorCode::not_an_archive, "not_an_archive"},
                                                     {ErrorCode::unsafe_archive, "unsafe_archive"},
                                                     {ErrorCode::limit_exceeded, "limit_exceeded"},
                                                     {ErrorCode::missing_member, "missing_member"},
                                                     {ErrorCode::bad_json, "bad_json"},
                                                     {ErrorCode::unsupported_version, "unsupported_version"},
                                                     {ErrorCode::bad_metadata, "bad_metadata"},
                                                     {ErrorCode::bad_graph, "bad_graph"},
                                                     {ErrorCode::bad_parameters, "bad_parameters"},
                                                     {ErrorCode::bad_source, "bad_source"},
                                                     {ErrorCode::unsupported, "unsupported"},
                                                     {ErrorCode::bad_option, "bad_option"},
                                                     {ErrorCode::does_not_fit, "does_not_fit"},
                                                     {ErrorCode::invalid_plan, "invalid_plan"},
                                                     {ErrorCode::cancelled, "cancelled"},
                                                     {ErrorCode::internal, "internal"}};
  std::set<std::string> different;
  for (const auto& [code, text] : names) {
    CHECK(std::string(name(code)) == text);
    different.insert(name(code));
  }
  CHECK(different.size() == static_cast<std::size_t>(ErrorCode::internal) + 1);
}
