// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** From planned networks to files. */
public final class ProjectEmitter {
  private ProjectEmitter() {}

  /**
   * Emits one network.
   *
   * @param plan with its network
   * @param options what is emitted
   * @return the files
   * @throws Stm32tvmException if the target's memories are too small, or an option is wrong
   */
  public static SourceTree emit(MemoryPlan plan, EmitOptions options) throws Stm32tvmException {
    return emit(plan, options, List.of(), null);
  }

  /**
   * The same with samples and a listener.
   *
   * @param plan with its network
   * @param options what is emitted
   * @param samples for the target's firmware to check; may be empty
   * @param listener is told of progress, and can cancel; may be null
   * @return the files
   * @throws Stm32tvmException if the target's memories are too small, or an option or a sample is wrong
   */
  public static SourceTree emit(
      MemoryPlan plan, EmitOptions options, List<Sample> samples, ProgressListener listener)
      throws Stm32tvmException {
    return emitAll(List.of(plan), options, samples, listener);
  }

  /**
   * Emits several networks into one tree, over one runtime; each is called as {@link EmitOptions#names} says, else by
   * the options' name, an underscore, and its module's name.
   *
   * @param plans with their networks
   * @param options what is emitted
   * @param samples for the target's firmware to check; may be empty
   * @param listener is told of progress, and can cancel; may be null
   * @return the files
   * @throws Stm32tvmException if the target's memories are too small, or an option or a sample is wrong
   */
  public static SourceTree emitAll(
      List<MemoryPlan> plans, EmitOptions options, List<Sample> samples, ProgressListener listener)
      throws Stm32tvmException {
    long added = 0;
    List<Handle> held = new ArrayList<>();
    try {
      added = add(samples);
      long given = added;
      long[] addresses = new long[plans.size()];
      for (MemoryPlan plan : plans) {
        addresses[held.size()] = plan.handle().acquire();
        held.add(plan.handle());
      }
      return new SourceTree(Calls.make(options, listener, (with, made, error) ->
          Calls.api.stm32tvm_emit(addresses, with, given, made, error)));
    } finally {
      held.forEach(Handle::release);
      Calls.api.stm32tvm_samples_free(added);
    }
  }

  /** Samples of the library, which the caller frees; 0 for none. */
  private static long add(List<Sample> samples) throws Stm32tvmException {
    if (samples.isEmpty()) {
      return 0;
    }
    long made = Calls.make(Calls.api::stm32tvm_samples_make);
    try {
      for (Sample sample : samples) {
        byte[][] inputs = bytesOf(sample.inputs());
        byte[][] outputs = bytesOf(sample.outputs());
        Calls.check(error -> Calls.api.stm32tvm_samples_set_network(made, sample.network(), error));
        Calls.check(error -> Calls.api.stm32tvm_samples_add(made, inputs, outputs, error));
      }
    } catch (Stm32tvmException | RuntimeException exception) {
      Calls.api.stm32tvm_samples_free(made);
      throw exception;
    }
    return made;
  }

  private static byte[][] bytesOf(List<ByteBuffer> buffers) {
    return buffers.stream().map(Calls::bytesOf).toArray(byte[][]::new);
  }
}
