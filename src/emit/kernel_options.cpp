// SPDX-License-Identifier: Apache-2.0
// Adds what is needed to what is fast.
#include "emit/kernel_options.hpp"

#include <utility>

namespace stm32tvm {

KernelProfile with_required_options(const KernelProfile& profile, const NetworkDescriptor& network,
                                    const std::set<std::string, std::less<>>& confusable) {
  const auto complete = [&](CompilerOptions options, bool confuses) {
    options.insert(options.end(), {"-w", "-ffp-contract=off"});
    if (confuses) {
      options.emplace_back("-fno-strict-aliasing");
    }
    return options;
  };
  KernelProfile required{complete(profile.options, !confusable.empty()), {}, profile.compiler, profile.edits};
  for (const Operator& call : network.operators) {
    if (call.kind == Operator::Kind::kernel) {
      required.kernels.emplace(call.kernel, complete(profile.of(call.kernel), confusable.contains(call.kernel)));
    }
  }
  return required;
}

}  // namespace stm32tvm
