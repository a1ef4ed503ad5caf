// SPDX-License-Identifier: Apache-2.0
// All of the library: Archive -> ModelLibrary -> NetworkDescriptor -> MemoryPlan -> SourceTree.
//
//   auto library = stm32tvm::ModelLibrary::open("digits.tar").value();
//   auto network = library.network().value();
//   auto plan = stm32tvm::MemoryPlan::make(network).value();
//   auto tree = stm32tvm::ProjectEmitter::emit(network, plan, {.name = "digits"}).value();
//   tree.write_to("firmware/digits").value();
#pragma once

#include "stm32tvm/archive.hpp"
#include "stm32tvm/budget.hpp"
#include "stm32tvm/bytes.hpp"
#include "stm32tvm/data_type.hpp"
#include "stm32tvm/diagnostic.hpp"
#include "stm32tvm/host_driven.hpp"
#include "stm32tvm/image_plan.hpp"
#include "stm32tvm/kernel_profile.hpp"
#include "stm32tvm/kernel_tuning.hpp"
#include "stm32tvm/memory_needs.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/memory_pools.hpp"
#include "stm32tvm/model_library.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/network_difference.hpp"
#include "stm32tvm/options.hpp"
#include "stm32tvm/progress.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/quantization.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/samples.hpp"
#include "stm32tvm/source_tree.hpp"
#include "stm32tvm/target.hpp"
#include "stm32tvm/tuning_database.hpp"
#include "stm32tvm/version.hpp"
