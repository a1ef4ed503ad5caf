// SPDX-License-Identifier: Apache-2.0
// Statements of a C function's body, cut without recursion.
#include "network/c_syntax.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "support/try.hpp"

namespace stm32tvm {
namespace {

Error too_deep(const SourceText& source, std::string_view place) {
  return source.error(ErrorCode::bad_source,
                      "found code nested more than " + std::to_string(maximum_nesting) +
                          " levels deep; TVM generates far less, so regenerate this source",
                      place);
}

/// Walks the statements of a body whose brackets pair.
class Cutter {
 public:
  Cutter(const SourceText& source, CodeBody& body) : source_(source), body_(body) {}

  Result<void> run() {
    body_.block_parents.push_back(0);
    while (place_ < body_.tokens.size()) {
      step();
      if (frames_.size() > maximum_nesting) {
        return too_deep(source_, body_.tokens.at(std::min<std::size_t>(place_, body_.tokens.size() - 1)));
      }
    }
    body_.understood = body_.understood && frames_.empty();
    body_.statement_count = statement_;
    return {};
  }

 private:
  enum class Frame { block, if_, else_, loop, do_ };

  void step() {
    const Token token = body_.tokens[place_];
    if (token.kind == TokenKind::directive) {
      ++place_;
    } else if (token.is('{')) {
      frames_.push_back(Frame::block);
      body_.block_parents.push_back(block_);
      blocks_.push_back(block_);
      block_ = static_cast<std::uint32_t>(body_.block_parents.size() - 1);
      ++place_;
    } else if (token.is('}')) {
      close_block();
    } else if (token.is(';')) {
      ++place_;
      complete();
    } else if (!token.is_identifier() || !keyword(token.text)) {
      simple_statement();
    }
  }

  void close_block() {
    ++place_;
    if (frames_.empty() || frames_.back() != Frame::block) {
      body_.understood = false;
      return;
    }
    frames_.pop_back();
    block_ = blocks_.back();
    blocks_.pop_back();
    complete();
  }

  /// Handles a statement that starts with a keyword or a label; false when it starts with any other word.
  bool keyword(std::string_view word) {
    if (word == "if" || word == "while" || word == "for" || word == "switch") {
      head(word);
    } else if (word == "do") {
      frames_.push_back(Frame::do_);
      ++place_;
    } else if (word == "case" || word == "default" || (body_.is(place_ + 1, ':'))) {
      while (place_ < body_.tokens.size() && !body_.is(place_, ':') && !body_.is(place_, ';')) {
        place_ = body_.match(place_) > place_ ? body_.match(place_) + 1 : place_ + 1;
      }
      place_ += body_.is(place_, ':') ? 1 : 0;
    } else if (word == "return") {
      ++place_;
      simple_statement();
    } else if (word == "goto" || word == "else" || word == "asm" || word == "__asm" || word == "__asm__") {
      body_.understood = false;
      ++place_;
      simple_statement();
    } else {
      body_.has_jump = body_.has_jump || word == "break" || word == "continue";
      return false;
    }
    return true;
  }

  void add_piece(std::uint32_t begin, std::uint32_t end, bool runs_once) {
    if (begin < end) {
      const bool plain = runs_once && (frames_.empty() || frames_.back() == Frame::block);
      body_.pieces.push_back({{begin, end}, statement_, block_, plain});
    }
  }

  /// At "if (...)" and the like.
  void head(std::string_view word) {
    const std::uint32_t open = place_ + 1;
    if (!body_.is(open, '(')) {
      body_.understood = false;
      ++place_;
      simple_statement();
      return;
    }
    const bool loop = word == "while" || word == "for";
    const std::uint32_t close = body_.match(open);
    std::uint32_t begin = open + 1;
    for (std::uint32_t i = begin; i<close; i = body_.match(i)> i ? body_.match(i) + 1 : i + 1) {
      if (body_.is(i, ';')) {
        add_piece(begin, i, !loop);
        begin = i + 1;
      }
    }
    add_piece(begin, close, !loop);
    frames_.push_back(word == "if" ? Frame::if_ : Frame::loop);
    place_ = close + 1;
  }

  /// Everything up to ';' is one piece.
  void simple_statement() {
    const std::uint32_t begin = place_;
    const auto size = static_cast<std::uint32_t>(body_.tokens.size());
    while (place_ < size && !body_.is(place_, ';') && !body_.is(place_, '}')) {
      if (body_.is(place_, '{') && (place_ == begin || !body_.is(place_ - 1, '='))) {
        body_.understood = false;
      }
      place_ = body_.match(place_) > place_ ? body_.match(place_) + 1 : place_ + 1;
    }
    add_piece(begin, place_, true);
    if (body_.is(place_, ';')) {
      ++place_;
    } else {
      body_.understood = false;
    }
    complete();
  }

  /// A statement is at its end, and with it those whose last part it is.
  void complete() {
    while (!frames_.empty() && frames_.back() != Frame::block) {
      const Frame frame = frames_.back();
      frames_.pop_back();
      if (frame == Frame::if_ && body_.at(place_) == "else") {
        frames_.push_back(Frame::else_);
        ++place_;
        return;
      }
      if (frame == Frame::do_) {
        do_tail();
      }
    }
    statement_ += frames_.empty() ? 1 : 0;
  }

  /// At the "while (...);" of a do.
  void do_tail() {
    if (body_.at(place_) != "while" || !body_.is(place_ + 1, '(')) {
      body_.understood = false;
      return;
    }
    const std::uint32_t close = body_.match(place_ + 1);
    add_piece(place_ + 2, close, false);
    place_ = close + 1;
    place_ += body_.is(place_, ';') ? 1 : 0;
  }

  const SourceText& source_;
  CodeBody& body_;
  std::vector<Frame> frames_;
  std::vector<std::uint32_t> blocks_;  ///< around block_
  std::uint32_t place_ = 0;
  std::uint32_t block_ = 0;
  std::uint32_t statement_ = 0;
};

}  // namespace

Error SourceText::error(ErrorCode code, std::string message, std::string_view place) const {
  // A token behind the end of the text has no place.
  const std::size_t offset =
      place.data() == nullptr ? text.size() : static_cast<std::size_t>(place.data() - text.data());
  // Names in C may hold any bytes.
  std::replace_if(
      message.begin(), message.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
  return {code, std::move(message), std::string(where) + ":" + std::to_string(line)};
}

Result<CodeBody> cut_body(const SourceText& source, const SourceOutline& outline, const SourceFunction& function) {
  if (function.unpaired != 0) {
    const std::string_view bracket = outline.tokens.view().at(function.unpaired);
    return source.error(ErrorCode::bad_source,
                        "found '" + std::string(bracket) + "' without its partner within " +
                            std::to_string(maximum_nesting) +
                            " levels; brackets must pair, so the source is damaged: export the archive again",
                        bracket);
  }
  CodeBody body;
  body.tokens = outline.tokens.view(function.body);
  body.understood = !function.irregular;
  STM32TVM_CHECK(Cutter(source, body).run());
  return body;
}

}  // namespace stm32tvm
