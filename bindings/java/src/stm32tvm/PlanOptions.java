// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

/** How memory is planned. */
public final class PlanOptions extends Options<PlanOptions> {
  /** Everything is left to the library. */
  public PlanOptions() {}

  /**
   * Whether a run keeps the inputs' bytes.
   *
   * @param inputs "keep" or "consume"
   * @return these options
   */
  public PlanOptions inputs(String inputs) {
    return set("inputs", inputs);
  }

  /**
   * Where each input lies, by its place.
   *
   * @param places "arena", "caller" or "double"
   * @return these options
   */
  public PlanOptions inputsMemory(String... places) {
    return set("inputs_memory", places);
  }

  /**
   * Where each output lies, by its place.
   *
   * @param places "arena", "caller" or "double"
   * @return these options
   */
  public PlanOptions outputsMemory(String... places) {
    return set("outputs_memory", places);
  }

  /**
   * Alignment of every buffer.
   *
   * @param bytes a power of two from 8 on
   * @return these options
   */
  public PlanOptions alignment(long bytes) {
    return set("alignment", bytes);
  }

  /**
   * Alignment of inputs and outputs: 32 where a DMA fills what a cache holds.
   *
   * @param bytes a power of two from 8 on
   * @return these options
   */
  public PlanOptions interfaceAlignment(long bytes) {
    return set("interface_alignment", bytes);
  }

  /**
   * Ignores what is known of the time inside a kernel.
   *
   * @param whole whether to ignore it
   * @return these options
   */
  public PlanOptions wholeOperators(boolean whole) {
    return set("whole_operators", whole);
  }

  /**
   * Adds a memory to plan in. Those that were added before are preferred.
   *
   * @param name of the memory
   * @param sizeBytes its size
   * @return these options
   */
  public PlanOptions pool(String name, long sizeBytes) {
    JsonArray pools = get("pools") instanceof JsonArray before ? before : new JsonArray();
    JsonObject pool = new JsonObject();
    pool.addProperty("name", name);
    pool.addProperty("size_bytes", sizeBytes);
    pools.add(pool);
    return set("pools", pools);
  }
}
