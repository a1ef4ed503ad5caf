// SPDX-License-Identifier: Apache-2.0
/**
 * Turns neural networks that TVM compiled for microcontrollers (Model Library Format archives) into C for an STM32.
 *
 * <pre>{@code
 * archive --> ModelLibrary --> NetworkDescriptor --> MemoryPlan --> SourceTree --> folder
 *
 * try (var library = ModelLibrary.open(Path.of("digits.tar"));
 *     var network = library.network();
 *     var plan = MemoryPlan.make(network);
 *     var tree = ProjectEmitter.emit(plan, new EmitOptions().name("digits").target("netduinoplus2"))) {
 *   tree.writeTo(Path.of("firmware"));
 * }
 * }</pre>
 *
 * <p>Sizes are in bytes. No argument may be null, unless its description says so. A call that fails throws
 * {@link stm32tvm.Stm32tvmException}, whose {@link stm32tvm.ErrorCode} is stable. The four steps hold memory of the C++
 * library until they are closed, in any order: a plan keeps what it needs of its network. Several threads may use one
 * object at a time as long as none changes it; closing it is always allowed, and takes effect when the calls on it have
 * returned. On a closed object methods that need the library throw IllegalStateException.
 */
package stm32tvm;
