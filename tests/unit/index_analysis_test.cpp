// SPDX-License-Identifier: Apache-2.0
// Leads between arrays of one loop: known kernels, and random nests against every access played through.
#include "network/index_analysis.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "network/source_outline.hpp"

namespace {

/// What `use` tells of a statement's accesses, whose names are parts of the text; nothing when it is not understood.
template <class Use>
std::optional<std::uint64_t> told(const std::string& statement, const Use& use) {
  const std::string text = "void f(void) {" + statement + "}";
  const auto outline = stm32tvm::outline_source(text);
  REQUIRE(outline.functions.size() == 1);
  const auto body = stm32tvm::cut_body({text, "test"}, outline, outline.functions[0]);
  REQUIRE(body);
  const auto count = static_cast<std::uint32_t>(body->tokens.size());
  const auto accesses =
      stm32tvm::read_accesses(*body, {0, count}, [](std::string_view name) { return name == "p" ? 2 : 0; });
  return accesses ? use(*accesses) : std::nullopt;
}

/// How far `a` must start behind `b`, by the text of a statement.
std::optional<std::uint64_t> lead(const std::string& statement) {
  return told(statement, [](const auto& accesses) { return stm32tvm::least_lead(accesses, "a", "b"); });
}

constexpr std::uint64_t none = UINT64_MAX;

std::uint64_t lead_or_none(const std::string& text) {
  return lead(text).value_or(none);
}

TEST_CASE("one loop") {
  // As fast as it is emptied, and from the same byte on.
  CHECK(lead_or_none("for (int32_t i = 0; i < 16; ++i) { ((int8_t*)b)[i] = ((int8_t*)a)[i]; }") == 0);
  CHECK(lead_or_none("for (int32_t i = 0; i < 16; ++i) { ((int8_t*)b)[i] = (int8_t)((int32_t*)a)[i]; }") == 0);
  // When 15 of 16 bytes are read, 30 of 32 are written; byte 15 is then read at 15 + lead, at 30 or later.
  CHECK(lead_or_none("for (int32_t i = 0; i < 16; ++i) { ((int16_t*)b)[i] = (int16_t)((int8_t*)a)[i]; }") == 15);
  // A window: three rows of four are read for each row that is written.
  CHECK(lead_or_none("for (int32_t i = 0; i < 8; i++) { int32_t row = i * 4; for (int32_t j = 0; j < 12; ++j) { "
                     "((int32_t*)s)[0] += ((int8_t*)a)[row + j]; } ((int32_t*)b)[i] = ((int32_t*)s)[0]; }") == 0);
  CHECK(lead_or_none("for (int32_t i = 0; i < 8; ++i) { ((int32_t*)b)[i] = 0; for (int32_t j = 0; j < 3; ++j) { "
                     "((int32_t*)b)[i] += ((int8_t*)a)[((i * 2) + j)]; } }") == 18);
  // Backwards, the first element comes last.
  CHECK(lead_or_none("for (int32_t i = 0; i < 16; ++i) { ((int8_t*)b)[i] = ((int8_t*)a)[15 - i]; }") == 15);
  // A branch counts as taken in every round.
  CHECK(lead_or_none("for (int32_t i = 0; i < 4; ++i) { if (i < 2) { ((int8_t*)b)[i] = ((int8_t*)a)[0]; } }") == 3);
  // A fused loop comes apart: four bytes are written for each one that is read.
  CHECK(lead_or_none("for (int32_t i = 0; i < 16; ++i) { ((int8_t*)b)[i] = ((int8_t*)a)[i / 4]; }") == 12);
  CHECK(lead_or_none("for (int32_t i = 0; i < 60; ++i) { ((int8_t*)b)[i] = "
                     "((int8_t*)a)[((((i / 20) * 40) + (((i % 20) / 5) * 5)) + (i % 5))]; }") == 0);
  CHECK(lead_or_none("for (int32_t i = 0; i < 64; ++i) { ((int8_t*)b)[i] = "
                     "((int8_t*)a)[(((i >> 4) * 32) + (i & 15))]; }") == 0);
  CHECK(lead_or_none("for (int32_t i = 0; i < 64; ++i) { ((int8_t*)b)[i] = ((int8_t*)a)[i & 4]; }") == none);
  // Of what is left only the range is known: a byte from 0 to 5 is read at the end, when 15 are written.
  CHECK(lead_or_none("for (int32_t i = 0; i < 16; ++i) { ((int8_t*)b)[i] = ((int8_t*)a)[(i + 1) / 3]; }") == 15);
}

TEST_CASE("what a statement writes of an array") {
  const auto end = [](const std::string& text) {
    return told(text, [](const auto& accesses) { return stm32tvm::written_end(accesses, "p"); }).value_or(none);
  };
  CHECK(end("for (int32_t i = 0; i < 16; ++i) { p[i] = 0; }") == 32);
  CHECK(end("for (int32_t i = 0; i < 16; ++i) { x[0] = p[i]; }") == 0);
  CHECK(end("p[0] = 1;") == 2);
  CHECK(end("for (int32_t i = 0; i < 4; ++i) { for (int32_t j = 0; j < 3; ++j) { p[((i * 3) + j)] = 0; } }") == 24);
  CHECK(end("for (int32_t i = 0; i < 60; ++i) { p[(((i / 20) * 20) + (i % 20))] = 0; }") == 120);
  CHECK(end("for (int32_t i = 0; i < 4; ++i) { p[(3 - i)] = 0; p[(i + 4)] = 0; }") == 16);
  // Not from the start on, in a branch, in a loop that is left early, by a call, at an index that is not understood.
  CHECK(end("for (int32_t i = 0; i < 16; ++i) { p[(i + 1)] = 0; }") == none);
  CHECK(end("for (int32_t i = 0; i < 16; ++i) { if (i < 10) { p[i] = 0; } }") == none);
  CHECK(end("for (int32_t i = 0; i < 50; ++i) { p[(((i / 20) * 20) + (i % 20))] = 0; }") == none);
  CHECK(end("for (int32_t i = 0; i < 16; ++i) { f(p); p[i] = 0; }") == none);
  CHECK(end("for (int32_t i = 0; i < 16; ++i) { p[x[i]] = 0; }") == none);
}

TEST_CASE("what is not followed shares nothing") {
  const auto loop = [](const std::string& text) {
    return lead_or_none("for (int32_t i = 0; i < 16; ++i) { " + text + " }");
  };
  CHECK(loop("((int8_t*)b)[i] = ((int8_t*)a)[i]; ((int8_t*)a)[i] = 0;") == none);
  CHECK(loop("((int8_t*)b)[i] = ((int8_t*)a)[n];") == none);
  CHECK(loop("f((&(((int8_t*)a)[i]))); ((int8_t*)b)[i] = 1;") == none);
  CHECK(loop("f(a); ((int8_t*)b)[i] = 1;") == none);
  CHECK(loop("((int8_t*)b)[i] = ((int8_t*)a)[i]; ((int8_t*)b)[i] = ((int8_t*)q)[i]; q = b;") == none);
  CHECK(loop("int32_t j = i; j = 0; ((int8_t*)b)[i] = ((int8_t*)a)[j];") == none);
  CHECK(loop("int32_t j = i; if (i) { j = 0; } else j = 3; ((int8_t*)b)[i] = ((int8_t*)a)[j];") == none);
  CHECK(loop("((int8_t*)b)[i] = ((int8_t*)a)[i]; i = 0;") == none);
  CHECK(loop("((int8_t*)b)[i] = ((int8_t*)a)[i]; if (i == 3) { break; }") == none);
  CHECK(loop("((int8_t*)b)[i] = ((int8_t*)a)[(int8_t)(i * 100)];") == none);
  CHECK(loop("((long*)b)[i] = ((int8_t*)a)[i];") == none);
  CHECK(loop("((int8_t*)b)[(i * 1099511627776)] = ((int8_t*)a)[i];") == none);
  CHECK(lead_or_none("for (int32_t i = 0; i < n; ++i) { ((int8_t*)b)[i] = ((int8_t*)a)[i]; }") == none);
  CHECK(lead_or_none("for (int32_t i = 0; i < 16; i += 2) { ((int8_t*)b)[i] = ((int8_t*)a)[i]; }") == none);
  CHECK(lead_or_none("while (f()) { ((int8_t*)b)[0] = ((int8_t*)a)[0]; }") == none);
}

/// A nest of loops around groups of accesses, as text and as what it does.
class RandomNest {
 public:
  explicit RandomNest(std::uint32_t seed) : random_(seed) { text_ = loop(0); }

  [[nodiscard]] const std::string& text() const { return text_; }

  /// Plays all accesses: the greatest overtaking, or none when nothing can be shared.
  [[nodiscard]] std::uint64_t lead() const {
    std::int64_t most = 0;
    std::int64_t written = 0;  // the greatest end so far
    std::int64_t end = 0;
    for (const Event& event : events_) {
      if (event.writes) {
        written = std::max(written, event.place);
        end = written;
      } else if (end > 0) {
        most = std::max(most, written - event.place);
      }
    }
    const bool reads = std::any_of(events_.begin(), events_.end(), [](const Event& event) { return !event.writes; });
    return reads && most < end ? static_cast<std::uint64_t>(most) : none;
  }

 private:
  struct Event {
    bool writes;
    std::int64_t place;  ///< of the first byte read, of the end of those written
  };
  struct Counter {
    std::int64_t begin;
    std::int64_t end;
    std::int64_t value;
  };

  std::int64_t below(std::uint32_t bound) { return static_cast<std::int64_t>(random_() % bound); }

  /// An index over the counters in scope; the text and its factors.
  std::string index(std::vector<std::int64_t>& factors) {
    std::string text = std::to_string(factors.emplace_back(below(4)));
    for (std::size_t i = 0; i < depth_; ++i) {
      factors.push_back(below(6));
      text = fmt::format("({} + (i{} * {}))", text, i, factors.back());
    }
    return text;
  }

  /// A whole loop: first its text is made, with a record of what to play, then that is played.
  std::string loop(std::size_t level) {
    program_.clear();
    const std::string text = make(level);
    play(0, program_.size());
    return text;
  }

  struct Step {
    enum class Kind { open, close, read, write } kind;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::size_t match = 0;
    std::vector<std::int64_t> factors;
    std::int64_t bytes = 1;
  };

  std::string make(std::size_t level) {
    const std::int64_t begin = below(2);
    const std::int64_t end = begin + below(5);
    const std::size_t open = program_.size();
    program_.push_back({Step::Kind::open, begin, end, 0, {}, 1});
    std::string text = fmt::format("for (int32_t i{0} = {1}; i{0} < {2}; ++i{0}) {{ ", level, begin, end);
    ++depth_;
    for (std::int64_t i = 0; i <= below(3); ++i) {
      if (level < 2 && below(2) == 0) {
        text += make(level + 1);
      } else {
        text += access();
      }
    }
    --depth_;
    program_[open].match = program_.size();
    program_.push_back({Step::Kind::close, 0, 0, open, {}, 1});
    return text + "} ";
  }

  std::string access() {
    static const std::vector<std::pair<std::string, std::int64_t>> types = {{"int8_t", 1}, {"int16_t", 2}, {"int", 4}};
    const auto& [read_type, read_bytes] = types[static_cast<std::size_t>(below(3))];
    const auto& [write_type, write_bytes] = types[static_cast<std::size_t>(below(3))];
    const std::int64_t kind = below(3);
    std::string text;
    if (kind != 0) {
      Step& step = program_.emplace_back();
      step.kind = Step::Kind::read;
      step.bytes = read_bytes;
      text = fmt::format("(({}*)a)[{}]", read_type, index(step.factors));
    }
    if (kind != 1) {
      Step& step = program_.emplace_back();
      step.kind = Step::Kind::write;
      step.bytes = write_bytes;
      return fmt::format("(({}*)b)[{}] = {}; ", write_type, index(step.factors), text.empty() ? "1" : text);
    }
    return fmt::format("int32_t v{} = {}; ", names_++, text);
  }

  void play(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Step& step = program_[i];
      if (step.kind == Step::Kind::open) {
        for (std::int64_t value = step.begin; value < step.end; ++value) {
          counters_.push_back(value);
          play(i + 1, step.match);
          counters_.pop_back();
        }
        i = step.match;
        continue;
      }
      std::int64_t place = step.factors[0];
      for (std::size_t j = 0; j < counters_.size(); ++j) {
        place += step.factors[j + 1] * counters_[j];
      }
      const bool writes = step.kind == Step::Kind::write;
      events_.push_back({writes, place * step.bytes + (writes ? step.bytes : 0)});
    }
  }

  std::mt19937 random_;
  std::string text_;
  std::size_t depth_ = 0;
  int names_ = 0;
  std::vector<Step> program_;
  std::vector<std::int64_t> counters_;
  std::vector<Event> events_;
};

TEST_CASE("random nests: the lead is what playing them through asks for") {
  int shared = 0;
  for (std::uint32_t seed = 1; seed <= 4000; ++seed) {
    const RandomNest nest(seed);
    CAPTURE(nest.text());
    const std::uint64_t found = lead_or_none(nest.text());
    CHECK(found == nest.lead());
    shared += found != none ? 1 : 0;
  }
  CHECK(shared > 500);
}

}  // namespace
