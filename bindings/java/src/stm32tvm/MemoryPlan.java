// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import java.util.List;

/**
 * A network, as it was when the plan was made, with the place of each of its bytes. What it says stays there when it is
 * closed.
 */
public final class MemoryPlan implements AutoCloseable {
  /** What is taken from the JSON text. */
  private record Values(List<PlannedPool> pools, List<PlannedBuffer> buffers) {}

  private final Handle handle;
  private final long bytes;
  private final String json;
  private final Values values;
  private final MemoryNeeds needs;

  private MemoryPlan(long address) throws Stm32tvmException {
    handle = new Handle(this, address, plan -> Calls.api.stm32tvm_plan_free(plan));
    bytes = handle.use(Calls.api::stm32tvm_plan_bytes);
    json = handle.use(plan -> Calls.text((made, error) -> Calls.api.stm32tvm_plan_to_json(plan, made, error)));
    values = Calls.record(Values.class, json);
    needs = Calls.record(MemoryNeeds.class, json);
  }

  Handle handle() {
    return handle;
  }

  /**
   * Plans a network's memory.
   *
   * @param network as it is now
   * @return the plan
   * @throws Stm32tvmException if it cannot be planned
   */
  public static MemoryPlan make(NetworkDescriptor network) throws Stm32tvmException {
    return make(network, new PlanOptions());
  }

  /**
   * The same with options.
   *
   * @param network as it is now
   * @param options how to plan
   * @return the plan
   * @throws Stm32tvmException if the pools are too small, or an option is wrong
   */
  public static MemoryPlan make(NetworkDescriptor network, PlanOptions options) throws Stm32tvmException {
    return new MemoryPlan(network.handle().use(address -> Calls.make(options, null, (given, made, error) ->
        Calls.api.stm32tvm_plan_make(address, given, made, error))));
  }

  /**
   * Size of all pools.
   *
   * @return bytes
   */
  public long bytes() {
    return bytes;
  }

  /**
   * All the network needs of memory.
   *
   * @return sizes by kind
   */
  public MemoryNeeds needs() {
    return needs;
  }

  /**
   * The memories it uses.
   *
   * @return in order of preference
   */
  public List<PlannedPool> pools() {
    return values.pools;
  }

  /**
   * Buffers with their places and lifetimes.
   *
   * @return all of them
   */
  public List<PlannedBuffer> buffers() {
    return values.buffers;
  }

  /**
   * The plan, its buffers, the steps of a run and all the network needs of memory.
   *
   * @return JSON
   */
  public String toJson() {
    return json;
  }

  @Override
  public void close() {
    handle.close();
  }

  @Override
  public String toString() {
    return "MemoryPlan[" + bytes + " bytes]";
  }
}
