// SPDX-License-Identifier: Apache-2.0
// The emitted networks in C++17: a handle that destroys itself, and typed views of inputs and outputs. Header-only,
// over the ai_* API; it needs no C++ library. The emitted <name>.hpp has what it takes of one network, in stvm::<name>.
#ifndef STVM_HPP
#define STVM_HPP

#include <stddef.h>
#include <stdint.h>

// C's casts, in a program that is warned of them.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#endif
#include "ai_runtime_api.h"
#include "stvm_quantize.h"
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace stvm {

/// A run of values that lie in memory of someone else.
template <class Value>
class Span {
 public:
  constexpr Span(Value* data, size_t size) noexcept : data_(data), size_(size) {}

  [[nodiscard]] constexpr Value* data() const noexcept { return data_; }
  [[nodiscard]] constexpr size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] constexpr Value* begin() const noexcept { return data_; }
  [[nodiscard]] constexpr Value* end() const noexcept { return data_ + size_; }
  [[nodiscard]] constexpr Value& operator[](size_t index) const noexcept { return data_[index]; }

 private:
  Value* data_;
  size_t size_;
};

namespace internal {

template <class A, class B>
inline constexpr bool is_same = false;
template <class A>
inline constexpr bool is_same<A, A> = true;

inline void quantize(const float* real, int8_t* q, size_t count, float scale, int32_t zero_point) {
  stvm_quantize_int8_buffer(real, q, count, scale, zero_point);
}
inline void quantize(const float* real, uint8_t* q, size_t count, float scale, int32_t zero_point) {
  stvm_quantize_uint8_buffer(real, q, count, scale, zero_point);
}
inline void quantize(const float* real, int16_t* q, size_t count, float scale, int32_t zero_point) {
  stvm_quantize_int16_buffer(real, q, count, scale, zero_point);
}
inline void dequantize(const int8_t* q, float* real, size_t count, float scale, int32_t zero_point) {
  stvm_dequantize_int8_buffer(q, real, count, scale, zero_point);
}
inline void dequantize(const uint8_t* q, float* real, size_t count, float scale, int32_t zero_point) {
  stvm_dequantize_uint8_buffer(q, real, count, scale, zero_point);
}
inline void dequantize(const int16_t* q, float* real, size_t count, float scale, int32_t zero_point) {
  stvm_dequantize_int16_buffer(q, real, count, scale, zero_point);
}

}  // namespace internal

/// The values of an input, to be written before a run. Empty when the network could not be made.
template <class Tensor>
class Input : public Span<typename Tensor::Value> {
 public:
  using Span<typename Tensor::Value>::Span;

  /// Fills the input from as many real numbers as it has values, or from fewer.
  void quantize(Span<const float> real) const {
    static_assert(Tensor::is_quantized_per_tensor, "this input has no scale and zero point of its own");
    internal::quantize(real.data(), this->data(), real.size() < this->size() ? real.size() : this->size(),
                       Tensor::scale, Tensor::zero_point);
  }
};

/// The values of an output, after a run. Empty when the network could not be made.
template <class Tensor>
class Output : public Span<const typename Tensor::Value> {
 public:
  using Span<const typename Tensor::Value>::Span;

  /// Writes as many real numbers as the output has values, or as `real` has room for.
  void dequantize(Span<float> real) const {
    static_assert(Tensor::is_quantized_per_tensor, "this output has no scale and zero point of its own");
    internal::dequantize(this->data(), real.data(), real.size() < this->size() ? real.size() : this->size(),
                         Tensor::scale, Tensor::zero_point);
  }
};

/// A handle of the network that `Model` describes.
template <class Model>
class Network {
 public:
  /// On the network's own arena, or on Model::activations_bytes of the caller's.
  explicit Network(ai_ptr activations = nullptr) noexcept
      : status_(ai_create(&Model::info(), activations != nullptr ? activations : Model::info().activations, &handle_)) {
  }
  ~Network() { (void)ai_destroy(handle_); }
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// Whether the network was made; only then run() can succeed.
  [[nodiscard]] ai_status status() const noexcept { return status_; }
  /// What went wrong last; "" for nothing.
  [[nodiscard]] const char* error() const noexcept { return ai_get_error(handle_); }
  [[nodiscard]] ai_handle handle() const noexcept { return handle_; }

  [[nodiscard]] ai_status run() noexcept { return ai_run(handle_); }

  template <class Tensor>
  [[nodiscard]] Input<Tensor> input() const noexcept {
    static_assert(internal::is_same<typename Tensor::Model, Model> && Tensor::is_input, "no input of this network");
    return view<Input<Tensor>, typename Tensor::Value, Tensor::size>(ai_get_input(handle_, Tensor::index));
  }
  template <class Tensor>
  [[nodiscard]] Output<Tensor> output() const noexcept {
    static_assert(internal::is_same<typename Tensor::Model, Model> && !Tensor::is_input, "no output of this network");
    return view<Output<Tensor>, typename Tensor::Value, Tensor::size>(ai_get_output(handle_, Tensor::index));
  }

 private:
  template <class View, class Value, size_t size>
  static View view(ai_tensor* tensor) noexcept {
    return tensor == nullptr ? View(nullptr, 0) : View(static_cast<Value*>(get_dltensor(tensor)->data), size);
  }

  ai_handle handle_ = nullptr;
  ai_status status_;
};

}  // namespace stvm

#endif  // STVM_HPP
